//! Lines for a program that may be slow to read them, or not read at all.

use std::io::{self, Write};

use tokio::sync::mpsc;

use super::Output;
use crate::tui::app::Shown;

/// Lines that wait to be written. When full, further ones are dropped and counted: a session goes on
/// without its reader.
const LINES_AT_MOST: usize = 256;

/// Writes lines on a thread of its own, so that a reader that does not read is in nobody's way.
pub(super) struct Printer {
    lines: mpsc::Sender<(String, Vec<Shown>)>,
    dropped: u64,
}

impl Printer {
    /// Begins; what is reported is what was on lines that were written.
    ///
    /// # Errors
    /// There can be no thread.
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

    /// Has a line written, or drops it if too many wait.
    ///
    /// # Errors
    /// The output takes nothing any more.
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

    /// Once lines are taken again: says how many were dropped. Then all that is so is to be printed.
    ///
    /// # Errors
    /// The output takes nothing any more.
    pub(super) fn caught_up(&mut self) -> io::Result<bool> {
        if self.dropped == 0 || self.lines.capacity() < LINES_AT_MOST / 2 {
            return Ok(false);
        }
        let lines = std::mem::take(&mut self.dropped);
        self.line(&Output::Dropped { lines }, Vec::new())?;
        Ok(true)
    }

    /// Waits until everything is written, as long as somebody takes it.
    pub(super) async fn finish(self, printed: &mut mpsc::Receiver<Vec<Shown>>) {
        drop(self.lines);
        let written = async { while printed.recv().await.is_some() {} };
        // Whoever does not read the last lines either has left.
        let _ = tokio::time::timeout(super::LAST_LINES_WITHIN, written).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// An output that waits before each write until it is let on.
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
        // One may be in the writer's hand already.
        let dropped = printer.dropped;
        assert!((99..=100).contains(&dropped), "{dropped}");
        // A line and its end are written one by one.
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
