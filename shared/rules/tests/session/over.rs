//! The figures of a session, and what remains after its end.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::message::{ConfirmItem, ErrorCode};
use tapcue_rules::session::Audience;
use tapcue_rules::state::{LinkStatus, Phase};

use crate::desk::{Desk, Helper, OPENED, Receiver, refused, waived};

#[test]
fn it_tells_what_it_was_opened_with_and_counts_its_changes() {
    let mut desk = Desk::opened(waived());
    assert_eq!(desk.session.options(), &waived());
    assert_eq!(desk.session.opened_at(), OPENED);
    assert_eq!(desk.session.now(), OPENED);
    assert_eq!(desk.session.seq(), 1);
    desk.join();
    let before = desk.session.seq();
    desk.stop(Receiver);
    assert!(desk.session.seq() > before);
    assert_eq!(desk.session.seq(), desk.state().seq);
    assert_eq!(desk.session.now(), desk.now);
}

#[test]
fn it_tells_whose_place_is_taken_and_how_each_link_is() {
    let mut desk = Desk::opened(waived());
    assert!(desk.session.is_alone());
    assert_eq!(desk.session.peer(Receiver), LinkStatus::Here);
    assert_eq!(desk.session.peer(Helper), LinkStatus::Absent);
    desk.join();
    let _ = desk.link(Helper, LinkStatus::Away);
    assert!(!desk.session.is_alone());
    assert_eq!(desk.session.peer(Helper), LinkStatus::Away);
}

#[test]
fn a_change_for_one_is_not_for_the_other() {
    for role in Role::BOTH {
        assert!(Audience::Both.includes(role));
        assert!(Audience::Only(role).includes(role));
        assert!(!Audience::Only(role).includes(role.other()));
    }
}

#[test]
fn without_anybody_it_ends_by_itself_and_stays_as_it_ended() {
    let mut desk = Desk::live(waived());
    let _ = desk.enter(None, What::Ended);
    assert_eq!(desk.phase(), Phase::Ended);
    let ended = desk.state().ended.expect("it ended");
    assert_eq!((ended.by, ended.at), (None, desk.now));
    let again = desk.wait(9_000).enter(None, What::Ended);
    assert_eq!(again, []);
    assert_eq!(desk.state().ended, Some(ended));
}

#[test]
fn whoever_goes_on_after_the_end_is_told_so() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    let _ = desk.wait(450).acknowledge(Helper, stop);
    let _ = desk.enter(Some(Helper), What::Ended);
    let over = desk.state();
    for what in [
        What::Shown {
            of: stop,
            painted_at: None,
            uncertainty_ms: None,
        },
        What::Acknowledged { of: stop },
        What::Confirmed {
            item: ConfirmItem::WarningSigns,
            value: true,
        },
        What::Ended,
    ] {
        let answer = desk.enter(Some(Helper), what.clone());
        assert_eq!(refused(&answer), Some(ErrorCode::Ended), "{what:?}");
        assert_eq!(desk.state(), over, "{what:?}");
    }
    let note = What::Noted {
        text: "Good.".into(),
        shared: true,
        about: Some(1),
        salt: None,
    };
    assert_eq!(desk.enter(Some(Helper), note), [], "a note is taken");
}
