//! The fold over all entries of a session, in the background.

use tapcue_rules::ids::SessionId;

use super::{Journal, JournalError, Numbered, Priority};
use crate::background;

/// Applies `step` to every entry of a session, page by page, and returns the state.
///
/// # Errors
/// The journal cannot be read.
pub(crate) async fn fold<T: Send + 'static>(
    journal: &dyn Journal,
    session: SessionId,
    mut state: T,
    step: fn(&mut T, &Numbered),
) -> Result<T, JournalError> {
    let mut after = 0;
    loop {
        let page = journal.page(session, after, Priority::Background).await?;
        after = page.entries.last().map_or(after, |last| last.seq);
        let more = page.more;
        let stepped = background::run(move || {
            page.entries
                .iter()
                .for_each(|entry| step(&mut state, entry));
            state
        });
        state = stepped.await.ok_or(JournalError::Unavailable)?;
        if !more {
            return Ok(state);
        }
    }
}
