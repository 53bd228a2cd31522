//! Two states are the same if their debug output is the same after a normalization. It replaces times by what
//! the rules can tell apart, ids by their order of appearance, and epochs by whether they are current.
//!
//! The debug output includes private fields, so a field that is added to a machine counts automatically. A
//! field that does not count is named, with a [`Treat`].

use std::hash::{DefaultHasher, Hash, Hasher};

use tapcue_rules::time::Millis;

/// What to do with a field, and with its parts that have no treatment of their own.
#[derive(Clone, Copy)]
pub(crate) enum Treat {
    /// Left out: the machine decides nothing by it.
    Drop,
    /// Times count by age: how many of these ages, in milliseconds, they have reached. Future times count in
    /// quarters of a second. Without any ages, only their presence counts.
    Age(&'static [u64]),
    /// Like `Age`, but an option whose time has reached the last of these ages counts as none.
    Forget(&'static [u64]),
    /// A number that counts only as the current epoch or another one.
    Epoch,
    /// A number that counts up to this limit.
    Cap(u64),
    /// A number that counts by its distance behind the newest, up to this limit.
    Behind(u64),
    /// A list of seen ids: only ids that appeared earlier in the output count.
    Known,
}

/// The newest epoch and `seq`, with which numbers are compared.
#[derive(Clone, Copy)]
pub(crate) struct Newest {
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
}

/// A state's key. It has 128 bits, so accidental collisions do not occur in practice.
pub(crate) type Key = u128;

/// The treatment of a field by its type's name and its own; none if it inherits.
pub(crate) type Treats<'a> = &'a dyn Fn(&str, &str) -> Option<Treat>;

/// Makes keys. It is reused for its buffers.
pub(crate) struct Canonical {
    /// The treatment of times in fields that are not named.
    otherwise: Treat,
    pub(crate) text: String,
    out: String,
}

impl Canonical {
    pub(crate) fn new(otherwise: &'static [u64]) -> Self {
        Self {
            otherwise: Treat::Age(otherwise),
            text: String::new(),
            out: String::new(),
        }
    }

    /// The key of the state whose debug output is in `text`.
    pub(crate) fn key(&mut self, treats: Treats<'_>, now: Millis, newest: Newest) -> Key {
        self.out.clear();
        let mut writer = Writer {
            rest: &self.text,
            out: &mut self.out,
            ids: Vec::new(),
            treats,
            now,
            newest,
            forgets: false,
            unknown: false,
            frozen: false,
        };
        writer.value(self.otherwise);
        assert!(writer.rest.is_empty(), "debug output ends early");
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, self.out.as_str()).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
    }

    /// The text from which the last key was made.
    pub(crate) fn written(&self) -> &str {
        &self.out
    }
}

struct Writer<'a> {
    rest: &'a str,
    out: &'a mut String,
    ids: Vec<&'a str>,
    treats: Treats<'a>,
    now: Millis,
    newest: Newest,
    /// Whether a time was met that counts as none.
    forgets: bool,
    /// Whether an unknown id was met while `frozen`.
    unknown: bool,
    /// While set, no new id becomes known.
    frozen: bool,
}

impl<'a> Writer<'a> {
    fn next(&self) -> u8 {
        self.rest.as_bytes().first().copied().unwrap_or(0)
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn atom(&mut self) -> &'a str {
        let ends = |b: &u8| {
            matches!(
                b,
                b',' | b' ' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b':'
            )
        };
        let bytes = self.rest.as_bytes();
        let end = bytes.iter().position(ends).unwrap_or(bytes.len());
        let (atom, rest) = self.rest.split_at(end);
        self.rest = rest;
        atom
    }

    /// Writes one value of the output, with the treatment of its field.
    fn value(&mut self, treat: Treat) {
        match self.next() {
            b'(' => self.sequence(")", treat),
            b'[' if matches!(treat, Treat::Known) => self.known(),
            b'[' => self.sequence("]", treat),
            b'"' => {
                let end = self.rest.get(1..).and_then(|rest| rest.find('"'));
                let (text, rest) = self.rest.split_at(end.expect("a string ends") + 2);
                self.out.push_str(text);
                self.rest = rest;
            }
            _ => self.named(treat),
        }
    }

    fn named(&mut self, treat: Treat) {
        let mark = self.out.len();
        let atom = self.atom();
        if atom == "Millis" {
            return self.moment(treat);
        }
        if atom.len() == 36 && atom.as_bytes().get(8) == Some(&b'-') {
            return self.id(atom);
        }
        let number = match treat {
            Treat::Epoch | Treat::Cap(_) | Treat::Behind(_) => atom.parse::<u64>().ok(),
            Treat::Drop | Treat::Age(_) | Treat::Forget(_) | Treat::Known => None,
        };
        match (treat, number) {
            (Treat::Epoch, Some(number)) if number == self.newest.epoch => self.out.push_str("now"),
            (Treat::Epoch, Some(_)) => self.out.push_str("other"),
            (Treat::Cap(most), Some(number)) => self.digit(number.min(most)),
            (Treat::Behind(most), Some(number)) => {
                self.digit(self.newest.seq.saturating_sub(number).min(most));
            }
            _ => self.out.push_str(atom),
        }
        if self.eat(" { ") {
            self.fields(atom, treat);
        } else if self.next() == b'(' {
            self.sequence(")", treat);
        }
        if std::mem::take(&mut self.forgets) {
            if atom == "Some" {
                self.out.truncate(mark);
                self.out.push_str("None");
            } else {
                self.forgets = true;
            }
        }
    }

    fn fields(&mut self, of: &str, inherited: Treat) {
        self.out.push('{');
        while !self.eat(" }") {
            let _ = self.eat(", ");
            let name = self.atom();
            assert!(self.eat(": "), "a field has a value: {name}");
            match (self.treats)(of, name) {
                Some(Treat::Drop) => self.skip(),
                treat => self.value(treat.unwrap_or(inherited)),
            }
            self.out.push(',');
        }
        self.out.push('}');
    }

    fn sequence(&mut self, end: &str, treat: Treat) {
        let (open, rest) = self.rest.split_at(1);
        self.out.push_str(open);
        self.rest = rest;
        while !self.eat(end) {
            let _ = self.eat(", ");
            self.value(treat);
            self.out.push(',');
        }
        self.out.push_str(end);
    }

    /// Writes only items whose ids are known, sorted.
    fn known(&mut self) {
        assert!(self.eat("["));
        let mut kept = Vec::new();
        while !self.eat("]") {
            let _ = self.eat(", ");
            let mark = self.out.len();
            self.frozen = true;
            self.unknown = false;
            self.value(Treat::Age(&[]));
            self.frozen = false;
            if !self.unknown {
                kept.push(self.out.get(mark..).expect("written").to_owned());
            }
            self.out.truncate(mark);
        }
        kept.sort_unstable();
        kept.dedup();
        self.out.push_str(&kept.join(";"));
    }

    fn moment(&mut self, treat: Treat) {
        assert!(self.eat("("));
        let at = Millis(self.atom().parse().expect("a moment is a number"));
        assert!(self.eat(")"));
        let age = match treat {
            Treat::Age(ages) | Treat::Forget(ages) => ages,
            Treat::Drop | Treat::Epoch | Treat::Cap(_) | Treat::Behind(_) | Treat::Known => &[],
        };
        let since = self.now.since(at);
        let reached = age.iter().filter(|age| since >= **age).count();
        self.forgets |= matches!(treat, Treat::Forget(_)) && reached == age.len();
        if at > self.now && !age.is_empty() {
            self.out.push_str("in ");
            return self.digit(at.since(self.now).div_ceil(250));
        }
        self.out.push('t');
        self.digit(reached as u64);
    }

    /// One character for a small number.
    fn digit(&mut self, number: u64) {
        let small = u8::try_from(number).ok().filter(|small| *small < 60);
        self.out
            .push(char::from(b'0' + small.expect("a small number")));
    }

    fn id(&mut self, id: &'a str) {
        let known = self.ids.iter().position(|known| *known == id);
        let place = known.unwrap_or(self.ids.len());
        if known.is_none() {
            if self.frozen {
                self.unknown = true;
            } else {
                self.ids.push(id);
            }
        }
        self.out.push('#');
        self.out
            .push(char::from(b'a' + u8::try_from(place).expect("few ids")));
    }

    /// Leaves a value out.
    fn skip(&mut self) {
        let bytes = self.rest.as_bytes();
        let mut depth = 0_usize;
        let end = bytes.iter().enumerate().position(|(n, b)| {
            match b {
                // In `Name { …` the value continues.
                b' ' if depth == 0 && bytes.get(n + 1) == Some(&b'{') => {}
                b',' | b' ' if depth == 0 => return true,
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
            false
        });
        self.rest = self.rest.split_at(end.unwrap_or(self.rest.len())).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[expect(dead_code, reason = "read by its debug output")]
    struct Sample {
        began: Millis,
        epoch: u64,
        seq: u64,
        last: Option<(u8, Millis)>,
        hold: Option<uuid::Uuid>,
        seen: Vec<(uuid::Uuid, bool)>,
    }

    fn sample(shift: u64) -> Sample {
        let id = |n: u64| uuid::Uuid::from_u128(u128::from(shift + n));
        Sample {
            began: Millis(1_000 + shift),
            epoch: 7 + shift,
            seq: shift,
            last: Some((3, Millis(1_200 + shift))),
            hold: Some(id(1)),
            seen: vec![(id(2), true), (id(1), false)],
        }
    }

    fn treats(of: &str, field: &str) -> Option<Treat> {
        assert_eq!(of, "Sample");
        match field {
            "began" => Some(Treat::Age(&[500])),
            "epoch" => Some(Treat::Epoch),
            "seq" => Some(Treat::Drop),
            "last" => Some(Treat::Forget(&[250])),
            "seen" => Some(Treat::Known),
            _ => None,
        }
    }

    fn written(sample: &Sample, now: u64, epoch: u64) -> String {
        let mut canonical = Canonical::new(&[]);
        canonical.text = format!("{sample:?}");
        let newest = Newest { epoch, seq: 0 };
        let _ = canonical.key(&treats, Millis(now), newest);
        canonical.written().to_owned()
    }

    #[test]
    fn only_what_the_rules_can_tell_apart_counts() {
        let one = written(&sample(0), 1_300, 7);
        assert_eq!(one, written(&sample(60), 1_360, 67));
        assert_ne!(one, written(&sample(0), 1_500, 7), "another age");
        assert_ne!(one, written(&sample(0), 1_300, 8), "another epoch");
        assert!(one.contains("Some((3,"));
        assert!(written(&sample(0), 1_450, 7).contains("None"));
    }
}
