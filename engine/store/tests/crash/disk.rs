//! A disk that can lose its power: a file system on a loop device. The tests of the whole program use it too.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::skip;

/// Bytes of the disk.
const DISK: u64 = 512 * 1024 * 1024;

/// A disk that can lose its power.
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// None, with a remark, where it cannot be made.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        std::fs::create_dir(disk.at()).unwrap();
        std::fs::File::create(disk.image()).unwrap().set_len(DISK).unwrap();
        if !run("mkfs.ext4", &["-q", "-F", &told(&disk.image())]) || !disk.mount() {
            skip("power loss needs root, loop devices and mkfs.ext4");
            return None;
        }
        // Tried on the empty disk: a system without the command or the call is told here, and not by a failure later.
        if !disk.lose_power() {
            skip("power loss needs xfs_io (package xfsprogs)");
            return None;
        }
        disk.unmount();
        assert!(disk.mount());
        Some(disk)
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("disk.img")
    }

    pub fn at(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    pub fn mount(&self) -> bool {
        run("mount", &["-o", "loop", &told(&self.image()), &told(&self.at())])
    }

    /// The moment: from here on nothing reaches the disk, not even what the file system's own journal holds in memory.
    pub fn lose_power(&self) -> bool {
        run("xfs_io", &["-x", "-c", "shutdown", &told(&self.at())])
    }

    pub fn unmount(&self) {
        // A file may be open for a moment after its program has ended.
        for _ in 0..100 {
            if run("umount", &[&told(&self.at())]) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the disk cannot be unmounted");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["-l", &told(&self.at())]);
    }
}

fn told(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
