//! A long session: how long its formats take, and files for review.

use std::time::Instant;

use tapcue_rules::language::Language;
use tapcue_transcript::{Standing, verify};

use crate::hour::{hour, thumb};
use crate::sample::rich;

#[test]
#[expect(clippy::disallowed_methods, reason = "the tests measure")]
fn ten_thousand_entries_are_read_rendered_and_verified() {
    let desk = hour(10_000);
    let begun = Instant::now();
    let transcript = desk.sealed(None);
    let read = begun.elapsed();
    let (json, csv) = (transcript.json(), transcript.csv(Language::En));
    let machine = begun.elapsed() - read;
    let (html, text) = (
        transcript.html(Language::En, 0),
        transcript.text(Language::En, 80, 0),
    );
    let (words, drawing) = (
        transcript.words_json(Language::En),
        transcript.drawing_json(Language::En, 990),
    );
    // What is dense is merged.
    let places = drawing.matches("\"marks\":").count();
    assert!(places < 24 * 3 * 4 * 42, "{places} places");
    let people = begun.elapsed() - read - machine;
    let verdict = verify(&json, &[]);
    let verified = begun.elapsed() - read - machine - people;
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    println!(
        "{} entries: read {read:?}; json {} kB + csv {} kB {machine:?}; html {} kB + text {} kB + \
         words {} kB + drawing {} kB {people:?}; verified {verified:?}",
        transcript.lines().len(),
        json.len() / 1024,
        csv.len() / 1024,
        html.len() / 1024,
        text.len() / 1024,
        words.len() / 1024,
        drawing.len() / 1024,
    );
}

/// Writes sample transcripts into the directory `TAPCUE_SAMPLES`, if it is set.
#[test]
fn samples_are_written_where_they_are_wanted() {
    let Some(directory) = std::env::var_os("TAPCUE_SAMPLES") else {
        return;
    };
    let directory = std::path::PathBuf::from(directory);
    for (name, desk) in [
        ("rich", rich()),
        ("thumb", thumb()),
        ("hour", hour(500)),
        ("dense", hour(10_000)),
        ("example", crate::document::example()),
    ] {
        let transcript = desk.sealed(Some(crate::desk::Receiver));
        for language in Language::ALL.into_iter().skip(1) {
            let (code, page) = (language.code(), transcript.html(language, 60));
            std::fs::write(directory.join(format!("{name}.{code}.html")), page).unwrap();
            let page = transcript.text(language, 80, 60);
            std::fs::write(directory.join(format!("{name}.{code}.txt")), page).unwrap();
        }
        for (ending, text) in [
            ("json", transcript.json()),
            ("csv", transcript.csv(Language::En)),
            ("html", transcript.html(Language::En, 60)),
            ("txt", transcript.text(Language::En, 80, 60)),
        ] {
            std::fs::write(directory.join(format!("{name}.{ending}")), text).unwrap();
        }
    }
}
