//! The relay's log on standard error. No task waits for its reader. Lines that are not read in time are
//! dropped and counted, and the count is logged once lines are read again.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait to be written. At about 150 bytes a line that is 600 kB; a burst at the level
/// `debug` is far shorter.
const LINES_AT_MOST: usize = 4_096;

/// How long the last lines may take when the relay ends. After that it ends without them.
const LAST_LINES_WITHIN: Duration = Duration::from_millis(500);

/// The sending end of the log, which never waits.
#[derive(Clone, Debug)]
pub struct Log {
    lines: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

/// A message to the writing thread.
#[derive(Debug)]
enum Line {
    Text(Vec<u8>),
    /// Dropped when every line before it is written.
    Mark(#[expect(dead_code, reason = "dropped, not looked at")] SyncSender<()>),
}

impl Log {
    /// Starts a log that writes to `out` on a thread of its own.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, queue) = sync_channel(LINES_AT_MOST);
        let dropped = Arc::default();
        let writer = Writer {
            out,
            dropped: Arc::clone(&dropped),
        };
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || writer.run(&queue))?;
        Ok(Self { lines, dropped })
    }

    /// Waits until the logged lines are written, with a short timeout.
    pub fn finish(&self) {
        let (mark, written) = sync_channel(0);
        let lines = self.lines.clone();
        // If the queue stays full, this thread is left behind.
        std::thread::spawn(move || lines.send(Line::Mark(mark)));
        // In both cases there is nothing more to do.
        let _: Result<(), RecvTimeoutError> = written.recv_timeout(LAST_LINES_WITHIN);
    }
}

impl Write for &Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self.lines.try_send(Line::Text(text.to_vec())) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Log;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

struct Writer<W> {
    out: W,
    dropped: Arc<AtomicU64>,
}

impl<W: Write> Writer<W> {
    fn run(mut self, queue: &Receiver<Line>) {
        while let Ok(line) = queue.recv() {
            let Line::Text(text) = line else { continue };
            if self.out.write_all(&text).is_err() {
                // For example, the disk is full. The count is logged once there is room.
                self.dropped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                let lines = if dropped == 1 { "line" } else { "lines" };
                let said = format!("{dropped} {lines} of log were dropped: nothing read them\n");
                if self.out.write_all(said.as_bytes()).is_err() {
                    self.dropped.fetch_add(dropped, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Logs panics. The standard hook would wait for the reader of standard error.
pub fn tell_of_panics() {
    std::panic::set_hook(Box::new(|info| {
        let trace = std::backtrace::Backtrace::capture();
        if trace.status() == std::backtrace::BacktraceStatus::Captured {
            tracing::error!("{info}\n{trace}");
        } else {
            tracing::error!("{info}");
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// An output that waits for permission before each write, and may fail.
    struct Slow {
        gate: Receiver<io::Result<()>>,
        text: Arc<Mutex<String>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.gate.recv() {
                Ok(may) => may?,
                Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
            let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Log, Sender<io::Result<()>>, Arc<Mutex<String>>) {
        let (let_on, gate) = channel();
        let text: Arc<Mutex<String>> = Arc::default();
        let out = Slow {
            gate,
            text: Arc::clone(&text),
        };
        (Log::start(out).unwrap(), let_on, text)
    }

    fn log(log: &Log, line: &str) {
        let mut near = log;
        near.write_all(line.as_bytes()).unwrap();
    }

    #[test]
    fn what_nobody_reads_is_dropped_and_counted() {
        let (near, let_on, text) = slow();
        let lines = LINES_AT_MOST + 1_000;
        for n in 0..lines {
            log(&near, &format!("{n}\n"));
        }
        // The writer may already hold one line.
        let dropped = near.dropped.load(Ordering::SeqCst);
        assert!((999..=1_000).contains(&dropped), "{dropped}");
        // `finish` times out, because the output blocks.
        near.finish();
        for _ in 0..=lines {
            let_on.send(Ok(())).unwrap();
        }
        near.finish();
        let text = text.lock().unwrap();
        let said = format!("{dropped} lines of log were dropped: nothing read them");
        assert_eq!(text.matches("dropped").count(), 1);
        assert!(text.contains(&said), "{said}");
        assert_eq!(text.lines().count(), lines + 1 - dropped as usize);
    }

    #[test]
    fn an_output_that_fails_costs_lines_and_nothing_else() {
        let (near, let_on, text) = slow();
        for n in 0..3 {
            log(&near, &format!("{n}\n"));
        }
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        for may in [Err(full()), Err(full()), Ok(()), Ok(())] {
            let_on.send(may).unwrap();
        }
        near.finish();
        let text = text.lock().unwrap();
        assert_eq!(*text, "2\n2 lines of log were dropped: nothing read them\n");
    }
}
