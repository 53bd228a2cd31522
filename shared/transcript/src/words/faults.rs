//! The faults of a file as data, and their texts.

use super::Words;

/// The first fault. `n` is a place, counted from 1: of an entry, or of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLong,
    NotJson,
    NotOurs,
    Version,
    NoList,
    NoEntries,
    Untrusted { key: String },
    Cut { n: u64, sealed: u64, have: u64 },
    Head,
    End { n: u64 },
    Part { name: String },
    Illegible { n: u64 },
    Unknown { n: u64 },
    NotOpened,
    Note { n: u64 },
    SealChanged { n: usize },
    SealForeign { n: usize },
    SealOrder { n: usize },
    SealHead { count: u64 },
    SealTimes { n: usize },
    Outcome { n: u64 },
    ForeignPart { name: String },
    Derived { name: String },
    NoEntry { n: u64 },
    Changed { n: u64 },
    Foreign { n: u64 },
    Repeated { n: u64, seq: u64 },
    Added { n: u64, seq: u64 },
    OutOfOrder { n: u64, seq: u64 },
    Missing { n: u64 },
    Neighbour { n: u64 },
}

impl Words {
    /// The fault in a sentence.
    pub(crate) fn fault(&self, fault: &Fault) -> String {
        let say = &self.faults;
        let place = |text, n: &u64| self.fill(text, &[("n", n)]);
        let seal = |text, n: &usize| self.fill(text, &[("n", n)]);
        let stands = |text, n: &u64, seq: &u64| self.fill(text, &[("n", n), ("seq", seq)]);
        let part = |text, name: &String| self.fill(text, &[("name", name)]);
        match fault {
            Fault::TooLong => say.too_long.into(),
            Fault::NotJson => say.not_json.into(),
            Fault::NotOurs => say.not_ours.into(),
            Fault::Version => say.version.into(),
            Fault::NoList => say.no_list.into(),
            Fault::NoEntries => say.no_entries.into(),
            Fault::Untrusted { key } => self.fill(say.untrusted, &[("key", key)]),
            Fault::Cut { n, sealed, have } => {
                self.fill(say.cut, &[("n", n), ("sealed", sealed), ("have", have)])
            }
            Fault::Head => say.head.into(),
            Fault::End { n } => place(say.end, n),
            Fault::Part { name } => part(say.part, name),
            Fault::Illegible { n } => place(say.illegible, n),
            Fault::Unknown { n } => place(say.unknown, n),
            Fault::NotOpened => say.not_opened.into(),
            Fault::Note { n } => place(say.note, n),
            Fault::SealChanged { n } => seal(say.seal_changed, n),
            Fault::SealForeign { n } => seal(say.seal_foreign, n),
            Fault::SealOrder { n } => seal(say.seal_order, n),
            Fault::SealHead { count } => self.fill(say.seal_head, &[("count", count)]),
            Fault::SealTimes { n } => seal(say.seal_times, n),
            Fault::Outcome { n } => place(say.outcome, n),
            Fault::ForeignPart { name } => part(say.foreign_part, name),
            Fault::Derived { name } => part(say.derived, name),
            Fault::NoEntry { n } => place(say.no_entry, n),
            Fault::Changed { n } => place(say.changed, n),
            Fault::Foreign { n } => place(say.foreign, n),
            Fault::Repeated { n, seq } => stands(say.repeated, n, seq),
            Fault::Added { n, seq } => stands(say.added, n, seq),
            Fault::OutOfOrder { n, seq } => stands(say.out_of_order, n, seq),
            Fault::Missing { n } => place(say.missing, n),
            Fault::Neighbour { n } => place(say.neighbour, n),
        }
    }
}
