//! The relay's command line.

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use tapcue_server::Server;
use tapcue_server::config::{Config, Flags};
use tapcue_server::journal::SqliteJournal;
use tapcue_server::{fail_points, operate, reach};
use tracing_subscriber::EnvFilter;

/// Without a command it is the relay.
#[derive(Debug, clap::Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<operate::Command>,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let config = Config::from_flags(cli.flags)?;
    let filter = EnvFilter::try_new(&config.log)
        .context("--log is a level such as info, or a filter such as tapcue_server=debug")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let _armed = fail_points::arm();
    if let Some(command) = cli.command {
        return command.run(&config.data);
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(config))
}

async fn run(config: Config) -> anyhow::Result<()> {
    let journal = SqliteJournal::open(&config.data)?;
    let server = Server::bind(config, Arc::new(journal))?;
    let shutdown = shutdown_signal()?;
    // Scripts wait for this line.
    println!("listening on {}", server.url());
    if server.local_addr().ip().is_unspecified() {
        print_link(&server.link());
    }
    if let Some(fingerprint) = server.fingerprint() {
        let (first, second) = fingerprint.split_at(fingerprint.len() / 2);
        println!("Its authority, to compare before a phone trusts it (SHA-256):\n");
        println!("    {first}\n    {}\n", second.trim_start_matches(':'));
    }
    server.run(shutdown).await
}

fn print_link(link: &str) {
    println!("\nOpen this on both phones, or scan it:\n\n    {link}\n");
    match reach::qr_text(link) {
        Ok(qr) => println!("{qr}\n"),
        Err(error) => tracing::warn!(%error, "no QR code for this link"),
    }
    println!("Both phones must be on the same network as this machine. Ctrl-C ends it.");
}

/// Resolves on Ctrl-C, and where there is one on SIGTERM.
fn shutdown_signal() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        let interrupted = async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::warn!(%error, "Ctrl-C cannot be heard");
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        tokio::select! {
            () = interrupted => {}
            _ = terminated.recv() => {}
        }
        #[cfg(not(unix))]
        interrupted.await;
    })
}
