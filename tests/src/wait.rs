//! Waiting for a condition, with a deadline. The only place where a test lets time pass.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// For what must happen and has no promised bound of its own: as long as a slow machine may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition is looked at, where nothing announces a change.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The value that `look` finds within [`PATIENCE`].
///
/// # Panics
/// When it finds none, with `what` was waited for.
pub async fn until<T>(what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// The value that `look` finds within `time`.
///
/// # Panics
/// When it finds none, with `what` was waited for.
pub async fn within<T>(
    time: Duration,
    what: impl Display,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + time;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {time:?}");
        sleep(LOOK_EVERY).await;
    }
}

/// Lets time pass until a moment at which something is to be done: where the moment is what is
/// tested.
pub async fn at(moment: Instant) {
    tokio::time::sleep_until(moment).await;
}
