//! The fuzz targets. Each takes any bytes and panics if a property fails: under libFuzzer (`tests/run fuzz`,
//! ../libfuzzer), and on the corpus in the ordinary tests (replay.rs).

pub mod export;
pub mod journal;
pub mod session;
pub mod transcript;
pub mod wire;

/// The rules by name, as the tests of the session machine state them.
#[expect(dead_code, reason = "the models of those tests use more of it")]
#[path = "../../shared/rules/tests/session"]
mod rules {
    pub(crate) mod invariants;
    pub(crate) mod oracle;
}

use rules::{invariants, oracle};

/// A fuzz target: its name, which is also its folder in the corpus, and a function of bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 5] = [
    ("wire", wire::fuzz),
    ("session", session::fuzz),
    ("export", export::fuzz),
    ("transcript", transcript::fuzz),
    ("journal", journal::fuzz),
];
