//! What a command does, from the hello to the exit code.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tapcue_shared::cue::Role;
use tapcue_shared::ids::SessionId;
use tapcue_shared::link::DeviceLink;
use tapcue_shared::message::{ErrorCode, ToRelay};
use tapcue_shared::state::Options;
use tokio::sync::watch;

use crate::address::{DEFAULT_RELAY, Invitation, RelayAddress};
use crate::cli::{Cli, Command, Host};
use crate::clock;
use crate::discover;
use crate::driver::Device;
use crate::past;
use crate::remember::{Memory, Place};
use crate::script;
use crate::snapshot::{Snapshot, What};
use crate::tui::app::Leave;
use crate::tui::run as tui;

/// How long the first connection may take in all. Later ones are tried for ever, but a wrong
/// address should be known before anybody lies down.
const FIRST_WITHIN: Duration = Duration::from_secs(6);

/// Which client this is, for the transcript.
const CLIENT: &str = concat!("terminal/", env!("CARGO_PKG_VERSION"));

/// How the program ends. The numbers are documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The session ended, or was left.
    Ended = 0,
    /// No relay, or something unexpected.
    Failed = 1,
    /// The command line was wrong.
    Usage = 2,
    /// The relay refused.
    Refused = 3,
    /// Another device has this role.
    Superseded = 4,
    /// A file is sound, but not sealed.
    Unsealed = 5,
    /// The session was deleted.
    Deleted = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Does what the command line says.
///
/// # Errors
/// If there is no terminal, no relay or no memory; the text is for a person.
pub async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let memory = Memory::of_user();
    let mut resumed = None;
    let (relay, hello) = match &cli.command {
        Command::Host(host) => (cli.relay_or(None)?, create(host)),
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
            (cli.relay_or(relay)?, hello)
        }
        Command::Resume(resume) => {
            let last = memory
                .as_ref()
                .and_then(|memory| memory.last(resume.role.map(Role::from)));
            let Some(place) = last else {
                eprintln!("There is no session to come back to. Start one with: tapcue host");
                return Ok(Exit::Usage);
            };
            let hello = ToRelay::Resume {
                token: place.token.clone(),
                client: Some(CLIENT.into()),
            };
            let relay = cli.relay_or(Some(place.relay.parse()?))?;
            resumed = Some(place.session);
            (relay, hello)
        }
        Command::Past(command) => return Ok(past::run(&cli, command, memory).await),
    };
    let relay = match relay {
        Some(relay) => relay,
        None => match discover::relays().await.unwrap_or_default().as_slice() {
            [relay] => relay.clone(),
            [] => {
                if !cli.json {
                    eprintln!("No relay answers on this network; looking on this machine.");
                }
                DEFAULT_RELAY.parse()?
            }
            several => {
                eprintln!("Several relays are on this network. Say which one it is:");
                for relay in several {
                    eprintln!("  --relay {}", relay.http());
                }
                return Ok(Exit::Usage);
            }
        },
    };
    session(&cli, relay, hello, resumed, memory).await
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
            ..Options::default()
        }),
        client: Some(CLIENT.into()),
    }
}

async fn session(
    cli: &Cli,
    relay: RelayAddress,
    hello: ToRelay,
    resumed: Option<SessionId>,
    memory: Option<Memory>,
) -> anyhow::Result<Exit> {
    let address = relay.http();
    if !cli.json {
        eprintln!("Connecting to {address} …");
    }
    let device = Device::start(relay, hello);
    let mut snapshots = device.snapshots();
    let first = tokio::time::timeout(FIRST_WITHIN, first_answer(&mut snapshots)).await;
    let snapshot = match first {
        Ok(Ok(snapshot)) => snapshot,
        Ok(Err(refused)) => {
            if let (Some(memory), Some(session), Some(_)) = (&memory, resumed, refused.deleted()) {
                memory
                    .forget(session)
                    .context("the deleted session could not be forgotten here")?;
            }
            let text = message(&refused, cli);
            return Ok(fail(cli, exit_of(&refused), &text));
        }
        Err(_) => {
            let reason = newest_reason(&snapshots.borrow());
            let text = format!(
                "No relay answers at {address} ({reason}). Is tapcue-server running there? Name \
                 another one with --relay."
            );
            return Ok(fail(cli, Exit::Failed, &text));
        }
    };
    if let (Some(memory), Some(place)) = (&memory, place(&snapshot, &address))
        && let Err(error) = memory.keep(&place)
        && !cli.json
    {
        eprintln!("This session can neither be resumed after a crash nor read later: {error}");
    }
    let leave = if cli.json {
        script::run(&device).await
    } else {
        tui::run(&device, address.clone()).await
    };
    device.close().await;
    let leave = leave.context("the terminal is gone")?;
    let last = snapshots.borrow().clone();
    if let Some(memory) = &memory {
        remember(memory, leave, &last, &address)
            .context("what is remembered of this session could not be written")?;
    }
    if !cli.json {
        farewell(leave, &last);
    }
    Ok(match leave {
        Leave::Ended | Leave::Early => Exit::Ended,
        Leave::Unreachable => Exit::Failed,
        Leave::Refused => Exit::Refused,
        Leave::Superseded => Exit::Superseded,
    })
}

/// This device's place in the session; none if it has none.
fn place(snapshot: &Snapshot, relay: &str) -> Option<Place> {
    let welcome = snapshot.welcome.as_ref()?;
    Some(Place {
        relay: relay.to_owned(),
        session: welcome.session,
        role: welcome.role,
        token: welcome.token.clone(),
        opened_at: welcome.opened_at,
        used_at: clock::wall(),
        over: false,
    })
}

/// Remembers how a session was left. Of one that was deleted nothing is kept.
fn remember(memory: &Memory, leave: Leave, last: &Snapshot, relay: &str) -> std::io::Result<()> {
    let Some(place) = place(last, relay) else {
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
            snapshot.welcome.is_some()
        }
    };
    let answer = snapshots.wait_for(decided).await.map(|s| s.clone());
    // Without an answer the device is gone, which only a panic can cause.
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

/// Why it was refused: in the relay's words, which are written for people, where they fit a
/// terminal as well.
fn message(snapshot: &Snapshot, cli: &Cli) -> String {
    let refused = snapshot.notices.iter().rev().find_map(|n| match &n.what {
        What::Refused { code, message, .. } => Some((*code, message.clone())),
        What::Unreachable { .. } => None,
    });
    match (refused, &cli.command) {
        (Some((ErrorCode::BadMessage, _)), _) => {
            "The relay did not understand this client. Are both of the same version?".into()
        }
        (Some((_, message)), _) => message,
        (None, Command::Resume(_)) => ErrorCode::BadToken.message().into(),
        (None, Command::Host(_) | Command::Join(_) | Command::Past(_)) => {
            "The relay refused this device.".into()
        }
    }
}

fn newest_reason(snapshot: &Snapshot) -> String {
    match snapshot.notices.back().map(|notice| &notice.what) {
        Some(What::Unreachable { reason }) => reason.clone(),
        Some(What::Refused { message, .. }) => message.clone(),
        None => "no answer".into(),
    }
}

/// Says why a command was not done.
pub(crate) fn fail(cli: &Cli, exit: Exit, text: &str) -> Exit {
    if cli.json {
        println!(
            "{}",
            serde_json::json!({ "type": "failed", "message": text, "exit": exit as u8 })
        );
    } else {
        eprintln!("{text}");
    }
    exit
}

fn farewell(leave: Leave, last: &Snapshot) {
    let text = match (leave, last.deleted()) {
        (Leave::Ended, Some(deleted)) => deleted,
        (Leave::Ended, None) => "The session has ended. Read it with: tapcue show",
        (Leave::Early, _) => "You left; the session is held. Come back with: tapcue resume",
        (Leave::Unreachable, _) => {
            "There is no link to the relay. Hands off; come back with: tapcue resume"
        }
        (Leave::Refused, _) => "The relay refused this device.",
        (Leave::Superseded, _) => "Another device took over this role.",
    };
    eprintln!("{text}");
}
