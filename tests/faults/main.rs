//! The fault table, as `tests/run faults` needs it.
//!
//!   faults filter   the tests to run, as an expression of nextest's
//!   faults table    what came of each, as Markdown; fails if a row has nothing to show

use std::process::ExitCode;

use tapcue_tests::fault;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("filter") => {
            println!("{}", fault::filter());
            ExitCode::SUCCESS
        }
        Some("table") => {
            let (table, missing) = fault::table();
            print!("{table}");
            let rows = fault::rows().count();
            println!("\n{} of {rows} rows shown", rows - missing);
            ExitCode::from(u8::from(missing > 0))
        }
        _ => {
            eprintln!("faults filter | faults table");
            ExitCode::from(2)
        }
    }
}
