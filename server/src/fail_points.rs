//! Fail points: exact places at which a test makes the relay fail. They exist only with the feature
//! `fail-points`, which is not a default. Without it none of this is compiled, and the environment is not
//! read.
//!
//! `FAILPOINTS="PLACE=ACTION"` arms them at the start; actions are those of the crate `fail`.

/// A session's task handles a message of its device. `return(CUE)` makes it panic at that cue.
pub(crate) const IN_A_SESSION: &str = "in-a-session";

/// Stops are latched and queued for the journal's writer, but not written yet. Only batches with a stop pass
/// here; `pause` holds the writer, so that a test can kill the relay.
pub(crate) const BEFORE_COMMIT: &str = "before-commit-of-a-stop";

/// Stops are durable, but not reported yet. Only batches with a stop pass here.
pub(crate) const BEFORE_RECEIPT: &str = "before-receipt-of-a-stop";

/// A background thread takes a piece of work on a past session. `pause` holds it there.
pub(crate) const IN_THE_BACKGROUND: &str = "in-the-background";

pub use place::{Armed, arm};
pub(crate) use place::{panic_at, pass, stand};

#[cfg(feature = "fail-points")]
mod place {
    use fail::FailScenario;
    use tapcue_rules::cue::Cue;
    use tapcue_rules::entry::{Entry, What};

    /// Disarms all fail points when it is dropped.
    #[must_use]
    pub struct Armed(#[expect(dead_code, reason = "held, not looked at")] FailScenario<'static>);

    /// Arms the fail points that the environment names, and logs that this relay is only for tests.
    pub fn arm() -> Armed {
        tracing::warn!("this relay has fail points: it is for tests, not for people");
        Armed(FailScenario::setup())
    }

    /// Panics at the cue with which `place` is armed.
    pub(crate) fn panic_at(place: &str, entry: &Entry) {
        let What::Cue { cue, .. } = &entry.what else {
            return;
        };
        fail::fail_point!(place, |armed: Option<String>| {
            assert!(armed.as_deref() != Some(cue.as_str()), "armed: {place}");
        });
    }

    /// Runs the action with which `place` is armed.
    pub(crate) fn stand(place: &str) {
        fail::fail_point!(place);
    }

    /// Runs the action with which `place` is armed, if one of the entries is a stop.
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

    /// Arms nothing, because there are no fail points.
    pub fn arm() -> Armed {
        Armed
    }

    pub(crate) fn panic_at(_: &str, _: &Entry) {}

    pub(crate) fn stand(_: &str) {}

    pub(crate) fn pass<'e, E: Iterator<Item = &'e Entry>>(_: &str, _: impl FnOnce() -> E) {}
}
