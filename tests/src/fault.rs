//! The fault table: each fault, what must come of it, what came, and the test that does it. The command
//! `tests/run faults` runs these tests and prints the table; docs/reliability.md contains it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::folder::target;

mod past;
mod rows;

/// Every row of the table, in its order.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    rows::ROWS.iter().chain(past::ROWS)
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The fault that the test causes.
    pub fault: &'static str,
    /// What must come of the fault.
    pub expected: &'static str,
    /// The test, as `MODULE::NAME` of tapcue-tests.
    pub test: &'static str,
}

/// Stores the figure of the row that `test` proves. A test calls it last, after all its assertions.
///
/// # Panics
/// When no row names `test`, or the figure cannot be written.
pub fn came(test: &str, figure: &str) {
    let known = rows().any(|row| row.test == test);
    assert!(known, "{test} is in no row of the fault table");
    println!("{test}: {figure}");
    let file = file_of(test);
    let folder = file.parent().expect("a folder");
    std::fs::create_dir_all(folder).expect("a folder for the table");
    std::fs::write(&file, figure).expect("the figure");
}

/// A time as the table shows it.
#[must_use]
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1_000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

/// The tests of the table as a filter expression of nextest.
#[must_use]
pub fn filter() -> String {
    let each = rows().map(|row| format!("test(={})", row.test));
    let any = each.collect::<Vec<_>>().join(" | ");
    format!("package(tapcue-tests) & ({any})")
}

/// The table as Markdown, and the number of rows without a figure.
#[must_use]
pub fn table() -> (String, usize) {
    let mut table = String::from(
        "| what is done | what must come of it | what came | test |\n|---|---|---|---|\n",
    );
    let mut missing = 0;
    for row in rows() {
        let figure = std::fs::read_to_string(file_of(row.test)).unwrap_or_else(|_| {
            missing += 1;
            "**NOT SHOWN**".into()
        });
        let _ = writeln!(
            table,
            "| {} | {} | {figure} | `{}` |",
            row.fault, row.expected, row.test
        );
    }
    (table, missing)
}

fn file_of(test: &str) -> PathBuf {
    target().join("faults").join(test.replace("::", "-"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_document_has_every_row() {
        let document = include_str!("../../docs/reliability.md");
        for row in rows() {
            let cells = format!("| {} | {} |", row.fault, row.expected);
            assert!(
                document.contains(&cells),
                "docs/reliability.md lacks {cells}"
            );
            let test = format!("| `{}` |", row.test);
            assert!(document.contains(&test), "docs/reliability.md lacks {test}");
        }
    }

    #[test]
    fn a_row_has_a_test_of_its_own() {
        let tests: HashSet<_> = rows().map(|row| row.test).collect();
        assert_eq!(tests.len(), rows().count());
    }
}
