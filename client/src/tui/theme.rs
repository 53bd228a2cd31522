//! The colours: the sixteen that every terminal has. Never the only sign of anything.

use ratatui::style::{Color, Modifier, Style};

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
    /// Nothing in particular.
    Plain,
}

impl Tone {
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
