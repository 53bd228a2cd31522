//! The printed report: the machine, the commit, and one table of figures.

use std::path::Path;
use std::process::Command;

use crate::process;

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) figure: String,
    pub(crate) tapcue: String,
    pub(crate) floor: String,
    /// Tapcue's value divided by the floor's, where that is meaningful.
    pub(crate) ratio: Option<f64>,
    /// The goal, and whether this value meets it.
    pub(crate) goal: Option<(&'static str, bool)>,
}

impl Line {
    /// A figure without a goal.
    pub(crate) fn new(figure: impl Into<String>, tapcue: String, floor: String) -> Self {
        Self {
            figure: figure.into(),
            tapcue,
            floor,
            ratio: None,
            goal: None,
        }
    }

    pub(crate) fn ratio(self, ratio: f64) -> Self {
        let ratio = Some(ratio);
        Self { ratio, ..self }
    }

    pub(crate) fn goal(self, goal: &'static str, met: bool) -> Self {
        let goal = Some((goal, met));
        Self { goal, ..self }
    }

    /// Prints it as a row of the table.
    pub(crate) fn print(&self) {
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}"));
        let (goal, met) = match self.goal {
            Some((goal, true)) => (goal, "met"),
            Some((goal, false)) => (goal, "**missed**"),
            None => ("", ""),
        };
        let Self {
            figure,
            tapcue,
            floor,
            ..
        } = self;
        let ratio = ratio.unwrap_or_default();
        println!("| {figure} | {tapcue} | {floor} | {ratio} | {goal} | {met} |");
    }
}

/// Prints the table's header.
pub(crate) fn columns() {
    println!("| figure | Tapcue | floor | ratio | goal | |");
    println!("|---|---|---|---|---|---|");
}

/// Prints what all figures depend on.
pub(crate) fn head(arguments: &str) -> anyhow::Result<()> {
    let cpuinfo = read("/proc/cpuinfo");
    let model = field(&cpuinfo, "model name").unwrap_or("unknown");
    let cores = process::cores()?;
    let meminfo = read("/proc/meminfo");
    let memory = field(&meminfo, "MemTotal").unwrap_or("unknown");
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("unknown");
    println!(
        "- machine: {model}, {} cores, {memory} of memory, Linux {}",
        cores.len(),
        kernel.trim()
    );
    println!(
        "- cores: relays on {:?}, load on {:?}; load average before: {load}",
        cores.first(),
        cores.last()
    );
    println!("- commit: {}", commit());
    println!("- date: {}", output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]));
    println!(
        "- build: release profile (thin LTO, one codegen unit), {}",
        output("rustc", &["-V"])
    );
    println!("- arguments: {arguments}\n");
    Ok(())
}

fn commit() -> String {
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed = output(
        "git",
        &["status", "--short", "--", "server", "shared", "Cargo.lock"],
    );
    if changed.is_empty() {
        commit
    } else {
        format!("{commit}, with changes that are not committed")
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root.join(".."))
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "unknown".into())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}
