//! Fingers on a page's screen: real touches, made by the browser from where a finger would be.

use std::time::Duration;

use fantoccini::actions::{InputSource, PointerAction, TouchActions};

use super::Page;

/// The left button of a mouse, and the only one of a finger.
const TOUCH: u64 = 0;

impl Page {
    /// One finger goes along these points, in CSS pixels, each after `step`; it rests for `rest`
    /// before it lifts.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn finger(&self, points: &[(f64, f64)], step: Duration, rest: Duration) {
        let mut finger = TouchActions::new("finger".into());
        for (index, &(x, y)) in points.iter().enumerate() {
            let duration = Some(if index == 0 { Duration::ZERO } else { step });
            finger = finger.then(PointerAction::MoveTo { duration, x, y });
            if index == 0 {
                finger = finger.then(PointerAction::Down { button: TOUCH });
            }
        }
        let finger = finger
            .then(PointerAction::Pause { duration: rest })
            .then(PointerAction::Up { button: TOUCH });
        let done = self.client.perform_actions(finger).await;
        done.unwrap_or_else(|error| panic!("{}: a finger: {error}", self.name));
    }
}
