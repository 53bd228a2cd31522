//! The colours: the sixteen that every terminal has. A colour is never the only sign of anything.

use ratatui::style::{Color, Modifier, Style};
use tapcue_rules::cue::Colour;

/// Black and white of the 256 colours, which no theme changes, so a camera can read the QR code.
pub const INK: Color = Color::Indexed(16);
/// White, the same way.
pub const PAPER: Color = Color::Indexed(231);

/// Whether colours are drawn at all. Without them it is unknown which of ink and paper is darker.
#[must_use]
pub fn has_colours() -> bool {
    let is_dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !crossterm::style::Colored::ansi_color_disabled_memoized() && !is_dumb()
}

/// A colour with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Stop, and every hold.
    Red,
    /// Slower, ease up, and a late link.
    Amber,
    /// More pressure.
    Blue,
    /// Stay.
    Violet,
    /// Go.
    Green,
    /// A question, a direction.
    White,
    /// No meaning.
    Plain,
}

impl Tone {
    /// The tone of a cue's colour. The terminal has no grey that can be told from its ground.
    #[must_use]
    pub const fn of(colour: Colour) -> Self {
        match colour {
            Colour::Stop => Tone::Red,
            Colour::Go => Tone::Green,
            Colour::Slow => Tone::Amber,
            Colour::More => Tone::Blue,
            Colour::Stay => Tone::Violet,
            Colour::Dir | Colour::Ask => Tone::White,
        }
    }

    /// The background.
    #[must_use]
    pub const fn background(self) -> Color {
        match self {
            Tone::Red => Color::Red,
            Tone::Amber => Color::Yellow,
            Tone::Blue => Color::Blue,
            Tone::Violet => Color::Magenta,
            Tone::Green => Color::Green,
            Tone::White => Color::White,
            Tone::Plain => Color::Black,
        }
    }

    /// Text on a surface of this tone.
    #[must_use]
    pub const fn on(self) -> Style {
        let text = match self {
            Tone::Red | Tone::Blue | Tone::Violet | Tone::Plain => Color::White,
            Tone::Amber | Tone::Green | Tone::White => Color::Black,
        };
        Style::new().fg(text).bg(self.background())
    }

    /// Strong text on a surface of this tone.
    #[must_use]
    pub const fn strong(self) -> Style {
        self.on().add_modifier(Modifier::BOLD)
    }
}
