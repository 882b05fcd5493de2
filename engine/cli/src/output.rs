//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written aside and gets its name when it is whole.
pub struct WholeFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file that will be called `name`, in `folder`.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix(".sifter-").suffix(".partial").tempfile_in(folder)?;
        Ok(Self { file: BufWriter::with_capacity(256 * 1024, file), path: folder.join(name) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If what is left cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        // A temporary file is its owner's alone; so is this one, since it holds children's records.
        file.persist(self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
