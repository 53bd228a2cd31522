//! The web client, which the build embeds in the relay, so that there is nothing else to install.

use axum::http::header;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tapcue_rules::message::SUBPROTOCOL;

use crate::net::headers::{language, listed};

/// What is served at one address.
struct Asset {
    address: &'static str,
    /// A digest of the body.
    tag: &'static str,
    body: &'static [u8],
    /// The compressed body, if compression pays off.
    gzip: Option<&'static [u8]>,
}

// This defines `VERSION`, a digest of the whole web client, and `ASSETS`.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The content type of a page.
const HTML: &str = "text/html; charset=utf-8";

/// The path prefix of versioned files, which never change.
const OF_A_VERSION: &str = "/v/";

/// The response for `path`; `/` is the page itself. A browser that has this very version is told so instead
/// of getting it again.
#[must_use]
pub fn file(path: &str, request: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.address == path) else {
        return (StatusCode::NOT_FOUND, "There is no such page here.\n").into_response();
    };
    let gzip = asset.gzip.filter(|_| takes_gzip(request));
    // The compressed body has its own tag.
    let encoded = if gzip.is_some() { "-gzip" } else { "" };
    let tag = format!("\"{}{encoded}\"", asset.tag);
    let mut response = if has(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        gzip.unwrap_or(asset.body).into_response()
    };
    let caching = if path.starts_with(OF_A_VERSION) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    let mut differs = Vec::new();
    if asset.gzip.is_some() {
        differs.push("accept-encoding");
    }
    if kind(path) == HTML {
        // The script knows only when it runs which texts it needs; this link saves a round trip.
        differs.push("accept-language");
        if let Ok(link) = HeaderValue::from_str(&words_ahead(request)) {
            headers.insert(header::LINK, link);
        }
    }
    if let Ok(differs) = HeaderValue::from_str(&differs.join(", "))
        && !differs.is_empty()
    {
        headers.insert(header::VARY, differs);
    }
    if gzip.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The `Link` header by which a browser prefetches the texts that the page will most likely request.
fn words_ahead(request: &HeaderMap) -> String {
    let language = language(request).code();
    format!("<{OF_A_VERSION}{VERSION}/i18n/{language}.js>; rel=modulepreload")
}

/// The versions of the web client and the protocol, for pages that were loaded earlier. Also whether devices
/// are asked to trust an authority of the relay's own.
#[must_use]
pub fn version(trust: bool) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let version = serde_json::json!({
        "web": VERSION,
        "protocol": SUBPROTOCOL,
        "trust": trust,
    });
    (headers, version.to_string()).into_response()
}

/// Whether a browser has the body with this tag.
fn has(request: &HeaderMap, tag: &str) -> bool {
    listed(request, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Whether the client accepts gzip.
fn takes_gzip(request: &HeaderMap) -> bool {
    listed(request, &header::ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse().ok())
            == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        Some(_) | None => HTML,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        pairs
            .iter()
            .map(|(name, text)| (name.clone(), value(text)))
            .collect()
    }

    fn header(response: &Response, name: header::HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn only_who_takes_it_is_sent_gzip() {
        for (accepts, is_sent) in [
            ("", false),
            ("gzip", true),
            ("br, GZIP", true),
            ("gzip;q=0.5, br", true),
            ("gzip; q=0, br", false),
            ("gzip;q=0.0", false),
            ("br, deflate", false),
        ] {
            let answer = file("/", &asked(&[(header::ACCEPT_ENCODING, accepts)]));
            let encoding = header(&answer, header::CONTENT_ENCODING);
            assert_eq!(encoding == "gzip", is_sent, "{accepts}");
            let differs = header(&answer, header::VARY);
            assert_eq!(differs, "accept-encoding, accept-language");
        }
    }

    #[test]
    fn a_tag_is_of_one_encoding() {
        let gzip = (header::ACCEPT_ENCODING, "gzip");
        let answer = file("/", &asked(std::slice::from_ref(&gzip)));
        let tag = header(&answer, header::ETAG).to_owned();
        let weak = format!("\"other\", W/{tag}");
        for known in [tag.as_str(), weak.as_str(), "*"] {
            let none_match = (header::IF_NONE_MATCH, known);
            let again = file("/", &asked(&[gzip.clone(), none_match]));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        let plain = file("/", &asked(&[(header::IF_NONE_MATCH, tag.as_str())]));
        assert_eq!(plain.status(), StatusCode::OK);
    }

    #[test]
    fn the_page_names_the_words_that_its_browser_will_ask_for() {
        for (asked_for, code) in [("de-AT, en", "de"), ("ar", "ar"), ("ja", "en")] {
            let answer = file("/", &asked(&[(header::ACCEPT_LANGUAGE, asked_for)]));
            let link = header(&answer, header::LINK);
            let address = link.strip_prefix('<').and_then(|link| link.split_once('>'));
            let (address, rel) = address.unwrap();
            assert_eq!(rel, "; rel=modulepreload");
            assert!(address.ends_with(&format!("/i18n/{code}.js")), "{link}");
            assert_eq!(file(address, &HeaderMap::new()).status(), StatusCode::OK);
        }
        let script = ASSETS
            .iter()
            .find(|asset| asset.address.ends_with("/main.js"));
        let script = file(script.unwrap().address, &HeaderMap::new());
        assert_eq!(header(&script, header::LINK), "");
        assert_eq!(header(&script, header::VARY), "accept-encoding");
    }

    #[test]
    fn no_address_is_there_twice() {
        let mut addresses: Vec<_> = ASSETS.iter().map(|asset| asset.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), ASSETS.len());
    }
}
