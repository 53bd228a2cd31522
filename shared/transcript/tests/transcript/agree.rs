//! The four formats of one session agree: entries, times, kinds, counts and figures, in every language.

use serde_json::Value;
use tapcue_rules::language::Language;
use tapcue_transcript::Transcript;

use crate::desk::{Desk, OPENED, Receiver};
use crate::sample::{random, rich};

#[test]
fn four_forms_of_a_session_agree() {
    for language in Language::ALL {
        agree(&rich(), language);
    }
    for (seed, language) in (0..42).zip(Language::ALL.into_iter().cycle()) {
        agree(&random(seed, 60), language);
    }
}

/// The name of a role, or of the relay, in its column.
fn who(language: Language, by: &str) -> &'static str {
    let [receiver, helper, relay] = match language {
        Language::En => ["Receiver", "Helper", "Server"],
        Language::Es => ["Recibe", "Ayuda", "Servidor"],
        Language::Fr => ["Receveur", "Aidant", "Serveur"],
        Language::De => ["Empfänger", "Helfer", "Server"],
        Language::Zh => ["接受者", "协助者", "服务器"],
        Language::Ar => ["المتلقي", "المساعد", "الخادم"],
    };
    match by {
        "receiver" => receiver,
        "helper" => helper,
        _ => relay,
    }
}

/// What every format says about an entry.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    seq: u64,
    since_ms: u64,
    by: String,
    what: String,
}

fn agree(desk: &Desk, language: Language) {
    let transcript = desk.sealed(Some(Receiver));
    let json: Value = serde_json::from_str(&transcript.json()).unwrap();
    assert_eq!(json, transcript.to_value());
    let said = of_json(&json);
    assert_eq!(said.len(), desk.entries.len());
    assert_eq!(said, of_csv(&transcript, language));
    let page = of_html(&transcript, language);
    assert_eq!(said.len(), page.len());
    for (json, page) in said.iter().zip(&page) {
        assert_eq!(
            (json.seq, json.since_ms, &json.what),
            (page.seq, page.since_ms, &page.what)
        );
        assert_eq!(who(language, &json.by), page.by);
    }
    let text = of_text(&transcript, language);
    for (json, (seq, since, by)) in said.iter().zip(&text) {
        assert_eq!((json.seq, json.since_ms), (*seq, *since));
        assert_eq!(who(language, &json.by), by);
    }
    assert_eq!(said.len(), text.len());
    counts(&json, &transcript);
    figures(&transcript, language);
}

fn of_json(json: &Value) -> Vec<Said> {
    let entries = json["entries"].as_array().unwrap();
    let mut now = 0;
    let said = entries.iter().map(|entry| {
        let recorded = &entry["recorded"];
        now = now.max(recorded["at"].as_u64().unwrap());
        Said {
            seq: recorded["seq"].as_u64().unwrap(),
            since_ms: now - OPENED.0,
            by: recorded["by"].as_str().unwrap_or("relay").into(),
            what: recorded["what"].as_str().unwrap().into(),
        }
    });
    said.collect()
}

fn of_csv(transcript: &Transcript, language: Language) -> Vec<Said> {
    let text = transcript.csv(language);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (seq, since) = (column("seq"), column("since_start_ms"));
    let (by, what) = (column("by"), column("what"));
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        Said {
            seq: row[seq].parse().unwrap(),
            since_ms: row[since].parse().unwrap(),
            by: row[by].into(),
            what: row[what].into(),
        }
    });
    rows.collect()
}

/// The text between `from` and `to` in each piece.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    Some(rest.split_once(to)?.0)
}

fn of_html(transcript: &Transcript, language: Language) -> Vec<Said> {
    let page = transcript.html(language, 0);
    let rows = page.split("<tr id=\"e").skip(1).map(|row| Said {
        seq: row.split_once('"').unwrap().0.parse().unwrap(),
        since_ms: of_iso(between(row, "datetime=\"", "\"").unwrap()) - OPENED.0,
        by: between(row, "class=\"who\">", "<").unwrap().into(),
        what: between(row, "data-what=\"", "\"").unwrap().into(),
    });
    rows.collect()
}

/// The milliseconds of a time in November 2026, or some days later.
fn of_iso(text: &str) -> u64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<u64>().unwrap();
    assert_eq!(&text[..8], "2026-11-");
    let days = number(8..10) - 22;
    let s = (days * 24 + number(11..13)) * 3_600 + number(14..16) * 60 + number(17..19);
    // 22 November 2026, 00:00 UTC.
    (OPENED.0 - 34_200_000) + s * 1_000 + number(20..23)
}

fn of_text(transcript: &Transcript, language: Language) -> Vec<(u64, u64, String)> {
    let page = transcript.text(language, 100_000, 0);
    let rows = page.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let seq = words.next()?.parse().ok()?;
        let clock: Vec<&str> = words.next()?.split([':', '.']).collect();
        let [h, m, s, ms] = clock[..] else {
            return None;
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let s = number(h)? * 3_600 + number(m)? * 60 + number(s)?;
        Some((seq, s * 1_000 + number(ms)?, words.next()?.to_owned()))
    });
    rows.collect()
}

/// The rows of the CSV add up to the figures of the JSON.
fn counts(json: &Value, transcript: &Transcript) {
    let text = transcript.csv(Language::En);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (by, cue, result) = (column("by"), column("cue"), column("result"));
    let mut counted = 0;
    for count in json["figures"]["cues"].as_array().unwrap() {
        for name in ["taken", "ignored", "stale", "refused"] {
            let same = rows.iter().filter(|row| {
                count["by"] == row[by] && count["cue"] == row[cue] && row[result] == *name
            });
            let same = same.count() as u64;
            assert_eq!(count[name], same, "{count}");
            counted += same;
        }
    }
    let cues = rows
        .iter()
        .filter(|row| !row[cue].is_empty() && row[result] != *"repeat");
    assert_eq!(cues.count() as u64, counted);
    let reason = column("hold_reason");
    for hold in json["figures"]["holds"].as_array().unwrap() {
        let same = rows.iter().filter(|row| hold["reason"] == row[reason]);
        assert_eq!(hold["count"], same.count() as u64);
    }
}

/// The page shows every figure of the text in the same words.
fn figures(transcript: &Transcript, language: Language) {
    let text = transcript.text(language, 100_000, 0);
    let page = transcript.html(language, 0);
    let told = text.split("\n\n").nth(1).unwrap();
    let table = between(&page, "<table class=\"figures\">", "</table>").unwrap();
    let rows = table.split("<th scope=\"row\">").skip(1);
    let rows: Vec<(&str, &str)> = rows
        .map(|row| {
            let (label, rest) = row.split_once("</th><td>").unwrap();
            (label, rest.split_once("</td>").unwrap().0)
        })
        .collect();
    let lines: Vec<&str> = told.lines().skip(1).collect();
    assert_eq!(lines.len(), rows.len(), "{told}");
    for (line, (label, value)) in lines.into_iter().zip(rows) {
        let rest = line.strip_prefix(label).map(str::trim_start);
        assert_eq!(rest, Some(value), "{line}");
    }
}
