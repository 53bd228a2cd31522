//! What is said of a mistake on the command line, in the languages but English: that is clap's own.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use crate::words::{Help, say};

/// The mistake, how the command is called, and where more is said; none if clap's text is no complaint,
/// such as the help that was asked for.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "clap may add kinds, and has some that these commands cannot bring about"
)]
pub(super) fn worded(
    error: &Error,
    command: &Command,
    arguments: &[OsString],
    words: &Help,
) -> Option<String> {
    let named = |kind| texts(error, kind).join(" ");
    let arg = named(ContextKind::InvalidArg);
    let value = named(ContextKind::InvalidValue);
    let of = |text, what: &str| say(text, &[("what", &what)]);
    let command = asked(command, arguments);
    let mistake = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        ErrorKind::InvalidSubcommand => of(words.unknown, &named(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => of(words.unknown, &arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            of(words.no_value, &arg)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let bad = say(words.bad_value, &[("value", &value), ("what", &arg)]);
            let is = |one: &&clap::Arg| one.to_string() == arg;
            let help = command
                .get_arguments()
                .find(is)
                .and_then(|one| one.get_help());
            help.map_or_else(|| bad.clone(), |help| format!("{bad}\n{arg}: {help}"))
        }
        ErrorKind::TooManyValues => of(words.takes_none, &arg),
        ErrorKind::ArgumentConflict => of(words.twice, &arg),
        ErrorKind::MissingRequiredArgument => of(words.missing, &arg),
        _ => words.not_read.to_owned(),
    };
    let similar = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let similar: Vec<String> = similar
        .into_iter()
        .flat_map(|kind| texts(error, kind))
        .collect();
    let mut text = format!("{mistake}\n");
    if !similar.is_empty() {
        text += &format!("{}\n", of(words.similar, &similar.join(", ")));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let path = command.get_bin_name().unwrap_or("tapcue");
    let more = of(words.more, &format!("{path} --help"));
    Some(format!("{text}\n{} {usage}\n{more}\n", words.usage))
}

/// The command that was meant: the first that is named.
fn asked<'a>(command: &'a Command, arguments: &[OsString]) -> &'a Command {
    let mut named = arguments.iter().skip(1).filter_map(|one| one.to_str());
    let named = named.find_map(|one| command.find_subcommand(one));
    named.unwrap_or(command)
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(all)) => all.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::{Cli, help};
    use tapcue_shared::language::Language;

    /// What each mistake must name, whatever the language.
    const MISTAKES: [(&str, &[&str]); 12] = [
        ("tapcue hosst", &["hosst", "host"]),
        ("tapcue host", &["--as <ROLE>", "tapcue host --help"]),
        ("tapcue host --as", &["--as <ROLE>"]),
        (
            "tapcue host --as both",
            &["both", "--as <ROLE>", "receiver, helper"],
        ),
        ("tapcue host --as helper --as helper", &["--as <ROLE>"]),
        (
            "tapcue host --as helper --check-in 601",
            &["601", "--check-in"],
        ),
        ("tapcue host --as helper --keep 366d", &["366d", "7d"]),
        ("tapcue host --as helper --no-setup=yes", &["--no-setup"]),
        ("tapcue host --as helper --nam Ada", &["--nam", "--name"]),
        ("tapcue join", &["<CODE|LINK>", "tapcue join --help"]),
        (
            "tapcue join K7M-2QX4R --relay ftp://a",
            &["ftp://a", "--relay <URL>"],
        ),
        (
            "tapcue export 1 --format pdf",
            &["pdf", "json, csv, html, text"],
        ),
    ];

    #[test]
    fn every_mistake_is_told_in_every_language_and_what_it_is_about() {
        for language in Language::ALL {
            let Some(words) = Help::of(language) else {
                continue;
            };
            let command = help::worded(Cli::command(), words);
            for (line, names) in MISTAKES {
                let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
                let error = command
                    .clone()
                    .try_get_matches_from(&arguments)
                    .expect_err(line);
                let said = worded(&error, &command, &arguments, words);
                let said = said.unwrap_or_else(|| panic!("{language:?} {line}: {error}"));
                for name in names {
                    assert!(said.contains(name), "{language:?} {line}: {said}");
                }
                for english in ["error:", "Usage:", "tip:", "For more", "{", "}", "required"] {
                    assert!(!said.contains(english), "{language:?} {line}: {said}");
                }
                assert!(
                    !said.contains(words.not_read),
                    "{language:?} {line}: {said}"
                );
            }
            for line in ["tapcue", "tapcue --help", "tapcue host -h", "tapcue -V"] {
                let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
                let error = command
                    .clone()
                    .try_get_matches_from(&arguments)
                    .expect_err(line);
                assert_eq!(worded(&error, &command, &arguments, words), None, "{line}");
            }
        }
    }
}
