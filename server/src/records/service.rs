//! Reading and deleting a recorded session, for holders of its tokens. These operations go straight to the
//! journal, outside a cue's path.

use std::sync::Arc;
use std::time::Duration;

use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::limits::STOP_AFTER_END_MS;
use tapcue_rules::message::Secret;
use tapcue_rules::time::Millis;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::journal::Deletion;
use crate::session::notes::{Denied, Note};
use crate::session::registry::Registry;
use crate::session::task::{Control, NoteRequest};
use crate::session::token::{self, TokenHash, whose};

/// How long a caller waits for a deletion or a note to become durable. After a timeout it still becomes
/// durable once the disk is back.
const WAITS: Duration = Duration::from_secs(10);

/// How long a deletion waits for an open stop of the session: longer than a stop can come after the end.
const OPEN_STOP_WAITS: Duration = Duration::from_millis(STOP_AFTER_END_MS + 2_000);

impl Registry {
    /// Returns whose token this is, and when the session is to be deleted, if that is recorded.
    async fn whose(
        &self,
        session: SessionId,
        token: &Secret,
    ) -> Result<(Role, Option<Millis>), Denied> {
        if token::session(token) != Some(session) {
            return Err(Denied::BadToken);
        }
        let hash = TokenHash::of(token);
        if let Some(meta) = self.context.journal.meta(session).await? {
            let role = whose(&meta.admissions, &hash).ok_or(Denied::BadToken)?;
            return Ok((role, meta.delete_at));
        }
        let deletion = self.deletion(session, &hash).await?;
        Err(deletion.map_or(Denied::BadToken, Denied::Deleted))
    }

    /// Returns whose token this is, if the session may be read and added to: it must not be past its date.
    pub async fn readable(&self, session: SessionId, token: &Secret) -> Result<Role, Denied> {
        let (role, delete_at) = self.whose(session, token).await?;
        let date = self.context.clock.date();
        if delete_at.is_some_and(|at| at <= date) && self.handle(session).is_none() {
            return Err(Denied::Hidden);
        }
        Ok(role)
    }

    /// Deletes a session for both people at the request of one. A session in progress ends first.
    ///
    /// # Errors
    /// [`Denied::OpenStop`]: the session has ended, and is not deleted.
    pub async fn delete_for(
        self: &Arc<Self>,
        session: SessionId,
        token: &Secret,
    ) -> Result<(), Denied> {
        let (role, _) = self.whose(session, token).await?;
        let registry = Arc::clone(self);
        // A task of its own, because the caller may disconnect while a stop can still come.
        let deleting = self.tasks.spawn(async move {
            registry.let_go(session, role).await?;
            registry.delete(session, Some(role)).await
        });
        deleting.await.map_err(|_| Denied::Slow)?
    }

    /// Ends a session in progress, and waits until its record may be deleted.
    async fn let_go(self: &Arc<Self>, session: SessionId, by: Role) -> Result<(), Denied> {
        if self.may_go(session) {
            return Ok(());
        }
        let handle = self.session(session, false).ok_or(Denied::Slow)?;
        let ending = handle.mailbox.post_control(Control::End(by));
        ending.map_err(|_| Denied::Slow)?;
        tokio::select! {
            _ = handle.may_go.wait() => Ok(()),
            () = tokio::time::sleep(OPEN_STOP_WAITS) => Err(Denied::OpenStop),
            () = self.going_down() => Err(Denied::Slow),
        }
    }

    /// Whether a session's record may be deleted. If the session is not in memory, its devices must have been
    /// gone for a minute and have had time to come back.
    pub(crate) fn may_go(&self, session: SessionId) -> bool {
        let handle = self.handle(session);
        handle.map_or_else(
            || self.finished.is_settled(),
            |handle| handle.may_go.initialized(),
        )
    }

    /// Deletes a session at the request of a role, or because it is due. Connected devices are told.
    pub async fn delete(&self, session: SessionId, by: Option<Role>) -> Result<(), Denied> {
        let at = self.context.clock.date();
        // After this call nothing can be appended to it.
        let deleting = self.context.journal.delete(session, Deletion { by, at });
        if let Some(handle) = self.handle(session) {
            // A task with a closed mailbox ends by itself; a full mailbox makes the task close every device.
            let _ = handle.mailbox.post_control(Control::Deleted(by));
        }
        let done = timeout(WAITS, deleting).await;
        done.map_err(|_| Denied::Slow)??;
        tracing::info!(%session, by = by.map(Role::as_str), "deleted");
        Ok(())
    }

    /// Adds a note or a marker to a session that is over. It is durable when this resolves.
    pub async fn note(
        self: &Arc<Self>,
        session: SessionId,
        token: &Secret,
        note: Note,
    ) -> Result<(), Denied> {
        let role = self.readable(session, token).await?;
        let handle = self.session(session, false).ok_or(Denied::Slow)?;
        let (reply, answer) = oneshot::channel();
        let note = Control::Note(Box::new(NoteRequest { role, note, reply }));
        if handle.mailbox.post_control(note).is_err() {
            return Err(Denied::Slow);
        }
        answer.await.map_err(|_| Denied::Slow)??;
        let flushed = timeout(WAITS, self.context.journal.flush()).await;
        flushed.map_err(|_| Denied::Slow)??;
        self.finished.look_at(session);
        Ok(())
    }
}
