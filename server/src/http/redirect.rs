//! Answers to plain http requests at a relay that speaks TLS.

use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::http::trust_page;
use crate::net::public_address;
use crate::tls::Plain;

/// How long browsers must use only https: half a year, for this host name alone.
pub(super) const HSTS: HeaderValue = HeaderValue::from_static("max-age=15552000");

/// The paths of the health checks. They are answered over plain http too: the callers run beside the relay,
/// and the answers are not private.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// The answer that replaces the requested one for a plain http request; none if the request is served.
pub(super) fn instead(plain: Plain, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let path = uri.path();
    match plain {
        Plain::Same => None,
        Plain::Redirect if HEALTH.contains(&path) => None,
        Plain::OnlyTrust if HEALTH.contains(&path) || trust_page::needs(path) => None,
        Plain::OnlyTrust if path == "/" => {
            // The redirect is temporary, so that the browser requests `/` again later. It keeps the fragment
            // of a link.
            Some(
                (
                    StatusCode::TEMPORARY_REDIRECT,
                    [(header::LOCATION, trust_page::PATH)],
                )
                    .into_response(),
            )
        }
        Plain::Redirect | Plain::OnlyTrust => {
            let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
            Some(match https(headers) {
                Some(base) => {
                    let to = format!("{base}{whole}");
                    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
                }
                None => {
                    let why = "This relay speaks https. Open its https:// address.\n";
                    (StatusCode::FORBIDDEN, why).into_response()
                }
            })
        }
    }
}

/// This relay's https URL: the host and port of the request, where both schemes are served.
pub(super) fn https(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    public_address::is_plausible(host).then(|| format!("https://{host}"))
}

/// Whether this is a public internet name. Other hosts (addresses, names without a dot, names of local
/// networks) may belong to another machine tomorrow, which may not serve https.
pub(super) fn is_public(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
    let local = ["local", "lan", "home.arpa", "internal", "localhost", "test"];
    let is_local = local
        .iter()
        .any(|zone| name == *zone || name.ends_with(&format!(".{zone}")));
    !is_address && !is_local && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(plain: Plain, path: &str) -> Option<(u16, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::HOST,
            HeaderValue::from_static("cue.example.org:8080"),
        );
        let answer = super::instead(plain, &path.parse().unwrap(), &headers)?;
        let to = answer.headers().get(header::LOCATION);
        let to = to.map_or("", |to| to.to_str().unwrap()).to_owned();
        Some((answer.status().as_u16(), to))
    }

    #[test]
    fn plain_http_leads_to_https_or_to_the_trust_page() {
        assert_eq!(instead(Plain::Same, "/ws"), None);
        for path in ["/", "/ws", "/api/v1/key?x=1"] {
            let to = format!("https://cue.example.org:8080{path}");
            assert_eq!(instead(Plain::Redirect, path), Some((308, to.clone())));
            if path != "/" {
                assert_eq!(instead(Plain::OnlyTrust, path), Some((308, to)));
            }
        }
        assert_eq!(instead(Plain::OnlyTrust, "/"), Some((307, "/trust".into())));
        for path in [
            "/trust",
            "/trust/tapcue-ca.crt",
            "/device/trust.js",
            "/styles/style.css",
            "/healthz",
        ] {
            assert_eq!(instead(Plain::OnlyTrust, path), None, "{path}");
        }
        assert_eq!(instead(Plain::Redirect, "/readyz"), None);
    }

    #[test]
    fn a_host_that_is_none_leads_nowhere() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("evil.example/path?"));
        let answer = super::instead(Plain::Redirect, &"/".parse().unwrap(), &headers);
        assert_eq!(answer.unwrap().status(), StatusCode::FORBIDDEN);
    }

    #[test]
    fn only_public_names_are_told_to_insist_on_https() {
        for host in ["cue.example.org", "cue.example.org:8443", "a.b."] {
            assert!(is_public(host), "{host}");
        }
        for host in [
            "localhost",
            "laptop",
            "laptop.local:8080",
            "tapcue.lan",
            "x.home.arpa",
            "192.168.1.20:8080",
            "[fd00::1]:8080",
            "[::1]",
        ] {
            assert!(!is_public(host), "{host}");
        }
    }
}
