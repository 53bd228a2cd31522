//! `tapcue`: the terminal client.

use std::process::ExitCode;

use tapcue::cli::Cli;
use tapcue::run::{Exit, run};

fn main() -> ExitCode {
    let cli = Cli::of_process();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tapcue: {error}");
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(run(cli));
    // A reader of standard input cannot be cancelled, so nothing may wait for it.
    runtime.shutdown_background();
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("tapcue: {error:#}");
            Exit::of(&error).into()
        }
    }
}
