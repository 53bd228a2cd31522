//! The short code: how it is generated, written and parsed.

use tapcue_rules::code::{self, ALPHABET, CHARS, LOCATOR_CHARS};

use super::{Hash, hash};

/// A code: 40 bits, five per character, most significant first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(u64);

/// The part of a code that finds the waiting session: 15 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Locator(u16);

impl Locator {
    /// How many locators exist, and so how many sessions can have a code at once.
    pub(super) const COUNT: usize = 1 << (5 * LOCATOR_CHARS);
}

impl Code {
    /// A random code from the operating system.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes[3..])?;
        Ok(Self(u64::from_be_bytes(bytes)))
    }

    /// Reads what a person typed, as [`code::read`] does. None if it is not a code.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let code = code::read(text)?;
        let bits = code
            .iter()
            .fold(0, |bits, place| bits << 5 | u64::from(*place));
        Some(Self(bits))
    }

    /// The first characters, which find the session.
    pub(super) fn locator(self) -> Locator {
        // 40 bits minus the 25 secret ones leave 15, which fit.
        Locator((self.0 >> (5 * (CHARS - LOCATOR_CHARS))) as u16)
    }

    /// The hash, which is all that the relay keeps of a code.
    pub(super) fn hash(self) -> Hash {
        hash(&self.0.to_be_bytes())
    }

    #[cfg(test)]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << (5 * CHARS)) - 1))
    }
}

/// As people read it: `K7M-2QX4R`.
impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for place in 0..CHARS {
            if place == LOCATOR_CHARS {
                f.write_str("-")?;
            }
            let index = (self.0 >> (5 * (CHARS - 1 - place))) & 31;
            write!(f, "{}", char::from(ALPHABET[index as usize]))?;
        }
        Ok(())
    }
}
