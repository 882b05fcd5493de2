//! A folder with one CSV file a table: UTF-8, LF, a header of column names, empty for NULL.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use problem::Problem;

use super::{Output, aside, exists, not_written};
use crate::layout::Layout;
use crate::value::Value;

/// Writes beside the folder, which takes its name when everything is written.
pub(crate) struct CsvOutput {
    folder: PathBuf,
    part: PathBuf,
    files: Vec<BufWriter<File>>,
    line: Vec<u8>,
}

impl CsvOutput {
    pub(crate) fn create(folder: &Path, layout: &Layout) -> Result<Self, Problem> {
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(exists("the folder"));
        }
        let part = aside(folder);
        fs::create_dir_all(&part).map_err(|error| not_written("the folder", error))?;
        let mut files = Vec::with_capacity(layout.tables.len());
        for table in &layout.tables {
            let path = part.join(format!("{}.csv", table.name));
            let file = File::create(path).map_err(|error| not_written("a CSV file", error))?;
            let mut file = BufWriter::with_capacity(1 << 16, file);
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            writeln!(file, "{}", names.join(",")).map_err(|error| not_written("a CSV file", error))?;
            files.push(file);
        }
        Ok(Self { folder: folder.to_owned(), part, files, line: Vec::new() })
    }
}

impl Output for CsvOutput {
    fn row(&mut self, table: usize, values: &mut dyn Iterator<Item = Value<'_>>) -> Result<(), Problem> {
        self.line.clear();
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            match value {
                Value::Text(text) => append_text(&mut self.line, text),
                other => other.append_to(&mut self.line),
            }
        }
        self.line.push(b'\n');
        self.files[table].write_all(&self.line).map_err(|error| not_written("a CSV file", error))
    }

    fn finish(&mut self) -> Result<(), Problem> {
        for file in &mut self.files {
            file.flush().map_err(|error| not_written("a CSV file", error))?;
        }
        self.files.clear();
        // An empty folder of that name may exist; a rename does not replace it everywhere.
        if self.folder.is_dir() {
            fs::remove_dir(&self.folder).map_err(|error| not_written("the folder", error))?;
        }
        fs::rename(&self.part, &self.folder).map_err(|error| not_written("the folder", error))
    }
}

fn append_text(line: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        line.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                line.push(b'"');
            }
            line.push(byte);
        }
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}
