//! Everything that the documents point to exists: files, headings, commands and their flags.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use tapcue_tests::folder::folder;
use tapcue_tests::relay::binary;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every document, by its path.
fn documents() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).expect("the documents");
    let mut paths: Vec<_> = docs.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.push(root().join("README.md"));
    assert!(paths.len() > 10, "{paths:?}");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a document");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The lines of a document outside and inside its code blocks.
fn prose_and_code(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut prose, mut code) = (Vec::new(), Vec::new());
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            code.push(line);
        } else {
            prose.push(line);
        }
    }
    (prose, code)
}

/// The anchor of a heading, as links write it.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The anchors of a document; a repeated heading gets a number.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (prose, _) = prose_and_code(text);
    let headings = prose.into_iter().filter(|line| line.starts_with('#'));
    let numbered = |line: &str| {
        let anchor = anchor(line);
        let count = seen.entry(anchor.clone()).or_default();
        *count += 1;
        match *count {
            1 => anchor,
            count => format!("{anchor}-{}", count - 1),
        }
    };
    headings.map(numbered).collect()
}

/// Every source file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                found.extend(sources(&path));
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "js")
        {
            found.push(path);
        }
    }
    found
}

/// Code cites a document as `safety.md, "The clock"`.
#[test]
fn every_heading_that_the_code_cites_is_there() {
    let headings: HashMap<String, Vec<String>> = documents()
        .into_iter()
        .map(|(path, text)| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let (prose, _) = prose_and_code(&text);
            let headings = prose.into_iter().filter(|line| line.starts_with('#'));
            let headings = headings.map(|line| line.trim_start_matches('#').trim().to_owned());
            (name.into_owned(), headings.collect())
        })
        .collect();
    let (mut cited, mut broken) = (0, Vec::new());
    for path in ["shared", "server", "client", "tests"].map(|folder| root().join(folder)) {
        for path in sources(&path) {
            let text = std::fs::read_to_string(&path).expect("a source");
            // A citation may continue on the next line of its comment.
            let text = text.replace("\n/// ", " ").replace("\n//! ", " ");
            for (before, after) in text.match_indices(".md, \"").map(|(at, sign)| {
                let (before, after) = text.split_at(at);
                (before, &after[sign.len()..])
            }) {
                let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
                let name = format!("{}.md", name.into_iter().next().unwrap_or_default());
                let heading = after.split('"').next().unwrap_or_default();
                cited += 1;
                let there = headings
                    .get(&name)
                    .is_some_and(|all| all.iter().any(|one| one == heading));
                if !there {
                    broken.push(format!("{}: {name}, {heading:?}", path.display()));
                }
            }
        }
    }
    assert!(cited > 10, "{cited}");
    assert_eq!(broken, Vec::<String>::new());
}

/// Every file below a folder, as a path from the root.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() && name != "node_modules" && name != "target" {
            found.extend(files(&path));
        } else if path.is_file() {
            let below = path.strip_prefix(root()).expect("below the root");
            found.insert(below.to_string_lossy().into_owned());
        }
    }
    found
}

/// The files of these kinds that a text names, as in `session/task.rs`.
fn named<'a>(text: &'a str, kinds: &[&str]) -> Vec<&'a str> {
    let part = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    let words = text
        .split(|c: char| !part(c))
        .map(|word| word.trim_end_matches('.'));
    let is_named = |word: &&str| {
        let kind = word.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
        kind.is_some_and(|(_, kind)| kinds.contains(&kind)) && !word.contains("..")
    };
    words.filter(is_named).collect()
}

#[test]
fn every_file_that_a_document_or_a_comment_names_is_there() {
    let folders = ["shared", "server", "client", "tests", "docs"];
    let mut there: BTreeSet<String> = folders
        .iter()
        .flat_map(|folder| files(&root().join(folder)))
        .collect();
    there.insert("README.md".into());
    let is_there = |name: &str| {
        let end = format!("/{}", name.trim_start_matches('/'));
        there.iter().any(|path| format!("/{path}").ends_with(&end))
    };
    let (mut count, mut broken) = (0, Vec::new());
    for (path, text) in documents() {
        if path.ends_with("CHANGELOG.md") {
            continue;
        }
        let quoted = text.split('`').skip(1).step_by(2);
        for name in quoted.flat_map(|text| named(text, &["rs", "js", "mjs", "css"])) {
            count += 1;
            if !is_there(name) {
                broken.push(format!("{}: {name}", path.display()));
            }
        }
    }
    for folder in folders {
        for path in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).expect("a source");
            let comments = text.lines().map(str::trim_start);
            let comments = comments.filter(|line| line.starts_with("//") || line.starts_with('*'));
            // The tests write this one.
            let names = comments.flat_map(|line| named(line, &["rs", "js", "css", "md"]));
            for name in names.filter(|name| *name != "engines/table.md") {
                count += 1;
                if !is_there(name) {
                    broken.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    assert!(count > 300, "{count}");
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut links = 0;
    let mut broken = Vec::new();
    for (path, text) in documents() {
        let (prose, _) = prose_and_code(&text);
        let targets = prose.iter().flat_map(|line| line.split("](").skip(1));
        let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
        for target in targets.filter(|target| !target.starts_with("http")) {
            links += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let led_to = match file {
                "" => path.clone(),
                file => path.parent().expect("a folder").join(file),
            };
            let has_heading = || {
                let text = std::fs::read_to_string(&led_to).unwrap_or_default();
                heading.is_empty() || anchors(&text).contains(heading)
            };
            if !led_to.exists() || !has_heading() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(links > 40, "{links} links");
}

/// All manual pages of a program, as one text.
fn manual(program: &str) -> String {
    let folder = folder();
    let made = Command::new(binary(program))
        .arg("man")
        .arg(folder.path())
        .status();
    assert!(made.expect("the program").success());
    let pages = std::fs::read_dir(folder.path()).expect("the pages");
    let page = |page: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(page.expect("a page").path()).expect("a page")
    };
    pages.map(page).collect::<String>().replace("\\-", "-")
}

/// The arguments after a program's name on each command line in `text`.
fn arguments<'a>(text: &'a str, calls: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for call in calls {
        for (at, _) in text.match_indices(call) {
            let alone = text[..at].ends_with([' ', '`', '\n', '/']) || at == 0;
            let rest = &text[at + call.len()..];
            if alone && rest.starts_with(' ') {
                let end = rest.find(['`', '#', '|', '&', ';', '\n']);
                found.push(&rest[..end.unwrap_or(rest.len())]);
            }
        }
    }
    found
}

#[test]
fn every_command_and_flag_that_a_document_names_is_there() {
    let relay = ["tapcue-server", "cargo run --release --"];
    let terminal = ["tapcue", "cargo run --release -p tapcue --"];
    let mut checked = 0;
    for (program, calls) in [("tapcue-server", relay), ("tapcue", terminal)] {
        let manual = manual(program);
        for (path, text) in documents() {
            let (prose, code) = prose_and_code(&text);
            let spans = prose
                .iter()
                .flat_map(|line| line.split('`').skip(1).step_by(2));
            let code = code.join("\n").replace("\\\n", " ");
            let all = spans
                .chain([code.as_str()])
                .flat_map(|text| arguments(text, &calls));
            for arguments in all {
                for word in arguments.split([' ', '[', ']']) {
                    let flag = word.split('=').next().unwrap_or_default();
                    if flag.len() > 2 && flag.starts_with("--") {
                        checked += 1;
                        let place = format!("{}: {program}{arguments}", path.display());
                        assert!(manual.contains(flag), "{place}: {flag} is no flag");
                    }
                }
            }
        }
    }
    assert!(checked > 12, "{checked} flags");
}

#[test]
fn every_step_that_a_document_names_is_one_of_tests_run() {
    let script = std::fs::read_to_string(root().join("tests/run")).expect("the script");
    for (path, text) in documents() {
        for rest in arguments(&text, &["tests/run"]) {
            let step = rest.split_whitespace().next().unwrap_or_default();
            let is_word = step.len() > 2 && step.chars().all(|c| c.is_ascii_lowercase());
            let known = script.contains(&format!("#   tests/run {step}"));
            // More words of a sentence may follow the bare name.
            let in_code = text.contains(&format!("`tests/run {step}"));
            assert!(
                !is_word || !in_code || known,
                "{}: tests/run {step}",
                path.display()
            );
        }
    }
}
