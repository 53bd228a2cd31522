//! The symbols of the timeline. They are the same as on the screens, so a cue looks the same here.

use maud::{Markup, html};

/// The strokes of each symbol on a square of 46; a path that begins with `!` is filled.
const SYMBOLS: [(&str, &[&str]); 20] = [
    (
        "stop",
        &["M14 3h18l11 11v18L32 43H14L3 32V14z", "M15 23h16"],
    ),
    ("ready", &["m6 24 12 12L40 11"]),
    ("slower", &["M23 9 9 23l14 14M38 9 24 23l14 14"]),
    ("more_pressure", &["M23 40V7M8 21 23 6l15 15"]),
    ("ease_up", &["M23 6v33M8 25l15 15 15-15"]),
    ("stay", &["M15 8v30M31 8v30"]),
    ("left", &["M41 23H6M21 8 6 23l15 15"]),
    ("right", &["M5 23h35M25 8l15 15-15 15"]),
    (
        "good",
        &[
            "M23 4a19 19 0 1 1 0 38 19 19 0 0 1 0-38z",
            "M14 27c4.5 7 13.5 7 18 0",
            "M16.5 17.500v.1M29.5 17.500v.1",
        ],
    ),
    (
        "check_in",
        &[
            "M14 15.500a9 9 0 1 1 13.5 7.800c-3.2 1.9-4.5 3.5-4.5 6.7",
            "M23 39.500v.1",
        ],
    ),
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

// Every element is closed. Inside SVG, an element that HTML leaves open takes in everything after it.
/// All symbols and patterns, for use by name.
pub(super) fn definitions() -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                @for (name, paths) in SYMBOLS {
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
        let strokes: usize = SYMBOLS.iter().map(|(_, paths)| paths.len()).sum();
        assert_eq!(markup.matches("></path>").count(), strokes + 2);
        assert_eq!(markup.matches("<path").count(), strokes + 2);
    }
}
