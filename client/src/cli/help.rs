//! The text that `--help` prints below the flags.

use tapcue_rules::cue::Cue;

/// The width of the text.
const WIDTH: usize = 100;

/// Keys, input lines, files, exit codes.
pub(super) fn after() -> String {
    let cues = Cue::ALL.map(Cue::as_str).join(", ");
    let lines = wrapped(&format!(
        "With --json, input lines are: {cues}, ack, thumb down|up, confirm set_up yes|no, confirm \
         warning_signs yes|no, renew, end, leave. When the input ends, the thumb counts as lifted."
    ));
    format!("{BEFORE}\n\n{lines}\n\n{REST}")
}

/// A paragraph in lines of at most [`WIDTH`].
fn wrapped(paragraph: &str) -> String {
    let mut lines = String::new();
    let mut room = WIDTH;
    for word in paragraph.split(' ') {
        if word.len() < room {
            if room < WIDTH {
                lines.push(' ');
            }
        } else {
            lines.push('\n');
            room = WIDTH;
        }
        lines.push_str(word);
        room = room.saturating_sub(word.len() + 1);
    }
    lines
}

const BEFORE: &str = "\
Keys: Space or Esc means stop on every screen. ? shows the other keys.

In a session with --hold-to-consent the receiver holds f or j down (the two keys with a bump), or
taps t at least every 10 seconds. Terminals that report key releases detect it at once when a key is
let go (Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty and others). Others rely on key
repeat, so pressing another key interrupts the hold and f or j must be pressed again at once.";

const REST: &str = "\
Afterwards: sessions lists them, show reads one, export writes it to a file, verify checks such a
file, note adds to it, delete removes it for both people. With --json each prints one object;
show prints the transcript's own JSON, and delete needs --yes.

Files: this device’s last 100 sessions, each with its access token. Only you can read them. They are
in the folder “sessions” in your platform’s state directory or in TAPCUE_STATE_DIR. A file is removed
when its session is deleted.

Environment: TAPCUE_CA supplies --ca if it is not given; later commands for a session use the CA the
session was joined with. TAPCUE_RELAY supplies --relay for host, join and resume. The other commands
ask the server that the session was on, or the one that --relay names.

Exit codes:
  0  success: the session ended or you left; the command succeeded; verify: sealed and unchanged
  1  the server was unreachable, or an unexpected error; verify, show and export of a file: the file
     is not valid (the first problem is printed)
  2  bad command line, or something it names does not exist; verify: the file or the server could
     not be read
  3  the server refused: unknown code, session full, invalid token, or not allowed now
  4  another device took over this role
  5  verify: unchanged so far, but not sealed: the end is not signed
  6  the session was deleted (it prints by whom)";
