//! The texts of the terminal client, from the catalog of this device's language.

mod table;

use std::fmt::Display;

use tapcue_catalog::Catalog;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::language::Language;
use tapcue_rules::message::ErrorCode;

pub(crate) use table::{Before, CueWords, Past, Words};

/// The language from the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set decides, as
/// for other programs. English if Tapcue does not have that language.
#[must_use]
pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty());
    set.and_then(|value| Language::of_tag(&value))
        .unwrap_or_default()
}

impl Words {
    /// The strings of a language.
    #[must_use]
    pub(crate) fn of(language: Language) -> &'static Self {
        static WORDS: Catalog<Words> = Catalog::new("terminal");
        WORDS.of(language.code())
    }

    /// The texts of a cue.
    pub(crate) const fn cue(&self, cue: Cue) -> CueWords {
        *self.cues.of(cue)
    }

    /// A role's name at the beginning of a sentence.
    pub(crate) const fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Receiver => self.receiver,
            Role::Helper => self.helper,
        }
    }

    /// Why the relay refused a message. `me` is this device's role, if it has one.
    pub(crate) const fn error(
        &self,
        code: ErrorCode,
        by: Option<Role>,
        me: Option<Role>,
    ) -> &'static str {
        let errors = &self.errors;
        match code {
            ErrorCode::BadMessage => errors.bad_message,
            ErrorCode::UnknownCode => errors.unknown_code,
            ErrorCode::Taken => errors.taken,
            ErrorCode::BadToken => errors.bad_token,
            ErrorCode::NotAllowed => errors.not_allowed,
            ErrorCode::Held => errors.held,
            ErrorCode::Stale => errors.stale,
            // A device without a role has not tapped anything.
            ErrorCode::TooFast if me.is_none() => errors.too_many_tries,
            ErrorCode::TooFast => errors.too_fast,
            ErrorCode::TooLarge => errors.too_large,
            ErrorCode::Unavailable => errors.unavailable,
            ErrorCode::NearlyFull => errors.nearly_full,
            ErrorCode::Superseded => errors.superseded,
            ErrorCode::Ended => errors.ended,
            ErrorCode::Deleted => match (by, me) {
                (Some(Role::Receiver), Some(Role::Receiver))
                | (Some(Role::Helper), Some(Role::Helper)) => errors.deleted_by_you,
                (Some(Role::Receiver), _) => errors.deleted_by_receiver,
                (Some(Role::Helper), _) => errors.deleted_by_helper,
                (None, _) => errors.deleted,
            },
            ErrorCode::ShuttingDown => errors.shutting_down,
        }
    }
}

impl Past {
    /// A role in the middle of a sentence.
    pub(crate) const fn the_role(&self, role: Role) -> &'static str {
        match role {
            Role::Receiver => self.the_receiver,
            Role::Helper => self.the_helper,
        }
    }
}

/// A text with its `{blanks}` filled in. A blank without a value stays, for the caller to fill.
pub(crate) fn say(text: &str, blanks: &[(&str, &dyn Display)]) -> String {
    tapcue_catalog::fill(text, |name| {
        let blank = blanks.iter().find(|(is, _)| *is == name);
        blank.map(|(_, value)| value.to_string())
    })
}

/// The same, for values that are all text.
pub(crate) fn fill(text: &str, blanks: &[(&str, &str)]) -> String {
    let blanks: Vec<(&str, &dyn Display)> = blanks
        .iter()
        .map(|(name, value)| (*name, value as &dyn Display))
        .collect();
    say(text, &blanks)
}

#[cfg(test)]
mod tests;
