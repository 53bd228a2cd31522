//! The page that explains how to trust the relay's certificate authority, and its downloads. Plain http
//! serves it to devices that cannot use https yet.

mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, html};
use uuid::Uuid;

use crate::http::redirect::https;
use crate::http::{CSP, Shared};
use crate::net::forwarded::Forwarded;
use crate::net::headers;
use crate::tls::Authority;
use words::Words;

/// The path of the page.
pub(crate) const PATH: &str = "/trust";

const CERTIFICATE: &str = "/trust/tapcue-ca.crt";
const PROFILE: &str = "/trust/tapcue.mobileconfig";

/// The files that the page loads.
const FILES: [&str; 5] = [
    "/styles/style.css",
    "/styles/pages.css",
    "/styles/trust.css",
    "/device/trust.js",
    "/icon.svg",
];

/// Whether this path is the page, one of its downloads or a file that it loads.
pub(crate) fn needs(path: &str) -> bool {
    [PATH, CERTIFICATE, PROFILE].contains(&path) || FILES.contains(&path)
}

/// The page and its downloads. They are missing if the relay has no authority of its own.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(PATH, get(page))
        .route(CERTIFICATE, get(certificate))
        .route(PROFILE, get(profile))
}

async fn page(
    State(shared): State<Shared>,
    Extension(client): Extension<Forwarded>,
    headers: HeaderMap,
) -> Response {
    let Some(authority) = shared.authority() else {
        return missing();
    };
    let secure = https(&headers).unwrap_or_default();
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let device = Device::of(agent.unwrap_or_default());
    let say = Words::of(headers::language(&headers));
    let page = written(
        say,
        &authority.fingerprint(),
        &secure,
        device,
        client.secure,
    );
    let body = page.into_string();
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(say.lang));
    // The page probes the same relay by https to see whether it is trusted yet. A policy cannot name an IPv6
    // address; there 'self' must do, which browsers take to include https.
    let probes = if secure.contains('[') { "" } else { &secure };
    let policy = CSP.replace(
        "connect-src 'self'",
        &format!("connect-src 'self' {probes}"),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn certificate(State(shared): State<Shared>) -> Response {
    let Some(authority) = shared.authority() else {
        return missing();
    };
    let der = authority.certificate().to_vec();
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"tapcue-ca.crt\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, der).into_response()
}

async fn profile(State(shared): State<Shared>) -> Response {
    let Some(authority) = shared.authority() else {
        return missing();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-apple-aspen-config"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, configuration(authority)).into_response()
}

fn missing() -> Response {
    let why = "This relay has no authority of its own, so there is nothing to trust here.\n";
    (StatusCode::NOT_FOUND, why).into_response()
}

/// A configuration profile for Apple devices. Its ids derive from the certificate, so that installing it
/// again replaces it.
fn configuration(authority: &Arc<Authority>) -> String {
    let hash = authority.hash();
    let id = |half: &[u8]| {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(half);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    };
    let (whole, part): (Uuid, Uuid) = (id(&hash[..16]), id(&hash[16..]));
    let content = BASE64.encode(authority.certificate());
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>app.tapcue.{whole}</string>
  <key>PayloadUUID</key><string>{whole}</string>
  <key>PayloadDisplayName</key><string>Tapcue relay on this network</string>
  <key>PayloadDescription</key><string>Lets this device open the Tapcue relay by https. It is good for private addresses and local names only.</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>app.tapcue.{whole}.ca</string>
      <key>PayloadUUID</key><string>{part}</string>
      <key>PayloadDisplayName</key><string>Tapcue relay</string>
      <key>PayloadCertificateFileName</key><string>tapcue-ca.crt</string>
      <key>PayloadContent</key><data>{content}</data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}

/// The kind of device, whose steps are unfolded at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Device {
    Apple,
    Android,
    Other,
}

impl Device {
    fn of(agent: &str) -> Self {
        if agent.contains("iPhone") || agent.contains("iPad") {
            Device::Apple
        } else if agent.contains("Android") {
            Device::Android
        } else {
            Device::Other
        }
    }
}

fn written(
    say: &Words,
    fingerprint: &str,
    secure: &str,
    device: Device,
    is_secure: bool,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(say.lang) dir=(say.dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (say.title) " – Tapcue" }
                meta name="color-scheme" content="dark light";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/styles/style.css";
                link rel="stylesheet" href="/styles/pages.css";
                link rel="stylesheet" href="/styles/trust.css";
                script type="module" src="/device/trust.js" {}
            }
            body data-screen="start" {
                main.page.trust {
                    header.masthead {
                        h1 { img.logo src="/icon.svg" alt="" width="44" height="44"; (say.title) }
                        p.idea { (say.once) }
                    }
                    p.trouble #state role="status" data-kind="busy" data-opens=(say.opens) {
                        @if is_secure { (say.trusted) } @else { (say.not_yet) }
                    }
                    @if is_secure {
                        a.button.primary #secure href={ (secure) "/" } { (say.go_on) }
                    }
                    (steps(say, device))
                    section.panel aria-labelledby="compare" {
                        h2 #compare { (say.right_title) }
                        p { (say.right) }
                        // People compare it by eye, so lines break only between pairs.
                        code.fingerprint dir="ltr" {
                            @for pair in fingerprint.split_inclusive(':') { (pair) wbr; }
                        }
                    }
                    section.panel aria-labelledby="means" {
                        h2 #means { (say.means_title) }
                        p { (say.means) }
                    }
                    @if !is_secure {
                        a.button.secondary #secure href={ (secure) "/" } { (say.open_secure) }
                        a.button.quiet-button #plain href="/" { (say.stay_plain) }
                    }
                }
            }
        }
    }
}

fn steps(say: &Words, device: Device) -> Markup {
    let certificate = html! {
        li { (say.keep_file) " " a href=(CERTIFICATE) download { (say.get_certificate) } }
    };
    html! {
        details.panel open[device == Device::Apple] {
            summary { (say.apple) }
            ol.steps {
                li { (say.allow) " " a href=(PROFILE) { (say.get_profile) } }
                @for step in say.apple_steps { li { (step) } }
            }
            p.hint { (say.apple_hint) }
        }
        details.panel open[device == Device::Android] {
            summary { "Android" }
            ol.steps {
                (certificate)
                @for step in say.android_steps { li { (step) } }
            }
            p.hint { (say.android_hint) }
        }
        details.panel open[device == Device::Other] {
            summary { (say.computers) }
            ol.steps {
                (certificate)
                @for step in say.computer_steps { li { (step) } }
                li {
                    (say.terminal) " "
                    code dir="ltr" { "tapcue join CODE --relay https://… --ca tapcue-ca.crt" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tapcue_rules::language::Language;

    use super::*;

    #[test]
    fn a_phone_sees_its_own_steps_first() {
        for (agent, device) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)",
                Device::Apple,
            ),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 8)", Device::Android),
            ("Mozilla/5.0 (X11; Linux x86_64)", Device::Other),
            ("", Device::Other),
        ] {
            assert_eq!(Device::of(agent), device, "{agent}");
            let say = Words::of(Language::En);
            let page = written(say, "AB:CD", "https://10.0.0.1:8080", device, false).into_string();
            assert_eq!(page.matches("<details class=\"panel\" open>").count(), 1);
        }
    }

    #[test]
    fn the_profile_carries_the_certificate_and_replaces_itself() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::open(dir.path(), crate::tls::now()).unwrap());
        let profile = configuration(&authority);
        assert!(profile.contains(&BASE64.encode(authority.certificate())));
        assert_eq!(profile, configuration(&authority));
        assert!(profile.contains("com.apple.security.root"));
    }
}
