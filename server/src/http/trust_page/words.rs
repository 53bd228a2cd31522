//! The texts of the trust page in each language.

use serde::Deserialize;
use tapcue_catalog::Catalog;
use tapcue_rules::language::Language;

/// The texts in one language. The names of settings are those that systems use in that language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Its BCP 47 tag.
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) title: &'static str,
    pub(super) once: &'static str,
    pub(super) trusted: &'static str,
    pub(super) opens: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) go_on: &'static str,
    pub(super) right_title: &'static str,
    pub(super) right: &'static str,
    pub(super) means_title: &'static str,
    pub(super) means: &'static str,
    pub(super) open_secure: &'static str,
    pub(super) stay_plain: &'static str,
    pub(super) keep_file: &'static str,
    pub(super) get_certificate: &'static str,
    pub(super) apple: &'static str,
    pub(super) allow: &'static str,
    pub(super) get_profile: &'static str,
    pub(super) apple_steps: [&'static str; 3],
    pub(super) apple_hint: &'static str,
    pub(super) android_steps: [&'static str; 3],
    pub(super) android_hint: &'static str,
    pub(super) computers: &'static str,
    pub(super) computer_steps: [&'static str; 3],
    pub(super) terminal: &'static str,
}

impl Words {
    /// The texts in this language.
    pub(super) fn of(language: Language) -> &'static Self {
        static WORDS: Catalog<Words> = Catalog::new("trust");
        WORDS.of(language.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        for language in Language::ALL {
            assert!(!Words::of(language).title.is_empty());
        }
    }
}
