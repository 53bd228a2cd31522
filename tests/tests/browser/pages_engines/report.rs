//! The flows and their results: a column for each pair of engines, stored in the target folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tapcue_tests::browser::Engine;
use tapcue_tests::folder::target;

/// The flows in the order in which one pair of pages runs them.
pub(crate) const FLOWS: [&str; 16] = [
    "pairing by link",
    "set-up and rehearsal",
    "both ready, live",
    "slower: shown, acknowledged",
    "stop, alarm, hands off, live again",
    "link lost, reconnect, live again",
    "reload, resume, live again",
    "end",
    "review: timeline, figures, entries",
    "export in four formats",
    "verify",
    "deletion, seen by the other",
    "what the device can do is said truly",
    "pairing by code, roles swapped",
    "eyes-free pad: a tap is stop",
    "hold to consent: live, lifted",
];

/// The result of a flow while it runs; it stays if the flow does not finish.
const FAILED: &str = "FAILED";

/// The results of one pair of engines.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Column {
    pair: String,
    flows: BTreeMap<String, String>,
    measured: BTreeMap<String, String>,
}

/// The column of this test. Each step writes it, so a failed test shows where it stopped.
#[derive(Debug)]
pub(crate) struct Report {
    column: Column,
    file: PathBuf,
}

/// Figures that flows measured, until their report takes them.
static MEASURED: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Notes a figure of the running flow.
pub(crate) fn measured(what: &str, value: impl Into<String>) {
    let mut all = MEASURED.lock().expect("the figures");
    all.push((what.to_owned(), value.into()));
}

impl Report {
    /// A column without results.
    pub(crate) fn begin(receiver: Engine, helper: Engine) -> Self {
        let pair = if receiver == helper {
            format!("{receiver}")
        } else {
            format!("{receiver} receives, {helper} helps")
        };
        let name = pair.to_lowercase().replace([' ', ','], "-");
        let file = folder().join(name).with_extension("json");
        let column = Column {
            pair,
            ..Column::default()
        };
        Self { column, file }
    }

    /// Runs a flow and notes its result.
    pub(crate) async fn flow<T>(&mut self, name: &str, flow: impl Future<Output = T>) -> T {
        let began = Instant::now();
        self.column.flows.insert(name.into(), FAILED.into());
        self.save();
        let result = flow.await;
        let time = format!("{:.1} s", began.elapsed().as_secs_f64());
        println!("{}: {name}: {time}", self.column.pair);
        self.column.flows.insert(name.into(), time);
        let figures = std::mem::take(&mut *MEASURED.lock().expect("the figures"));
        self.column.measured.extend(figures);
        self.save();
        result
    }

    fn save(&self) {
        std::fs::create_dir_all(folder()).expect("a folder for the table");
        let json = serde_json::to_string_pretty(&self.column).expect("JSON");
        std::fs::write(&self.file, json).expect("the column");
        std::fs::write(folder().join("table.md"), table()).expect("the table");
    }
}

fn folder() -> PathBuf {
    target().join("engines")
}

/// All columns so far, as Markdown.
fn table() -> String {
    let files = std::fs::read_dir(folder()).into_iter().flatten().flatten();
    let files = files.map(|entry| entry.path());
    let columns = files.filter(|file| file.extension().is_some_and(|it| it == "json"));
    let mut columns: Vec<Column> = columns
        .filter_map(|file| serde_json::from_slice(&std::fs::read(file).ok()?).ok())
        .collect();
    // Columns of one engine come before those of two.
    columns.sort_by_key(|column| (column.pair.contains(' '), column.pair.clone()));
    let mut table = String::from("| flow |");
    for column in &columns {
        let _ = write!(table, " {} |", column.pair);
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(columns.len()));
    table.push('\n');
    let figures: std::collections::BTreeSet<_> = columns
        .iter()
        .flat_map(|column| column.measured.keys().map(String::as_str))
        .collect();
    for name in FLOWS {
        row(
            &mut table,
            name,
            &columns,
            |column| &column.flows,
            "not run",
        );
    }
    for name in figures {
        row(&mut table, name, &columns, |column| &column.measured, "");
    }
    table
}

fn row(
    table: &mut String,
    name: &str,
    columns: &[Column],
    of: impl Fn(&Column) -> &BTreeMap<String, String>,
    otherwise: &str,
) {
    let _ = write!(table, "| {name} |");
    for column in columns {
        let cell = of(column).get(name).map_or(otherwise, String::as_str);
        let _ = write!(table, " {cell} |");
    }
    table.push('\n');
}
