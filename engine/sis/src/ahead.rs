//! Reads in a thread of its own, some rows ahead of what takes them, so that two cores share the work of loading.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use problem::Problem;

use crate::database::{Cells, Database, Raw, Sink, lost};

/// Rows that travel together.
const ROWS: usize = 512;
/// How many such portions may wait.
const WAITING: usize = 4;

/// A source that is read ahead.
pub(crate) struct Ahead(pub Box<dyn Database>);

impl Database for Ahead {
    fn tables(&mut self) -> Result<Vec<String>, Problem> {
        self.0.tables()
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, Problem> {
        self.0.columns(table)
    }

    fn scan(&mut self, table: &str, columns: &[String], sink: &mut dyn Sink) -> Result<(), Problem> {
        let (give, take) = sync_channel(WAITING);
        std::thread::scope(|scope| {
            let database = &mut self.0;
            let reader = std::thread::Builder::new().name("reader".to_owned()).spawn_scoped(scope, move || {
                let first = Portion { columns: columns.len(), ..Portion::default() };
                let mut filling = Filling { columns: columns.len(), portion: first, give };
                database.scan(table, columns, &mut filling)?;
                filling.send(table)
            });
            let reader = reader.map_err(|error| lost(table, error))?;
            let taken = pass_on(take, sink);
            let read = reader.join().unwrap_or_else(|_| Err(lost(table, "the reading thread stopped")));
            // Where rows could not be taken, the reader only stopped because of that.
            taken.and(read)
        })
    }

    // A few rows of one table: not worth a thread.
    fn scan_above(
        &mut self,
        table: &str,
        columns: &[String],
        column: &str,
        above: i64,
        sink: &mut dyn Sink,
    ) -> Result<(), Problem> {
        self.0.scan_above(table, columns, column, above, sink)
    }

    fn absent_table_is_empty(&self) -> bool {
        self.0.absent_table_is_empty()
    }
}

/// Gives everything that comes to `sink`. The channel closes when this ends, which stops the reader.
fn pass_on(take: Receiver<Portion>, sink: &mut dyn Sink) -> Result<(), Problem> {
    for portion in take {
        for row in 0..portion.rows {
            sink.row(&PortionRow { portion: &portion, first: row * portion.columns })?;
        }
        if let Some((line, what)) = portion.malformed {
            sink.malformed(line, what);
        }
    }
    Ok(())
}

/// A cell of a portion; texts stand in its bytes.
#[derive(Clone, Copy)]
enum Packed {
    Null,
    Int(i64),
    Float(f64),
    Text(usize, usize),
}

/// Some rows, and perhaps a line after them that is no row.
#[derive(Default)]
struct Portion {
    rows: usize,
    columns: usize,
    cells: Vec<Packed>,
    bytes: Vec<u8>,
    malformed: Option<(u64, &'static str)>,
}

/// A row of a portion.
struct PortionRow<'p> {
    portion: &'p Portion,
    first: usize,
}

impl Cells for PortionRow<'_> {
    fn cell(&self, at: usize) -> Raw<'_> {
        // Past the last column stands the next row.
        let cell = if at < self.portion.columns { self.portion.cells.get(self.first + at) } else { None };
        match cell {
            Some(Packed::Int(number)) => Raw::Int(*number),
            Some(Packed::Float(number)) => Raw::Float(*number),
            Some(Packed::Text(from, to)) => Raw::Text(self.portion.bytes.get(*from..*to).unwrap_or_default()),
            Some(Packed::Null) | None => Raw::Null,
        }
    }
}

/// Fills one portion after another.
struct Filling {
    columns: usize,
    portion: Portion,
    give: SyncSender<Portion>,
}

impl Filling {
    fn send(&mut self, table: &str) -> Result<(), Problem> {
        let room = self.portion.cells.len();
        let next = Portion { cells: Vec::with_capacity(room), columns: self.columns, ..Portion::default() };
        let full = std::mem::replace(&mut self.portion, next);
        self.give.send(full).map_err(|_| lost(table, "its rows could not be taken"))
    }
}

impl Sink for Filling {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        let portion = &mut self.portion;
        for at in 0..self.columns {
            portion.cells.push(match cells.cell(at) {
                Raw::Null => Packed::Null,
                Raw::Int(number) => Packed::Int(number),
                Raw::Float(number) => Packed::Float(number),
                Raw::Text(bytes) => {
                    let from = portion.bytes.len();
                    portion.bytes.extend_from_slice(bytes);
                    Packed::Text(from, portion.bytes.len())
                }
            });
        }
        portion.rows += 1;
        if portion.rows < ROWS { Ok(()) } else { self.send("") }
    }

    fn malformed(&mut self, line: u64, what: &'static str) {
        self.portion.malformed = Some((line, what));
        // If nobody takes it, the next row is refused.
        let _ = self.send("");
    }
}

#[cfg(test)]
mod tests {
    use problem::code;

    use super::*;

    /// Gives rows without end, each its number, its half and its text, or stops with a problem.
    struct Numbers {
        most: Option<i64>,
    }

    struct Number(i64, String);

    impl Cells for Number {
        fn cell(&self, at: usize) -> Raw<'_> {
            match at {
                0 => Raw::Int(self.0),
                1 => Raw::Float(0.5),
                2 => Raw::Text(self.1.as_bytes()),
                _ => Raw::Null,
            }
        }
    }

    impl Database for Numbers {
        fn tables(&mut self) -> Result<Vec<String>, Problem> {
            Ok(Vec::new())
        }

        fn columns(&mut self, _: &str) -> Result<Vec<String>, Problem> {
            Ok(Vec::new())
        }

        fn scan(&mut self, table: &str, _: &[String], sink: &mut dyn Sink) -> Result<(), Problem> {
            for number in 0.. {
                if self.most == Some(number) {
                    return Err(lost(table, "the end"));
                }
                if number % 1000 == 999 {
                    sink.malformed(number.unsigned_abs(), "is no row");
                }
                sink.row(&Number(number, number.to_string()))?;
            }
            Ok(())
        }
    }

    /// Takes so many rows and then fails.
    struct Few {
        most: i64,
        seen: i64,
        lines: Vec<(u64, i64)>,
    }

    impl Sink for Few {
        fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
            if self.seen == self.most {
                return Err(Problem::new(code::SOURCE_LOST, "enough"));
            }
            assert_eq!(cells.cell(0), Raw::Int(self.seen));
            assert_eq!(cells.cell(1), Raw::Float(0.5));
            assert_eq!(cells.cell(2), Raw::Text(self.seen.to_string().as_bytes()));
            assert_eq!((cells.cell(3), cells.cell(4)), (Raw::Null, Raw::Null));
            self.seen += 1;
            Ok(())
        }

        fn malformed(&mut self, line: u64, _: &'static str) {
            self.lines.push((line, self.seen));
        }
    }

    fn scan(most: Option<i64>, taken: i64) -> (Problem, Few) {
        let mut few = Few { most: taken, seen: 0, lines: Vec::new() };
        let columns = ["a", "b", "c", "d"].map(str::to_owned);
        let problem = Ahead(Box::new(Numbers { most })).scan("t", &columns, &mut few).unwrap_err();
        (problem, few)
    }

    #[test]
    fn rows_that_cannot_be_taken_stop_the_reader_and_say_why() {
        let (problem, few) = scan(None, 5000);
        assert_eq!((problem.message.as_str(), few.seen), ("enough", 5000));
        // Lines that are no rows come between the rows that they stood between.
        assert_eq!(few.lines, [(999, 999), (1999, 1999), (2999, 2999), (3999, 3999), (4999, 4999)]);
    }

    #[test]
    fn a_source_that_fails_has_given_what_it_had() {
        for most in [0, 1, 511, 512, 513, 1500] {
            let (problem, few) = scan(Some(most), 5000);
            assert!(problem.message.contains("the end"), "{most}");
            assert!(few.seen <= most && most - few.seen < 512, "{most} {}", few.seen);
        }
    }
}
