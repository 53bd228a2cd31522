//! The messages to a session's task, and the handle by which the rest of the relay reaches it.

use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::message::{ErrorCode, Flaw, Secret, ToDevice};
use tapcue_rules::state::{LinkStatus, Name, Options};
use tokio::sync::{SetOnce, oneshot};
use tokio::time::Instant;

use crate::session::device_handle::{DeviceHandle, Pulse};
use crate::session::mailbox::Mailbox;
use crate::session::notes::{Denied, Note};

/// The handle by which the rest of the relay reaches a session.
#[derive(Debug)]
pub struct SessionHandle {
    /// The session's id.
    pub id: SessionId,
    /// The mailbox of its task.
    pub mailbox: Mailbox<Stop, Control, DeviceMessage>,
    /// The values that heartbeat answers are made from.
    pub pulse: Pulse,
    /// Set once both roles have a token, so that the session has two devices.
    pub paired: SetOnce<()>,
    /// Set once its record may be deleted: it has ended, no stop can come, and no open stop waits.
    pub may_go: SetOnce<()>,
}

/// A stop or a lifted thumb from a device.
#[derive(Debug)]
pub struct Stop {
    /// The connection that it came from.
    pub device: Arc<DeviceHandle>,
    /// The id that its device made.
    pub id: Id,
    /// The stop, or the lifted thumb.
    pub what: What,
    /// What was malformed about it, if anything.
    pub flaw: Option<Flaw>,
    /// When its frame was read.
    pub read_at: Instant,
}

/// Any other message from a device.
#[derive(Debug)]
pub struct DeviceMessage {
    /// The connection that it came from.
    pub device: Arc<DeviceHandle>,
    /// What it asks for.
    pub request: Box<Request>,
}

/// What a device's message asks of its session.
#[derive(Debug)]
pub enum Request {
    /// To record this, under the id that the device gave it, if any.
    Record(Option<Id>, What),
    /// A fresh code for the free role.
    RenewCode,
}

/// A control message, such as an arrival, a link change or a deletion.
#[derive(Debug)]
pub enum Control {
    /// A device asks to be let in.
    Arrive(Box<Arrival>),
    /// A connection's link changed.
    Link(Arc<DeviceHandle>, LinkStatus),
    /// A connection has ended.
    Leave(Arc<DeviceHandle>),
    /// Wrong guesses burned this session's code.
    Burned,
    /// No device came back to this session, which was never live.
    Abandoned,
    /// This role deletes the session, so it ends.
    End(Role),
    /// A note on an ended session.
    Note(Box<NoteRequest>),
    /// The session was deleted, by this role or because its retention time was over.
    Deleted(Option<Role>),
    /// The relay is shutting down.
    ShutDown,
}

/// A request by HTTP to add a note.
#[derive(Debug)]
pub struct NoteRequest {
    /// The role of the note's author.
    pub role: Role,
    /// The note.
    pub note: Note,
    /// The channel for the answer.
    pub reply: oneshot::Sender<Result<(), Denied>>,
}

/// A device that asks to be let in.
#[derive(Debug)]
pub struct Arrival {
    /// How it arrives.
    pub kind: ArrivalKind,
    /// Its client software, for the transcript.
    pub client: Option<String>,
    /// Its token, which the welcome returns.
    pub token: Secret,
    /// The base URL of the QR link: `http://host:port`.
    pub base: Option<Arc<str>>,
    /// The channel for the answer.
    pub reply: oneshot::Sender<Result<Arrived, ErrorCode>>,
}

/// How a device arrives.
#[derive(Clone, Debug)]
pub enum ArrivalKind {
    /// It opens the session.
    Create(Role, Option<Name>, Options),
    /// It has redeemed the code or link.
    Join {
        /// The role that the code or link is for.
        role: Role,
        /// The person's name.
        name: Option<Name>,
        /// Whether the code or link was used before. If so, the device is let in only while no message came
        /// from the device that used it first.
        again: bool,
    },
    /// It was in the session before.
    Resume,
}

/// A device that was let in.
#[derive(Debug)]
pub struct Arrived {
    /// The handle of its connection.
    pub device: Arc<DeviceHandle>,
    /// Its first frame.
    pub welcome: ToDevice,
}
