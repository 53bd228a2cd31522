//! The layers of each crate: an import points down and never up, so imports form no circle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The top modules of each crate, the lowest layer first. Modules of one layer do not import each other.
const CRATES: &[(&str, &[&[&str]])] = &[
    (
        "shared/rules/src",
        &[
            &["discovery", "ids", "invisible", "language", "time"],
            &["code", "cue", "limits"],
            &["outbox", "state"],
            &["message"],
            &["entry", "presence"],
            &["link", "session"],
        ],
    ),
    (
        "shared/transcript/src",
        &[
            &["canonical", "civil", "outcome"],
            &["chain", "timeline", "words"],
            &["drawing"],
            &[
                "csv", "fold", "html", "json", "lines", "review", "seal", "text",
            ],
            &["figures", "header", "verify"],
        ],
    ),
    (
        "server/src",
        &[
            &[
                "clock",
                "fail_points",
                "log",
                "metrics",
                "net",
                "print",
                "service_manager",
            ],
            &["background", "manual", "tls"],
            &["config", "journal"],
            &["context"],
            &["session"],
            &["connection", "records"],
            &["admin", "http"],
            &["server"],
            &["start_page"],
        ],
    ),
    (
        "client/src",
        &[
            &["print", "signals", "words"],
            &["relay"],
            &["device"],
            &["cli", "tui"],
            &["exit"],
            &["history"],
            &["run"],
        ],
    ),
    (
        "tests/src",
        &[
            &["crowd", "folder", "usage", "wait"],
            &[
                "browser", "clock", "fault", "http", "lan", "peer", "proxy", "storage",
            ],
            &["next", "pair", "raw", "record", "relay", "tls"],
            &["client", "outage", "pages", "samples", "terminal"],
            &["bounds"],
        ],
    ),
];

/// The Rust files below `folder`, without test files.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        if matches!(name, Some("lib" | "main" | "tests")) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// A source without its comments and its unit tests.
fn product(source: &str) -> String {
    let product = source.split("#[cfg(test)]\nmod tests {").next();
    let lines = product.unwrap_or_default().lines();
    let code = lines.map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

/// The modules named right after `root`, singly or in braces.
fn behind<'a>(code: &'a str, root: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let (before, after) = (&code[..at], &code[at + root.len()..]);
        if before.ends_with(|sign: char| sign.is_alphanumeric() || sign == '_' || sign == ':') {
            continue;
        }
        let Some(inside) = after.strip_prefix('{') else {
            found.push(name(after));
            continue;
        };
        let mut depth = 0_usize;
        let mut first = true;
        for (at, sign) in inside.char_indices() {
            if depth == 0 && first && !sign.is_whitespace() {
                found.push(name(&inside[at..]));
                first = false;
            }
            match sign {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => first = true,
                _ => {}
            }
        }
    }
    // A type of the root itself belongs to no module.
    found.retain(|name| !name.is_empty());
    found
}

/// The module name that `text` begins with; empty if there is none.
fn name(text: &str) -> &str {
    let is_name = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    let end = text.find(|sign| !is_name(sign)).unwrap_or(text.len());
    &text[..end]
}

/// The imports of the crate in `folder` that break its layers.
fn wrong(folder: &Path, layers: &[&[&str]]) -> Vec<String> {
    let ranked = (0_usize..).zip(layers);
    let ranks: BTreeMap<&str, usize> = ranked
        .flat_map(|(rank, layer)| layer.iter().map(move |module| (*module, rank)))
        .collect();
    let mut wrong = Vec::new();
    for file in files(folder) {
        let inside = file.strip_prefix(folder).expect("a file of the folder");
        let modules: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let own = modules[0].trim_end_matches(".rs");
        let Some(rank) = ranks.get(own) else {
            wrong.push(format!("{}: {own} is in no layer", file.display()));
            continue;
        };
        let source = std::fs::read_to_string(&file).expect("a source");
        let code = product(&source);
        let up = "super::".repeat(modules.len());
        let imports = behind(&code, "crate::")
            .into_iter()
            .chain(behind(&code, &up));
        for import in imports.filter(|import| *import != own && *import != "super") {
            if ranks.get(import).is_none_or(|below| below >= rank) {
                wrong.push(format!("{}: {import}", file.display()));
            }
        }
    }
    wrong
}

#[test]
fn no_import_points_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found: Vec<_> = CRATES
        .iter()
        .flat_map(|(folder, layers)| wrong(&root.join(folder), layers))
        .collect();
    assert!(
        found.is_empty(),
        "imports that point up:\n{}",
        found.join("\n")
    );
}

#[test]
fn every_way_to_import_is_found() {
    let code = "use crate::one; use crate::{two::{a, b}, Type,\n    three::c}; fn f() { crate::four::g(); othercrate::five(); }";
    assert_eq!(behind(code, "crate::"), ["one", "two", "three", "four"]);
    let code = "use super::super::{one, two}; use super::three; use super::super::super::four;";
    assert_eq!(behind(code, "super::super::"), ["one", "two", "super"]);
}
