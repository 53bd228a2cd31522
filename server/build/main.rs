//! Makes what the relay serves of the web client: one script and one stylesheet for what every start
//! needs, the rest file by file, all without comments and compressed. The sources stay as people read
//! them, and nothing but Rust is needed.
//!
//! Addresses under `/v/VERSION/` are of one version for good; VERSION is a digest of everything.

mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// Anything that goes wrong ends the build.
type Fallible<T> = Result<T, Box<dyn Error>>;

/// The web client's sources.
const WEB: &str = "../client/web";
/// Its folders that are no part of it.
const WORKSHOP: [&str; 2] = ["node_modules", "tests"];
/// The kinds of files that are served.
const SERVED: [&str; 6] = ["html", "css", "js", "svg", "png", "webmanifest"];

/// The page.
const PAGE: &str = "index.html";
/// What the page's script begins with, and what everything that it imports becomes.
const SCRIPT: &str = "main.js";
/// What all stylesheets of the page become.
const STYLE: &str = "style.css";
/// The words that take the place of a language that cannot be had. The others are kept from their
/// first use.
const WORDS: &str = "i18n/en.js";
/// The catalog's sections for the page, and how the name of each module ends.
const SECTIONS: [(&str, &str); 2] = [("page", ""), ("review", "-review")];
/// The service worker, which must stand above everything that it answers for.
const WORKER: &str = "worker/sw.js";
const WORKER_ADDRESS: &str = "/sw.js";
/// What a browser asks for by itself, under addresses that stay.
const KEPT: [&str; 2] = ["icon.svg", "manifest.webmanifest"];

/// How a stylesheet stands in the page.
const STYLE_BEFORE: &str = "<link rel=\"stylesheet\" href=\"";
const STYLE_AFTER: &str = "\" />";
/// How the script does.
const SCRIPT_LINE: &str = "<script type=\"module\" src=\"main.js\"></script>";

/// Fewer bytes than this of what could be saved are not worth a second copy.
const WORTH_BYTES: usize = 32;

fn main() -> Fallible<()> {
    println!("cargo::rerun-if-changed=build");
    let mut sources = BTreeMap::new();
    gather(Path::new(WEB), "", &mut sources)?;
    for language in tapcue_catalog::languages() {
        for (section, suffix) in SECTIONS {
            let words = tapcue_catalog::section(language, section);
            let module = format!("export const words = {words};");
            sources.insert(format!("i18n/{language}{suffix}.js"), module.into_bytes());
        }
    }
    let made = assets(&sources)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("assets.rs"), table(&made, &out)?)?;
    Ok(())
}

/// Everything that is served, by its path below the web client.
fn gather(folder: &Path, below: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Fallible<()> {
    // Of the folder above all others cargo would look at the workshop too.
    if !below.is_empty() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or("a name that is no text")?;
        let path = format!("{below}{name}");
        if entry.file_type()?.is_dir() {
            if !WORKSHOP.contains(&name) {
                gather(&entry.path(), &format!("{path}/"), into)?;
            }
        } else if SERVED.contains(&extension(name)) {
            println!("cargo::rerun-if-changed={}", entry.path().display());
            into.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// What is served at one address.
struct Asset {
    address: String,
    body: Vec<u8>,
}

/// The version, and what the sources become.
fn assets(sources: &BTreeMap<String, Vec<u8>>) -> Fallible<(String, Vec<Asset>)> {
    let version = version(sources);
    let below = format!("/v/{version}/");
    let mut modules = BTreeMap::new();
    for path in sources.keys().filter(|path| extension(path) == "js") {
        let module = script::read(path, text(sources, path)?)?;
        modules.insert(path.clone(), module);
    }
    let mut assets = Vec::new();
    let mut add = |address: String, body: Vec<u8>| assets.push(Asset { address, body });

    let (bundle, bundled) = script::bundle(&modules, SCRIPT)?;
    add(format!("{below}{SCRIPT}"), bundle.into_bytes());
    let others = || {
        modules
            .values()
            .filter(|one| !bundled.contains(&one.path) && one.path != WORKER)
    };
    for module in others() {
        let path = &module.path;
        // Its imports are checked as those of the bundle are.
        script::bundle(&modules, path)?;
        add(format!("{below}{path}"), module.small.clone().into_bytes());
        if module.imports.is_empty() {
            // Other pages of the relay may name it without a version.
            add(format!("/{path}"), module.small.clone().into_bytes());
        }
    }
    let shared: BTreeSet<_> = others()
        .flat_map(|one| &one.imports)
        .map(|(path, _)| path)
        .filter(|path| bundled.contains(path))
        .collect();
    for path in shared {
        let body = script::stand_in(&modules[path], SCRIPT);
        add(format!("{below}{path}"), body.into_bytes());
    }

    let page = text(sources, PAGE)?;
    let mut style = String::new();
    for path in styles(page) {
        style.push_str(&script::small(path, text(sources, path)?)?);
    }
    add(format!("{below}{STYLE}"), style.into_bytes());
    for path in sources.keys().filter(|path| extension(path) == "css") {
        add(
            format!("/{path}"),
            script::small(path, text(sources, path)?)?.into_bytes(),
        );
    }

    let page = finished_page(page, &below)?;
    add("/".to_owned(), page.clone().into_bytes());
    add(format!("{below}{PAGE}"), page.into_bytes());

    let shell = [PAGE, SCRIPT, STYLE, WORDS].map(|name| format!("{below}{name}"));
    let shell = shell.into_iter().chain(KEPT.map(|name| format!("/{name}")));
    let shell: Vec<_> = shell.map(|address| format!("'{address}'")).collect();
    let worker = modules.get(WORKER).ok_or("no service worker")?;
    let worker = format!(
        "const VERSION='{version}';\nconst SHELL=[{}];\n{}",
        shell.join(","),
        worker.small
    );
    add(WORKER_ADDRESS.to_owned(), worker.into_bytes());

    let rest = sources.iter();
    for (path, body) in rest.filter(|(path, _)| !["js", "css", "html"].contains(&extension(path))) {
        add(format!("/{path}"), body.clone());
    }
    Ok((version, assets))
}

/// A digest of everything, short enough for an address.
fn version(sources: &BTreeMap<String, Vec<u8>>) -> String {
    let mut all = Sha256::new();
    // How it is made is a part of what it is.
    for how in [
        include_bytes!("main.rs").as_slice(),
        include_bytes!("script.rs"),
    ] {
        all.update(how);
    }
    for (path, body) in sources {
        all.update(path);
        all.update((body.len() as u64).to_be_bytes());
        all.update(body);
    }
    hex(&all.finalize()[..8])
}

/// The stylesheets that the page names, in their order.
fn styles(page: &str) -> impl Iterator<Item = &str> {
    let named = page.split(STYLE_BEFORE).skip(1);
    named.filter_map(|rest| rest.split_once(STYLE_AFTER).map(|(path, _)| path))
}

/// The page with one stylesheet and one script of this version.
fn finished_page(page: &str, below: &str) -> Fallible<String> {
    let mut whole = String::new();
    let mut has_style = false;
    for line in page.lines().map(str::trim) {
        if line.starts_with(STYLE_BEFORE) {
            if !has_style {
                writeln!(whole, "{STYLE_BEFORE}{below}{STYLE}{STYLE_AFTER}")?;
            }
            has_style = true;
        } else if line == SCRIPT_LINE {
            writeln!(
                whole,
                "{}",
                line.replace(SCRIPT, &format!("{below}{SCRIPT}"))
            )?;
        } else {
            writeln!(whole, "{line}")?;
        }
    }
    if !has_style || !whole.contains(&format!("src=\"{below}")) {
        return Err(format!("{PAGE} does not name its styles and its script as expected").into());
    }
    Ok(whole)
}

/// The assets as Rust, beside their files.
fn table((version, assets): &(String, Vec<Asset>), out: &Path) -> Fallible<String> {
    let files = out.join("web");
    fs::create_dir_all(&files)?;
    let mut rust = format!("const VERSION: &str = \"{version}\";\nstatic ASSETS: &[Asset] = &[\n");
    for (n, Asset { address, body }) in assets.iter().enumerate() {
        let name = files.join(n.to_string());
        fs::write(&name, body)?;
        let squeezed = gzip(body)?;
        let gzip = if squeezed.len() + WORTH_BYTES < body.len() {
            let name = name.with_extension("gz");
            fs::write(&name, squeezed)?;
            format!("Some(include_bytes!({name:?}))")
        } else {
            "None".to_owned()
        };
        let tag = hex(&Sha256::digest(body)[..16]);
        writeln!(
            rust,
            "    Asset {{ address: {address:?}, tag: {tag:?}, \
             body: include_bytes!({name:?}), gzip: {gzip} }},"
        )?;
    }
    rust.push_str("];\n");
    Ok(rust)
}

fn gzip(body: &[u8]) -> Fallible<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body)?;
    Ok(encoder.finish()?)
}

fn text<'a>(sources: &'a BTreeMap<String, Vec<u8>>, path: &str) -> Fallible<&'a str> {
    let body = sources
        .get(path)
        .ok_or_else(|| format!("{path} is not there"))?;
    Ok(std::str::from_utf8(body)?)
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
