//! The invariants of docs/safety.md by name, as properties of a step: the state before, the input, and the
//! effects. The exhaustive model and the random histories check the same ones.

mod acts;
pub(crate) mod device;
mod records;
pub(crate) mod session;

use std::fmt;

/// One invariant for each rule of docs/safety.md, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    BothSayReady,
    AnyoneCanStop,
    SilenceStops,
    NothingRestartsByItself,
    NothingStaleIsShown,
    StopLatches,
    GreenIsProof,
    ReceiptsAreTrue,
    RecordedIsNeverLost,
    AnActIsMeant,
    TheEndSilencesNothing,
}

impl Invariant {
    pub(crate) const ALL: [Invariant; 11] = [
        Invariant::BothSayReady,
        Invariant::AnyoneCanStop,
        Invariant::SilenceStops,
        Invariant::NothingRestartsByItself,
        Invariant::NothingStaleIsShown,
        Invariant::StopLatches,
        Invariant::GreenIsProof,
        Invariant::ReceiptsAreTrue,
        Invariant::RecordedIsNeverLost,
        Invariant::AnActIsMeant,
        Invariant::TheEndSilencesNothing,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Invariant::BothSayReady => "both_say_ready",
            Invariant::AnyoneCanStop => "anyone_can_stop",
            Invariant::SilenceStops => "silence_stops",
            Invariant::NothingRestartsByItself => "nothing_restarts_by_itself",
            Invariant::NothingStaleIsShown => "nothing_stale_is_shown",
            Invariant::StopLatches => "stop_latches",
            Invariant::GreenIsProof => "green_is_proof",
            Invariant::ReceiptsAreTrue => "receipts_are_true",
            Invariant::RecordedIsNeverLost => "recorded_is_never_lost",
            Invariant::AnActIsMeant => "an_act_is_meant",
            Invariant::TheEndSilencesNothing => "the_end_silences_nothing",
        }
    }
}

/// A broken property: its name, and how it is broken.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) name: &'static str,
    pub(crate) how: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {}", self.name, self.how)
    }
}

/// The verdict of one property on one step.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Whether the property applied to this step.
    pub(crate) spoke: bool,
    pub(crate) broken: Option<&'static str>,
}

impl Verdict {
    /// If `premise` holds, `must` has to hold too; otherwise `how` says what is wrong.
    pub(crate) fn when(
        mut self,
        premise: bool,
        must: impl FnOnce() -> bool,
        how: &'static str,
    ) -> Self {
        if premise {
            self.spoke = true;
            if !must() {
                self.broken.get_or_insert(how);
            }
        }
        self
    }
}

#[test]
fn each_invariant_has_a_name_of_its_own() {
    let names: std::collections::HashSet<_> = Invariant::ALL.map(Invariant::name).into();
    assert_eq!(names.len(), 11);
}
