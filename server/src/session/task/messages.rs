//! What is posted to a session's task, and how the rest of the relay reaches it.

use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::message::{ErrorCode, Flaw, Secret, ToDevice, ToRelay};
use tapcue_rules::state::{LinkStatus, Name, Options};
use tokio::sync::{SetOnce, oneshot};
use tokio::time::Instant;

use crate::session::device_handle::{DeviceHandle, Pulse};
use crate::session::mailbox::Mailbox;
use crate::session::notes::{Denied, Note};

/// How the rest of the relay reaches a session.
#[derive(Debug)]
pub struct SessionHandle {
    /// Which session.
    pub id: SessionId,
    /// Where to post to its task.
    pub mailbox: Mailbox<Stop, Control, DeviceMessage>,
    /// What beats are answered from.
    pub pulse: Pulse,
    /// Set as soon as it has two devices' worth of tokens, so that whoever is in it is not alone.
    pub paired: SetOnce<()>,
    /// Set as soon as its record may be deleted: it is over, no stop can come, and none waits.
    pub may_go: SetOnce<()>,
}

/// A stop of a device, or a lifted thumb.
#[derive(Debug)]
pub struct Stop {
    /// Whose connection.
    pub device: Arc<DeviceHandle>,
    /// The id its device made.
    pub id: Id,
    /// The stop, or the lifted thumb.
    pub what: What,
    /// What was no good about it.
    pub flaw: Option<Flaw>,
    /// When its frame was read.
    pub read_at: Instant,
}

/// Anything else a device says.
#[derive(Debug)]
pub struct DeviceMessage {
    /// Whose connection.
    pub device: Arc<DeviceHandle>,
    /// What.
    pub message: Box<ToRelay>,
}

/// A change of who is there.
#[derive(Debug)]
pub enum Control {
    /// A device wants in.
    Arrive(Box<Arrival>),
    /// A connection's link changed.
    Link(Arc<DeviceHandle>, LinkStatus),
    /// A connection is gone.
    Leave(Arc<DeviceHandle>),
    /// The code of this session was burned by wrong guesses.
    Burned,
    /// No device came back to this session, which was never live.
    Abandoned,
    /// This role deletes the session, which ends it.
    End(Role),
    /// A note on a session that is over.
    Note(Box<NoteRequest>),
    /// The session was deleted, by this role or because its time was up.
    Deleted(Option<Role>),
    /// The relay is going down.
    ShutDown,
}

/// A note that came by HTTP.
#[derive(Debug)]
pub struct NoteRequest {
    /// Whose.
    pub role: Role,
    /// It.
    pub note: Note,
    /// Where to answer.
    pub reply: oneshot::Sender<Result<(), Denied>>,
}

/// A device that wants in.
#[derive(Debug)]
pub struct Arrival {
    /// How.
    pub how: ArrivalKind,
    /// Its client, for the transcript.
    pub client: Option<String>,
    /// Its token, to be given back in the welcome.
    pub token: Secret,
    /// Where the QR link leads: `http://host:port`.
    pub base: Option<Arc<str>>,
    /// Where to answer.
    pub reply: oneshot::Sender<Result<Arrived, ErrorCode>>,
}

/// How a device comes in.
#[derive(Clone, Debug)]
pub enum ArrivalKind {
    /// It opened the session.
    Create(Role, Option<Name>, Options),
    /// It has redeemed the code or link.
    Join {
        /// Which role the code or link is for.
        role: Role,
        /// What to call this person.
        name: Option<Name>,
        /// Whether the code or link has served before. Then there is room only while the relay has
        /// heard nothing from the device that it served.
        again: bool,
    },
    /// It has been here before.
    Resume,
}

/// A device that is in.
#[derive(Debug)]
pub struct Arrived {
    /// Its device.
    pub device: Arc<DeviceHandle>,
    /// The first frame for it.
    pub welcome: ToDevice,
}
