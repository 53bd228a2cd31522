//! Reads request headers: lists, text, and the language a browser asks for.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, HeaderName};
use tapcue_rules::language::Language;

/// The items of a list header, over several lines in order (RFC 9110, 5.3). A line that is not text counts as
/// one empty item.
pub(crate) fn listed<'a>(
    request: &'a HeaderMap,
    name: &HeaderName,
) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<_> = request.get_all(name).iter().collect();
    let texts = lines
        .into_iter()
        .map(|line| line.to_str().unwrap_or_default());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

/// Whether a list header has this item, ignoring case.
pub(crate) fn lists(request: &HeaderMap, name: &HeaderName, item: &str) -> bool {
    listed(request, name).any(|listed| listed.eq_ignore_ascii_case(item))
}

/// A header as text, if it is present and is text.
pub(crate) fn text<'a>(request: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    request.get(name).and_then(|value| value.to_str().ok())
}

/// The first requested language that Tapcue has, else English. Browsers list languages in order of
/// preference; weights that say otherwise are ignored.
pub(crate) fn language(request: &HeaderMap) -> Language {
    listed(request, &ACCEPT_LANGUAGE)
        .find_map(Language::of_tag)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_is_answered_in_a_language_it_asks_for() {
        for (asked, is) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::De),
            ("pt-BR, ES;q=0.5", Language::Es),
            ("zh-CN", Language::Zh),
            ("ar", Language::Ar),
            ("fr;q=0.9", Language::Fr),
            ("ja", Language::En),
            ("", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(asked).unwrap());
            assert_eq!(language(&headers), is, "{asked}");
        }
        assert_eq!(language(&HeaderMap::new()), Language::En);
    }
}
