//! The relay's command line.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _};
use tapcue_server::Server;
use tapcue_server::config::{Config, Flags};
use tapcue_server::journal::SqliteJournal;
use tapcue_server::log::{Log, tell_of_panics};
use tapcue_server::manual::Manual;
use tapcue_server::{fail_points, healthcheck, operate, print, start_page};
use tracing_subscriber::EnvFilter;

/// Without a command it is the relay.
#[derive(Debug, clap::Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do instead of starting a relay.
#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(flatten)]
    Operate(operate::Command),
    /// Ask the relay of this configuration whether it is alive: exit code 0 if so, 1 if not.
    Healthcheck,
    #[command(flatten)]
    Manual(Manual),
}

fn main() -> ExitCode {
    let read = print::without_empty(Cli::command()).try_get_matches();
    let cli = match read.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return print::told(&error),
    };
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::complain(&format!("Error: {error:?}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    let flags = cli.flags;
    match cli.command {
        Some(Command::Manual(manual)) => manual.run(Cli::command()),
        Some(Command::Operate(command)) => logged(flags, |config| command.run(&config.data)),
        Some(Command::Healthcheck) => logged(flags, |config| healthcheck::run(config.listen)),
        None => logged(flags, |config| {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?
                .block_on(run(config))
        }),
    }
}

/// Does the `work` with what these flags decide, and with a log.
fn logged(flags: Flags, work: impl FnOnce(Config) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let config = Config::from_flags(flags)?;
    let filter = EnvFilter::try_new(&config.log)
        .context("--log is a level such as info, or a filter such as tapcue_server=debug")?;
    let log = Log::start(std::io::stderr())?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log.clone())
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    tell_of_panics();
    let _armed = fail_points::arm();
    let done = work(config);
    log.finish();
    done
}

async fn run(config: Config) -> anyhow::Result<()> {
    let journal = SqliteJournal::open(&config.data)?;
    let server = Server::bind(config, Arc::new(journal))?;
    let shutdown = shutdown_signal()?;
    let page = start_page::text(&server);
    // A terminal that is stopped, or a pipe that nobody reads, takes it later or never.
    std::thread::Builder::new()
        .name("start page".into())
        .spawn(move || {
            if let Err(error) = print::out(&page) {
                tracing::warn!("{error:#}");
            }
        })?;
    server.run(shutdown).await
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
