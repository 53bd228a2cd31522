//! The events, line by line. Ids are numbered by appearance, because the relay makes random ones.

use std::collections::HashMap;
use std::fmt::Write as _;

use tapcue_rules::limits::RESTART_EPOCH_GAP;
use tapcue_rules::link::View;
use tapcue_rules::message::{ToDevice, ToRelay};

pub(crate) struct Trace {
    pub(crate) text: String,
    on: bool,
    ids: HashMap<String, usize>,
    leaps: HashMap<u64, usize>,
    shown: [String; 2],
}

impl Trace {
    pub(crate) fn new(on: bool) -> Self {
        Self {
            text: String::new(),
            on,
            ids: HashMap::new(),
            leaps: HashMap::new(),
            shown: Default::default(),
        }
    }

    pub(crate) fn line(&mut self, now: u64, what: impl FnOnce() -> String) {
        if self.on {
            let what = self.numbered(&what());
            let what = self.leaps(&what);
            let _ = writeln!(self.text, "{now:>6} {what}");
        }
    }

    pub(crate) fn said(&mut self, now: u64, who: usize, message: &ToRelay) {
        self.line(now, || format!("{who} > {message:?}"));
    }

    pub(crate) fn told(&mut self, now: u64, who: usize, message: &ToDevice) {
        self.line(now, || match message {
            ToDevice::Welcome(welcome) => format!("{who} < welcome {:?}", welcome.state),
            ToDevice::Pairing(_) => format!("{who} < pairing"),
            _ => format!("{who} < {message:?}"),
        });
    }

    pub(crate) fn shows(&mut self, now: u64, who: usize, view: &View) {
        if self.on {
            let View {
                link,
                go,
                stopped,
                alarm,
                ..
            } = view;
            let shown = format!("{who} shows {link:?} go={go} stopped={stopped} {alarm:?}");
            if self.shown[who] != shown {
                self.line(now, || shown.clone());
                self.shown[who] = shown;
            }
        }
    }

    /// Replaces the random jump of a restarted relay's epochs by its number.
    fn leaps(&mut self, text: &str) -> String {
        let mut parts = text.split("epoch: ");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let part = part.strip_prefix("Some(").unwrap_or(part);
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (epoch, rest) = part.split_at(digits);
            let epoch: u64 = epoch.parse().unwrap_or(0);
            let (leap, within) = (epoch / RESTART_EPOCH_GAP, epoch % RESTART_EPOCH_GAP);
            let next = self.leaps.len();
            let leap = *self.leaps.entry(leap).or_insert(next);
            let _ = write!(out, "epoch: {leap}+{within}{rest}");
        }
        out
    }

    /// Replaces every UUID in a text by its number.
    fn numbered(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = find_id(rest) {
            let (before, after) = rest.split_at(at);
            let (id, after) = after.split_at(36);
            let next = self.ids.len();
            let number = *self.ids.entry(id.to_owned()).or_insert(next);
            let _ = write!(out, "{before}#{number}");
            rest = after;
        }
        out + rest
    }
}

fn find_id(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(35)).find(|at| {
        bytes[*at..at + 36].iter().enumerate().all(|(place, byte)| {
            if matches!(place, 8 | 13 | 18 | 23) {
                *byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
    })
}
