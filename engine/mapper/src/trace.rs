//! What was read to compute a value: for `explain`.

use graph::{FieldId, Row};

/// Something that was read or computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A field of a row.
    Field(Row, FieldId),
    /// A parameter.
    Parameter(usize),
    /// A fact of a row, its value if it is a single one, and what it read itself.
    Fact(usize, Row, Option<String>, Vec<Self>),
}

/// What was read, in order; each thing once at each level.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    reads: Vec<Read>,
    open: Vec<(usize, Row, Vec<Read>)>,
}

impl Trace {
    fn add(&mut self, read: Read) {
        let level = self.open.last_mut().map_or(&mut self.reads, |(_, _, reads)| reads);
        if !level.contains(&read) {
            level.push(read);
        }
    }

    pub(crate) fn field(&mut self, row: Row, field: FieldId) {
        self.add(Read::Field(row, field));
    }

    pub(crate) fn parameter(&mut self, parameter: usize) {
        self.add(Read::Parameter(parameter));
    }

    pub(crate) fn enter(&mut self, fact: usize, row: Row) {
        self.open.push((fact, row, Vec::new()));
    }

    pub(crate) fn leave(&mut self, value: Option<String>) {
        if let Some((fact, row, reads)) = self.open.pop() {
            self.add(Read::Fact(fact, row, value, reads));
        }
    }

    /// What was read since the last call.
    pub fn take(&mut self) -> Vec<Read> {
        std::mem::take(&mut self.reads)
    }
}
