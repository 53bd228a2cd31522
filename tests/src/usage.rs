//! What a process uses, as Linux tells it.

use rustix::process::Pid;

/// Its resident memory, in KiB.
///
/// # Panics
/// When it is gone.
#[must_use]
pub fn memory_kib(process: Pid) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.as_raw_nonzero()));
    let status = status.expect("the state of a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kib.expect("its resident memory")
}

/// How many descriptors it has open.
///
/// # Panics
/// When it is gone.
#[must_use]
pub fn descriptors(process: Pid) -> usize {
    let folder = std::fs::read_dir(format!("/proc/{}/fd", process.as_raw_nonzero()));
    folder.expect("the descriptors of a process").count()
}
