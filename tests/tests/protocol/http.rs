//! The page and its files as the relay serves them, and the origins that may open a WebSocket.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
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

/// What a start of the page downloads on a slow network, in bytes with headers.
const COLD_START_BYTES: usize = 80_000;

#[tokio::test]
async fn a_start_of_the_page_is_small_and_compressed() {
    let relay = Relay::start().await;
    let page = get(relay.addr(), "/").await.text();
    let mut waiting = referenced("/", &page);
    waiting.extend(["/", "/version", "/sw.js"].map(str::to_owned));
    // Modules that the script needs at once; modules loaded on demand have no such statement.
    let scripts: Vec<_> = waiting
        .iter()
        .filter(|path| path.ends_with("main.js"))
        .cloned()
        .collect();
    for script in scripts {
        let text = get(relay.addr(), &script).await.text();
        assert!(!text.contains("from '"), "{script} needs more at once");
    }
    let mut sum = 0;
    for path in &waiting {
        let plain = get(relay.addr(), path).await;
        let packed = request(
            relay.addr(),
            "GET",
            path,
            &[("accept-encoding", "gzip, br")],
        )
        .await;
        let headers = packed
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4);
        let bytes = headers.sum::<usize>() + packed.body.len() + "HTTP/1.1 200 OK\r\n\r\n".len();
        println!("{bytes:6} {path}");
        sum += bytes;
        if packed.header("content-encoding") == Some("gzip") {
            let mut unpacked = Vec::new();
            let whole = GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked);
            assert!(whole.is_ok() && unpacked == plain.body, "{path}");
            // The page itself contains the words of the requested language.
            let differs = match path.as_str() {
                "/" => "accept-encoding, accept-language",
                _ => "accept-encoding",
            };
            assert_eq!(packed.header("vary"), Some(differs), "{path}");
            assert_eq!(plain.header("vary"), Some(differs), "{path}");
            assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
        } else {
            assert!(plain.body.len() < 2_000, "{path} is not compressed");
        }
    }
    println!("{sum:6} in {} answers", waiting.len());
    assert!(sum <= COLD_START_BYTES, "{sum} bytes");
}

#[tokio::test]
async fn what_is_of_a_version_stays_and_the_rest_is_asked_for_again() {
    let relay = Relay::start().await;
    let page = get(relay.addr(), "/").await.text();
    for path in referenced("/", &page)
        .into_iter()
        .chain(["/", "/sw.js"].map(str::to_owned))
    {
        let answer = get(relay.addr(), &path).await;
        let caching = answer.header("cache-control").unwrap_or_default();
        let of_a_version = path.starts_with("/v/");
        assert_eq!(
            caching.contains("immutable"),
            of_a_version,
            "{path}: {caching}"
        );
        assert_eq!(caching == "no-cache", !of_a_version, "{path}: {caching}");
        let tag = answer.header("etag").expect("a tag");
        let again = request(relay.addr(), "GET", &path, &[("if-none-match", tag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let version = get(relay.addr(), "/version").await;
    assert_eq!(version.header("cache-control"), Some("no-store"));
    let other = get(relay.addr(), "/v/0123456789abcdef/main.js").await;
    assert_eq!(other.status, 404, "no version is taken for another");
}

#[tokio::test]
async fn the_page_can_be_installed() {
    let relay = Relay::start().await;
    let manifest = get(relay.addr(), "/manifest.webmanifest").await;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.body).expect("JSON");
    assert_eq!(manifest["id"], "/");
    assert_eq!(manifest["display"], "standalone");
    let icons = manifest["icons"].as_array().expect("icons");
    let mut found = BTreeSet::new();
    for icon in icons {
        let path = resolve(
            "/manifest.webmanifest",
            icon["src"].as_str().expect("an address"),
        );
        let file = get(relay.addr(), &path).await;
        assert_eq!(
            content_type(&file),
            icon["type"].as_str().expect("a type"),
            "{path}"
        );
        let sizes = icon["sizes"].as_str().expect("sizes");
        if path.ends_with(".png") {
            assert_eq!(png_size(&file.body), sizes, "{path}");
        }
        found.insert((
            sizes.to_owned(),
            icon["purpose"].as_str().unwrap_or("any").to_owned(),
        ));
    }
    for (sizes, purpose) in [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ] {
        assert!(
            found.contains(&(sizes.into(), purpose.into())),
            "{sizes} {purpose}"
        );
    }
    let page = get(relay.addr(), "/").await.text();
    assert!(page.contains("rel=\"apple-touch-icon\""));
    assert_eq!(
        png_size(&get(relay.addr(), "/apple-touch-icon.png").await.body),
        "180x180"
    );
    let worker = get(relay.addr(), "/sw.js").await;
    assert_eq!(content_type(&worker), "text/javascript; charset=utf-8");
    let policy = worker.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("worker-src 'self'"), "{policy}");
    // Every cached file exists, and they are the files that the page needs.
    let text = worker.text();
    let kept = text
        .split_once("SHELL=[")
        .and_then(|(_, rest)| rest.split_once(']'));
    let kept: BTreeSet<_> = kept
        .expect("a list")
        .0
        .split(',')
        .map(|path| path.trim_matches('\''))
        .collect();
    for path in &kept {
        assert_eq!(get(relay.addr(), path).await.status, 200, "{path}");
    }
    for path in referenced("/", &page) {
        assert!(
            kept.contains(path.as_str()) || path.ends_with(".png"),
            "{path} is not kept"
        );
    }
}

/// The size from a PNG's header.
fn png_size(png: &[u8]) -> String {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(&png[12..16], b"IHDR");
    format!("{}x{}", number(16), number(20))
}

#[tokio::test]
async fn nothing_of_the_workshop_is_served() {
    let relay = Relay::start().await;
    for path in [
        "/package.json",
        "/package-lock.json",
        "/tsconfig.json",
        "/device/protocol.d.ts",
        "/tests/vectors.test.mjs",
        "/node_modules/typescript/package.json",
        "/device/link/types.d.ts",
        "/worker/build.d.ts",
        "/worker/tsconfig.json",
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
        ("PUT", "/styles/style.css"),
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
        // A client without an origin is not a browser.
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

/// Checks the headers that every answer has.
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

/// The relay's own files that a page references.
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
    // Imports of types stand in comments and do not exist at run time.
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
