//! Folders of CSV files: RFC 4180, one file a table, the first line names the columns, an empty field is nothing entered.

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use csv::ByteRecord;
use problem::{Problem, code};

use crate::database::{Cells, Database, Raw, Sink, lost};

/// A folder of CSV files.
pub(crate) struct CsvFolder {
    folder: PathBuf,
    /// Table name and file name, sorted.
    files: Vec<(String, String)>,
}

impl CsvFolder {
    pub(crate) fn open(folder: &Path) -> Result<Self, Problem> {
        let failed = |why: &str| {
            let message = format!("the folder `{}` cannot be read: {why}", folder.display());
            Problem::new(code::NO_SOURCE, message).help("give the path of a folder of CSV files after `csv:`")
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| failed(&error.kind().to_string()))? {
            let path = entry.map_err(|error| failed(&error.kind().to_string()))?.path();
            let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
            if let (true, Some(table), Some(file)) = (is_csv, path.file_stem(), path.file_name()) {
                files.push((table.to_string_lossy().into_owned(), file.to_string_lossy().into_owned()));
            }
        }
        if files.is_empty() {
            return Err(failed("it holds no file named *.csv"));
        }
        files.sort();
        Ok(Self { folder: folder.to_owned(), files })
    }

    fn reader(&self, table: &str) -> Result<(csv::Reader<Watched>, Rc<Quotes>), Problem> {
        let file = self.files.iter().find(|(name, _)| name == table).map_or(table, |(_, file)| file);
        let file = File::open(self.folder.join(file)).map_err(|error| {
            let message = format!("the file of table `{table}` cannot be read: {}", error.kind());
            Problem::new(code::NO_SOURCE, message).help("check that you may read the file")
        })?;
        let quotes = Rc::new(Quotes::default());
        let watched = Watched { file, quotes: Rc::clone(&quotes) };
        let reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(watched);
        Ok((reader, quotes))
    }
}

/// Whether the quotation marks read so far are even in number, and whether all was read. In a sound file they are even; else
/// the last row has swallowed everything after a mark that is never closed, which the parser does not say.
#[derive(Default)]
struct Quotes {
    odd: Cell<bool>,
    ended: Cell<bool>,
}

struct Watched {
    file: File,
    quotes: Rc<Quotes>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.quotes.ended.set(length == 0);
        let count = buffer[..length].iter().filter(|byte| **byte == b'"').count();
        self.quotes.odd.set(self.quotes.odd.get() ^ (count % 2 == 1));
        Ok(length)
    }
}

impl Database for CsvFolder {
    fn tables(&mut self) -> Result<Vec<String>, Problem> {
        Ok(self.files.iter().map(|(table, _)| table.clone()).collect())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, Problem> {
        let (mut reader, _) = self.reader(table)?;
        let mut header = ByteRecord::new();
        reader.read_byte_record(&mut header).map_err(|error| lost(table, why(&error)))?;
        Ok(names(&header))
    }

    fn scan(&mut self, table: &str, columns: &[String], sink: &mut dyn Sink) -> Result<(), Problem> {
        let (mut reader, quotes) = self.reader(table)?;
        let failed = |error: csv::Error| lost(table, why(&error));
        let (mut record, mut next) = (ByteRecord::new(), ByteRecord::new());
        reader.read_byte_record(&mut record).map_err(failed)?;
        let names = names(&record);
        let places: Vec<Option<usize>> =
            columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
        let mut more = reader.read_byte_record(&mut record).map_err(failed)?;
        while more {
            more = reader.read_byte_record(&mut next).map_err(failed)?;
            let line = record.position().map_or(0, csv::Position::line);
            if !more && quotes.ended.get() && quotes.odd.get() {
                sink.malformed(line, "a quotation mark is never closed, so this row and all after it were left out");
            } else if record.len() != names.len() {
                sink.malformed(line, "the row has another number of fields than the header, so it was left out");
            } else {
                sink.row(&CsvRow { record: &record, places: &places })?;
            }
            std::mem::swap(&mut record, &mut next);
        }
        Ok(())
    }

    fn absent_table_is_empty(&self) -> bool {
        true
    }
}

fn names(header: &ByteRecord) -> Vec<String> {
    header.iter().map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').trim().to_owned()).collect()
}

fn why(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.kind().to_string(),
        _ => "it is no CSV file".to_owned(),
    }
}

struct CsvRow<'r> {
    record: &'r ByteRecord,
    places: &'r [Option<usize>],
}

impl Cells for CsvRow<'_> {
    fn cell(&self, at: usize) -> Raw<'_> {
        match self.places.get(at).copied().flatten().and_then(|place| self.record.get(place)) {
            None | Some(b"") => Raw::Null,
            Some(bytes) => Raw::Text(bytes),
        }
    }
}
