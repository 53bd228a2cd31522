//! Routes and headers: the page, the WebSocket's handshake, and the health checks.

pub mod assets;
pub(crate) mod metrics;
pub(crate) mod records;
mod redirect;
pub(crate) mod trust_page;
pub mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Extension, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use tapcue_rules::message::SUBPROTOCOL;
use tapcue_transcript::PublicKey;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::{self, Caller};
use crate::http::records::RecordLimits;
use crate::http::upgrade::{Refusal, Serve};
use crate::metrics::Refused;
use crate::net::connection_limit::Ticket;
use crate::net::forwarded::{Forwarded, OverTls};
use crate::net::headers::{lists, text};
use crate::net::origin::Origin;
use crate::net::public_address;
use crate::session::registry::Registry;
use crate::tls::{Authority, Face};

/// What a page of this relay may do: run its own scripts and styles, and talk to this relay.
pub(crate) const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                   img-src 'self' data:; media-src 'self' data:; manifest-src 'self'; \
                   worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The state that the routes share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Arc<Registry>,
    /// The limits on requests for records.
    record_limits: Arc<RecordLimits>,
    local: SocketAddr,
    /// The key that verifies this relay's seals.
    pub(crate) key: PublicKey,
    face: Face,
}

async fn version(State(shared): State<Shared>) -> Response {
    assets::version(shared.authority().is_some())
}

impl Shared {
    /// The relay's own certificate authority, if it has one that devices are asked to trust.
    pub(crate) fn authority(&self) -> Option<&Arc<Authority>> {
        self.face.authority.as_ref()
    }
}

/// The relay's routes. `local` is where it listens, `key` verifies its seals, `face` describes its TLS, and
/// `record_limits` limits requests for records. Requests carry the peer's [`ConnectInfo`], [`OverTls`] and
/// their connection's [`Ticket`].
pub(crate) fn router(
    registry: Arc<Registry>,
    record_limits: Arc<RecordLimits>,
    local: SocketAddr,
    key: PublicKey,
    face: Face,
) -> Router {
    let shared = Shared {
        registry,
        record_limits,
        local,
        key,
        face,
    };
    let private = records::router(shared.clone()).layer(map_response(not_stored));
    Router::new()
        .merge(private)
        .merge(trust_page::router())
        .route("/ws", get(websocket))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/version", get(version))
        .fallback_service(get(page))
        .layer(from_fn_with_state(shared.clone(), with_client_address))
        .layer(map_response(with_headers))
        .with_state(shared)
}

/// Finds where a request came from. A plain http request may be redirected, and an https response may carry
/// HSTS.
async fn with_client_address(
    State(Shared { registry, face, .. }): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(OverTls(over_tls)): Extension<OverTls>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let client = Forwarded::of(
        headers,
        peer,
        over_tls,
        &registry.context.config.trusted_proxies,
    );
    if !client.secure
        && let Some(answer) = redirect::instead(face.plain, request.uri(), headers)
    {
        return answer;
    }
    let host = text(headers, &header::HOST).unwrap_or_default();
    let stay = over_tls && face.hsts && redirect::is_public(host);
    request.extensions_mut().insert(client);
    let mut response = next.run(request).await;
    if stay {
        let headers = response.headers_mut();
        headers.insert(header::STRICT_TRANSPORT_SECURITY, redirect::HSTS);
    }
    response
}

async fn page(uri: Uri, headers: HeaderMap) -> Response {
    assets::file(uri.path(), &headers)
}

async fn readyz(State(shared): State<Shared>) -> Response {
    match ready(&shared.registry, &shared.face) {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// Whether the relay is fully operational; if not, the reasons, one per line.
pub(crate) fn ready(registry: &Registry, face: &Face) -> Result<(), String> {
    let mut why = String::new();
    if registry.is_going_down() {
        why += "The relay is going down.\n";
    }
    if !registry.context.journal.healthy() {
        why += "The journal cannot record just now: look at the relay's log.\n";
    }
    if let Some(Err(error)) = face.shown.as_ref().map(|shown| shown.is_valid()) {
        why += &format!("The certificate {error:#}.\n");
    }
    if why.is_empty() { Ok(()) } else { Err(why) }
}

/// Keeps caches from storing what only the two people may see.
async fn not_stored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // A page that needs a wider policy sets its own.
    let policy = headers.entry(header::CONTENT_SECURITY_POLICY);
    policy.or_insert(HeaderValue::from_static(CSP));
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn websocket(
    State(Shared {
        registry, local, ..
    }): State<Shared>,
    Extension(client): Extension<Forwarded>,
    Extension(ticket): Extension<Arc<Ticket>>,
    mut request: Request,
) -> Response {
    let public_url = registry.context.config.public_url.as_deref();
    let key = match handshake(request.headers(), public_url, client.secure) {
        Ok(key) => key,
        Err((status, why)) => {
            registry
                .context
                .metrics
                .refused(Refused::Connection, "handshake");
            return (status, format!("{why}\n")).into_response();
        }
    };
    let host = text(request.headers(), &header::HOST);
    let base = public_address::base(public_url, host, local, client.secure);
    // The gate counts this refusal.
    if !ticket.count_for(client.source) {
        let why = "Too many connections from your address; try again in a moment.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    }
    let caller = Caller {
        address: client.source,
        base,
        ticket,
    };
    let tasks = registry.tasks.clone();
    let device = Device { registry, caller };
    let (mut response, serving) = upgrade::begin(&mut request, key, device);
    tasks.spawn(serving);
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    response
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    response
}

/// A device whose handshake was accepted, before its hello.
struct Device {
    registry: Arc<Registry>,
    caller: Caller,
}

impl Serve for Device {
    async fn serve<S>(self, stream: S, already_read: Bytes)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        connection::run(self.registry, stream, already_read, self.caller).await;
    }
}

/// The `Sec-WebSocket-Accept` of a valid handshake, or why it is refused.
fn handshake(
    headers: &HeaderMap,
    public_url: Option<&str>,
    is_secure: bool,
) -> Result<HeaderValue, Refusal> {
    let accept = upgrade::accept(headers)?;
    if !lists(headers, &header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        let why = "This relay speaks the subprotocol tapcue.v1, and this device did not offer it.";
        return Err((StatusCode::BAD_REQUEST, why));
    }
    if !origin_is_own(headers, public_url, is_secure) {
        let why = "Pages of other sites may not speak to this relay.";
        return Err((StatusCode::FORBIDDEN, why));
    }
    Ok(accept)
}

/// Whether the request comes from one of this relay's pages. Clients that are not browsers send no origin. An
/// https page may connect by either scheme, since an unknown proxy may have ended its TLS. A plain http page,
/// which anyone on the network may have forged, may not connect by https.
fn origin_is_own(headers: &HeaderMap, public_url: Option<&str>, is_secure: bool) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Some(origin) = origin.to_str().ok().and_then(Origin::of) else {
        return false;
    };
    if public_url.and_then(Origin::of).as_ref() == Some(&origin) {
        return true;
    }
    let host = text(headers, &header::HOST);
    let own = host.and_then(|host| Origin::at(host, origin.is_secure));
    own.is_some_and(|own| own == origin && (origin.is_secure || !is_secure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        pairs
            .iter()
            .map(|(name, text)| (HeaderName::from_static(name), value(text)))
            .collect()
    }

    #[test]
    fn only_pages_of_this_relay_may_speak_to_it() {
        let host = ("host", "192.168.1.20:8080");
        for (origin, right) in [
            (Some("http://192.168.1.20:8080"), true),
            (Some("http://192.168.1.20"), false),
            (Some("http://192.168.1.20:8080.evil.example"), false),
            (Some("https://cue.example.org"), true),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (Some("HTTP://192.168.1.20:8080"), true),
            (Some("HTTPS://Cue.Example.Org:443"), true),
            (Some("https://cue.example.org."), true),
            (Some("https://cue.example.org:8443"), false),
            (Some("http://cue.example.org"), false),
            (None, true),
        ] {
            let mut headers = headers(&[host]);
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
            }
            let own = origin_is_own(&headers, Some("https://cue.example.org"), false);
            assert_eq!(own, right, "{origin:?}");
        }
        for (origin, secure, right) in [
            ("https://192.168.1.20:8080", true, true),
            ("https://192.168.1.20:8080", false, true),
            ("http://192.168.1.20:8080", true, false),
            ("ftp://192.168.1.20:8080", false, false),
        ] {
            let headers = headers(&[host, ("origin", origin)]);
            assert_eq!(origin_is_own(&headers, None, secure), right, "{origin}");
        }
    }

    #[test]
    fn an_origin_is_compared_as_one_and_not_as_text() {
        for (host, origin, right) in [
            ("cue.example", "http://cue.example:80", true),
            ("cue.example:80", "http://cue.example", true),
            ("Cue.Example", "https://cue.example:443", true),
            ("cue.example:443", "https://cue.example", true),
            ("cue.example.", "http://cue.example", true),
            ("[FE80:0::1]:80", "http://[fe80::1]", true),
            ("cue.example:8080", "http://cue.example", false),
            ("cue.example", "http://cue.example:443", false),
            ("cue.example", "https://cue.example:80", false),
            ("cue.example", "http://cue.example.evil.example", false),
            ("cue.example", "http://cue.example@evil.example", false),
            ("cue.example", "http://cue.example:", false),
            ("cue.example", "http://cue.example:99999", false),
            (
                "cue.example",
                "http://cue.example http://evil.example",
                false,
            ),
        ] {
            let headers = headers(&[("host", host), ("origin", origin)]);
            assert_eq!(
                origin_is_own(&headers, None, false),
                right,
                "{host} {origin}"
            );
        }
    }

    #[test]
    fn lists_may_stand_on_several_lines_in_any_case() {
        let mut lines = headers(&[
            ("connection", "keep-alive"),
            ("upgrade", "h2c"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "other"),
        ]);
        assert!(handshake(&lines, None, false).is_err());
        for (name, value) in [
            ("connection", "UPGRADE"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-protocol", " tapcue.v1 , more"),
        ] {
            lines.append(name, HeaderValue::from_static(value));
        }
        handshake(&lines, None, false).unwrap();
    }

    #[test]
    fn a_handshake_that_is_none_is_told_why() {
        let whole = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "other, tapcue.v1"),
        ];
        let accept = handshake(&headers(&whole), None, false).unwrap();
        // The example of RFC 6455, section 1.3.
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for missing in 0..whole.len() {
            let mut pairs = whole.to_vec();
            pairs.remove(missing);
            assert!(
                handshake(&headers(&pairs), None, false).is_err(),
                "{missing}"
            );
        }
    }
}
