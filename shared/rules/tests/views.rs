//! What a device shows between two inputs, and while the relay's messages overtake each other.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_rules::link::{DeviceLink, Effect, Input, Link};
use tapcue_rules::message::{Limits, Secret, StopNotice, ToDevice, ToRelay, Welcome};
use tapcue_rules::state::{HoldReason, Options, Phase, State};
use tapcue_rules::time::Millis;

const NOW: Millis = Millis(10_000);

fn live(seq: u64) -> State {
    State {
        seq,
        epoch: 2,
        rehearsed: true,
        ..State::blank(Phase::Live)
    }
}

/// The helper's device after its welcome to a live session at [`NOW`].
fn helper() -> Link {
    let mut link = unconnected();
    let _ = arrives(&mut link);
    link
}

fn unconnected() -> Link {
    Link::new(ToRelay::Resume {
        token: Secret("token".into()),
        client: None,
    })
}

/// The device's effects when its welcome arrives.
fn arrives(link: &mut Link) -> Vec<Effect> {
    let message = ToDevice::Welcome(Box::new(Welcome {
        session: SessionId(Id::from_u128(1)),
        role: Role::Helper,
        token: Secret("token".into()),
        pairing: None,
        opened_at: Millis(0),
        relay_at: Millis(0),
        options: Options::default(),
        limits: Limits::default(),
        state: live(5),
    }));
    for input in [Input::Start, Input::Visible, Input::Opened] {
        let _ = link.step(NOW, input);
    }
    link.step(NOW, Input::Message { message })
}

#[test]
fn a_device_knows_its_role_and_the_newest_state_from_its_welcome_on() {
    let link = unconnected();
    assert_eq!((link.role(), link.state()), (None, None));
    let link = helper();
    assert_eq!(
        (link.role(), link.state()),
        (Some(Role::Helper), Some(&live(5)))
    );
}

#[test]
fn a_link_is_lost_at_two_seconds_even_where_nothing_ticks() {
    let link = helper();
    assert_eq!(link.view(NOW.plus(1_999)).link, DeviceLink::Late);
    assert_eq!(link.view(NOW.plus(2_000)).link, DeviceLink::Lost);
}

#[test]
fn a_page_that_is_seen_again_trusts_its_connection_for_less_than_a_second_of_silence() {
    let asks = |effect: &Effect| matches!(effect, Effect::Send { .. });
    let mut link = helper();
    let effects = link.step(NOW.plus(999), Input::Visible);
    assert!(
        effects.iter().all(asks) && !effects.is_empty(),
        "{effects:?}"
    );
    let mut link = helper();
    let effects = link.step(NOW.plus(1_000), Input::Visible);
    let anew = [Effect::Disconnect, Effect::Connect];
    assert!(effects.ends_with(&anew), "{effects:?}");
}

#[test]
fn a_state_that_a_stop_overtook_takes_no_notice_away() {
    let mut link = helper();
    let notice = StopNotice {
        id: Id::from_u128(7),
        reason: HoldReason::Stop,
        by: Role::Receiver,
        at: Millis(0),
        tapped_at: None,
        seq: 7,
    };
    let state = |seq| ToDevice::State {
        seq,
        recorded: Vec::new(),
        state: Box::new(live(seq)),
    };
    for (message, stopped) in [
        (ToDevice::Stop(notice), true),
        (state(6), true),
        (state(7), false),
    ] {
        let _ = link.step(NOW, Input::Message { message });
        assert_eq!(link.view(NOW).stopped, stopped);
    }
}

#[test]
fn a_stop_is_kept_whatever_else_waits_to_be_recorded() {
    let mut link = helper();
    let stop = Id::from_u128(100);
    let tap = |id, cue| Input::Tap {
        id,
        cue,
        began: None,
    };
    let _ = link.step(NOW, tap(stop, Cue::Stop));
    for n in 0..UNRECORDED_AT_MOST {
        let cue = [Cue::Ready, Cue::CheckIn][n % 2];
        let _ = link.step(NOW, tap(Id::from_u128(200 + n as u128), cue));
    }
    let _ = link.step(NOW, Input::Closed { code: None });
    let sent_again = arrives(&mut link).into_iter().any(
        |effect| matches!(effect, Effect::Send { message: ToRelay::Cue { id, .. } } if id == stop),
    );
    assert!(sent_again, "any stop outlives any other cue");
}
