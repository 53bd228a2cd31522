//! What `--help` says, and what is said of a mistake, in the languages but English, which stands with
//! the flags themselves or is clap's own. Flags, names of values and what programs read are the same
//! in all.

mod ar;
mod de;
mod es;
mod fr;
mod zh;

use tapcue_shared::language::Language;

/// The strings. `{blanks}` are filled.
#[derive(Debug)]
pub(crate) struct Help {
    pub(crate) about: &'static str,
    // Headings.
    pub(crate) usage: &'static str,
    pub(crate) commands: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) options: &'static str,
    // What is so if nothing is said, and what may be said.
    pub(crate) default: &'static str,
    pub(crate) values: &'static str,
    // Mistakes: `what` is a flag, an argument or a command.
    pub(crate) unknown: &'static str,
    pub(crate) similar: &'static str,
    pub(crate) no_value: &'static str,
    pub(crate) bad_value: &'static str,
    pub(crate) takes_none: &'static str,
    pub(crate) twice: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) not_read: &'static str,
    pub(crate) more: &'static str,
    pub(crate) print_help: &'static str,
    pub(crate) print_version: &'static str,
    // Commands.
    pub(crate) host: &'static str,
    pub(crate) join: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) show: &'static str,
    pub(crate) export: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) note: &'static str,
    // Options of all commands.
    pub(crate) relay: &'static str,
    pub(crate) ca: &'static str,
    pub(crate) json: &'static str,
    pub(crate) lang: &'static str,
    // Options and arguments of single commands.
    pub(crate) role: &'static str,
    pub(crate) name: &'static str,
    pub(crate) no_rehearsal: &'static str,
    pub(crate) no_setup: &'static str,
    pub(crate) check_in: &'static str,
    pub(crate) hold_to_consent: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) invitation: &'static str,
    pub(crate) resume_role: &'static str,
    pub(crate) check: &'static str,
    pub(crate) what: &'static str,
    pub(crate) session: &'static str,
    pub(crate) past_role: &'static str,
    pub(crate) format: &'static str,
    pub(crate) output: &'static str,
    pub(crate) force: &'static str,
    pub(crate) file: &'static str,
    pub(crate) key: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) only_here: &'static str,
    pub(crate) text: &'static str,
    pub(crate) shared: &'static str,
    pub(crate) about_entry: &'static str,
    /// Below the flags: keys, input lines, files, exit codes.
    pub(crate) after: &'static str,
}

impl Help {
    /// What `--help` says in a language; none in English.
    pub(crate) const fn of(language: Language) -> Option<&'static Self> {
        match language {
            Language::En => None,
            Language::Es => Some(&es::HELP),
            Language::Fr => Some(&fr::HELP),
            Language::De => Some(&de::HELP),
            Language::Zh => Some(&zh::HELP),
            Language::Ar => Some(&ar::HELP),
        }
    }
}
