//! `tapcue`: the terminal client.

use std::process::ExitCode;

use tapcue::cli::Cli;
use tapcue::exit::Exit;
use tapcue::print::complain;
use tapcue::run::run;

fn main() -> ExitCode {
    let cli = match Cli::of_process() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("tapcue: {error}"));
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(run(cli));
    // A read of standard input cannot be cancelled, so the program must not wait for it.
    runtime.shutdown_background();
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&format!("tapcue: {error:#}"));
            Exit::of(&error).into()
        }
    }
}
