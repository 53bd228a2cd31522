//! The relay's command line.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _};
use tapcue_server::Server;
use tapcue_server::admin::{self, healthcheck};
use tapcue_server::config::{self, Config, Flags, Given, Settings};
use tapcue_server::journal::SqliteJournal;
use tapcue_server::log::{Log, tell_of_panics};
use tapcue_server::manual::Manual;
use tapcue_server::{fail_points, print, start_page};
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
    Operate(admin::Command),
    /// Ask the relay of this configuration whether it is alive: exit code 0 if so, 1 if not.
    Healthcheck,
    /// See what the relay is told by flags, environment and file, and whether that is right.
    Config {
        /// What to see.
        #[command(subcommand)]
        command: config::Command,
    },
    #[command(flatten)]
    Manual(Manual),
}

fn main() -> ExitCode {
    let read = print::without_empty(Cli::command()).try_get_matches();
    let read = read.and_then(|matches| {
        let given = Given::of(&matches);
        Cli::from_arg_matches(&matches).map(|cli| (cli, given))
    });
    let (cli, given) = match read {
        Ok(read) => read,
        Err(error) => return print::told(&error),
    };
    match start(cli, given) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::complain(&format!("Error: {error:?}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli, given: Given) -> anyhow::Result<()> {
    let flags = cli.flags;
    let told = || Settings::read(flags.clone(), given.clone())?.decide();
    match cli.command {
        Some(Command::Manual(manual)) => manual.run(Cli::command()),
        Some(Command::Config { command }) => command.run(flags, given),
        Some(Command::Operate(command)) => logged(told()?, |config| command.run(&config.data)),
        Some(Command::Healthcheck) => logged(told()?, |config| healthcheck::run(config.listen)),
        None => logged(told()?, |config| {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?
                .block_on(run(config))
        }),
    }
}

/// Runs `work` with a log.
fn logged(config: Config, work: impl FnOnce(Config) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
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
    // A stopped terminal or a pipe without a reader takes the page later or never.
    std::thread::Builder::new()
        .name("start page".into())
        .spawn(move || {
            if let Err(error) = print::out(&page) {
                tracing::warn!("{error:#}");
            }
        })?;
    server.run(shutdown).await
}

/// Resolves on Ctrl-C, and on SIGTERM where that exists.
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
