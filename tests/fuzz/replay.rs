//! Replays the corpus of every target in the ordinary tests: the first seeds, and all later findings.
//! `tests/run fuzz` starts from there.

use std::path::Path;

use tapcue_fuzz::TARGETS;
use tapcue_fuzz::session::goes_live;

/// The largest corpus in bytes: every clone of the repository downloads it.
const MAX_CORPUS: u64 = 1 << 20;

#[test]
fn the_corpus_holds() {
    let mut bytes = 0;
    for (name, fuzz) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(name);
        let mut seeds = 0;
        for seed in std::fs::read_dir(&folder).expect("a corpus") {
            let path = seed.expect("a seed").path();
            let data = std::fs::read(&path).expect("a seed");
            println!("{}", path.display());
            fuzz(&data);
            seeds += 1;
            bytes += data.len() as u64;
        }
        println!("{name}: {seeds} seeds");
        assert!(seeds >= 5, "{name} has {seeds} seeds");
    }
    assert!(bytes < MAX_CORPUS, "{bytes} bytes");
}

/// Unreadable seeds would test nothing.
#[test]
fn the_corpus_gets_past_the_first_check() {
    use tapcue_rules::entry::Entry;
    use tapcue_rules::message::{ToDevice, ToRelay};
    use tapcue_transcript::{Standing, verify};
    let sound = |name: &str, good: fn(&str) -> bool| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(name);
        let seeds = std::fs::read_dir(folder).expect("a corpus");
        let texts =
            seeds.filter_map(|seed| std::fs::read_to_string(seed.expect("a seed").path()).ok());
        texts.filter(|text| good(text)).count()
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/session");
    let seeds = std::fs::read_dir(folder).expect("a corpus");
    let lives = seeds.filter(|seed| {
        let path = seed.as_ref().expect("a seed").path();
        goes_live(&std::fs::read(path).expect("a seed"))
    });
    let lives = lives.count();
    let messages = sound("wire", |text| {
        serde_json::from_str::<ToRelay>(text).is_ok()
            || serde_json::from_str::<ToDevice>(text).is_ok()
    });
    let exports = sound("transcript", |text| {
        verify(text, &[]).standing != Standing::Broken
    });
    let journals = sound("journal", |text| {
        text.lines()
            .all(|row| serde_json::from_str::<Entry>(row).is_ok())
    });
    assert!(lives >= 10, "{lives} go live");
    assert!(messages >= 50, "{messages} messages");
    assert!(exports >= 3, "{exports} exports");
    assert!(journals >= 3, "{journals} journals");
}
