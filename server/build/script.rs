//! JavaScript modules without comments and indentation, and several of them made one script.
//!
//! Nothing is parsed: the web client keeps to forms that a line shows, and the build fails on a line that
//! may be of another form. [`small`] and [`read`] say which. A module becomes a block of the script, after
//! the blocks that it imports from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Fallible;

/// The object in the script that has the exports of each module.
const MODULES: &str = "$modules";

/// A module that was read.
pub(crate) struct Module {
    /// Its path below the page.
    pub(crate) path: String,
    /// The paths of the modules that it imports as it is loaded, each with the names that it takes of it.
    pub(crate) imports: Vec<(String, Vec<String>)>,
    /// The names that it exports.
    pub(crate) exports: Vec<String>,
    /// The module without comments and indentation.
    pub(crate) small: String,
    /// The same as a block of the script.
    block: String,
}

/// A script or a stylesheet without indentation, empty lines, and comments that have their lines to
/// themselves. A string over several lines could contain any of these, so it fails the build.
pub(crate) fn small(path: &str, text: &str) -> Fallible<String> {
    let mut out = String::new();
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        let end = line.find("*/").map(|at| at + 2);
        if in_comment {
            in_comment = end.is_none();
            if end.is_some_and(|end| end < line.len()) {
                return refused(path, line, "code after a comment of several lines");
            }
        } else if line.starts_with("/*") && end.is_none() {
            in_comment = true;
        } else if line.starts_with("//") || line.starts_with("/*") && end == Some(line.len()) {
            // The line is a comment.
        } else if line.matches('`').count() % 2 == 1 || line.ends_with('\\') {
            return refused(path, line, "a string of several lines");
        } else if line.rfind("/*") > line.rfind("*/") {
            return refused(path, line, "a comment of several lines after code");
        } else if !line.is_empty() {
            out.push_str(line);
            out.push('\n');
        }
    }
    Ok(out)
}

/// Reads the module at `path`. Each import and each export is a line of its own: `import { a, b as c } from
/// '…';`, `import * as d from '…';`, `export` before a constant, a function or a class with its name.
pub(crate) fn read(path: &str, text: &str) -> Fallible<Module> {
    let small = small(path, text)?;
    let (mut imports, mut exports, mut block) = (Vec::new(), Vec::new(), String::new());
    for line in small.lines() {
        if let Some((names, from)) = line.strip_prefix("import ").and_then(imported) {
            let from = resolve(path, from);
            let (all, some) = (names.strip_prefix("* as "), names.replace(" as ", ":"));
            writeln!(block, "const {}={MODULES}['{from}'];", all.unwrap_or(&some))?;
            let each = some.trim_matches(['{', ' ', '}']).split(", ");
            let each = each.filter(|_| all.is_none());
            let each = each.filter_map(|one| Some(one.split(':').next()?.to_owned()));
            imports.push((from, each.collect()));
        } else if let Some(declared) = line.strip_prefix("export ") {
            let Some(name) = name(declared) else {
                return refused(path, line, "an export of this form");
            };
            exports.push(name.to_owned());
            writeln!(block, "{}", moved(path, declared)?)?;
        } else if line.starts_with("import ") || line.starts_with("import{") {
            return refused(path, line, "an import of this form");
        } else {
            writeln!(block, "{}", moved(path, line)?)?;
        }
    }
    let block = format!(
        "{{\n{block}{MODULES}['{path}']={{{}}};\n}}\n",
        exports.join(",")
    );
    Ok(Module {
        path: path.to_owned(),
        imports,
        exports,
        small,
        block,
    })
}

/// The names of an import as they stand there, and the address that they come from.
fn imported(rest: &str) -> Option<(&str, &str)> {
    let (names, from) = rest.strip_suffix("';")?.split_once(" from '")?;
    let some = names.starts_with("{ ") && names.ends_with(" }");
    (some || names.starts_with("* as ")).then_some((names, from))
}

/// The name that a line declares.
fn name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (kind, rest) = line.split_once(' ')?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')?;
    (["const", "function", "class"].contains(&kind) && end > 0).then(|| &rest[..end])
}

/// A line of the module at `path` as it stands in the script, from where `import()` resolves addresses.
fn moved(path: &str, line: &str) -> Fallible<String> {
    let mut parts = line.split("import(");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let quote = part.chars().next().filter(|c| ['\'', '`'].contains(c));
        let address = quote.and_then(|quote| part[1..].split_once(quote));
        let Some((quote, (address, rest))) = quote.zip(address) else {
            return refused(path, line, "an import() of this form");
        };
        let address = resolve(path, address);
        write!(out, "import({quote}./{address}{quote}{rest}")?;
    }
    Ok(out)
}

/// One script of a module and all that it imports as it is loaded, and the paths that are in it.
pub(crate) fn bundle(
    modules: &BTreeMap<String, Module>,
    entry: &str,
) -> Fallible<(String, Vec<String>)> {
    let mut order = Vec::new();
    add(modules, entry, &mut Vec::new(), &mut order)?;
    let mut script = format!("export const {MODULES}={{}};\n");
    for path in &order {
        script.push_str(&modules[path].block);
    }
    Ok((script, order))
}

/// Adds the paths that loading `path` needs to `order`, each after what it imports.
fn add(
    modules: &BTreeMap<String, Module>,
    path: &str,
    importers: &mut Vec<String>,
    order: &mut Vec<String>,
) -> Fallible<()> {
    if order.iter().any(|known| known == path) {
        return Ok(());
    }
    importers.push(path.to_owned());
    if importers[..importers.len() - 1].contains(&importers[importers.len() - 1]) {
        return Err(format!("a circle of imports: {}", importers.join(" > ")).into());
    }
    let module = |path| modules.get(path).ok_or(format!("{path} is not there"));
    for (from, names) in &module(path)?.imports {
        let exports = &module(from)?.exports;
        if let Some(name) = names.iter().find(|name| !exports.contains(name)) {
            return refused(from, name, "no export that the script finds");
        }
        add(modules, from, importers, order)?;
    }
    importers.pop();
    order.push(path.to_owned());
    Ok(())
}

/// Stands in for a module of the bundle `main` where a module outside of it imports that one: there
/// is only one of each.
pub(crate) fn stand_in(module: &Module, main: &str) -> String {
    let up = "../".repeat(module.path.matches('/').count());
    let up = if up.is_empty() { "./" } else { &up };
    let (path, names) = (&module.path, module.exports.join(","));
    format!(
        "import{{{MODULES}}}from'{up}{main}';\n\
         export const{{{names}}}={MODULES}['{path}'];\n"
    )
}

fn refused<T>(path: &str, line: &str, what: &str) -> Fallible<T> {
    Err(format!("{path}: {what}, which server/build/script.rs does not know: {line}").into())
}

/// The path that `named` means in the module at `from`.
fn resolve(from: &str, named: &str) -> String {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in named.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
