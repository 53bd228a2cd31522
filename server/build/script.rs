//! JavaScript modules, made smaller without changing them, and several of them made one.
//!
//! A module is read by a parser, and its tokens are written again without what lies between them:
//! comments and indentation. Names, strings and line ends that may matter stay as they are. Of many
//! modules one script is made by giving each a function of its own, in the order in which they need
//! each other. What it cannot do, it refuses: default exports, `export *`, modules in a circle.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tree_sitter::{Node, Parser};

use crate::Fallible;

/// Where the modules of a bundle are found at run time.
const MODULES: &str = "$modules";
/// Resolves an address in a bundled module.
const ADDRESS: &str = "$address";

/// A module that was read.
pub(crate) struct Module {
    /// Its path below the page.
    pub(crate) path: String,
    /// The modules it imports as it is loaded, by their paths, in the order of their statements.
    pub(crate) imports: Vec<String>,
    /// What it exports.
    pub(crate) exports: Vec<String>,
    /// The module without comments and indentation.
    pub(crate) small: String,
    /// The same as an expression that makes its exports.
    wrapped: String,
}

/// Reads the module at `path`.
pub(crate) fn read(parser: &mut Parser, path: &str, text: &str) -> Fallible<Module> {
    let tree = parser.parse(text, None).ok_or("no tree")?;
    let root = tree.root_node();
    if root.has_error() {
        return Err(format!("{path} is no module that the parser understands").into());
    }
    let mut small = Writer::new(path, text, false);
    small.node(root)?;
    let again = parser.parse(&small.out, None).ok_or("no tree")?;
    if tokens(root, text) != tokens(again.root_node(), &small.out) {
        return Err(format!("{path} would change by being made smaller").into());
    }
    let mut inner = Writer::new(path, text, true);
    inner.node(root)?;
    let is_async = awaits(root);
    let (begin, end) = if is_async {
        ("await(async()=>{", "})()")
    } else {
        ("(()=>{", "})()")
    };
    let exported: Vec<_> = inner.exports.iter().map(pair).collect();
    let exported = exported.join(",");
    let wrapped = format!("{begin}{}\nreturn{{{exported}}};{end}", inner.out);
    Ok(Module {
        path: path.to_owned(),
        imports: inner.imports,
        exports: inner.exports.into_iter().map(|(name, _)| name).collect(),
        small: small.out,
        wrapped,
    })
}

/// One script of a module and all that it imports as it is loaded, and the paths that are in it.
pub(crate) fn bundle(
    modules: &BTreeMap<String, Module>,
    entry: &str,
) -> Fallible<(String, Vec<String>)> {
    let order = order(modules, entry)?;
    let mut script = format!(
        "const {ADDRESS}=(from,to)=>new URL(to,new URL(from,import.meta.url)).href;\n\
         export const {MODULES}={{}};\n"
    );
    for path in &order {
        let module = &modules[path];
        writeln!(script, "{MODULES}['{path}']={};", module.wrapped)?;
    }
    Ok((script, order))
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

/// The paths that loading `entry` needs, each after what it imports.
pub(crate) fn order(modules: &BTreeMap<String, Module>, entry: &str) -> Fallible<Vec<String>> {
    fn visit(
        modules: &BTreeMap<String, Module>,
        path: &str,
        under_way: &mut Vec<String>,
        done: &mut Vec<String>,
    ) -> Fallible<()> {
        if done.iter().any(|known| known == path) {
            return Ok(());
        }
        if under_way.iter().any(|known| known == path) {
            return Err(format!("a circle of imports: {} > {path}", under_way.join(" > ")).into());
        }
        let module = modules.get(path);
        let module = module.ok_or_else(|| format!("{path} is imported and not there"))?;
        under_way.push(path.to_owned());
        for import in &module.imports {
            visit(modules, import, under_way, done)?;
        }
        under_way.pop();
        done.push(path.to_owned());
        Ok(())
    }
    let mut done = Vec::new();
    visit(modules, entry, &mut Vec::new(), &mut done)?;
    Ok(done)
}

/// Writes a module's tokens again.
struct Writer<'a> {
    path: &'a str,
    text: &'a str,
    /// Whether imports and exports become those of a function.
    wrap: bool,
    out: String,
    /// Where the token that was written last ended, and what it was.
    last: (usize, &'a str),
    imports: Vec<String>,
    /// Names, and what they are called inside.
    exports: Vec<(String, String)>,
}

impl<'a> Writer<'a> {
    fn new(path: &'a str, text: &'a str, wrap: bool) -> Self {
        Self {
            path,
            text,
            wrap,
            out: String::new(),
            last: (0, ";"),
            imports: Vec::new(),
            exports: Vec::new(),
        }
    }

    fn node(&mut self, node: Node<'_>) -> Fallible<()> {
        match node.kind() {
            "comment" => Ok(()),
            "import_statement" if self.wrap => self.import(node),
            "export_statement" if self.wrap => self.export(node),
            "arguments" if self.wrap && is_import_call(node) => self.import_call(node),
            "meta_property" if self.wrap => {
                self.written(node, &format!("({{url:{ADDRESS}('{}','')}})", self.path));
                Ok(())
            }
            _ if is_token(node) => {
                self.token(node);
                Ok(())
            }
            _ => self.children(node),
        }
    }

    fn children(&mut self, node: Node<'_>) -> Fallible<()> {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.node(child)?;
        }
        Ok(())
    }

    /// Writes a token as it is, parted from the one before if that may matter.
    fn token(&mut self, node: Node<'_>) {
        let range = node.byte_range();
        if range.is_empty() {
            return;
        }
        let text = &self.text[range.clone()];
        let (end, before) = self.last;
        let between = &self.text[end..range.start];
        if !between.is_empty() && !ENDS.contains(&before) && !BEGINS.contains(&text) {
            self.out
                .push(if between.contains('\n') { '\n' } else { ' ' });
        } else if between.contains('\n') && before == ";" {
            // Lines are where a browser says that something went wrong.
            self.out.push('\n');
        }
        self.out.push_str(text);
        self.last = (range.end, text);
    }

    /// Writes something else in the place of a node.
    fn written(&mut self, node: Node<'_>, text: &str) {
        self.out.push(' ');
        self.out.push_str(text);
        self.last = (node.end_byte(), "x");
    }

    /// The value that an `import` takes its names from.
    fn import(&mut self, node: Node<'_>) -> Fallible<()> {
        let from = self.source(node)?;
        self.imports.push(from.clone());
        let mut cursor = node.walk();
        let clause = node
            .named_children(&mut cursor)
            .find(|child| child.kind() == "import_clause");
        let Some(clause) = clause.and_then(|clause| clause.named_child(0)) else {
            self.last = (node.end_byte(), ";");
            return Ok(());
        };
        let names = match clause.kind() {
            "namespace_import" => self.word(clause.named_child(0))?,
            "named_imports" => {
                let pairs = self.pairs(clause)?;
                format!(
                    "{{{}}}",
                    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
                )
            }
            kind => return Err(self.refused(kind)),
        };
        write!(self.out, "\nconst {names}={MODULES}['{from}'];")?;
        self.last = (node.end_byte(), ";");
        Ok(())
    }

    fn export(&mut self, node: Node<'_>) -> Fallible<()> {
        if let Some(declared) = node.child_by_field_name("declaration") {
            for name in self.declared(declared)? {
                self.exports.push((name.clone(), name));
            }
            self.out.push('\n');
            self.last = (declared.start_byte(), ";");
            return self.node(declared);
        }
        let clause = node
            .named_child(0)
            .filter(|child| child.kind() == "export_clause");
        let Some(clause) = clause else {
            return Err(self.refused("default exports and export *"));
        };
        let mut pairs = self.pairs(clause)?;
        for (inner, outer) in &mut pairs {
            std::mem::swap(inner, outer);
        }
        if node.child_by_field_name("source").is_some() {
            let from = self.source(node)?;
            for (_, inner) in &mut pairs {
                *inner = format!("{MODULES}['{from}'].{inner}");
            }
            self.imports.push(from);
        }
        self.exports.extend(pairs);
        self.last = (node.end_byte(), ";");
        Ok(())
    }

    /// The address of a module that is loaded on demand is meant from where this one stands.
    fn import_call(&mut self, node: Node<'_>) -> Fallible<()> {
        write!(self.out, "({ADDRESS}('{}',", self.path)?;
        let Some(address) = node.named_child(0) else {
            return Err(self.refused("import()"));
        };
        self.last = (address.start_byte(), "(");
        self.node(address)?;
        self.out.push_str("))");
        self.last = (node.end_byte(), ")");
        Ok(())
    }

    /// The path of the module that a statement names.
    fn source(&self, node: Node<'_>) -> Fallible<String> {
        let named = node.child_by_field_name("source");
        let named = named.ok_or_else(|| self.refused("an import"))?;
        let quoted = &self.text[named.byte_range()];
        Ok(resolve(self.path, quoted.trim_matches(['\'', '"'])))
    }

    /// The names of a clause: each as it is called there, and here.
    fn pairs(&self, clause: Node<'_>) -> Fallible<Vec<(String, String)>> {
        let mut cursor = clause.walk();
        let specifiers = clause.named_children(&mut cursor);
        let specifiers = specifiers.filter(|child| child.kind() != "comment");
        specifiers
            .map(|specifier| {
                let name = self.word(specifier.child_by_field_name("name"))?;
                let alias = specifier.child_by_field_name("alias");
                let alias = alias.map_or(Ok(name.clone()), |alias| self.word(Some(alias)))?;
                Ok((name, alias))
            })
            .collect()
    }

    /// The names that a declaration makes.
    fn declared(&self, node: Node<'_>) -> Fallible<Vec<String>> {
        if let Some(name) = node.child_by_field_name("name") {
            return Ok(vec![self.word(Some(name))?]);
        }
        // What may be given another value later would keep its first one outside.
        if node.kind() != "lexical_declaration"
            || !self.text[node.byte_range()].starts_with("const")
        {
            return Err(self.refused(node.kind()));
        }
        let mut cursor = node.walk();
        let each = node.named_children(&mut cursor);
        each.filter(|child| child.kind() == "variable_declarator")
            .map(|one| self.word(one.child_by_field_name("name")))
            .collect()
    }

    fn word(&self, node: Option<Node<'_>>) -> Fallible<String> {
        let node = node.filter(|node| node.kind() == "identifier");
        let node = node.ok_or_else(|| self.refused("something else than a name"))?;
        Ok(self.text[node.byte_range()].to_owned())
    }

    fn refused(&self, what: &str) -> Box<dyn std::error::Error> {
        format!(
            "{}: {what}: server/build/script.rs does not know this",
            self.path
        )
        .into()
    }
}

/// Nothing needs to stand behind these.
const ENDS: [&str; 14] = [
    "{", "(", "[", ",", ";", ":", "=", "=>", "===", "!==", "&&", "||", "??", "...",
];
/// Nothing needs to stand before these.
const BEGINS: [&str; 14] = [
    "}", ")", "]", ",", ";", ":", "=", "=>", "===", "!==", "&&", "||", "??", ".",
];

/// `{there: here}`, as a pattern has it.
fn pair((there, here): &(String, String)) -> String {
    if there == here {
        there.clone()
    } else {
        format!("{there}:{here}")
    }
}

/// Whether a node is written as it is: what has no parts, and what spaces belong to.
fn is_token(node: Node<'_>) -> bool {
    node.child_count() == 0 || matches!(node.kind(), "string" | "template_string" | "regex")
}

fn is_import_call(arguments: Node<'_>) -> bool {
    let call = arguments
        .parent()
        .filter(|call| call.kind() == "call_expression");
    let function = call.and_then(|call| call.child_by_field_name("function"));
    function.is_some_and(|function| function.kind() == "import")
}

/// Every token but comments, in order.
fn tokens<'a>(node: Node<'_>, text: &'a str) -> Vec<&'a str> {
    if node.kind() == "comment" {
        return Vec::new();
    }
    if is_token(node) {
        let token = &text[node.byte_range()];
        return if token.is_empty() {
            Vec::new()
        } else {
            vec![token]
        };
    }
    let mut cursor = node.walk();
    let children = node.children(&mut cursor);
    children.flat_map(|child| tokens(child, text)).collect()
}

/// Whether a module waits for something while it is loaded.
fn awaits(node: Node<'_>) -> bool {
    let function = ["function", "arrow", "method", "generator"];
    if function.iter().any(|kind| node.kind().starts_with(kind)) {
        return false;
    }
    let mut cursor = node.walk();
    node.kind() == "await" || node.children(&mut cursor).any(awaits)
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
