//! A QR code for a terminal, with its colours set explicitly.

use std::fmt::Write as _;

use qrcode::types::QrError;

use super::qr_modules;

/// Light modules around the code, as the standard requires (ISO/IEC 18004, 4 on each side).
const QUIET: usize = 4;

/// The colours that a terminal supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// No colours can be set, and it is unknown whether text or background is the darker one.
    None,
    /// 16 named colours, whose shades depend on the theme.
    Sixteen,
    /// 256, of which 16 and 231 are black and white in every theme.
    Many,
}

impl Colours {
    /// The colours of the terminal on standard output, according to its environment.
    #[must_use]
    pub fn of_terminal(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let many = term.contains("256color") || set("COLORTERM") || set("WT_SESSION");
        match (is_terminal, set("NO_COLOR") || term == "dumb", many) {
            (false, ..) | (_, true, _) => Colours::None,
            (true, false, true) => Colours::Many,
            (true, false, false) => Colours::Sixteen,
        }
    }

    /// The codes for dark and for light, each as text and as background colour.
    fn codes(self) -> Option<[[&'static str; 2]; 2]> {
        match self {
            Colours::None => None,
            Colours::Sixteen => Some([["30", "40"], ["97", "107"]]),
            Colours::Many => Some([["38;5;16", "48;5;16"], ["38;5;231", "48;5;231"]]),
        }
    }
}

/// The QR code of a text, black on white, two modules per character, with colours set for each. None if the
/// terminal has no colours.
///
/// # Errors
/// The text is too long for a QR code.
pub fn qr_picture(text: &str, colours: Colours) -> Result<Option<String>, QrError> {
    let (modules, size) = qr_modules(text)?;
    let size = usize::from(size);
    let Some([dark, light]) = colours.codes() else {
        return Ok(None);
    };
    let modules = modules.as_bytes();
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| (QUIET..QUIET + size).contains(&at);
        inside(x) && inside(y) && modules[(y - QUIET) * size + x - QUIET] == b'1'
    };
    let side = size + 2 * QUIET;
    let mut out = String::new();
    for y in (0..side).step_by(2) {
        for x in 0..side {
            let code = |is_dark: bool| if is_dark { dark } else { light };
            let (above, below) = (code(is_dark(x, y)), code(is_dark(x, y + 1)));
            // A write to a `String` does not fail.
            let _ = write!(out, "\u{1b}[{};{}m▀", above[0], below[1]);
        }
        out.push_str("\u{1b}[0m\n");
    }
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_that_the_terminal_has() {
        let of = |is_terminal, set: &[(&str, &str)]| {
            let value = |name: &str| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Colours::of_terminal(is_terminal, value)
        };
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(of(true, &[xterm]), Colours::Many);
        assert_eq!(of(true, &[("TERM", "linux")]), Colours::Sixteen);
        assert_eq!(
            of(true, &[("TERM", "xterm"), ("COLORTERM", "truecolor")]),
            Colours::Many
        );
        assert_eq!(of(true, &[xterm, ("NO_COLOR", "1")]), Colours::None);
        assert_eq!(of(true, &[xterm, ("NO_COLOR", "")]), Colours::Many);
        assert_eq!(of(true, &[("TERM", "dumb")]), Colours::None);
        assert_eq!(of(false, &[xterm]), Colours::None);
    }
}
