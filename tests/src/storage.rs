//! Faults of a relay's files: a full disk, syncs that fail or hang, flipped bits.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use tempfile::TempDir;

use crate::folder::folder;

/// A small file system in memory, mounted on a folder. Dropping it unmounts it.
#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Mounts a file system of `kib` KiB.
    ///
    /// # Panics
    /// When this machine does not allow it: it needs root.
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
    /// When writing fails with anything but "no space left".
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
        // This works even while a process that is just ending has a file open there.
        if let Err(error) = unmount(&self.at, UnmountFlags::DETACH) {
            eprintln!("{} stays mounted: {error}", self.at.display());
        }
    }
}

/// A library for a relay in which every `fsync` and `fdatasync` fails with EIO, or does not return,
/// while the test says so.
#[derive(Debug)]
pub struct Syncs {
    folder: TempDir,
}

impl Syncs {
    /// Builds the library with `cc`, which Rust links with too.
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

    /// The environment variables of a relay that uses the library.
    #[must_use]
    pub fn envs(&self) -> [(&'static str, String); 2] {
        let folder = self.folder.path();
        [
            ("LD_PRELOAD", folder.join("syncs.so").display().to_string()),
            ("TAPCUE_TESTS_SYNCS", folder.display().to_string()),
        ]
    }

    /// Makes syncs fail, or work again.
    ///
    /// # Panics
    /// When the flag file cannot be changed.
    pub fn fail(&self, fail: bool) {
        self.flag("fail", fail);
    }

    /// Makes syncs hang, or lets those that hang continue.
    ///
    /// # Panics
    /// When the flag file cannot be changed.
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

/// Flips every bit of `count` bytes of a file, starting at `at`.
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
