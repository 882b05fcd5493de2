//! CSV files that tests change.

use std::path::{Path, PathBuf};

/// A CSV file in memory.
pub struct Table {
    path: PathBuf,
    pub header: Vec<String>,
    pub rows: Vec<Vec<Vec<u8>>>,
}

impl Table {
    /// Reads the file of a table.
    pub fn read(folder: &Path, name: &str) -> Self {
        let path = folder.join(format!("{name}.csv"));
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.byte_records().map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
        Self { path, header, rows }
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// The row whose column holds this text.
    pub fn row(&mut self, column: &str, text: &str) -> &mut Vec<Vec<u8>> {
        let column = self.column(column);
        self.rows.iter_mut().find(|row| row[column] == text.as_bytes()).unwrap_or_else(|| panic!("no row {text}"))
    }

    /// Changes a cell of the row whose first column, its key, is `key`.
    pub fn set(&mut self, key: &str, column: &str, bytes: impl AsRef<[u8]>) {
        let (first, column) = (self.header[0].clone(), self.column(column));
        self.row(&first, key)[column] = bytes.as_ref().to_vec();
    }

    /// Writes the file again.
    pub fn write(&self) {
        let mut writer = csv::Writer::from_path(&self.path).unwrap();
        writer.write_record(&self.header).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    }
}

/// Changes one cell of a file.
pub fn set_cell(folder: &Path, table: &str, key: &str, column: &str, bytes: impl AsRef<[u8]>) {
    let mut table = Table::read(folder, table);
    table.set(key, column, bytes);
    table.write();
}

/// The names of the CSV files of a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "csv"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
