//! What later entries must not change: the stop on the screen, an open question, the seen ids, and time.

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::What;
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_rules::session::Effect;
use tapcue_rules::state::LinkStatus;

use crate::desk::{Desk, Helper, OPENED, Receiver, waived};

#[test]
fn a_stop_stays_on_the_screen_whatever_else_goes_wrong() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    let _ = desk.link(Receiver, LinkStatus::Lost);
    let _ = desk.connected(Receiver);
    let _ = desk.connected(Helper);
    let shown = desk.state().cue.expect("the stop is on the screen");
    assert_eq!((shown.id, shown.cue), (stop, Cue::Stop));
}

#[test]
fn the_oldest_that_devices_send_again_is_still_known() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    for _ in 1..UNRECORDED_AT_MOST {
        let _ = desk.stop(Receiver);
    }
    for _ in 0..UNRECORDED_AT_MOST {
        let _ = desk.stop(Helper);
    }
    let seq = desk.session.seq();
    let what = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let again = desk.enter_as(stop, Some(Receiver), what);
    assert_eq!(again, [Effect::Again(Receiver)]);
    assert_eq!(desk.session.seq(), seq);
}

#[test]
fn a_clock_that_was_set_back_takes_no_time_back() {
    let mut desk = Desk::live(waived());
    let live_since = desk.state().live_since.expect("it is live");
    desk.now = OPENED;
    let _ = desk.stop(Receiver);
    assert_eq!(desk.session.now(), live_since);
    assert_eq!(desk.hold().since, live_since);
}

#[test]
fn a_question_stays_open_whatever_the_helper_says() {
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    let asked = desk.state().check_in.expect("it is asked");
    let _ = desk.wait(1_000).cue(Helper, Cue::Ready);
    let _ = desk.wait(1_000).cue(Helper, Cue::CheckIn);
    assert_eq!(desk.state().check_in, Some(asked));
}
