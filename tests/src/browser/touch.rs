//! Fingers on a page's screen: real touches, made by the browser from where a finger would be. Only
//! Chromium has a touch screen here; [`Page::pointer_down`] is for every engine.

use std::time::Duration;

use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MouseActions, PointerAction, TouchActions,
};

use super::{Engine, Page};

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
        done.unwrap_or_else(|error| panic!("{}: a finger: {error}", self.name()));
    }
    /// A finger comes down at `at`, in CSS pixels, rests, and stays until [`Page::lift_all`].
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn finger_down(&self, at: (f64, f64), rest: Duration) {
        let finger = down("finger", at).then(PointerAction::Pause { duration: rest });
        self.act("a finger that stays", finger).await;
    }

    /// What points in this engine comes down at `at`, in CSS pixels, rests, and stays until
    /// [`Page::pointer_up`]: a finger in Chromium, the mouse's button in the others.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn pointer_down(&self, at: (f64, f64), rest: Duration) {
        match self.engine() {
            Engine::Chromium => self.finger_down(at, rest).await,
            Engine::Firefox | Engine::WebKit => {
                let (x, y) = at;
                let duration = Some(Duration::ZERO);
                let mouse = MouseActions::new("mouse".into())
                    .then(PointerAction::MoveTo { duration, x, y })
                    .then(PointerAction::Down { button: TOUCH })
                    .then(PointerAction::Pause { duration: rest });
                self.act("a button that stays", mouse).await;
            }
        }
    }

    /// Lifts what [`Page::pointer_down`] put down.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn pointer_up(&self) {
        match self.engine() {
            Engine::Chromium => self.lift_all().await,
            // WebKit's server releases no button of its own accord.
            Engine::Firefox | Engine::WebKit => {
                let mouse =
                    MouseActions::new("mouse".into()).then(PointerAction::Up { button: TOUCH });
                self.act("a button that lifts", mouse).await;
            }
        }
    }

    /// One finger comes down and stays until [`Page::lift_all`]; a second one taps after `later`.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn second_finger(&self, first: (f64, f64), later: Duration, second: (f64, f64)) {
        let wait = |finger: TouchActions, duration| finger.then(PointerAction::Pause { duration });
        // Each does one thing at a time, the other waits for it.
        let first = wait(down("finger", first), later);
        let mut other = TouchActions::new("second".into());
        for _ in 0..2 {
            other = wait(other, Duration::ZERO);
        }
        let (x, y) = second;
        let duration = Some(Duration::ZERO);
        let other = wait(other, later)
            .then(PointerAction::MoveTo { duration, x, y })
            .then(PointerAction::Down { button: TOUCH })
            .then(PointerAction::Up { button: TOUCH });
        self.act("two fingers", Actions::from(first).and(other))
            .await;
    }

    /// A key goes down, rests, and stays until [`Page::key_up`].
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn key_down(&self, value: char, rest: Duration) {
        let keys = KeyActions::new("keys".into())
            .then(KeyAction::Down { value })
            .then(KeyAction::Pause { duration: rest });
        self.act("a key that stays", keys).await;
    }

    /// Lets go of a key.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn key_up(&self, value: char) {
        let keys = KeyActions::new("keys".into()).then(KeyAction::Up { value });
        self.act("a key let go", keys).await;
    }

    /// Lifts every finger and key that is down.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn lift_all(&self) {
        let done = self.client.release_actions().await;
        done.unwrap_or_else(|error| panic!("{}: lifting: {error}", self.name()));
    }

    async fn act(&self, what: &str, actions: impl Into<Actions>) {
        let done = self.client.perform_actions(actions).await;
        done.unwrap_or_else(|error| panic!("{}: {what}: {error}", self.name()));
    }
}

fn down(name: &str, (x, y): (f64, f64)) -> TouchActions {
    let duration = Some(Duration::ZERO);
    TouchActions::new(name.into())
        .then(PointerAction::MoveTo { duration, x, y })
        .then(PointerAction::Down { button: TOUCH })
}
