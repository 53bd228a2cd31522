//! Connections that break or block, tested over in-memory pipes.

use std::net::Ipv4Addr;
use std::path::Path;

use tapcue_rules::cue::{Both, Cue, Lane, Role};
use tapcue_rules::entry::What;
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::ToDevice;
use tapcue_rules::state::{LinkStatus, Phase};
use tapcue_rules::time::Millis;
use tokio::io::AsyncReadExt as _;
use tokio::sync::SetOnce;
use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::context::Context;
use crate::journal::{Journal, SqliteJournal};
use crate::net::connection_limit::{Gate, Limits};
use crate::session::device_handle::{Pulse, Reading};
use crate::session::mailbox::{Mailbox, Posted};

/// The pipe's capacity in each direction, in bytes: more than two frames of a device, less than a welcome.
const PIPE: usize = 512;

/// The clock's time when a test begins, an arbitrary date. It advances with the runtime's timers.
const NOW: Millis = Millis(1_800_000_000_000);

fn text(message: &ToRelay) -> Message {
    Message::text(serde_json::to_string(message).unwrap())
}

fn registry(dir: &Path) -> (Arc<Registry>, Arc<SqliteJournal>) {
    let journal = Arc::new(SqliteJournal::open(dir).unwrap());
    let flags = Flags {
        data: Some(dir.into()),
        ..Flags::default()
    };
    let config = Config::from_flags(flags).unwrap();
    let context = Context::new(config, Clock::starting_at(NOW), journal.clone());
    let registry = Registry::new(context).unwrap();
    (registry, journal)
}

/// The device that opened a session, before another one joined it.
fn first_of_two(registry: &Registry) -> (Arc<SessionHandle>, Arc<DeviceHandle>) {
    let session = SessionHandle {
        id: SessionId(Uuid::now_v7()),
        mailbox: Mailbox::default(),
        pulse: Pulse::default(),
        paired: SetOnce::new(),
        may_go: SetOnce::new(),
    };
    let limits = tapcue_rules::message::Limits::default();
    let device = DeviceHandle::new(Role::Receiver, limits, registry.context.clock.now());
    (Arc::new(session), Arc::new(device))
}

#[tokio::test(start_paused = true)]
async fn whoever_is_joined_keeps_its_place_from_that_moment() {
    let dir = tempfile::tempdir().unwrap();
    let (registry, _journal) = registry(dir.path());
    let (session, device) = first_of_two(&registry);
    let gate = Gate::new(Limits::NONE);
    let ticket = gate.admit(None).unwrap();
    ticket.raise_to(Importance::Guest);
    let departure = Departure {
        session: Arc::clone(&session),
        device,
    };
    let watched = watch(&registry, &departure, &ticket);
    tokio::pin!(watched);
    assert!(watched.as_mut().now_or_never().is_none());
    assert!(!ticket.is_at_home());
    session.paired.set(()).unwrap();
    // No time passes: a crowd may come just after a session has gone live.
    assert!(watched.as_mut().now_or_never().is_none());
    assert!(ticket.is_at_home() && !gate.make_room());
}

#[tokio::test(start_paused = true)]
async fn a_silence_that_nobody_watched_is_told_before_what_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let (registry, _journal) = registry(dir.path());
    let (session, device) = first_of_two(&registry);
    let mut intake = Intake::new(Arc::clone(&registry), Arc::clone(&session), device);
    // The relay is suspended; then it reads a cue that came meanwhile, and a heartbeat.
    tokio::time::advance(Duration::from_secs(5)).await;
    let id = Uuid::now_v7();
    for said in [
        format!(r#"{{"type":"cue","id":"{id}","cue":"slower","epoch":1}}"#),
        r#"{"type":"beat","n":1,"sent_at":1}"#.to_owned(),
    ] {
        assert_eq!(intake.text(&said), Taken::Yes);
    }
    // Link changes leave a mailbox first, so the hold comes before the cue.
    let link = |status| match session.mailbox.take() {
        Some(Posted::Control(Control::Link(_, told))) => assert_eq!(told, status),
        other => panic!("{status:?} is told, not {other:?}"),
    };
    link(LinkStatus::Lost);
    link(LinkStatus::Here);
    assert!(matches!(session.mailbox.take(), Some(Posted::Ordinary(_))));
}

#[tokio::test]
async fn a_stop_counts_though_its_connection_breaks_under_a_write() {
    let dir = tempfile::tempdir().unwrap();
    let (registry, journal) = registry(dir.path());
    let (socket, relay) = tokio::io::duplex(PIPE);
    let caller = Caller {
        address: Ipv4Addr::LOCALHOST.into(),
        base: "http://localhost".into(),
        ticket: Arc::new(Gate::new(Limits::NONE).admit(None).unwrap()),
    };
    let served = run(Arc::clone(&registry), relay, Bytes::new(), caller);
    let served = tokio::spawn(served);

    let mut socket = WebSocketStream::from_raw_socket(socket, End::Client, None).await;
    let create = ToRelay::Create {
        role: Role::Receiver,
        name: None,
        options: None,
        client: None,
    };
    socket.send(text(&create)).await.unwrap();
    // The welcome is partly written; the device does not read the rest.
    socket.get_mut().read_u8().await.unwrap();
    let id = Uuid::now_v7();
    let stop = ToRelay::Cue {
        id,
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    socket.send(text(&stop)).await.unwrap();
    drop(socket);
    served.await.unwrap();

    let recorded = async {
        loop {
            journal.flush().await.unwrap();
            let sessions = journal.unfinished(Millis(u64::MAX), None).await.unwrap();
            for session in sessions {
                let recorded = journal.read(session.session).await.unwrap().unwrap();
                let is_it = |what: &What| matches!(what, What::Cue { cue: Cue::Stop, .. });
                let mut entries = recorded.entries.iter().map(|numbered| &numbered.entry);
                if entries.any(|entry| entry.id == id && is_it(&entry.what)) {
                    return;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(5);
    timeout(patience, recorded)
        .await
        .expect("the stop is in the record");
}

/// A frame longer than the pipe's capacity, so that the writer waits for the device.
fn long(name: &str) -> Utf8Bytes {
    format!("{name} {}", "x".repeat(2 * PIPE)).into()
}

#[tokio::test(start_paused = true)]
async fn no_older_state_follows_a_stop_out_of_a_writer_that_was_blocked() {
    let dir = tempfile::tempdir().unwrap();
    let (registry, _journal) = registry(dir.path());
    let (session, device) = first_of_two(&registry);
    let departure = Departure { session, device };
    let device = &departure.device;
    let (socket, relay) = tokio::io::duplex(PIPE);
    let mut socket = WebSocketStream::from_raw_socket(socket, End::Client, None).await;
    let relay = WebSocketStream::from_raw_socket(relay, End::Server, None).await;
    let (sink, _source) = relay.split();
    let writer = write(&registry, &departure, sink, long("welcome"));
    tokio::pin!(writer);
    let mut get_on = || assert!(writer.as_mut().now_or_never().is_none());
    // The welcome blocks the writer; a state waits behind it, then the stop and its state come.
    get_on();
    device.put_state(1, long("state 1"), Lane::Ordinary);
    get_on();
    device.put_stop(2, long("stop 2"), None);
    get_on();
    device.put_state(2, long("state 2"), Lane::Urgent);
    // A stale state, made before the stop.
    device.put_state(1, long("state 1 again"), Lane::Ordinary);
    let mut heard = Vec::new();
    while heard.len() < 3 {
        get_on();
        if let Some(Some(Ok(Message::Text(text)))) = socket.next().now_or_never() {
            heard.extend(text.rsplit_once(' ').map(|(name, _)| name.to_owned()));
        }
    }
    assert_eq!(heard, ["welcome", "stop 2", "state 2"]);
    // The state being written when the stop comes stays ahead of it; the one that waits does not.
    device.put_state(3, long("state 3"), Lane::Urgent);
    get_on();
    device.put_state(4, long("state 4"), Lane::Ordinary);
    device.received(3);
    device.put_stop(5, long("stop 5"), None);
    device.put_state(5, long("state 5"), Lane::Urgent);
    heard.clear();
    while heard.len() < 3 {
        get_on();
        if let Some(Some(Ok(Message::Text(text)))) = socket.next().now_or_never() {
            heard.extend(text.rsplit_once(' ').map(|(name, _)| name.to_owned()));
        }
    }
    assert_eq!(heard, ["state 3", "stop 5", "state 5"]);
}

#[tokio::test(start_paused = true)]
async fn a_beat_that_waited_is_answered_by_what_holds_when_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (registry, _journal) = registry(dir.path());
    let (session, device) = first_of_two(&registry);
    let departure = Departure { session, device };
    let (socket, relay) = tokio::io::duplex(PIPE);
    let mut socket = WebSocketStream::from_raw_socket(socket, End::Client, None).await;
    let relay = WebSocketStream::from_raw_socket(relay, End::Server, None).await;
    let (sink, _source) = relay.split();
    let writer = write(&registry, &departure, sink, long("welcome"));
    tokio::pin!(writer);
    let reading = |phase, epoch| Reading {
        phase,
        epoch,
        peers: Both {
            receiver: LinkStatus::Here,
            helper: LinkStatus::Here,
        },
    };
    departure.session.pulse.set(reading(Phase::Live, 2));
    assert!(writer.as_mut().now_or_never().is_none());
    departure.device.put_beat(7, 70);
    departure.session.pulse.set(reading(Phase::Held, 3));
    departure.device.put_stop(2, long("stop 2"), None);
    let answer = loop {
        assert!(writer.as_mut().now_or_never().is_none());
        if let Some(Some(Ok(Message::Text(text)))) = socket.next().now_or_never()
            && text.contains("beat")
        {
            break text;
        }
    };
    let answer: ToDevice = serde_json::from_str(&answer).unwrap();
    assert!(matches!(
        answer,
        ToDevice::Beat {
            n: 7,
            sent_at: 70,
            phase: Phase::Held,
            epoch: 3,
            ..
        }
    ));
}
