//! The symbols of the timeline. They are the same as on the screens, so a cue looks the same here.

use maud::{Markup, html};

use tapcue_rules::cue::{Colour, Cue};

/// The symbols that are of no cue. A path that begins with `!` is filled.
const OTHERS: [(&str, &[&str]); 10] = [
    ("thumb_down", &["M23 5v20M14 17l9 9 9-9", "M8 39h30"]),
    ("thumb_lifted", &["M23 28V7M14 15l9-9 9 9", "M8 39h30"]),
    (
        "hands_off",
        &["M18 23H5M12 14 4 23l8 9M28 23h13M34 14l8 9-8 9"],
    ),
    (
        "seen",
        &[
            "M4 23c5-9 12-13 19-13s14 4 19 13c-5 9-12 13-19 13S9 32 4 23z",
            "!M16.5 23a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0",
        ],
    ),
    (
        "confirmed",
        &["M8 12l4 4 7-8M8 33l4 4 7-8M26 13h14M26 34h14"],
    ),
    ("joined", &["M23 8v30M8 23h30"]),
    ("connected", &["M38 14A18 18 0 1 0 41 25M39 5v11H28"]),
    ("restarted", &["M26 4 11 26h11l-3 16 16-23H24z"]),
    ("ended", &["!M11 11h24v24H11z"]),
    ("flag", &["!M12 4h24v34l-12-8-12 8z"]),
];

/// Every symbol by its name.
fn symbols() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let cues = Cue::ALL.into_iter();
    cues.map(|cue| (cue.as_str(), cue.traits().strokes))
        .chain(OTHERS)
}

/// The marks that are of no cue and have the colour of one.
const COLOURED: [(&str, Colour); 8] = [
    ("thumb_lifted", Colour::Stop),
    ("thumb_down", Colour::Go),
    ("hands_off", Colour::Ask),
    ("confirmed", Colour::Ask),
    ("joined", Colour::Ask),
    ("connected", Colour::Ask),
    ("restarted", Colour::Ask),
    ("ended", Colour::Ask),
];

/// The rules of the style sheet that give each mark its colour.
pub(super) fn colours() -> String {
    let cues = Cue::ALL.into_iter();
    let marks = cues
        .map(|cue| (cue.as_str(), cue.traits().colour))
        .chain(COLOURED);
    marks.map(|(mark, colour)| rules(mark, colour)).collect()
}

fn rules(mark: &str, colour: Colour) -> String {
    let fill = colour.as_str();
    match colour {
        Colour::Stop | Colour::Go | Colour::More | Colour::Stay | Colour::Dir => {
            format!(".mark.{mark} rect {{ fill: var(--{fill}); }}\n")
        }
        Colour::Slow => format!(
            ".mark.{mark} rect {{ fill: var(--slow); }}\n.mark.{mark} {{ color: var(--on-slow); }}\n"
        ),
        Colour::Ask => format!(
            ".mark.{mark} rect {{ fill: var(--plain); stroke: var(--dir); stroke-width: 1; }}\n\
             .mark.{mark} {{ color: #12161b; }}\n"
        ),
    }
}

// Every element is closed. Inside SVG, an element that HTML leaves open takes in everything after it.
/// All symbols and patterns, for use by name.
pub(super) fn definitions() -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                @for (name, paths) in symbols() {
                    symbol id=(format!("s-{name}")) viewBox="0 0 46 46" {
                        @for path in paths {
                            @if let Some(path) = path.strip_prefix('!') {
                                path.filled d=(path) {}
                            } @else {
                                path d=(path) {}
                            }
                        }
                    }
                }
                pattern id="p-held" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    path d="M0 0v7" stroke-width="3.5" {}
                }
                pattern id="p-gone" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)" {
                    path d="M0 0v5" stroke-width="2.5" {}
                }
                pattern id="p-late" width="6" height="6" patternUnits="userSpaceOnUse" {
                    circle cx="3" cy="3" r="1.2" {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stroke_of_a_symbol_is_drawn() {
        let markup = definitions().into_string();
        let strokes: usize = symbols().map(|(_, paths)| paths.len()).sum();
        assert_eq!(markup.matches("></path>").count(), strokes + 2);
        assert_eq!(markup.matches("<path").count(), strokes + 2);
    }

    #[test]
    fn every_cue_has_its_colour_in_the_style_sheet() {
        let style = super::super::style();
        for cue in Cue::ALL {
            let (mark, colour) = (cue.as_str(), cue.traits().colour);
            assert_eq!(style.matches(&rules(mark, colour)).count(), 1, "{mark}");
        }
        let (before, after) = style.split_once(&colours()).expect("the colours");
        assert!(before.contains(".mark rect") && after.contains(".mark.untaken rect"));
    }
}
