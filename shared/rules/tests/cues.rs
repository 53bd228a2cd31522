//! What every cue needs beyond this crate. The test says in plain words what a cue still lacks, and where.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tapcue_rules::cue::{Cue, Role, Sender};

const LANGUAGES: [&str; 6] = ["en", "es", "fr", "de", "zh", "ar"];

/// Keys with another meaning in the clients: consent, acknowledge, end, help, a new code, a warning sign.
const TAKEN: [&str; 8] = ["t", "f", "j", "Enter", "q", "?", "n", "w"];

/// The text of a file, by its path in the repository.
fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in the list after `before`, as YAML, JSON and JavaScript write it.
fn names(text: &str, before: &str) -> Vec<String> {
    let list = text.split_once(before).and_then(|(_, rest)| {
        let (_, list) = rest.split_once('[')?;
        list.split(']').next()
    });
    let names = list.unwrap_or_default().split(',');
    let names = names.map(|name| name.trim().trim_matches(['"', '\'']).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// The entry of a cue in the page's table, without the table's other entries.
fn form<'a>(table: &'a str, cue: &str) -> &'a str {
    let start = format!("\n  {cue}: {{");
    let entry = table.split_once("FORMS = {").and_then(|(_, forms)| {
        let (_, entry) = forms.split_once(&start)?;
        let end = entry.find("\n  }").unwrap_or(entry.len());
        // An entry of one line ends there.
        let line = entry.lines().next().unwrap_or_default();
        Some(if line.ends_with("},") {
            line
        } else {
            &entry[..end]
        })
    });
    entry.unwrap_or_default()
}

/// A property of a cue in the page's table.
fn property<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = form.split_once(&format!("{name}: "))?;
    Some(value.trim())
}

/// What the cues lack, each with the file to put it into.
fn lacking() -> Vec<String> {
    let page = file("client/web/ui/cues.js");
    let generated = file("client/web/device/cues.js");
    let wire = file("docs/protocol.md");
    let asyncapi = names(&file("docs/asyncapi.yaml"), "\n    Cue:");
    let schema = names(&file("docs/transcript.schema.json"), "\"cue\": {\"enum\":");
    let words = LANGUAGES.map(|language| {
        let path = format!("shared/catalog/{language}.json");
        let catalog: Value = serde_json::from_str(&file(&path)).expect("a catalog");
        (path, catalog)
    });

    let mut lacking = Vec::new();
    for cue in Cue::ALL {
        let name = cue.as_str();
        let mut needs = |there: bool, what: &str, place: &str| {
            if !there {
                lacking.push(format!("{name} lacks {what}: {place}"));
            }
        };
        let traits = cue.traits();
        let here = "shared/rules/src/cue.rs";
        let others = || Cue::ALL.into_iter().filter(|other| *other != cue);

        needs(!traits.strokes.is_empty(), "a symbol", here);
        let same = others().any(|other| other.traits().strokes == traits.strokes);
        needs(!same, "a symbol of its own", here);
        needs(!traits.keys.is_empty(), "a key", here);
        for key in traits.keys {
            let shared = |other: Cue| {
                let both = |role| cue.allowed_from(role) && other.allowed_from(role);
                Role::BOTH.into_iter().any(both) && other.traits().keys.contains(key)
            };
            let taken = TAKEN.contains(key) || others().any(shared);
            needs(!taken, &format!("a key of its own, {key} is taken"), here);
        }
        let same = others().any(|other| other.traits().sign == traits.sign);
        needs(!same, "a sign of its own in text", here);

        let has_tile = cue.allowed_from(Role::Receiver) && cue != Cue::Stop;
        needs(
            Cue::TILES.contains(&cue) == has_tile,
            "its place in Cue::TILES",
            here,
        );
        let form = form(&page, name);
        let there = |what| property(form, what);
        let at = "client/web/ui/cues.js, FORMS";
        let tile = there("tile").is_some_and(|tile| tile.starts_with('{') == has_tile);
        needs(tile, "a tile on the page", at);
        needs(
            there("gesture").is_some(),
            "a gesture, or null for none",
            at,
        );
        let tune = there("tune").is_some_and(|tune| tune.starts_with(['{', 'S']));
        needs(tune, "a tune", at);
        let row = format!("\n  {name}: {{\n");
        let fresh = "client/web/device/cues.js: run the test `typescript` with TAPCUE_BLESS=1";
        needs(generated.contains(&row), "its generated entry", fresh);

        for (path, catalog) in &words {
            for kind in ["says", "big", "help"] {
                let text = catalog["cues"][name][kind].as_str();
                let there = text.is_some_and(|text| !text.is_empty());
                needs(
                    there,
                    &format!("the words `{kind}`"),
                    &format!("{path}, cues"),
                );
            }
            let legend = catalog["transcript"]["characters"]["legend"].to_string();
            let legend = legend.replace(['\u{2066}', '\u{2069}'], "");
            let sign = format!(" {} ", traits.sign);
            let at = format!("{path}, transcript.characters.legend");
            needs(legend.contains(&sign), "its sign in the legend", &at);
        }

        let is_it = |listed: &String| listed == name;
        needs(
            asyncapi.iter().any(is_it),
            "its name in AsyncAPI",
            "docs/asyncapi.yaml, Cue",
        );
        let at = "docs/transcript.schema.json, $defs.cue";
        needs(schema.iter().any(is_it), "its name in the schema", at);
        let from = match traits.sender {
            Sender::Either => "either",
            Sender::Receiver => "receiver",
            Sender::Helper => "helper",
        };
        let row = format!("\n| `{name}` | {from} | ");
        needs(
            wire.contains(&row),
            "its row with its sender",
            "docs/protocol.md",
        );
    }

    let known: BTreeSet<_> = Cue::ALL.map(Cue::as_str).into();
    for (list, place) in [
        (asyncapi, "docs/asyncapi.yaml"),
        (schema, "docs/transcript.schema.json"),
    ] {
        let gone = list
            .into_iter()
            .filter(|name| !known.contains(name.as_str()));
        lacking.extend(gone.map(|name| format!("{place} lists {name}, which is no cue")));
    }
    for (path, catalog) in &words {
        let listed = catalog["cues"].as_object().expect("the words of the cues");
        let gone = listed.keys().filter(|name| !known.contains(name.as_str()));
        lacking.extend(gone.map(|name| format!("{path} has words for {name}, which is no cue")));
    }
    lacking
}

#[test]
fn no_cue_lacks_anything() {
    let lacking = lacking();
    assert!(lacking.is_empty(), "\n{}\n", lacking.join("\n"));
}
