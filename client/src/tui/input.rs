//! Keys, as the app understands them. What a key means on which screen is [`super::app`]'s to say;
//! that stop is stop on every screen is settled here.

use super::layout;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Space, Esc, `.` or `b` (what clickers send to blank a screen): stop.
    Stop,
    /// A letter or sign, in lower case: a caps lock must not take a cue away.
    Char(char),
    /// Enter.
    Enter,
    /// Left arrow.
    Left,
    /// Right arrow.
    Right,
    /// The clicker's button for "on": page down or down.
    Next,
    /// The clicker's button for "back": page up or up.
    Back,
    /// Ctrl-C.
    Interrupt,
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It went down, or, where terminals do not tell these apart, repeats.
    Down,
    /// It repeats, held down.
    Repeat,
    /// It was released. Few terminals report that.
    Release,
}

/// A key, and what happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it means, if anything.
    pub means: Option<Press>,
    /// The letter or sign on it, in lower case, whatever is held with it.
    pub letter: Option<char>,
    /// What happened to it.
    pub edge: Edge,
}

impl Key {
    /// What was pressed by this, if anything. Of a key that is held down only a stop counts again:
    /// doing it once too often is the safe side.
    #[must_use]
    pub fn press(self) -> Option<Press> {
        match self.edge {
            Edge::Down => self.means,
            Edge::Repeat => self.means.filter(|press| *press == Press::Stop),
            Edge::Release => None,
        }
    }
}

/// What a key event is.
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
