//! Connections that end badly, over pipes that do as they are told.

use std::net::Ipv4Addr;

use tapcue_shared::cue::{Cue, Role};
use tapcue_shared::entry::What;
use tapcue_shared::time::Millis;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use super::*;
use crate::admission::{Gate, Limits};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::journal::{Journal, SqliteJournal};

/// What the pipe holds in each direction, in bytes: more than two frames of a device, less than a
/// welcome.
const PIPE: usize = 512;

fn text(message: &ToRelay) -> Message {
    Message::text(serde_json::to_string(message).unwrap())
}

#[tokio::test]
async fn a_stop_counts_though_its_connection_breaks_under_a_write() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Arc::new(SqliteJournal::open(dir.path()).unwrap());
    let flags = Flags {
        data: Some(dir.path().into()),
        ..Flags::default()
    };
    let config = Config::from_flags(flags).unwrap();
    let hub = Hub::new(config, Clock::start(), journal.clone()).unwrap();
    let (device, relay) = tokio::io::duplex(PIPE);
    let caller = Caller {
        address: Ipv4Addr::LOCALHOST.into(),
        base: "http://localhost".into(),
        ticket: Arc::new(Gate::new(Limits::NONE).admit(None).unwrap()),
    };
    let served = run(Arc::clone(&hub), relay, Bytes::new(), caller);
    let served = tokio::spawn(served);

    let mut device = WebSocketStream::from_raw_socket(device, End::Client, None).await;
    let create = ToRelay::Create {
        role: Role::Receiver,
        name: None,
        options: None,
        client: None,
    };
    device.send(text(&create)).await.unwrap();
    // The welcome has begun, and waits for a device that does not read.
    device.get_mut().read_u8().await.unwrap();
    let id = Uuid::now_v7();
    let stop = ToRelay::Cue {
        id,
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    device.send(text(&stop)).await.unwrap();
    drop(device);
    served.await.unwrap();

    let recorded = async {
        loop {
            journal.flush().await.unwrap();
            let sessions = journal.unfinished(Millis(u64::MAX)).await.unwrap();
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
