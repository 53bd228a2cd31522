//! The symbols of cues and states: one character, one picture of 14 × 14 pixels.

use tapcue_rules::cue::Cue;

use super::Bitmap;

/// The symbols. Each has one colour and one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// An octagon with a bar: stop.
    Octagon,
    /// An open hand: held for another reason.
    Hand,
    /// Chevrons to the left: slower.
    Chevrons,
    /// An arrow down: ease up.
    Down,
    /// An arrow up: more pressure.
    Up,
    /// Two bars: stay.
    Bars,
    /// Left side.
    Left,
    /// Right side.
    Right,
    /// A tick: go, and good.
    Tick,
    /// A question.
    Question,
    /// A broken link.
    Broken,
}

impl Symbol {
    /// The symbol of a cue.
    #[must_use]
    pub const fn of(cue: Cue) -> Self {
        match cue {
            Cue::Stop => Symbol::Octagon,
            Cue::Ready | Cue::Good => Symbol::Tick,
            Cue::Slower => Symbol::Chevrons,
            Cue::MorePressure => Symbol::Up,
            Cue::EaseUp => Symbol::Down,
            Cue::Stay => Symbol::Bars,
            Cue::Left => Symbol::Left,
            Cue::Right => Symbol::Right,
            Cue::CheckIn => Symbol::Question,
        }
    }

    /// The symbol as one character of plain text.
    #[must_use]
    pub const fn char(self) -> char {
        match self {
            Symbol::Octagon => '⊖',
            Symbol::Hand => '⊘',
            Symbol::Chevrons => '«',
            Symbol::Down => '↓',
            Symbol::Up => '↑',
            Symbol::Bars => '‖',
            Symbol::Left => '←',
            Symbol::Right => '→',
            Symbol::Tick => '✓',
            Symbol::Question => '?',
            Symbol::Broken => '≠',
        }
    }

    /// The symbol as a picture of 14 × 14 pixels: 14 columns, 7 rows.
    #[must_use]
    pub fn picture(self) -> Bitmap {
        let art = match self {
            Symbol::Octagon => OCTAGON,
            Symbol::Hand => HAND,
            Symbol::Chevrons => CHEVRONS,
            Symbol::Down => return Self::Up.picture().upside_down(),
            Symbol::Up => UP,
            Symbol::Bars => BARS,
            Symbol::Left => return Self::Right.picture().mirrored(),
            Symbol::Right => RIGHT,
            Symbol::Tick => TICK,
            Symbol::Question => return Bitmap::word("?", 2),
            Symbol::Broken => BROKEN,
        };
        Bitmap::art(art)
    }
}

const OCTAGON: [&str; 14] = [
    "....######....",
    "...########...",
    "..##########..",
    ".############.",
    "##############",
    "##############",
    "##..........##",
    "##..........##",
    "##############",
    "##############",
    ".############.",
    "..##########..",
    "...########...",
    "....######....",
];

const HAND: [&str; 14] = [
    "......#.......",
    "...#.##.#.....",
    "..##.##.##....",
    "..##.##.##.#..",
    "..##.##.##.##.",
    "..##.##.##.##.",
    "..##.##.##.##.",
    "#.##########..",
    "############..",
    ".###########..",
    "..##########..",
    "..##########..",
    "...########...",
    "....######....",
];

const CHEVRONS: [&str; 14] = [
    ".....##.....##",
    "....##.....##.",
    "...##.....##..",
    "..##.....##...",
    ".##.....##....",
    "##.....##.....",
    "##.....##.....",
    "##.....##.....",
    "##.....##.....",
    ".##.....##....",
    "..##.....##...",
    "...##.....##..",
    "....##.....##.",
    ".....##.....##",
];

const UP: [&str; 14] = [
    "......##......",
    ".....####.....",
    "....######....",
    "...########...",
    "..##########..",
    ".############.",
    "##############",
    ".....####.....",
    ".....####.....",
    ".....####.....",
    ".....####.....",
    ".....####.....",
    ".....####.....",
    ".....####.....",
];

const RIGHT: [&str; 14] = [
    "..............",
    ".......#......",
    ".......##.....",
    ".......###....",
    ".......####...",
    "############..",
    "#############.",
    "#############.",
    "############..",
    ".......####...",
    ".......###....",
    ".......##.....",
    ".......#......",
    "..............",
];

const BARS: [&str; 14] = [
    "..............",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..###....###..",
    "..............",
];

const TICK: [&str; 14] = [
    "..............",
    "............##",
    "...........###",
    "..........###.",
    ".........###..",
    "........###...",
    ".......###....",
    "##....###.....",
    "###..###......",
    ".######.......",
    "..####........",
    "...##.........",
    "..............",
    "..............",
];

const BROKEN: [&str; 14] = [
    "..........###.",
    ".........#..##",
    "........#....#",
    ".........#...#",
    "...#.......##.",
    "....#.....##..",
    ".....#........",
    "........#.....",
    "..##.....#....",
    ".##.......#...",
    "#...#.........",
    "#....#........",
    "##..#.........",
    ".###..........",
];
