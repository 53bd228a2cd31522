//! What a page showed and sounded, with the wall clock's time: every change of what it showed, and every
//! call that made it heard or felt.

use serde_json::Value;

use super::Page;

/// A script that notes every change of what the page shows.
const OBSERVE: &str = "
    if (window.tapcueSeen) return;
    const seen = window.tapcueSeen = [];
    const visible = (element) => element.checkVisibility();
    const note = () => {
        const { screen, go, tone, alarm } = document.body.dataset;
        const colours = [...document.querySelectorAll('[data-colour]')].filter(visible);
        const now = {
            screen, go, tone: tone ?? null, alarm: alarm ?? null,
            colours: colours.map((element) => element.dataset.colour),
        };
        const text = JSON.stringify(now);
        if (seen.at(-1)?.text !== text) seen.push({ at: Date.now(), text, ...now });
    };
    new MutationObserver(note).observe(document.body, {
        subtree: true, childList: true, attributes: true,
        attributeFilter: [
            'data-screen', 'data-go', 'data-tone', 'data-alarm', 'data-colour', 'hidden',
        ],
    });
    note();
";

/// A script that notes every touch, and every call by which a page makes itself heard or felt. It notes
/// each call and then lets it go on.
const LISTEN: &str = "
    if (window.tapcueHeard) return;
    const heard = window.tapcueHeard = [];
    const note = (kind, what) => heard.push({ at: Date.now(), kind, what: String(what) });
    const wrap = (owner, name, before) => {
        const real = owner[name];
        owner[name] = function (...args) {
            before(this, ...args);
            return real.apply(this, args);
        };
    };
    wrap(AudioScheduledSourceNode.prototype, 'start', (node) => {
        if (node instanceof OscillatorNode) note('tone', Math.round(node.frequency.value));
    });
    if ('speechSynthesis' in window) {
        wrap(SpeechSynthesis.prototype, 'speak', (speech, words) => {
            if (words.volume > 0) note('words', words.text);
        });
    }
    if ('vibrate' in navigator) {
        wrap(Navigator.prototype, 'vibrate', (device, pattern) => note('buzz', pattern));
    }
    addEventListener('pointerdown', ({ target }) => {
        const { cue, action } = target.closest?.('[data-cue], [data-action]')?.dataset ?? {};
        note('touch', cue ?? action ?? '');
    }, { capture: true });
";

/// Tones that begin within this time of each other are one tune, in milliseconds: a page asks for all
/// notes of a tune at once.
const ONE_TUNE_MS: u64 = 50;

/// What a page showed from a moment on.
#[derive(Clone, Debug)]
pub struct Shown {
    /// When this began, on the wall clock, in milliseconds since the Unix epoch.
    pub at: u64,
    /// `data-screen` of the body.
    pub screen: String,
    /// `data-tone` of the body: the background colour.
    pub tone: String,
    /// `data-alarm` of the body: the alarm that sounds, or empty.
    pub alarm: String,
    /// Whether go was shown.
    pub go: bool,
    /// `data-colour` of the visible elements.
    pub colours: Vec<String>,
}

impl Shown {
    /// Whether a colour was visible.
    #[must_use]
    pub fn is_coloured(&self, colour: &str) -> bool {
        self.colours.iter().any(|shown| shown == colour)
    }
}

/// The kind of what was heard, felt or touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A note of a tune; `what` is its frequency in hertz.
    Tone,
    /// Speech; `what` is the words.
    Words,
    /// Vibration; `what` is the pattern.
    Buzz,
    /// A touch; `what` is the cue or action that was touched.
    Touch,
}

/// One thing that was heard, felt or touched.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When, on the wall clock, in milliseconds since the Unix epoch.
    pub at: u64,
    /// Its kind.
    pub kind: Kind,
    /// Its details, as [`Kind`] describes them.
    pub what: String,
}

impl Page {
    /// Notes what the page shows and sounds from now on. It must be called again after each reload.
    pub async fn observe(&self) {
        let _ = self.run(OBSERVE, vec![]).await;
        let _ = self.run(LISTEN, vec![]).await;
    }

    /// Every change so far of what the page shows.
    pub async fn shown(&self) -> Vec<Shown> {
        let seen = self.run("return window.tapcueSeen;", vec![]).await;
        let colours = |value: &Value| value.as_array().into_iter().flatten().map(text).collect();
        let seen = seen.as_array().into_iter().flatten();
        seen.map(|shown| Shown {
            at: shown["at"].as_u64().unwrap_or(0),
            screen: text(&shown["screen"]),
            tone: text(&shown["tone"]),
            alarm: text(&shown["alarm"]),
            go: shown["go"] == "true",
            colours: colours(&shown["colours"]),
        })
        .collect()
    }

    /// What was heard, felt and touched on the page so far.
    pub async fn heard(&self) -> Vec<Heard> {
        let heard = self.run("return window.tapcueHeard;", vec![]).await;
        let heard = heard.as_array().into_iter().flatten();
        heard
            .map(|heard| Heard {
                at: heard["at"].as_u64().unwrap_or(0),
                kind: match heard["kind"].as_str() {
                    Some("tone") => Kind::Tone,
                    Some("words") => Kind::Words,
                    Some("buzz") => Kind::Buzz,
                    _ => Kind::Touch,
                },
                what: text(&heard["what"]),
            })
            .collect()
    }

    /// When each tune began, from `from` on, on the wall clock in milliseconds.
    pub async fn tunes(&self, from: u64) -> Vec<u64> {
        let mut last = 0;
        let heard = self.heard().await.into_iter();
        let tones = heard.filter(|heard| heard.kind == Kind::Tone && heard.at >= from);
        tones
            .filter_map(|tone| {
                let new = tone.at - last > ONE_TUNE_MS;
                last = tone.at;
                new.then_some(tone.at)
            })
            .collect()
    }

    /// When a cue or action was last touched, on the wall clock in milliseconds.
    ///
    /// # Panics
    /// When there was none.
    pub async fn touched(&self, what: &str) -> u64 {
        let heard = self.heard().await.into_iter().rev();
        let touch = heard
            .filter(|heard| heard.kind == Kind::Touch)
            .find(|heard| heard.what == what);
        touch.unwrap_or_else(|| panic!("no touch of {what}")).at
    }

    /// When the page first satisfied `is`, from `from` on, on the wall clock in milliseconds.
    ///
    /// # Panics
    /// When it never did.
    pub async fn first_shown(&self, from: u64, what: &str, is: impl Fn(&Shown) -> bool) -> u64 {
        let shown = self.shown().await;
        let first = shown.iter().find(|shown| shown.at >= from && is(shown));
        let Some(first) = first else {
            panic!("{what} among {shown:#?}");
        };
        first.at
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}
