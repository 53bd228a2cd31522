//! Runs a command, from the hello to the exit code.

pub mod script;

use std::borrow::Cow;
use std::time::Duration;

use anyhow::Context;
use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::message::{ErrorCode, ToRelay};
use tapcue_rules::state::Options;
use tokio::sync::watch;

use crate::cli::{Cli, Command, Host, RELAY};
use crate::device::credentials::{Memory, Place};
use crate::device::driver::Device;
use crate::device::snapshot::{Snapshot, What};
use crate::exit::{Exit, Wrong, fail};
use crate::history;
use crate::print::complain;
use crate::relay::address::{DEFAULT_RELAY, Invitation, RelayAddress};
use crate::relay::clock;
use crate::relay::discovery;
use crate::relay::tls::Trust;
use crate::tui::app::Leave;
use crate::tui::run as tui;
use crate::words::{Words, fill};

/// The timeout for the first connection. Later ones are retried forever, but a wrong address should be
/// reported before a person lies down.
const FIRST_WITHIN: Duration = Duration::from_secs(6);

/// The name of this client, for the transcript.
const CLIENT: &str = concat!("terminal/", env!("CARGO_PKG_VERSION"));

/// Runs the command of the command line.
///
/// # Errors
/// There is no terminal, no relay or no memory; the text is for a person.
pub async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let memory = Memory::of_user();
    let mut resumed = None;
    let mut trust = cli.trust(None);
    let no_address = |error| {
        let words = Words::of(cli.language()).address(error);
        Wrong(format!("{RELAY}: {words}"))
    };
    let (relay, hello) = match &cli.command {
        Command::Host(host) => (cli.relay_or(None).map_err(no_address)?, create(host)),
        Command::Join(join) => {
            let (relay, code, secret) = match join.invitation.clone() {
                Invitation::Code(code) => (None, Some(code), None),
                Invitation::Link { relay, secret } => (Some(relay), None, Some(secret)),
            };
            let hello = ToRelay::Join {
                code,
                secret,
                name: join.name.clone(),
                client: Some(CLIENT.into()),
            };
            (cli.relay_or(relay).map_err(no_address)?, hello)
        }
        Command::Resume(resume) => {
            let last = memory
                .as_ref()
                .and_then(|memory| memory.last(resume.role.map(Role::from)));
            let Some(place) = last else {
                complain(Words::of(cli.language()).after.nothing_to_resume);
                return Ok(Exit::Usage);
            };
            let hello = ToRelay::Resume {
                token: place.token.clone(),
                client: Some(CLIENT.into()),
            };
            let kept = place.relay.parse()?;
            let relay = cli.relay_or(Some(kept)).map_err(no_address)?;
            trust = cli.trust(Some(&place));
            resumed = Some(place.session);
            (relay, hello)
        }
        Command::Past(command) => return Ok(history::run(&cli, command, memory).await),
        Command::Manual(command) => return command.run().map(|()| Exit::Ended),
    };
    let relay = match relay {
        Some(relay) => relay,
        None => match found(&cli).await.as_slice() {
            [relay] => relay.clone(),
            [] => DEFAULT_RELAY.parse()?,
            several => {
                complain(Words::of(cli.language()).after.several_relays);
                for relay in several {
                    complain(&format!("  --relay {}", relay.http()));
                }
                return Ok(Exit::Usage);
            }
        },
    };
    session(&cli, (relay, trust), hello, resumed, memory).await
}

/// The relays on this network. If there are none, or the search fails, it prints that.
async fn found(cli: &Cli) -> Vec<RelayAddress> {
    let say = &Words::of(cli.language()).after;
    let (relays, none) = match discovery::relays().await {
        Ok(relays) => (relays, say.no_relay_answers.to_owned()),
        Err(error) => {
            let error = error.to_string();
            (Vec::new(), fill(say.not_searched, &[("error", &error)]))
        }
    };
    if relays.is_empty() && !cli.json {
        complain(&none);
    }
    relays
}

fn create(host: &Host) -> ToRelay {
    ToRelay::Create {
        role: host.role.into(),
        name: host.name.clone(),
        options: Some(Options {
            rehearsal: !host.no_rehearsal,
            setup: !host.no_setup,
            check_in_every_s: host.check_in,
            hold_to_consent: host.hold_to_consent,
            keep: host.keep,
        }),
        client: Some(CLIENT.into()),
    }
}

async fn session(
    cli: &Cli,
    (relay, trust): (RelayAddress, Trust),
    hello: ToRelay,
    resumed: Option<SessionId>,
    memory: Option<Memory>,
) -> anyhow::Result<Exit> {
    let address = relay.http();
    let say = &Words::of(cli.language()).after;
    let past = &Words::of(cli.language()).past;
    if !cli.json {
        complain(&fill(say.connecting, &[("address", &address)]));
    }
    let device = Device::start_with(relay, trust.clone(), hello);
    let mut snapshots = device.snapshots();
    let first = tokio::time::timeout(FIRST_WITHIN, first_answer(&mut snapshots)).await;
    let snapshot = match first {
        Ok(Ok(snapshot)) => snapshot,
        Ok(Err(refused)) => {
            if let Some(why) = refused.lasting() {
                let reason = Words::of(cli.language()).connect_error(why);
                let text = fill(
                    past.connect_error,
                    &[("relay", &address), ("reason", &reason)],
                );
                return Ok(fail(cli, Exit::Failed, &text));
            }
            if let (Some(memory), Some(session), Some(_)) = (&memory, resumed, refused.deleted()) {
                memory.forget(session).context(past.gone_not_forgotten)?;
            }
            let text = message(&refused, cli);
            return Ok(fail(cli, exit_of(&refused), &text));
        }
        Err(_) => {
            let reason = newest_reason(Words::of(cli.language()), &snapshots.borrow());
            let text = fill(say.no_relay, &[("address", &address), ("reason", &reason)]);
            return Ok(fail(cli, Exit::Failed, &text));
        }
    };
    if let (Some(memory), Some(place)) = (&memory, place(&snapshot, &address, &trust))
        && let Err(error) = memory.keep(&place)
        && !cli.json
    {
        let error = error.to_string();
        complain(&fill(say.not_remembered, &[("error", &error)]));
    }
    let leave = if cli.json {
        script::run(&device).await
    } else {
        tui::run(&device, address.clone(), cli.language()).await
    };
    device.close().await;
    let leave = leave.context(past.terminal_gone)?;
    let last = snapshots.borrow().clone();
    if let Some(memory) = &memory {
        remember(memory, leave, place(&last, &address, &trust), &last).context(past.not_kept)?;
    }
    if !cli.json {
        farewell(Words::of(cli.language()), leave, &last);
    }
    Ok(match leave {
        Leave::Ended | Leave::Early => Exit::Ended,
        Leave::Unreachable => Exit::Failed,
        Leave::Refused => Exit::Refused,
        Leave::Superseded => Exit::Superseded,
    })
}

/// This device's place in the session; none before it has one.
fn place(snapshot: &Snapshot, relay: &str, trust: &Trust) -> Option<Place> {
    // The next command may run in another folder.
    let ca = trust.file().and_then(|file| std::path::absolute(file).ok());
    let welcome = snapshot.welcome.as_ref()?;
    Some(Place {
        relay: relay.to_owned(),
        session: welcome.session,
        role: welcome.role,
        token: welcome.token.clone(),
        opened_at: welcome.opened_at,
        used_at: clock::wall(),
        over: false,
        ca,
    })
}

/// Stores how a session was left. A deleted session is removed.
fn remember(
    memory: &Memory,
    leave: Leave,
    place: Option<Place>,
    last: &Snapshot,
) -> std::io::Result<()> {
    let Some(place) = place else {
        return Ok(());
    };
    if last.deleted().is_some() {
        return memory.forget(place.session);
    }
    let over = match leave {
        Leave::Ended | Leave::Refused => true,
        Leave::Early | Leave::Unreachable | Leave::Superseded => false,
    };
    memory.keep(&Place { over, ..place })
}

/// Waits for a place in a session, or for a refusal.
async fn first_answer(snapshots: &mut watch::Receiver<Snapshot>) -> Result<Snapshot, Snapshot> {
    let decided = |snapshot: &Snapshot| match snapshot.view.link {
        DeviceLink::Refused | DeviceLink::Superseded | DeviceLink::Over => true,
        DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late | DeviceLink::Lost => {
            snapshot.welcome.is_some() || snapshot.lasting().is_some()
        }
    };
    let answer = snapshots.wait_for(decided).await.map(|s| s.clone());
    // Without an answer the device has stopped, which only a panic can cause.
    let snapshot = answer.unwrap_or_else(|_| snapshots.borrow().clone());
    if snapshot.welcome.is_some() {
        Ok(snapshot)
    } else {
        Err(snapshot)
    }
}

fn exit_of(snapshot: &Snapshot) -> Exit {
    match snapshot.view.link {
        DeviceLink::Over if snapshot.deleted().is_some() => Exit::Deleted,
        DeviceLink::Refused | DeviceLink::Over => Exit::Refused,
        DeviceLink::Superseded => Exit::Superseded,
        DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late | DeviceLink::Lost => {
            Exit::Failed
        }
    }
}

/// Why it was refused, in this device's language.
fn message(snapshot: &Snapshot, cli: &Cli) -> String {
    let words = Words::of(cli.language());
    let refused = snapshot.notices.iter().rev().find_map(|n| match &n.what {
        What::Refused { code, .. } => Some((*code, &n.what)),
        What::Unreachable { .. } | What::TooSoon => None,
    });
    match (refused, &cli.command) {
        (Some((ErrorCode::BadMessage, _)), _) => words.after.other_version.into(),
        (Some((_, what)), _) => words
            .refusal(what, snapshot.role())
            .unwrap_or_default()
            .into(),
        (None, Command::Resume(_)) => words.errors.bad_token.into(),
        (None, Command::Host(_) | Command::Join(_) | Command::Past(_) | Command::Manual(_)) => {
            format!("{}.", words.after.refused)
        }
    }
}

fn newest_reason(words: &Words, snapshot: &Snapshot) -> String {
    let newest = snapshot.notices.back();
    let newest = newest.map(|notice| words.notice(&notice.what, snapshot.role()));
    newest.map_or_else(|| words.way.silent.into(), Cow::into_owned)
}

fn farewell(words: &Words, leave: Leave, last: &Snapshot) {
    let say = &words.after;
    let deleted = last.deletion();
    let deleted = deleted.and_then(|what| words.refusal(what, last.role()));
    let text = match (leave, deleted) {
        (Leave::Ended, Some(deleted)) => deleted,
        (Leave::Ended, None) => say.bye_ended,
        (Leave::Early, _) => say.bye_early,
        (Leave::Unreachable, _) => say.bye_unreachable,
        (Leave::Refused, _) => say.refused,
        (Leave::Superseded, _) => say.bye_superseded,
    };
    complain(text);
}
