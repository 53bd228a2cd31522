//! What `--help` says below the flags.

/// Keys, input lines, files, exit codes.
pub(super) const AFTER: &str = "\
Keys: space or Esc stops, on every screen; ? shows the others.

In a session with --hold-to-consent the receiver holds f or j down (the two keys with a bump), or
taps t at least every 10 seconds. Terminals that report key releases tell at once when a key is let
go (Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty and others); on any other the key's
own repeats tell, so another key interrupts the hold and f or j must be pressed again at once.

With --json, input lines are: stop, ready, slower, more_pressure, ease_up, stay, left, right, good,
check_in, ack, thumb down|up, confirm set_up yes|no, confirm warning_signs yes|no, renew, end,
leave. When the input ends, the thumb is up.

Afterwards: sessions lists them, show reads one, export writes it to a file, verify checks such a
file, note adds to it, delete removes it for both people. With --json each prints one object;
show prints the transcript's own JSON, and delete needs --yes.

Files: this device's places in the last 100 sessions, each with the token that opens it. They are
readable by you alone, in the folder sessions of the state directory of your platform or of
TAPCUE_STATE_DIR. A place goes when its session is deleted.

Environment: TAPCUE_CA is --ca where that is not given; later commands for a session take the file
that its place was taken with. TAPCUE_RELAY is the relay of host, join and resume where --relay does not name one.
The other commands ask the relay that the session was on, or the one that --relay names.

Exit codes:
  0  the session ended, or you left it; the command did what it says; verify: sealed and sound
  1  the relay was not reachable, or something unexpected happened; verify, show and export of a
     file: it is broken, and the first thing wrong is named
  2  the command line was wrong, or names what is not there; verify: nothing was verified, because
     the file or the relay could not be read
  3  the relay refused: unknown code, session taken, a token that opens nothing, not now
  4  another device took over this role
  5  verify: sound so far, but not sealed: nobody has signed how far it goes
  6  the session was deleted; by whom is said";
