//! Transcripts as they were last looked at, whole, in the files of `golden/`: open them as a reader
//! would. A test that fails shows what has changed; where that was meant, look at it, and
//!
//!     UPDATE_EXPECT=1 cargo test -p tapcue-shared --test transcript golden
//!
//! writes them anew. The JSON is never written anew: files that people have kept must verify for ever.

use expect_test::{ExpectFile, expect_file};
use tapcue_shared::language::Language;
use tapcue_shared::transcript::{Standing, Transcript, verify};

use crate::desk::Receiver;
use crate::hour::{hour, thumb};
use crate::odd::{odd, overtaken};
use crate::sample::rich;

/// Half past five east of Greenwich: neither whole hours nor the relay's own day.
const OFFSET_MINUTES: i32 = 330;

fn file(name: &str) -> ExpectFile {
    expect_file![format!(
        "{}/tests/transcript/golden/{name}",
        env!("CARGO_MANIFEST_DIR")
    )]
}

fn page(name: &str, transcript: &Transcript) {
    let page = transcript.html(Language::En, OFFSET_MINUTES);
    // The style sheet is a file of its own, and is looked at in pictures.
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    // A line for each element, so that a difference is one.
    let elements = format!("{before}{after}").replace('>', ">\n");
    file(name).assert_eq(&elements);
}

#[test]
fn a_session_with_everything_in_it_reads_as_it_did_in_every_language() {
    let transcript = rich().sealed(Some(Receiver));
    for language in Language::ALL {
        let text = transcript.text(language, 72, OFFSET_MINUTES);
        file(&format!("rich.{}.txt", language.code())).assert_eq(&text);
    }
}

#[test]
fn a_session_with_everything_in_it_is_drawn_as_it_was() {
    page("rich.html", &rich().sealed(Some(Receiver)));
}

#[test]
fn a_session_with_everything_in_it_is_the_table_that_it_was() {
    let csv = rich().sealed(Some(Receiver)).csv(Language::En);
    // How its lines end is asked in spreadsheet.rs.
    file("rich.csv").assert_eq(&csv.replace("\r\n", "\n"));
}

#[test]
fn a_dense_session_is_drawn_as_it_was() {
    let transcript = hour(180).sealed(None);
    file("hour.txt").assert_eq(&transcript.text(Language::En, 72, 0));
    page("hour.html", &transcript);
}

#[test]
fn a_session_with_a_thumb_is_drawn_as_it_was() {
    let transcript = thumb().sealed(None);
    file("thumb.txt").assert_eq(&transcript.text(Language::En, 100, -210));
    page("thumb.html", &transcript);
}

#[test]
fn a_session_of_what_rarely_happens_reads_as_it_did() {
    let transcript = odd().sealed(None);
    file("odd.txt").assert_eq(&transcript.text(Language::En, 72, 0));
    let csv = transcript.csv(Language::En).replace("\r\n", "\n");
    file("odd.csv").assert_eq(&csv);
    page("odd.html", &transcript);
    let text = overtaken().sealed(None).text(Language::En, 72, 0);
    file("overtaken.txt").assert_eq(&text);
}

#[test]
fn a_file_that_was_kept_is_still_sound_and_would_be_made_the_same() {
    let kept = include_str!("golden/rich.json");
    let verdict = verify(kept, &[]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    assert_eq!(rich().sealed(Some(Receiver)).json(), kept);
}
