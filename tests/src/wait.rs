//! Waits for a condition, up to a deadline.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a test waits for what must happen but has no promised bound, with room for a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often [`within`] checks its condition.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Returns the value that `look` finds within [`PATIENCE`].
///
/// # Panics
/// When it finds none in time; the message contains `what`.
pub async fn until<T>(what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// Returns the value that `look` finds within `time`.
///
/// # Panics
/// When it finds none in time; the message contains `what`.
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

/// Sleeps until `moment`, where a test is about what happens at that moment.
pub async fn at(moment: Instant) {
    tokio::time::sleep_until(moment).await;
}
