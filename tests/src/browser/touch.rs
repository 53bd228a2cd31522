//! Fingers on a page's screen: real touches, which the browser makes where a finger would be. Only
//! Chromium has a touch screen here; [`Page::pointer_down`] works in every engine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MouseActions, PenActions, PointerAction,
    TouchActions,
};
use serde_json::{Value, json};

use super::{Engine, Page};

/// The number of a mouse's left button, which a finger has too.
const TOUCH: u64 = 0;

/// How long a finger stays down for a tap.
pub(super) const TAP: Duration = Duration::from_millis(40);

/// How long a control must stand still before a person can mean it, in milliseconds: 450 ms, and the
/// time that a page takes to look. Source: docs/safety.md, rule 10.
const SETTLED_MS: u64 = 550;

/// A script that waits until an element stands still, and a control until it has done so for a while. It
/// returns the element's middle, or null if the element is gone or covered.
const PLACE: &str = "
    const [css, settled] = arguments;
    const element = [...document.querySelectorAll(css)].find((it) => it.checkVisibility());
    if (!element) return null;
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const control = element.matches('button, .held-surface') && element.id !== 'stop';
    const wait = control ? settled : 0;
    const box = () => element.getBoundingClientRect();
    const place = () => { const it = box(); return [it.left, it.top, it.width, it.height].map(Math.round).join(); };
    return new Promise((done) => {
        let was = place();
        let since = performance.now();
        const look = () => {
            const it = box();
            if (place() !== was) { was = place(); since = performance.now(); }
            if (it.width === 0) return done(null);
            if (performance.now() - since < wait) return requestAnimationFrame(look);
            const [x, y] = [it.left + it.width / 2, it.top + it.height / 2].map(Math.round);
            const top = document.elementFromPoint(x, y);
            const reached = element.contains(top) || top?.closest('label')?.contains(element);
            done(reached ? [x, y] : null);
        };
        look();
    });
";

/// What a person points with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A finger, in Chromium only.
    Finger,
    /// The left button of a mouse.
    Mouse,
    /// A pen.
    Pen,
}

impl Hand {
    /// What people use in this engine: a finger if there is a touch screen, or else a mouse.
    #[must_use]
    pub fn of(engine: Engine) -> Self {
        match engine {
            Engine::Chromium => Self::Finger,
            Engine::Firefox | Engine::WebKit => Self::Mouse,
        }
    }
}

impl Page {
    /// Where a tap on the element that matches lands, in CSS pixels, once a person can mean it. `None`
    /// if the element is gone or covered.
    pub async fn place(&self, css: &str) -> Option<(f64, f64)> {
        let at = self.run(PLACE, vec![json!(css), json!(SETTLED_MS)]).await;
        let axis = |index: usize| at.get(index).and_then(Value::as_f64);
        axis(0).zip(axis(1))
    }

    /// Presses once at `at`, in CSS pixels, and lifts after `rest`.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn point(&self, hand: Hand, at: (f64, f64), rest: Duration) {
        self.taps(hand, at, &[rest]).await;
    }

    /// Presses at one place, in CSS pixels, once for each of `rests`. Each press lasts that long, and so
    /// does the pause after it.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn taps(&self, hand: Hand, (x, y): (f64, f64), rests: &[Duration]) {
        let duration = Some(Duration::ZERO);
        let mut presses = vec![PointerAction::MoveTo { duration, x, y }];
        for &duration in rests {
            presses.push(PointerAction::Down { button: TOUCH });
            presses.push(PointerAction::Pause { duration });
            presses.push(PointerAction::Up { button: TOUCH });
            if rests.len() > 1 {
                presses.push(PointerAction::Pause { duration });
            }
        }
        let each = presses.into_iter();
        let actions: Actions = match hand {
            Hand::Finger => each
                .fold(TouchActions::new("finger".into()), InputSource::then)
                .into(),
            Hand::Mouse => each
                .fold(MouseActions::new("mouse".into()), InputSource::then)
                .into(),
            Hand::Pen => each
                .fold(PenActions::new("pen".into()), InputSource::then)
                .into(),
        };
        self.act("a press", actions).await;
    }

    /// Touches one place twice, in CSS pixels. The browser is told when each finger came down, because
    /// on a busy machine it handles touches later, as it does a person's.
    ///
    /// # Panics
    /// When the browser does not do it, or reports other times to the page. Only Chromium can do it.
    pub async fn tap_twice(&self, (x, y): (f64, f64), apart: Duration) {
        let watch = "window.downs ??= (addEventListener('pointerdown', ({ timeStamp }) => downs.push(timeStamp), true), []);
            window.downs.length = 0;";
        let _ = self.run(watch, vec![]).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let began = now.expect("a time after 1970").as_secs_f64();
        let start = tokio::time::Instant::now();
        for n in 0..4 {
            let after = apart * n / 2;
            tokio::time::sleep_until(start + after).await;
            let timestamp = began + after.as_secs_f64();
            let (kind, points) = if n % 2 == 0 {
                ("touchStart", json!([{"x": x, "y": y}]))
            } else {
                ("touchEnd", json!([]))
            };
            let touch = json!({"type": kind, "touchPoints": points, "timestamp": timestamp});
            let _ = self.devtools("Input.dispatchTouchEvent", touch).await;
        }
        let between = self.run("return downs[1] - downs[0];", vec![]).await;
        let between = between.as_f64().expect("two fingers down");
        let asked = apart.as_secs_f64() * 1_000.0;
        assert!(
            (between - asked).abs() < 5.0,
            "{between} ms apart for {asked}"
        );
    }

    /// Presses a key, repeats it as a held key does, and releases it.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn hold_key(&self, value: char, repeats: usize, every: Duration) {
        let mut keys = KeyActions::new("keys".into());
        for _ in 0..=repeats {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Pause { duration: every });
        }
        self.act("a held key", keys.then(KeyAction::Up { value }))
            .await;
    }

    /// Moves one finger along these points, in CSS pixels, with `step` between them. It rests for `rest`
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
    /// Puts a finger down at `at`, in CSS pixels, and waits for `rest`. It stays down until
    /// [`Page::lift_all`].
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn finger_down(&self, at: (f64, f64), rest: Duration) {
        let finger = down("finger", at).then(PointerAction::Pause { duration: rest });
        self.act("a finger that stays", finger).await;
    }

    /// Puts this engine's pointer down at `at`, in CSS pixels, and waits for `rest`. It is a finger in
    /// Chromium and the mouse button in the others, and stays down until [`Page::pointer_up`].
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
            // WebKit's server does not release a button by itself.
            Engine::Firefox | Engine::WebKit => {
                let mouse =
                    MouseActions::new("mouse".into()).then(PointerAction::Up { button: TOUCH });
                self.act("a button that lifts", mouse).await;
            }
        }
    }

    /// Puts one finger down until [`Page::lift_all`], and taps with a second one after `later`.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn second_finger(&self, first: (f64, f64), later: Duration, second: (f64, f64)) {
        let wait = |finger: TouchActions, duration| finger.then(PointerAction::Pause { duration });
        // Each finger acts one step at a time, and the other one waits meanwhile.
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

    /// Presses a key and waits for `rest`. The key stays down until [`Page::key_up`].
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn key_down(&self, value: char, rest: Duration) {
        let keys = KeyActions::new("keys".into())
            .then(KeyAction::Down { value })
            .then(KeyAction::Pause { duration: rest });
        self.act("a key that stays", keys).await;
    }

    /// Releases a key.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn key_up(&self, value: char) {
        let keys = KeyActions::new("keys".into()).then(KeyAction::Up { value });
        self.act("a key let go", keys).await;
    }

    /// Lifts every finger and releases every key that is down.
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
