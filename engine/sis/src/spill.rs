//! Rows waiting for their batch: in memory up to a limit, beyond it in a temporary file that nobody else sees.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use graph::EntityId;

enum Place {
    Memory(Box<[u8]>),
    File { offset: u64, length: usize },
}

struct Block {
    entity: EntityId,
    place: Place,
}

/// Collects rows of one entity after another, sorted into batches.
pub(crate) struct Spill {
    open: Vec<Vec<u8>>,
    blocks: Vec<Vec<Block>>,
    entity: EntityId,
    /// Bytes in memory.
    resident: usize,
    limit: usize,
    file: Option<File>,
    end: u64,
}

impl Spill {
    /// For so many batches, with so many bytes in memory.
    pub(crate) fn new(batches: usize, limit: usize) -> Self {
        Self {
            open: vec![Vec::new(); batches],
            blocks: (0..batches).map(|_| Vec::new()).collect(),
            entity: EntityId(0),
            resident: 0,
            limit,
            file: None,
            end: 0,
        }
    }

    /// Ends the rows of the entity before, and begins those of `entity`.
    pub(crate) fn begin(&mut self, entity: EntityId) {
        for (open, blocks) in self.open.iter_mut().zip(&mut self.blocks) {
            if !open.is_empty() {
                let rows = std::mem::take(open);
                self.resident -= rows.capacity() - rows.len();
                blocks.push(Block { entity: self.entity, place: Place::Memory(rows.into_boxed_slice()) });
            }
        }
        self.entity = entity;
    }

    /// Adds an encoded row to a batch.
    pub(crate) fn add(&mut self, batch: usize, row: &[u8]) -> io::Result<()> {
        let open = &mut self.open[batch];
        let before = open.capacity();
        open.extend_from_slice(row);
        self.resident += open.capacity() - before;
        if self.resident > self.limit { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let entity = self.entity;
        self.begin(entity);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        let mut writer = io::BufWriter::with_capacity(1 << 18, &mut file);
        for block in self.blocks.iter_mut().flatten() {
            if let Place::Memory(rows) = &block.place {
                writer.write_all(rows)?;
                let length = rows.len();
                block.place = Place::File { offset: self.end, length };
                self.end += length as u64;
            }
        }
        writer.flush()?;
        drop(writer);
        self.file = Some(file);
        self.resident = 0;
        Ok(())
    }

    /// Ends the rows of the last entity.
    pub(crate) fn finish(mut self) -> Batches {
        self.begin(EntityId(0));
        Batches { blocks: self.blocks, file: self.file.map(Mutex::new) }
    }
}

/// Rows sorted into batches.
pub(crate) struct Batches {
    blocks: Vec<Vec<Block>>,
    file: Option<Mutex<File>>,
}

impl Batches {
    /// Every block of a batch: the entity and its encoded rows.
    pub(crate) fn of(&self, batch: usize) -> impl Iterator<Item = (EntityId, io::Result<Cow<'_, [u8]>>)> {
        self.blocks.get(batch).into_iter().flatten().map(|block| (block.entity, self.read(&block.place)))
    }

    fn read<'b>(&self, place: &'b Place) -> io::Result<Cow<'b, [u8]>> {
        match place {
            Place::Memory(rows) => Ok(Cow::Borrowed(rows)),
            Place::File { offset, length } => {
                let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(*offset))?;
                let mut rows = vec![0; *length];
                file.read_exact(&mut rows)?;
                Ok(Cow::Owned(rows))
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn has_file(&self) -> bool {
        self.file.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out_whatever_fits_in_memory(rows in proptest::collection::vec((0_usize..3, 0_u16..3, proptest::collection::vec(any::<u8>(), 1..20)), 0..60), limit in 0_usize..400) {
            let mut rows = rows;
            rows.sort_by_key(|row| row.1);
            let mut spill = Spill::new(3, limit);
            let mut entity = None;
            for row in &rows {
                if entity != Some(row.1) {
                    spill.begin(EntityId(row.1));
                    entity = Some(row.1);
                }
                spill.add(row.0, &row.2).unwrap();
                prop_assert!(spill.resident <= limit);
                let held: usize = spill.open.iter().map(Vec::capacity).sum::<usize>()
                    + spill.blocks.iter().flatten().map(|block| match &block.place { Place::Memory(rows) => rows.len(), Place::File { .. } => 0 }).sum::<usize>();
                prop_assert_eq!(held, spill.resident);
            }
            let batches = spill.finish();
            for batch in 0..3 {
                for entity in 0..3 {
                    let got: Vec<u8> = batches.of(batch).filter(|block| block.0.0 == entity).flat_map(|block| block.1.unwrap().into_owned()).collect();
                    let want: Vec<u8> = rows.iter().filter(|row| row.0 == batch && row.1 == entity).flat_map(|row| row.2.clone()).collect();
                    prop_assert_eq!(got, want);
                }
            }
        }
    }

    #[test]
    fn more_than_the_limit_goes_to_a_file() {
        let mut spill = Spill::new(1, 100);
        spill.add(0, &[7; 90]).unwrap();
        assert!(!Spill::new(1, 100).finish().has_file());
        spill.add(0, &[8; 90]).unwrap();
        assert!(spill.finish().has_file());
    }
}
