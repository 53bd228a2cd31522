//! The languages of Tapcue. Wire messages need no translation; text for people does.

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// German.
    De,
    /// Simplified Chinese.
    Zh,
    /// Arabic.
    Ar,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::En, Self::Es, Self::Fr, Self::De, Self::Zh, Self::Ar];

    /// The language with this ISO 639-1 code, in lower case. None if Tapcue does not have it.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The language of a locale or a language tag, such as `de_AT.UTF-8` or `de-AT`. None if Tapcue does not
    /// have it.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let code = tag.split(['_', '-', '.', '@', ';']).next()?;
        Self::of_code(&code.to_ascii_lowercase())
    }

    /// The ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Es => "es",
            Language::Fr => "fr",
            Language::De => "de",
            Language::Zh => "zh",
            Language::Ar => "ar",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_found_by_its_code_and_by_every_tag_of_it() {
        assert_eq!(
            Language::ALL.map(Language::code),
            ["en", "es", "fr", "de", "zh", "ar"]
        );
        for language in Language::ALL {
            assert_eq!(Language::of_code(language.code()), Some(language));
        }
        for (tag, language) in [
            ("de_AT.UTF-8", Some(Language::De)),
            ("zh-Hans-CN", Some(Language::Zh)),
            ("ES;q=0.5", Some(Language::Es)),
            ("ca@valencia", None),
            ("eng", None),
            ("C.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag:?}");
        }
        assert_eq!(Language::of_code("DE"), None);
    }
}
