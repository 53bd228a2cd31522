//! The way to a device's trust: a page that says how, served by plain http to devices that cannot
//! come by https yet, and what is installed.

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

use super::{Authority, https};
use crate::http::{CSP, Shared};
use crate::way::Way;

/// Where the page is.
pub(crate) const PATH: &str = "/trust";

const CERTIFICATE: &str = "/trust/tapcue-ca.crt";
const PROFILE: &str = "/trust/tapcue.mobileconfig";

/// What the page is made of beside itself.
const FILES: [&str; 5] = [
    "/style.css",
    "/pages.css",
    "/trust.css",
    "/trust.js",
    "/icon.svg",
];

/// Whether the page is this path, or needs it.
pub(super) fn needs(path: &str) -> bool {
    [PATH, CERTIFICATE, PROFILE].contains(&path) || FILES.contains(&path)
}

/// The page and its downloads. Without an authority of the relay's own they are not there.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(PATH, get(page))
        .route(CERTIFICATE, get(certificate))
        .route(PROFILE, get(profile))
}

async fn page(
    State(shared): State<Shared>,
    Extension(way): Extension<Way>,
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
    let body = written(&authority.fingerprint(), &secure, device, way.secure).into_string();
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The page asks the same relay by https whether it is trusted yet. An address of IPv6 cannot be
    // named in a policy; there 'self' has to do, which browsers take to include https.
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

/// A configuration profile for devices of Apple. Its ids follow from the certificate, so that it
/// replaces itself when it is installed again.
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

/// Which steps are unfolded at first.
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

fn written(fingerprint: &str, secure: &str, device: Device, is_secure: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { "Trust this relay – Tapcue" }
                meta name="color-scheme" content="dark light";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                link rel="stylesheet" href="/pages.css";
                link rel="stylesheet" href="/trust.css";
                script type="module" src="/trust.js" {}
            }
            body data-screen="start" {
                main.page.trust {
                    header.masthead {
                        h1 { img.logo src="/icon.svg" alt="" width="44" height="44"; "Trust this relay" }
                        p.idea {
                            "Once is enough for each phone. Then the link is encrypted, and the screen "
                            "stays on by itself."
                        }
                    }
                    p.trouble #state role="status" data-kind="busy" {
                        @if is_secure { "This device trusts the relay. There is nothing more to do." }
                        @else { "Not trusted yet. Follow the steps; this page notices by itself." }
                    }
                    @if is_secure {
                        a.button.primary #secure href={ (secure) "/" } { "Go on" }
                    }
                    (steps(device))
                    section.panel aria-labelledby="compare" {
                        h2 #compare { "Is it the right one?" }
                        p {
                            "The relay has printed this number where it was started. Your phone shows the "
                            "number of what you install as “SHA-256”. All three must be the same. If not, "
                            "install nothing."
                        }
                        code.fingerprint { (fingerprint) }
                    }
                    section.panel aria-labelledby="means" {
                        h2 #means { "What you agree to" }
                        p {
                            "Your phone will believe what this relay says about private addresses and local "
                            "names. It is not good for any site of the internet. The relay's owner keeps its "
                            "key: trust it only if you trust them."
                        }
                    }
                    @if !is_secure {
                        a.button.secondary #secure href={ (secure) "/" } { "Open the secure page" }
                        a.button.quiet-button #plain href="/" { "Go on without it, by plain http" }
                    }
                }
            }
        }
    }
}

fn steps(device: Device) -> Markup {
    html! {
        details.panel open[device == Device::Apple] {
            summary { "iPhone and iPad" }
            ol.steps {
                li {
                    "In Safari, and allow the download: "
                    a href=(PROFILE) { "Get the profile" }
                }
                li { "Open Settings. Tap “Profile Downloaded” near the top, then “Install”." }
                li {
                    "In Settings, go to General, About, “Certificate Trust Settings” at the very end. "
                    "Switch on “Tapcue”."
                }
                li { "Come back to this page." }
            }
            p.hint {
                "It says “Not Signed”: nobody outside vouches for it, so compare the number below. To take "
                "it back: Settings, General, VPN & Device Management, the Tapcue profile, “Remove”."
            }
        }
        details.panel open[device == Device::Android] {
            summary { "Android" }
            ol.steps {
                li { "Keep the file: " a href=(CERTIFICATE) download { "Get the certificate" } }
                li {
                    "Open Settings and search for “CA certificate”. It is under Security, Encryption & "
                    "credentials, “Install a certificate”."
                }
                li { "Tap “Install anyway” and choose the file " b { "tapcue-ca.crt" } "." }
                li { "Come back to this page in Chrome." }
            }
            p.hint {
                "Android then says that the network may be monitored. That is its warning about every "
                "certificate added by hand. To take it back: “User credentials” in the same place. Firefox "
                "on Android has a list of its own and does not follow."
            }
        }
        details.panel open[device == Device::Other] {
            summary { "Computers" }
            ol.steps {
                li { "Keep the file: " a href=(CERTIFICATE) download { "Get the certificate" } }
                li { "macOS: open it in Keychain Access, and set it to “Always Trust”." }
                li { "Windows: open it, “Install Certificate”, into “Trusted Root Certification Authorities”." }
                li { "Linux and Firefox: in the browser's settings, Certificates, Authorities, “Import”." }
                li { "In a terminal: " code { "tapcue join CODE --relay https://… --ca tapcue-ca.crt" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
            let page = written("AB:CD", "https://10.0.0.1:8080", device, false).into_string();
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
