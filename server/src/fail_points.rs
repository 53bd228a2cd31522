//! Fail points: exact places at which a test makes the relay fail. They are in a relay that was built
//! with the feature `fail-points`, which is no default. In any other nothing of this is compiled, and
//! the environment is not looked at.
//!
//! `FAILPOINTS="PLACE=ACTION"` arms them at the start; actions are those of the crate `fail`.

/// A session's task takes a message of its device. `return(CUE)`: it panics at that cue.
pub(crate) const IN_A_SESSION: &str = "in-a-session";

/// Stops were latched and handed to the journal's writer, which has not written them yet. Passed by
/// batches with a stop only; `pause` stands still there, to be killed.
pub(crate) const BEFORE_COMMIT: &str = "before-commit-of-a-stop";

/// Stops are durable, and nobody was told so yet. Passed as the one before.
pub(crate) const BEFORE_RECEIPT: &str = "before-receipt-of-a-stop";

/// A thread of the background takes a piece of work on a past session. `pause` stands still there.
pub(crate) const IN_THE_BACKGROUND: &str = "in-the-background";

pub use place::{Armed, arm};
pub(crate) use place::{panic_at, pass, stand};

#[cfg(feature = "fail-points")]
mod place {
    use fail::FailScenario;
    use tapcue_rules::cue::Cue;
    use tapcue_rules::entry::{Entry, What};

    /// Dropping it disarms what the environment has armed.
    #[must_use]
    pub struct Armed(#[expect(dead_code, reason = "held, not looked at")] FailScenario<'static>);

    /// Arms what the environment names, and says that this is no relay for people.
    pub fn arm() -> Armed {
        tracing::warn!("this relay has fail points: it is for tests, not for people");
        Armed(FailScenario::setup())
    }

    /// Panics at the cue that `place` was armed with.
    pub(crate) fn panic_at(place: &str, entry: &Entry) {
        let What::Cue { cue, .. } = &entry.what else {
            return;
        };
        fail::fail_point!(place, |armed: Option<String>| {
            assert!(armed.as_deref() != Some(cue.as_str()), "armed: {place}");
        });
    }

    /// Does what `place` was armed with.
    pub(crate) fn stand(place: &str) {
        fail::fail_point!(place);
    }

    /// Does what `place` was armed with, if a stop passes it.
    pub(crate) fn pass<'e, E: Iterator<Item = &'e Entry>>(
        place: &str,
        entries: impl FnOnce() -> E,
    ) {
        let is_stop = |entry: &Entry| {
            matches!(
                entry.what,
                What::Cue { cue: Cue::Stop, .. } | What::Stops { .. }
            )
        };
        if entries().any(is_stop) {
            fail::fail_point!(place);
        }
    }
}

#[cfg(not(feature = "fail-points"))]
mod place {
    use tapcue_rules::entry::Entry;

    /// Nothing is armed.
    #[derive(Debug)]
    #[must_use]
    pub struct Armed;

    /// There is nothing to arm.
    pub fn arm() -> Armed {
        Armed
    }

    pub(crate) fn panic_at(_: &str, _: &Entry) {}

    pub(crate) fn stand(_: &str) {}

    pub(crate) fn pass<'e, E: Iterator<Item = &'e Entry>>(_: &str, _: impl FnOnce() -> E) {}
}
