//! Prints lines for a program that may read them slowly or not at all.

use std::io::{self, Write};

use tokio::sync::mpsc;

use super::Output;
use crate::tui::app::Shown;

/// The maximum number of lines that wait to be written. When it is reached, further lines are dropped and
/// counted, and the session goes on without its reader.
const LINES_AT_MOST: usize = 256;

/// Writes lines on its own thread, so that a reader that stopped reading delays nothing else.
pub(super) struct Printer {
    lines: mpsc::Sender<(String, Vec<Shown>)>,
    dropped: u64,
}

impl Printer {
    /// Starts the thread. The receiver gets the painted items of the lines that were written.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn start() -> io::Result<(Self, mpsc::Receiver<Vec<Shown>>)> {
        Self::to(io::stdout())
    }

    fn to(mut out: impl Write + Send + 'static) -> io::Result<(Self, mpsc::Receiver<Vec<Shown>>)> {
        let (lines, mut queue) = mpsc::channel::<(String, Vec<Shown>)>(LINES_AT_MOST);
        let (tell, printed) = mpsc::channel(LINES_AT_MOST);
        std::thread::Builder::new()
            .name("printer".into())
            .spawn(move || {
                while let Some((line, ids)) = queue.blocking_recv() {
                    let wrote = writeln!(out, "{line}").and_then(|()| out.flush());
                    if wrote.is_err() || tell.blocking_send(ids).is_err() {
                        return;
                    }
                }
            })?;
        Ok((Self { lines, dropped: 0 }, printed))
    }

    /// Queues a line, or drops it if too many wait.
    ///
    /// # Errors
    /// The output cannot be written any more.
    pub(super) fn line(&mut self, output: &Output, ids: Vec<Shown>) -> io::Result<()> {
        let line = serde_json::to_string(output)?;
        match self.lines.try_send((line, ids)) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.dropped += 1;
                Ok(())
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Prints how many lines were dropped, once lines can be written again. True if the whole current state
    /// must be printed again.
    ///
    /// # Errors
    /// The output cannot be written any more.
    pub(super) fn caught_up(&mut self) -> io::Result<bool> {
        if self.dropped == 0 || self.lines.capacity() < LINES_AT_MOST / 2 {
            return Ok(false);
        }
        let lines = std::mem::take(&mut self.dropped);
        self.line(&Output::Dropped { lines }, Vec::new())?;
        Ok(true)
    }

    /// Waits until every line is written, within a time limit.
    pub(super) async fn finish(self, printed: &mut mpsc::Receiver<Vec<Shown>>) {
        drop(self.lines);
        let written = async { while printed.recv().await.is_some() {} };
        // A reader that does not take the last lines has left.
        let _ = tokio::time::timeout(super::LAST_LINES_WITHIN, written).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// An output that waits for permission before each write.
    struct Slow(Receiver<()>, std::sync::mpsc::Sender<String>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
            self.0.recv().map_err(gone)?;
            let _ = self.1.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_reader_that_does_not_read_costs_lines_which_are_counted() {
        let (let_on, gate) = channel();
        let (tell, written) = channel();
        let (mut printer, mut printed) = Printer::to(Slow(gate, tell)).unwrap();
        for _ in 0..LINES_AT_MOST + 100 {
            printer.line(&Output::Shout, Vec::new()).unwrap();
        }
        assert!(!printer.caught_up().unwrap());
        // The writer may already have taken one line.
        let dropped = printer.dropped;
        assert!((99..=100).contains(&dropped), "{dropped}");
        // A line and its line break are two writes.
        for _ in 0..4 * LINES_AT_MOST {
            let_on.send(()).unwrap();
        }
        while printer.lines.capacity() < LINES_AT_MOST {
            printed.recv().await.unwrap();
        }
        assert!(printer.caught_up().unwrap() && !printer.caught_up().unwrap());
        printer.finish(&mut printed).await;
        let lines: String = written.try_iter().collect();
        let last = lines.lines().last().unwrap();
        assert_eq!(last, format!(r#"{{"type":"dropped","lines":{dropped}}}"#));
    }
}
