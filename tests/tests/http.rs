//! The page and its files as the relay serves them, and who may open a WebSocket.

use std::collections::BTreeSet;

use tapcue_tests::http::{Answer, get, request};
use tapcue_tests::relay::Relay;

#[tokio::test]
async fn the_page_has_the_headers_that_keep_it_safe() {
    let relay = Relay::start().await;
    let page = get(relay.addr(), "/").await;
    assert_eq!(page.status, 200);
    assert!(
        content_type(&page).starts_with("text/html"),
        "{:?}",
        page.headers
    );
    assert!(page.text().to_lowercase().starts_with("<!doctype html>"));
    assert_safe("/", &page);
    let policy = page.header("content-security-policy").expect("a policy");
    let directives: BTreeSet<_> = policy.split(';').map(str::trim).collect();
    assert!(directives.contains("default-src 'none'"), "{policy}");
    assert!(directives.contains("frame-ancestors 'none'"), "{policy}");
    for unsafe_source in ["unsafe-inline", "unsafe-eval", "*", "data: 'self' http:"] {
        let scripts = directives
            .iter()
            .find(|directive| directive.starts_with("script-src"));
        let scripts = scripts.expect("script-src");
        assert!(!scripts.contains(unsafe_source), "{policy}");
    }
    let text = page.text();
    for inline in ["<script>", "<style", " onclick=", " style=", "javascript:"] {
        assert!(!text.contains(inline), "{inline} in the page");
    }
}

#[tokio::test]
async fn every_file_the_page_needs_is_there_with_its_type() {
    let relay = Relay::start().await;
    let page = get(relay.addr(), "/").await.text();
    let mut waiting = referenced("/", &page);
    assert!(
        waiting.iter().any(|path| path.ends_with(".js")),
        "{waiting:?}"
    );
    assert!(
        waiting.iter().any(|path| path.ends_with(".css")),
        "{waiting:?}"
    );
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop_first() {
        let file = get(relay.addr(), &path).await;
        assert_eq!(file.status, 200, "{path}");
        assert_safe(&path, &file);
        let kind = content_type(&file);
        let expected = match path.rsplit('.').next() {
            Some("js" | "mjs") => "text/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("ico") => "image/",
            Some("json") => "application/json",
            Some("webmanifest") => "application/manifest+json",
            _ => "text/html",
        };
        assert!(kind.starts_with(expected), "{path}: {kind}");
        if kind.starts_with("text/javascript") {
            let more = imported(&path, &file.text());
            waiting.extend(more.into_iter().filter(|path| !seen.contains(path)));
        }
        seen.insert(path);
    }
    println!("{} files: {seen:?}", seen.len());
}

#[tokio::test]
async fn nothing_of_the_workshop_is_served() {
    let relay = Relay::start().await;
    for path in [
        "/package.json",
        "/package-lock.json",
        "/tsconfig.json",
        "/protocol.d.ts",
        "/tests/vectors.test.mjs",
        "/node_modules/typescript/package.json",
        "/link/types.d.ts",
        "/.gitignore",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/nothing-here",
        "/api/v1/nothing",
    ] {
        let answer = get(relay.addr(), path).await;
        assert!(
            matches!(answer.status, 400 | 401 | 404),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
        assert_safe(path, &answer);
    }
}

#[tokio::test]
async fn health_and_methods() {
    let relay = Relay::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = get(relay.addr(), path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    for (method, path) in [
        ("POST", "/"),
        ("DELETE", "/healthz"),
        ("POST", "/ws"),
        ("PUT", "/style.css"),
    ] {
        let answer = request(relay.addr(), method, path, &[("content-length", "0")]).await;
        assert_eq!(answer.status, 405, "{method} {path}");
    }
    let head = request(relay.addr(), "HEAD", "/", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn only_the_relay_s_own_pages_may_open_a_web_socket() {
    let relay = Relay::start().await;
    let own = format!("http://{}", relay.addr());
    for (origin, status) in [
        (Some(own.as_str()), 101),
        // Not a browser.
        (None, 101),
        (Some("http://evil.example"), 403),
        (Some("null"), 403),
        (Some("http://127.0.0.1.evil.example"), 403),
        (Some("http://127.0.0.1"), 403),
        (Some(""), 403),
    ] {
        let mut headers = upgrade();
        headers.extend(origin.map(|origin| ("origin", origin)));
        let answer = request(relay.addr(), "GET", "/ws", &headers).await;
        assert_eq!(answer.status, status, "{origin:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_web_socket_needs_the_subprotocol_and_an_upgrade() {
    let relay = Relay::start().await;
    let with = request(relay.addr(), "GET", "/ws", &upgrade()).await;
    assert_eq!(with.header("sec-websocket-protocol"), Some("tapcue.v1"));
    let mut other = upgrade();
    other.retain(|(name, _)| *name != "sec-websocket-protocol");
    other.push(("sec-websocket-protocol", "tapcue.v9"));
    let answer = request(relay.addr(), "GET", "/ws", &other).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    let plain = get(relay.addr(), "/ws").await;
    assert!((400..500).contains(&plain.status), "{}", plain.status);
}

fn upgrade() -> Vec<(&'static str, &'static str)> {
    vec![
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "tapcue.v1"),
    ]
}

fn content_type(answer: &Answer) -> &str {
    answer.header("content-type").unwrap_or("")
}

/// What every answer carries.
fn assert_safe(path: &str, answer: &Answer) {
    assert_eq!(
        answer.header("x-content-type-options"),
        Some("nosniff"),
        "{path}"
    );
    assert_eq!(
        answer.header("referrer-policy"),
        Some("no-referrer"),
        "{path}"
    );
}

/// The relay's own files that a page names.
fn referenced(base: &str, page: &str) -> BTreeSet<String> {
    let named = ["src=\"", "href=\""].into_iter().flat_map(|attribute| {
        page.split(attribute)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
    });
    let own = named.filter(|name| !name.starts_with('#') && !name.contains(':'));
    own.map(|name| resolve(base, name)).collect()
}

/// The modules that a module imports.
fn imported(base: &str, module: &str) -> BTreeSet<String> {
    let quoted = [
        "from \"",
        "from '",
        "import \"",
        "import '",
        "import(\"",
        "import('",
    ];
    let named = quoted.into_iter().flat_map(|keyword| {
        module
            .split(keyword)
            .skip(1)
            .filter_map(|rest| rest.split(['"', '\'']).next())
    });
    // Types are imported in comments, and are not there at run time.
    let own = named.filter(|name| name.ends_with(".js") || name.ends_with(".mjs"));
    own.map(|name| resolve(base, name)).collect()
}

fn resolve(base: &str, name: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let mut path: Vec<_> = base.split('/').collect();
    path.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}
