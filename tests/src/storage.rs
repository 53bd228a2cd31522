//! What can happen to the files of a relay: a disk that is full, syncs that fail, bytes that turn.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use tempfile::TempDir;

use crate::folder::folder;

/// A small file system in memory, mounted on a folder. Dropping it takes it away.
#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Mounts one of `kib` KiB.
    ///
    /// # Panics
    /// When this machine does not allow it: it takes root.
    #[must_use]
    pub fn mount(at: &Path, kib: u64) -> Self {
        let size = std::ffi::CString::new(format!("size={kib}k,mode=700")).expect("no zero byte");
        mount("tmpfs", at, "tmpfs", MountFlags::empty(), size.as_c_str())
            .expect("a tmpfs of its own, as root");
        Self { at: at.into() }
    }

    /// Fills it to the last page.
    ///
    /// # Panics
    /// When it ends in anything but "no space left".
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file on the small disk");
        let page = [0x55; 4_096];
        let full = loop {
            if let Err(error) = ballast.write_all(&page) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
    }

    /// Ends [`Disk::fill`].
    ///
    /// # Panics
    /// When it was not filled.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).expect("the ballast");
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while a process that is just ending has a file open there.
        if let Err(error) = unmount(&self.at, UnmountFlags::DETACH) {
            eprintln!("{} stays mounted: {error}", self.at.display());
        }
    }
}

/// A library that a relay is started with, in which every `fsync` and `fdatasync` fails with EIO, or
/// does not return, for as long as the test says so.
#[derive(Debug)]
pub struct Syncs {
    folder: TempDir,
}

impl Syncs {
    /// Builds it with `cc`, which Rust links with too.
    ///
    /// # Panics
    /// When it cannot be built.
    #[must_use]
    pub fn new() -> Self {
        let folder = folder();
        let source = folder.path().join("syncs.c");
        fs::write(&source, include_str!("storage/syncs.c")).expect("the source");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&folder.path().join("syncs.so"), &source])
            .arg("-ldl")
            .status();
        assert!(built.expect("cc").success(), "the library builds");
        Self { folder }
    }

    /// The environment of a relay with it.
    #[must_use]
    pub fn envs(&self) -> [(&'static str, String); 2] {
        let folder = self.folder.path();
        [
            ("LD_PRELOAD", folder.join("syncs.so").display().to_string()),
            ("TAPCUE_TESTS_SYNCS", folder.display().to_string()),
        ]
    }

    /// From now on they fail, or no longer.
    ///
    /// # Panics
    /// When that cannot be said.
    pub fn fail(&self, fail: bool) {
        self.flag("fail", fail);
    }

    /// From now on they do not return, or those that hang go on.
    ///
    /// # Panics
    /// When that cannot be said.
    pub fn hang(&self, hang: bool) {
        self.flag("hang", hang);
    }

    fn flag(&self, name: &str, is: bool) {
        let flag = self.folder.path().join(name);
        if is {
            fs::write(flag, "").expect("the flag");
        } else {
            fs::remove_file(flag).expect("the flag");
        }
    }
}

impl Default for Syncs {
    fn default() -> Self {
        Self::new()
    }
}

/// Turns every bit of `count` bytes of a file from `at` on.
///
/// # Panics
/// When the file has no such bytes.
pub fn flip(file: &Path, at: u64, count: usize) {
    let open = OpenOptions::new().read(true).write(true).open(file);
    let open = open.expect("a file that is there");
    let mut bytes = vec![0; count];
    open.read_exact_at(&mut bytes, at).expect("its bytes");
    for byte in &mut bytes {
        *byte = !*byte;
    }
    open.write_all_at(&bytes, at).expect("the bytes, turned");
}
