//! The terminal client in a pseudo terminal of 80×24: its screen as text, and keys.

pub mod session;

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::timeout;
use vt100::{Color, Parser};

use crate::folder::folder;
use crate::relay::binary;
use crate::wait::{self, PATIENCE};

/// The smallest terminal that the client promises to work in.
const SIZE: PtySize = PtySize {
    rows: 24,
    cols: 80,
    pixel_width: 0,
    pixel_height: 0,
};

/// How long a key may take to have its effect before it is pressed again. The client ignores a key too
/// soon after its screen, and takes one that comes again within 700 ms as a repeat.
const KEY_EFFECT: Duration = Duration::from_millis(800);

/// How often a held key repeats, as on most keyboards.
const REPEAT_EVERY: Duration = Duration::from_millis(33);

/// A key that is held down. Dropping it releases the key.
#[derive(Debug)]
pub struct Held {
    _held: Sender<()>,
}

/// A terminal client. Dropping it ends the process.
pub struct Terminal {
    name: String,
    screen: Arc<Mutex<Parser>>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

impl Terminal {
    /// Runs `tapcue` with `args` for the relay at `relay`. `name` stands in failure messages.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn run(name: &str, relay: &str, args: &[&str]) -> Self {
        let home = folder();
        let pair = native_pty_system()
            .openpty(SIZE)
            .expect("a pseudo terminal");
        let mut command = CommandBuilder::new(binary("tapcue"));
        command.args(args);
        command.args(["--relay", relay]);
        command.env("TERM", "xterm-256color");
        // The client speaks English, whatever language the machine has.
        command.env("LC_ALL", "C");
        command.env("TAPCUE_STATE_DIR", home.path());
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the terminal client");
        drop(pair.slave);
        let keys = pair.master.take_writer().expect("its keyboard");
        let mut output = pair.master.try_clone_reader().expect("its screen");
        let side = |cells| NonZeroU16::new(cells).expect("a side with cells");
        let blank = Parser::new(side(SIZE.rows), side(SIZE.cols), 0);
        let screen = Arc::new(Mutex::new(blank));
        let painted = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                painted.lock().expect("the screen").process(&bytes[..read]);
            }
        });
        Self {
            name: name.into(),
            screen,
            keys: Arc::new(Mutex::new(keys)),
            child,
            master: pair.master,
            _home: home,
        }
    }

    /// The text on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    /// How many cells have one of these background colours, of the basic 16.
    #[must_use]
    pub fn cells_on(&self, colours: &[Color]) -> usize {
        let parser = self.screen.lock().expect("the screen");
        let places = (0..SIZE.rows).flat_map(|row| (0..SIZE.cols).map(move |col| (row, col)));
        let cells = places.filter_map(|(row, col)| parser.screen().cell(row, col));
        cells
            .filter(|cell| colours.contains(&cell.bgcolor()))
            .count()
    }

    /// Types these keys.
    ///
    /// # Panics
    /// When the client takes no keys.
    pub fn press(&mut self, keys: &str) {
        let pressed = type_in(&self.keys, keys);
        pressed.unwrap_or_else(|error| panic!("{}: {error}\n{}", self.name, self.text()));
    }

    /// Holds a key down. It repeats, and nothing reports its release, as on most terminals.
    #[must_use]
    pub fn hold(&mut self, key: &str) -> Held {
        let (held, released) = channel::<()>();
        let (keys, key) = (Arc::clone(&self.keys), key.to_owned());
        std::thread::spawn(move || {
            while type_in(&keys, &key).is_ok()
                && released.recv_timeout(REPEAT_EVERY) == Err(RecvTimeoutError::Timeout)
            {
            }
        });
        Held { _held: held }
    }

    /// Waits until the screen satisfies `is`, and returns its text.
    ///
    /// # Panics
    /// When it does not in time; the message contains the screen.
    pub async fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let screen = || Some(self.text()).filter(|text| is(text));
        let looking = wait::within(PATIENCE * 2, what, async || screen());
        match timeout(PATIENCE, looking).await {
            Ok(text) => text,
            Err(_) => panic!("{}: expected {what}\n{}", self.name, self.text()),
        }
    }

    /// Waits until the screen contains this text.
    pub async fn until_text(&self, text: &str) -> String {
        self.until(&format!("{text:?}"), |screen| screen.contains(text))
            .await
    }

    /// Presses `keys` again and again until the screen satisfies `is`.
    ///
    /// # Panics
    /// When it does not in time; the message contains the screen.
    pub async fn press_until(&mut self, keys: &str, what: &str, is: impl Fn(&str) -> bool) {
        let pressing = async {
            while !is(&self.text()) {
                self.press(keys);
                let effect = wait::within(PATIENCE, what, async || is(&self.text()).then_some(()));
                // Without the effect, the keys are pressed again.
                let _ = timeout(KEY_EFFECT, effect).await;
            }
        };
        if timeout(PATIENCE, pressing).await.is_err() {
            panic!(
                "{}: expected {what} by {keys:?}\n{}",
                self.name,
                self.text()
            );
        }
    }

    /// Sends a signal to the client, as a shell does.
    ///
    /// # Panics
    /// When the client is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal");
    }

    fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("a client that runs");
        Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id above 0")
    }

    /// Waits until the client is suspended.
    pub async fn until_it_stands_still(&self) {
        let stat = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        wait::until("a client that stands still", async || {
            let stat = std::fs::read_to_string(&stat).ok()?;
            let (_, state) = stat.rsplit_once(')')?;
            state.starts_with(" T").then_some(())
        })
        .await;
    }

    /// Writes as a shell that has taken the terminal: lines are edited and echoed.
    ///
    /// # Panics
    /// When the terminal does not allow it.
    pub fn shell_writes(&self, text: &str) {
        let name = self.master.tty_name().expect("the terminal's name");
        let mut tty = File::options()
            .read(true)
            .write(true)
            .open(name)
            .expect("the terminal");
        let stdin = tty.try_clone().expect("the terminal");
        let sane = Command::new("stty").arg("sane").stdin(stdin).status();
        assert!(sane.expect("`stty` of coreutils").success());
        tty.write_all(text.as_bytes())
            .expect("a terminal that takes text");
    }

    /// Waits until the client has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn gone(&mut self) -> ExitStatus {
        let child = &mut self.child;
        wait::until("the terminal client's end", async || {
            child.try_wait().ok().flatten()
        })
        .await
    }
}

fn type_in(keyboard: &Mutex<Box<dyn Write + Send>>, keys: &str) -> std::io::Result<()> {
    let mut keyboard = keyboard.lock().expect("the keyboard");
    keyboard.write_all(keys.as_bytes())?;
    keyboard.flush()
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
