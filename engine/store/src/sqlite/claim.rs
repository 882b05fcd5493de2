//! The claim on a zone of a file: a lock on a file beside it, which the operating system takes back when its process ends.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::{StoreFault, this_process};

/// At most so many bytes of a zone's name stand in a file's name as they are.
const LONGEST: usize = 100;

/// Locks the file of a zone.
pub(crate) fn claim(database: &Path, zone: &str) -> Result<File, StoreFault> {
    let path = beside(database, zone)?;
    let lost = |error: std::io::Error| StoreFault::Lost(format!("{}: {error}", path.display()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(lost)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Who it is only helps; it may just be writing its name.
            let _ = file.take(200).read_to_string(&mut holder);
            let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
            return Err(StoreFault::Taken(format!("zone {zone} is served by {holder} (lock: {})", path.display())));
        }
        Err(TryLockError::Error(error)) => return Err(lost(error)),
    }
    // The file stays when the lock goes: were it taken away, two could lock two files of the same name.
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", this_process())).map_err(lost)?;
    Ok(file)
}

/// The file's path. The database's own is resolved, so that whoever opens it by another name finds the same lock.
fn beside(database: &Path, zone: &str) -> Result<PathBuf, StoreFault> {
    let database =
        database.canonicalize().map_err(|error| StoreFault::Lost(format!("{}: {error}", database.display())))?;
    let mut name = database.into_os_string();
    name.push(".zone-");
    name.push(in_a_file_name(zone));
    Ok(PathBuf::from(name))
}

/// A text that is different for each zone, also where letters of both cases are the same.
fn in_a_file_name(zone: &str) -> String {
    let mut name = String::new();
    for byte in zone.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "_{byte:02x}");
        }
    }
    if name.len() > LONGEST {
        let sum = crate::sum::of(zone.as_bytes());
        name.truncate(LONGEST);
        let _ = write!(name, "_{:x}_{sum:x}", zone.len());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::in_a_file_name;

    #[test]
    fn zones_have_files_of_their_own() {
        assert_eq!(in_a_file_name("Test Zone/1"), "_54est_20_5aone_2f1");
        let (long, longer) = ("x".repeat(300) + "a", "x".repeat(300) + "b");
        assert_ne!(in_a_file_name(&long), in_a_file_name(&longer));
        assert!(in_a_file_name(&long).len() < 150);
    }
}
