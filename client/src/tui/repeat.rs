//! Detects a key that is held down, where the terminal does not distinguish repeats from presses.

use std::collections::VecDeque;

use tapcue_rules::time::Millis;

use super::held_key::FIRST_REPEAT_MS;
use super::input::Press;

/// How many keys are remembered; then the oldest is dropped. Only the key that went down last repeats.
const KEYS_AT_MOST: usize = 8;

/// When each key was last pressed.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    heard: VecDeque<(Press, Millis)>,
}

impl Repeats {
    /// Whether this press may be a repeat: the same key was pressed less than [`FIRST_REPEAT_MS`] ago. Every
    /// press restarts that time, so a key that is held down stays a repeat.
    pub(super) fn is_repeat(&mut self, now: Millis, press: Press) -> bool {
        let before = self.heard.iter().position(|(key, _)| *key == press);
        let before = before.and_then(|at| self.heard.remove(at));
        if self.heard.len() == KEYS_AT_MOST {
            self.heard.pop_front();
        }
        self.heard.push_back((press, now));
        before.is_some_and(|(_, at)| now.since(at) < FIRST_REPEAT_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_held_down_is_one_press_however_long() {
        for pause in [30, 90, 500, 660] {
            let mut repeats = Repeats::default();
            let presses = (0..60_000)
                .step_by(pause)
                .filter(|ms| !repeats.is_repeat(Millis(*ms), Press::Char('r')));
            assert_eq!(presses.count(), 1, "a repeat every {pause} ms");
        }
    }

    #[test]
    fn another_key_is_another_press_and_a_pause_ends_a_hold() {
        let mut repeats = Repeats::default();
        for (at, press, is_repeat) in [
            (0, Press::Enter, false),
            (100, Press::Next, false),
            (699, Press::Enter, true),
            (1_398, Press::Enter, true),
            (2_098, Press::Enter, false),
        ] {
            assert_eq!(
                repeats.is_repeat(Millis(at), press),
                is_repeat,
                "at {at} ms"
            );
        }
    }
}
