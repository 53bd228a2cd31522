//! Whole transcripts in the files of `golden/`: review them as their readers would. `TAPCUE_BLESS=1` writes
//! the current ones into these files; the git history has the earlier ones for comparison. The JSON is never
//! rewritten: files that people have stored must verify forever.

use std::path::Path;

use tapcue_rules::language::Language;
use tapcue_transcript::{ProblemKind, Standing, Transcript, read_export, verify};

use crate::desk::Receiver;
use crate::hour::{hour, thumb};
use crate::odd::{odd, overtaken};
use crate::sample::rich;

/// Five and a half hours east of Greenwich: neither whole hours nor the relay's own date.
const OFFSET_MINUTES: i32 = 330;

/// What a golden file does not fix: the style sheet's digest, and the legends, which name every cue. A cue that
/// was added later changes them in every file, so that each file only demands what it names itself.
struct Parts {
    fixed: String,
    named: Vec<String>,
}

fn parts(text: &str) -> Parts {
    let (mut fixed, mut named) = (String::new(), Vec::new());
    // A page: its symbols and its legend, an element on each line. Text: its legend, a paragraph.
    let mut inside = None;
    for paragraph in text.split_inclusive("\n\n") {
        let is_legend = paragraph
            .lines()
            .any(|line| line.contains("  - ") && line.contains("  = "));
        for line in paragraph.split_inclusive('\n') {
            if is_legend && !line.trim().is_empty() {
                let items = line.trim().split("  ").map(str::trim);
                named.extend(items.filter(|item| !item.is_empty()).map(str::to_owned));
                continue;
            }
            inside = inside.or_else(|| match line.trim_end() {
                "<defs>" => Some("</defs>"),
                open if open.starts_with("<ul class=\"legend\"") => Some("</ul>"),
                _ => None,
            });
            match inside {
                Some(end) => {
                    named.push(line.to_owned());
                    inside = Some(end).filter(|end| line.trim_end() != *end);
                }
                None => fixed.push_str(&without_digest(line)),
            }
        }
    }
    Parts { fixed, named }
}

fn without_digest(line: &str) -> String {
    match line.split_once("'sha256-") {
        Some((before, rest)) => {
            let after = rest.split_once('\'').expect("a digest ends").1;
            format!("{before}{after}")
        }
        None => line.to_owned(),
    }
}

/// Fails at the first line that differs from the file, and at what its legends no longer name.
pub(crate) fn same(name: &str, now: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcript/golden");
    let file = folder.join(name);
    if std::env::var_os("TAPCUE_BLESS").is_some() {
        std::fs::write(&file, now).unwrap();
    }
    let before = parts(&std::fs::read_to_string(&file).unwrap());
    let now = parts(now);
    let mut legend = now.named.iter();
    for item in &before.named {
        let is_named = legend.any(|now| now == item);
        assert!(is_named, "{name}: the legend no longer has {item} there");
    }
    let (before, now) = (before.fixed, now.fixed);
    let mut lines = (1..).zip(before.lines().zip(now.lines()));
    if let Some((n, (before, now))) = lines.find(|(_, (before, now))| before != now) {
        panic!(
            "{name}, line {n} beside its legends\nwas: {before}\nis:  {now}\nWhere that is meant: TAPCUE_BLESS=1"
        );
    }
    assert_eq!(before.len(), now.len(), "{name} ends elsewhere");
}

fn page(name: &str, transcript: &Transcript) {
    let page = transcript.html(Language::En, OFFSET_MINUTES);
    // The style sheet is a separate file, and is reviewed in pictures.
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    // One line for each element, so that a difference is one line.
    let elements = format!("{before}{after}").replace('>', ">\n");
    same(name, &elements);
}

#[test]
fn a_session_with_everything_in_it_reads_as_it_did_in_every_language() {
    let transcript = rich().sealed(Some(Receiver));
    for language in Language::ALL {
        let text = transcript.text(language, 72, OFFSET_MINUTES);
        same(&format!("rich.{}.txt", language.code()), &text);
    }
}

#[test]
fn a_session_with_everything_in_it_is_drawn_as_it_was() {
    page("rich.html", &rich().sealed(Some(Receiver)));
}

#[test]
fn a_session_with_everything_in_it_is_the_table_that_it_was() {
    let csv = rich().sealed(Some(Receiver)).csv(Language::En);
    // spreadsheet.rs checks the line ends.
    same("rich.csv", &csv.replace("\r\n", "\n"));
}

#[test]
fn a_dense_session_is_drawn_as_it_was() {
    let transcript = hour(180).sealed(None);
    for columns in [40, 72] {
        let text = transcript.text(Language::En, columns, 0);
        same(&format!("hour.{columns}.txt"), &text);
    }
    page("hour.html", &transcript);
}

#[test]
fn a_session_with_a_thumb_is_drawn_as_it_was() {
    let transcript = thumb().sealed(None);
    same("thumb.txt", &transcript.text(Language::En, 100, -210));
    page("thumb.html", &transcript);
}

#[test]
fn a_session_of_what_rarely_happens_reads_as_it_did() {
    let transcript = odd().sealed(None);
    same("odd.txt", &transcript.text(Language::En, 72, 0));
    let csv = transcript.csv(Language::En).replace("\r\n", "\n");
    same("odd.csv", &csv);
    page("odd.html", &transcript);
    let text = overtaken().sealed(None).text(Language::En, 72, 0);
    same("overtaken.txt", &text);
}

#[test]
fn a_file_that_was_kept_is_still_sound_and_would_be_made_the_same() {
    let kept = include_str!("golden/rich.json");
    let verdict = verify(kept, &[]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    assert_eq!(rich().sealed(Some(Receiver)).json(), kept);
}

/// A file of an earlier relay verifies as far as it can be checked, and the verdict says how far.
#[test]
fn a_file_of_the_earlier_rules_holds_and_is_not_shown_by_the_rules_of_now() {
    let kept = include_str!("golden/rich.v1.json");
    let (verdict, transcript) = read_export(kept, &[]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    assert!(verdict.earlier && transcript.is_none());
    let said = verdict.words.iter().any(|one| one.contains("not checked"));
    assert!(said, "{:?}", verdict.words);
    // The newest rules derive something else from the same entries.
    let claims = kept.replace("\"version\": 1", "\"version\": 2");
    let problem = verify(&claims, &[]).problem.expect("it follows otherwise");
    assert_eq!(problem.kind, ProblemKind::Derived);
    // The hashed and signed parts are still covered.
    let seals = kept.find("\"seals\"").unwrap();
    for (what, edited) in [
        (
            "an entry",
            kept.replace("\"cue\":\"slower\",\"epoch\"", "\"cue\":\"stay\",\"epoch\""),
        ),
        (
            "a seal",
            kept[..seals].to_owned() + &kept[seals..].replace("\"sealed_at\":1", "\"sealed_at\":2"),
        ),
        ("an end", kept.replace("\"version\": 1", "\"version\": 0")),
    ] {
        assert_ne!(edited, kept, "{what}");
        assert_eq!(verify(&edited, &[]).standing, Standing::Broken, "{what}");
    }
}
