//! What a browser asks for in the headers of its request.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, HeaderName};
use tapcue_shared::language::Language;

/// The items of a header that is a list.
pub(crate) fn listed<'a>(
    request: &'a HeaderMap,
    name: &'a HeaderName,
) -> impl Iterator<Item = &'a str> {
    let values = request.get_all(name).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

/// The first of its languages that Tapcue speaks, else English. Browsers name them in the order of
/// preference; weights that say otherwise are not read.
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
