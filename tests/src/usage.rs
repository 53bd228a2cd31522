//! The resources that a process uses, as Linux reports them.

use std::time::Duration;

use rustix::process::Pid;

/// The resident memory of a process, in KiB.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn memory_kib(process: Pid) -> u64 {
    of_status(process, "VmRSS:")
}

/// The peak resident memory of a process, in KiB.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn memory_peak_kib(process: Pid) -> u64 {
    of_status(process, "VmHWM:")
}

fn of_status(process: Pid, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.as_raw_nonzero()));
    let status = status.expect("the state of a process");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kib.expect("its resident memory")
}

/// What each open descriptor of a process refers to, sorted.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn descriptors(process: Pid) -> Vec<String> {
    let folder = std::fs::read_dir(format!("/proc/{}/fd", process.as_raw_nonzero()));
    let entries = folder.expect("the descriptors of a process").flatten();
    // A descriptor may be closed after it was listed and before it is read.
    let open = entries.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let mut open: Vec<_> = open.map(|of| of.display().to_string()).collect();
    open.sort();
    open
}

/// The processor time that a process has used, in user and in system mode; `None` when it is gone.
#[must_use]
pub fn processor_time(process: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    // The name may contain anything but ends with the last parenthesis. utime and stime are the 14th and
    // 15th fields of proc(5), the 12th and 13th after the name.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let ticks = ticks()? + ticks()?;
    let per_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}
