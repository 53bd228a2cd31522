//! A text with one form for each plural category of its language.

use icu_plurals::{PluralCategory, PluralRules};
use serde::Deserialize;

/// The forms. A category that a language does not have, or words like `other`, is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plural {
    zero: Option<&'static str>,
    one: Option<&'static str>,
    two: Option<&'static str>,
    few: Option<&'static str>,
    many: Option<&'static str>,
    other: &'static str,
}

impl Plural {
    /// The form for `n` things in the language with this code.
    #[must_use]
    pub fn of(&self, language: &str, n: u64) -> &'static str {
        let form = match category(language, n) {
            PluralCategory::Zero => self.zero,
            PluralCategory::One => self.one,
            PluralCategory::Two => self.two,
            PluralCategory::Few => self.few,
            PluralCategory::Many => self.many,
            PluralCategory::Other => None,
        };
        form.unwrap_or(self.other)
    }
}

fn category(language: &str, n: u64) -> PluralCategory {
    let locale: Option<icu_locale_core::Locale> = language.parse().ok();
    let rules = locale.and_then(|locale| PluralRules::try_new_cardinal(locale.into()).ok());
    rules.map_or(PluralCategory::Other, |rules| rules.category_for(n))
}
