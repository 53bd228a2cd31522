//! Keys as the app understands them. [`super::app`] decides what a key means on each screen. This module
//! decides that stop is stop on every screen.

use super::layout;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tapcue_rules::cue::{Cue, Role};

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Space, Esc, `.` or `b` (which clickers send to blank a screen): stop.
    Stop,
    /// A letter or sign, in lower case, so that caps lock does not disable a cue.
    Char(char),
    /// Enter.
    Enter,
    /// Left arrow.
    Left,
    /// Right arrow.
    Right,
    /// The forward button of a clicker: page down or down.
    Next,
    /// The back button of a clicker: page up or up.
    Back,
    /// Ctrl-C.
    Interrupt,
}

impl Press {
    /// The cue that this key sends for `role`, if any.
    #[must_use]
    pub fn cue(self, role: Role) -> Option<Cue> {
        let mut letter = [0; 4];
        // The names of keys in browsers.
        let name: &str = match self {
            Press::Char(c) => c.encode_utf8(&mut letter),
            Press::Stop => " ",
            Press::Left => "ArrowLeft",
            Press::Right => "ArrowRight",
            Press::Next => "PageDown",
            Press::Back => "PageUp",
            Press::Enter | Press::Interrupt => return None,
        };
        Cue::ALL
            .into_iter()
            .find(|cue| cue.allowed_from(role) && cue.traits().keys.contains(&name))
    }
}

/// The kind of a key event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It went down. On terminals that do not distinguish them, also a repeat.
    Down,
    /// It repeats while it is held down.
    Repeat,
    /// It was released. Few terminals report this.
    Release,
}

/// A key event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The meaning, if any.
    pub means: Option<Press>,
    /// The letter or sign on the key, in lower case, with any modifier.
    pub letter: Option<char>,
    /// The kind of the event.
    pub edge: Edge,
}

impl Key {
    /// The press to act on, if any. For a repeat only a stop counts again, because an extra stop is safe.
    #[must_use]
    pub fn press(self) -> Option<Press> {
        match self.edge {
            Edge::Down => self.means,
            Edge::Repeat => self.means.filter(|press| *press == Press::Stop),
            Edge::Release => None,
        }
    }
}

/// Converts a key event.
#[must_use]
pub fn key(event: &KeyEvent) -> Key {
    let edge = match event.kind {
        KeyEventKind::Press => Edge::Down,
        KeyEventKind::Repeat => Edge::Repeat,
        KeyEventKind::Release => Edge::Release,
    };
    let event = &KeyEvent {
        code: layout::by_place(event.code),
        ..*event
    };
    Key {
        means: means(event),
        letter: event
            .code
            .as_char()
            .map(|letter| letter.to_ascii_lowercase()),
        edge,
    }
}

fn means(event: &KeyEvent) -> Option<Press> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Esc => Press::Stop,
        KeyCode::Char(c) if control => match c.to_ascii_lowercase() {
            'c' => Press::Interrupt,
            _ => return None,
        },
        KeyCode::Char(' ' | '.' | 'b' | 'B') => Press::Stop,
        KeyCode::Char(c) => Press::Char(c.to_ascii_lowercase()),
        KeyCode::Enter => Press::Enter,
        KeyCode::Left => Press::Left,
        KeyCode::Right => Press::Right,
        KeyCode::PageDown | KeyCode::Down => Press::Next,
        KeyCode::PageUp | KeyCode::Up => Press::Back,
        KeyCode::Backspace
        | KeyCode::Home
        | KeyCode::End
        | KeyCode::Tab
        | KeyCode::BackTab
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::F(_)
        | KeyCode::Null
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: KeyCode, modifiers: KeyModifiers) -> Option<Press> {
        key(&KeyEvent::new(code, modifiers)).press()
    }

    #[test]
    fn every_stop_key_is_stop_whatever_is_held_with_it() {
        for code in [
            KeyCode::Esc,
            KeyCode::Char(' '),
            KeyCode::Char('.'),
            KeyCode::Char('b'),
            KeyCode::Char('B'),
            KeyCode::Char('。'),
            KeyCode::Char('．'),
            KeyCode::Char('\u{3000}'),
            KeyCode::Char('\u{a0}'),
            KeyCode::Char('и'),
        ] {
            for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::ALT] {
                assert_eq!(of(code, modifiers), Some(Press::Stop), "{code:?}");
            }
        }
        assert_eq!(of(KeyCode::Esc, KeyModifiers::CONTROL), Some(Press::Stop));
    }

    #[test]
    fn a_released_key_is_nothing_and_a_held_one_only_stops() {
        let held =
            |code, kind| key(&KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind)).press();
        assert_eq!(held(KeyCode::Esc, KeyEventKind::Release), None);
        assert_eq!(held(KeyCode::Esc, KeyEventKind::Repeat), Some(Press::Stop));
        assert_eq!(held(KeyCode::Char('s'), KeyEventKind::Repeat), None);
    }

    #[test]
    fn capitals_and_control() {
        assert_eq!(
            of(KeyCode::Char('S'), KeyModifiers::SHIFT),
            Some(Press::Char('s'))
        );
        assert_eq!(
            of(KeyCode::Char('c'), KeyModifiers::CONTROL),
            Some(Press::Interrupt)
        );
        assert_eq!(of(KeyCode::Char('s'), KeyModifiers::CONTROL), None);
    }
}
