//! The relay's settings in one struct: flags come before the environment, a TOML file and the defaults.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use serde::{Deserialize, Serialize};
use tapcue_rules::limits::{LOST_AFTER_MS, LOST_AFTER_RANGE_MS};
use tracing_subscriber::EnvFilter;

use crate::net::forwarded::Trusted;
use crate::tls;

mod origin;

pub use origin::{Command, Given};

/// Where a relay listens by default.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 8080);

/// How many cues per second a device may send in the long run; at once it may send twice as many. A person in
/// a hurry taps twice a second. Stops are not counted.
const CUES_PER_S: u32 = 20;

/// How many sessions per minute one address may open. Many pairs in one building may open theirs within a
/// minute. Each takes one of 32,768 codes until a second device joins, and a row on the disk.
const SESSIONS_PER_MIN: u32 = 60;

/// Tapcue's relay: pairs a receiver and a helper, and serves the page their phones open.
///
/// With no flags it listens on all addresses at port 8080, keeps its data in the platform's data
/// directory, and prints the link for phones on the same network.
#[derive(Clone, Debug, Default, Parser, Deserialize, Serialize)]
#[command(version, max_term_width = 100)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flags {
    /// Where to listen, as ADDRESS:PORT. Port 0 picks a free one.
    #[arg(long, env = "TAPCUE_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The directory for the journal. Made if it is not there.
    #[arg(long, env = "TAPCUE_DATA", value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    /// How people reach this relay from outside, if not at its own address: `https://cue.example.org`
    #[arg(long, env = "TAPCUE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Where its own certificates come from: local-ca makes an authority that phones are told to trust
    #[arg(long, env = "TAPCUE_TLS", value_name = "HOW")]
    pub tls: Option<tls::Choice>,
    /// A certificate in PEM, with those that lead up to its authority. Taken anew when it changes
    #[arg(long, env = "TAPCUE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, env = "TAPCUE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// With --tls local-ca: plain http leads to the page about trust, and nowhere else
    #[arg(long, env = "TAPCUE_TLS_ONLY", num_args = 0..=1, default_missing_value = "true")]
    pub tls_only: Option<bool>,
    /// A proxy whose X-Forwarded-For and X-Forwarded-Proto count: an address or a network. Several
    /// stand with commas or the flag more than once
    #[arg(
        long,
        env = "TAPCUE_TRUSTED_PROXY",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub trusted_proxy: Vec<String>,
    /// Whether devices on the same network may find this relay as tapcue.local and without its
    /// address: on or off. Default on.
    #[arg(long, env = "TAPCUE_DISCOVERY", value_name = "ON|OFF",
          value_parser = clap::builder::BoolishValueParser::new())]
    pub discovery: Option<bool>,
    /// Silence after which a link is lost, in seconds, from 1 to 5. Default 2.
    #[arg(long, env = "TAPCUE_LINK_TIMEOUT", value_name = "SECONDS")]
    pub link_timeout: Option<f64>,
    /// How many cues a second a device may send; stops are never counted. Default 20.
    #[arg(long, env = "TAPCUE_CUES_PER_SECOND", value_name = "N")]
    pub cues_per_second: Option<u32>,
    /// How many sessions a minute one address may open. Default 60.
    #[arg(long, env = "TAPCUE_SESSIONS_PER_MINUTE", value_name = "N")]
    pub sessions_per_minute: Option<u32>,
    /// How many connections there may be in all. Default: as many as this process may have open
    /// files, but for a reserve.
    #[arg(long, env = "TAPCUE_CONNECTIONS", value_name = "N")]
    pub connections: Option<usize>,
    /// How many connections one address may have; a trusted proxy's do not count as its own. Default
    /// 1000.
    #[arg(long, env = "TAPCUE_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<usize>,
    /// Where metrics are served for Prometheus, as ADDRESS:PORT, apart from what devices reach. Default:
    /// nowhere.
    #[arg(long, env = "TAPCUE_METRICS", value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,
    /// What to log: error, warn, info, debug, trace, or a filter like tapcue_server=debug.
    #[arg(long, env = "TAPCUE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// A TOML file with any of these, by the same names. Flags and environment come first.
    #[arg(long, env = "TAPCUE_CONFIG", value_name = "FILE", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// The relay's configuration: all settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Whether the address is the default, so that a machine without IPv6 may do without it.
    pub listen_is_default: bool,
    /// The directory for the journal.
    pub data: PathBuf,
    /// The URL at which people reach it from outside, without a trailing slash.
    pub public_url: Option<String>,
    /// Whether it speaks TLS, and with which certificate.
    pub tls: tls::Mode,
    /// The proxies whose headers about a client are trusted.
    pub trusted_proxies: Trusted,
    /// Whether it is announced on the local network.
    pub discovery: bool,
    /// The silence after which a link is lost, in milliseconds.
    link_timeout_ms: u32,
    /// How many cues per second a device may send.
    pub cues_per_s: u32,
    /// How many sessions per minute one address may open, and as many at once.
    pub sessions_per_min: u32,
    /// How many connections there may be in all, if that is set.
    pub connections: Option<usize>,
    /// How many connections one address may have, if that is set.
    pub connections_per_address: Option<usize>,
    /// The address for metrics, if they are served.
    pub metrics: Option<SocketAddr>,
    /// What to log.
    pub log: String,
}

/// Every setting, with its default where it has one.
#[derive(Debug)]
pub struct Settings {
    all: Flags,
    listen_is_default: bool,
    given: Given,
    file: Option<(PathBuf, toml::Table)>,
}

impl Settings {
    /// Reads the settings: flags, which include the environment, then the file that they name, then defaults.
    ///
    /// # Errors
    /// The file cannot be read, or is not valid.
    pub fn read(flags: Flags, given: Given) -> anyhow::Result<Self> {
        let (file, told) = match &flags.config {
            None => (None, Flags::default()),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the configuration {}", path.display()))?;
                let not_right = |error| origin::not_right(path, &text, &error);
                let told = toml::from_str(&text).map_err(not_right)?;
                let table = toml::from_str(&text).map_err(not_right)?;
                (Some((path.clone(), table)), told)
            }
        };
        let all = flags.or(told);
        Ok(Self {
            listen_is_default: all.listen.is_none(),
            all: all.with_defaults()?,
            given,
            file,
        })
    }

    /// The configuration that follows from the settings.
    ///
    /// # Errors
    /// A setting is not allowed, or some do not go together.
    pub fn decide(&self) -> anyhow::Result<Config> {
        let all = self.all.clone();
        let tls = tls::Mode::of(
            all.tls,
            all.tls_cert,
            all.tls_key,
            all.tls_only == Some(true),
        )?;
        let log = all.log.unwrap_or_default();
        EnvFilter::try_new(&log).map_err(|_| {
            let allowed = "a level such as info, or a filter such as tapcue_server=debug";
            self.refused("log", &log, allowed)
        })?;
        let proxies = all.trusted_proxy.iter().map(String::as_str);
        Ok(Config {
            tls,
            trusted_proxies: Trusted::parse(proxies)?,
            listen: all.listen.unwrap_or(LISTEN),
            listen_is_default: self.listen_is_default,
            data: all.data.unwrap_or_default(),
            public_url: self.public_url()?,
            discovery: all.discovery.unwrap_or(true),
            link_timeout_ms: self.link_timeout_ms()?,
            cues_per_s: self
                .at_least_one("cues-per-second", all.cues_per_second)?
                .unwrap_or(CUES_PER_S),
            sessions_per_min: self
                .at_least_one("sessions-per-minute", all.sessions_per_minute)?
                .unwrap_or(SESSIONS_PER_MIN),
            connections: self.at_least_one("connections", all.connections)?,
            connections_per_address: self
                .at_least_one("connections-per-address", all.connections_per_address)?,
            metrics: all.metrics,
            log,
        })
    }

    fn link_timeout_ms(&self) -> anyhow::Result<u32> {
        let Some(seconds) = self.all.link_timeout else {
            return Ok(LOST_AFTER_MS as u32);
        };
        let ms = (seconds * 1_000.0).round() as u64;
        if LOST_AFTER_RANGE_MS.contains(&ms) {
            return Ok(ms as u32);
        }
        Err(self.refused(
            "link-timeout",
            seconds,
            "from 1 to 5 seconds. Longer would leave people unprotected, shorter would stop them for \
             nothing",
        ))
    }

    fn public_url(&self) -> anyhow::Result<Option<String>> {
        let Some(url) = &self.all.public_url else {
            return Ok(None);
        };
        let url = url.trim_end_matches('/');
        let host = url.strip_prefix("https://").or(url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
            let allowed = "like https://cue.example.org, without a path";
            return Err(self.refused("public-url", url, allowed));
        }
        Ok(Some(url.to_owned()))
    }

    fn at_least_one<T>(&self, key: &str, value: Option<T>) -> anyhow::Result<Option<T>>
    where
        T: Copy + Default + PartialEq + std::fmt::Display,
    {
        match value {
            Some(zero) if zero == T::default() => Err(self.refused(key, zero, "1 or more")),
            other => Ok(other),
        }
    }
}

impl Flags {
    /// Takes from `other` each setting that is not set here.
    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            data: self.data.or(other.data),
            public_url: self.public_url.or(other.public_url),
            tls: self.tls.or(other.tls),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            tls_only: self.tls_only.or(other.tls_only),
            trusted_proxy: match self.trusted_proxy.is_empty() {
                true => other.trusted_proxy,
                false => self.trusted_proxy,
            },
            discovery: self.discovery.or(other.discovery),
            link_timeout: self.link_timeout.or(other.link_timeout),
            cues_per_second: self.cues_per_second.or(other.cues_per_second),
            sessions_per_minute: self.sessions_per_minute.or(other.sessions_per_minute),
            connections: self.connections.or(other.connections),
            connections_per_address: self
                .connections_per_address
                .or(other.connections_per_address),
            metrics: self.metrics.or(other.metrics),
            log: self.log.or(other.log),
            config: self.config.or(other.config),
        }
    }

    /// Takes the default of each setting that is not set and has one.
    fn with_defaults(self) -> anyhow::Result<Self> {
        let data = match &self.data {
            Some(data) => data.clone(),
            None => default_data()?,
        };
        Ok(self.or(Self {
            listen: Some(LISTEN),
            data: Some(data),
            tls_only: Some(false),
            discovery: Some(true),
            link_timeout: Some(LOST_AFTER_MS as f64 / 1_000.0),
            cues_per_second: Some(CUES_PER_S),
            sessions_per_minute: Some(SESSIONS_PER_MIN),
            log: Some("info".into()),
            ..Self::default()
        }))
    }
}

impl Config {
    /// The configuration from flags and, if they name one, a file.
    ///
    /// # Errors
    /// A setting is not allowed, or the file cannot be read.
    pub fn from_flags(flags: Flags) -> anyhow::Result<Self> {
        Settings::read(flags, Given::default())?.decide()
    }

    /// The silence after which a link is lost, in milliseconds.
    #[must_use]
    pub fn link_timeout_ms(&self) -> u32 {
        self.link_timeout_ms
    }
}

fn default_data() -> anyhow::Result<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "tapcue").context(
        "this account has no home directory: say where to keep the data with --data DIR",
    )?;
    Ok(dirs.data_dir().to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(args: &[&str]) -> Flags {
        Flags::parse_from(std::iter::once(&"tapcue-server").chain(args))
    }

    #[test]
    fn a_link_timeout_outside_its_bounds_is_refused_in_words() {
        for seconds in ["0.5", "6", "-1", "NaN"] {
            let flags = flags(&["--data", "d", &format!("--link-timeout={seconds}")]);
            let error = Config::from_flags(flags).unwrap_err().to_string();
            assert!(error.contains("1 to 5"), "{error}");
        }
        let config = Config::from_flags(flags(&["--data", "d", "--link-timeout", "1.5"])).unwrap();
        assert_eq!(config.link_timeout_ms(), 1_500);
    }

    #[test]
    fn flags_come_before_the_file_and_unknown_settings_are_named() {
        let dir = std::env::temp_dir().join(format!("tapcue-config-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("tapcue.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:1\"\nlog = \"warn\"\ndata = \"x\"\n",
        )
        .unwrap();
        let path = file.to_str().unwrap();
        let config =
            Config::from_flags(flags(&["--config", path, "--listen", "127.0.0.1:2"])).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.log, "warn");
        std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let error = format!(
            "{:#}",
            Config::from_flags(flags(&["--config", path])).unwrap_err()
        );
        assert!(error.contains("lisen"), "{error}");
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_public_url_has_no_path() {
        for (url, right) in [
            ("https://cue.example.org", true),
            ("http://192.168.1.20:8080/", true),
            ("cue.example.org", false),
            ("https://cue.example.org/tapcue", false),
        ] {
            let config = Config::from_flags(flags(&["--data", "d", "--public-url", url]));
            assert_eq!(config.is_ok(), right, "{url}");
        }
    }
}
