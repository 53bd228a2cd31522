//! What `--help` says: below the flags in English, and all of it in the other languages.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use tapcue_shared::language::Language;

use crate::words::{Help, say};

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

/// The language that arguments ask for, before they are read. Which it is decides how they are
/// answered.
pub(super) fn asked(arguments: &[OsString]) -> Option<Language> {
    let mut arguments = arguments.iter().filter_map(|one| one.to_str());
    while let Some(one) = arguments.next() {
        let language = match one {
            "--lang" => arguments.next(),
            "--" => return None,
            one => one.strip_prefix("--lang="),
        };
        if let Some(language) = language {
            return Language::of_tag(language);
        }
    }
    None
}

/// The command with its help in these words.
pub(super) fn worded(command: Command, words: &'static Help) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|one| one.get_name().to_owned())
        .collect();
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .help(words.print_version)
        .help_heading(words.options);
    let command = arguments(command, words)
        .about(words.about)
        .after_help(words.after)
        .disable_version_flag(true)
        .arg(version);
    let mut command = names.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |one| {
            let about = about(name, words);
            let one = arguments(one, words);
            about.map_or_else(|| one.clone(), |about| one.clone().about(about))
        })
    });
    command.build();
    // Only now is it there, and lists itself.
    let named = |one: Command| one.about(words.print_help);
    command.mut_subcommand("help", |help| named(help).mut_subcommand("help", named))
}

/// A command's own flags and headings.
fn arguments(command: Command, words: &'static Help) -> Command {
    let name = command.get_name().to_owned();
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help(words.print_help)
        .help_heading(words.options);
    let usage = words.usage;
    command
        .help_template(format!(
            "{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
        .subcommand_help_heading(words.commands)
        .disable_help_flag(true)
        .mut_args(|arg| argument(&name, arg, words))
        .arg(help)
}

fn argument(command: &str, arg: Arg, words: &'static Help) -> Arg {
    let Some(text) = text(command, arg.get_id().as_str(), words) else {
        return arg;
    };
    let mut text = text.to_owned();
    if arg.get_action().takes_values() {
        let values = arg.get_possible_values();
        let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        if !values.is_empty() {
            text += &say(words.values, &[("values", &values.join(", "))]);
        }
        for value in arg.get_default_values() {
            text += &say(words.default, &[("value", &value.to_string_lossy())]);
        }
    }
    let heading = if arg.is_positional() {
        words.arguments
    } else {
        words.options
    };
    let takes_values = arg.get_action().takes_values();
    arg.help(text)
        .help_heading(heading)
        .hide_possible_values(takes_values)
        .hide_default_value(takes_values)
}

fn about(command: &str, words: &'static Help) -> Option<&'static str> {
    Some(match command {
        "host" => words.host,
        "join" => words.join,
        "resume" => words.resume,
        "sessions" => words.sessions,
        "show" => words.show,
        "export" => words.export,
        "verify" => words.verify,
        "delete" => words.delete,
        "note" => words.note,
        _ => return None,
    })
}

fn text(command: &str, id: &str, words: &'static Help) -> Option<&'static str> {
    Some(match (command, id) {
        (_, "relay") => words.relay,
        (_, "ca") => words.ca,
        (_, "json") => words.json,
        (_, "lang") => words.lang,
        (_, "name") => words.name,
        ("host", "role") => words.role,
        ("host", "no_rehearsal") => words.no_rehearsal,
        ("host", "no_setup") => words.no_setup,
        ("host", "check_in") => words.check_in,
        ("host", "hold_to_consent") => words.hold_to_consent,
        ("host", "keep") => words.keep,
        ("join", "invitation") => words.invitation,
        ("resume", "role") => words.resume_role,
        ("sessions", "check") => words.check,
        ("show" | "export", "what") => words.what,
        (_, "role") => words.past_role,
        ("export", "format") => words.format,
        ("export", "output") => words.output,
        ("export", "force") => words.force,
        ("verify", "file") => words.file,
        ("verify", "key") => words.key,
        ("delete" | "note", "session") => words.session,
        ("delete", "yes") => words.yes,
        ("delete", "only_here") => words.only_here,
        ("note", "text") => words.text,
        ("note", "shared") => words.shared,
        ("note", "about") => words.about_entry,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// What each command and each of its arguments says.
    fn said(command: &Command) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let name = command.get_name();
        all.extend(command.get_about().map(|is| (name.into(), is.to_string())));
        for arg in command.get_arguments() {
            let what = format!("{name} {}", arg.get_id());
            all.extend(arg.get_help().map(|is| (what, is.to_string())));
        }
        for one in command.get_subcommands().filter(|one| !is_manual(one)) {
            all.extend(said(one));
        }
        all
    }

    /// The packager's commands are in English alone.
    fn is_manual(command: &Command) -> bool {
        ["completions", "man"].contains(&command.get_name())
    }

    #[test]
    fn all_of_it_is_said_in_every_language_and_reads_the_same_arguments() {
        let mut english = Cli::command();
        english.build();
        let english = said(&english);
        for language in Language::ALL {
            let Some(words) = Help::of(language) else {
                continue;
            };
            let command = worded(Cli::command(), words);
            let own = said(&command);
            for (what, text) in &own {
                let same = english
                    .iter()
                    .any(|(is, original)| is == what && original == text);
                // The commands below `help` have their names alone.
                assert!(
                    !same && !text.contains(['{', '}']),
                    "{language:?} {what}: {text}"
                );
            }
            for name in [None, Some("host"), Some("export"), Some("help")] {
                let arguments = [Some("tapcue"), name, Some("--help")];
                let arguments = arguments
                    .into_iter()
                    .flatten()
                    .filter(|one| name != Some("help") || *one != "--help");
                let help = command.clone().try_get_matches_from(arguments).unwrap_err();
                let help = help.render().to_string();
                for english in ["Usage:", "Commands:", "possible values", "default:"] {
                    assert!(!help.contains(english), "{language:?} {name:?}: {help}");
                }
                assert!(
                    help.contains(words.usage) && help.contains("--lang"),
                    "{help}"
                );
            }
            let arguments = [
                "tapcue",
                "host",
                "--as",
                "helper",
                "--lang",
                "de",
                "--check-in",
                "0",
            ];
            assert!(command.clone().try_get_matches_from(arguments).is_ok());
        }
    }

    #[test]
    fn the_language_is_found_before_the_arguments_are_read() {
        let asked = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            asked(&arguments)
        };
        assert_eq!(asked("tapcue --lang de --help"), Some(Language::De));
        assert_eq!(asked("tapcue host --lang=zh -h"), Some(Language::Zh));
        assert_eq!(asked("tapcue note 1 -- --lang de"), None);
        assert_eq!(asked("tapcue --lang tlh"), None);
    }
}
