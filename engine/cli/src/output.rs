//! What `map` writes: files that appear whole or not at all, or standard output; and what is counted on the way.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use graph::Date;
use mapper::Zone;
use problem::{Problem, code};
use provider::mapping::{Batch, Job, Written};
use sif::message::Response;
use tempfile::NamedTempFile;

use crate::terminal::Kinds;

/// The problem of something that cannot be written.
pub fn cannot_write(what: &str, error: &io::Error) -> Problem {
    Problem::new(code::CANNOT_WRITE, format!("{what} cannot be written: {error}"))
}

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

/// What is counted of an object.
#[derive(Clone, Default)]
struct Count {
    instances: u64,
    elements: u64,
    problems: u64,
    time: Duration,
}

/// Writes the batches, in order.
pub struct Writer {
    /// The SIF objects.
    objects: Vec<Arc<str>>,
    counts: Vec<Count>,
    /// A file for each object and year: the years stand one after the other in the end.
    parts: BTreeMap<(usize, i32), Vec<std::fs::File>>,
    outputs: Vec<Box<dyn Output>>,
    problem_file: Option<WholeFile>,
    kinds: Kinds,
    zone: Arc<Zone>,
    as_of: Date,
    first_year: Option<i32>,
    to_folder: bool,
}

/// Where an object goes.
trait Output: Write {
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl Output for WholeFile {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Self::finish(*self)
    }
}

impl Output for BufWriter<io::Stdout> {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

impl Writer {
    /// Begins the files in the folder `out`; without one the object goes to standard output.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn new(job: &Job<'_>, out: Option<&Path>) -> io::Result<Self> {
        let context = &job.context;
        let mut outputs: Vec<Box<dyn Output>> = Vec::new();
        let names = job.objects.iter().filter_map(|variants| variants.first()).map(|object| Arc::clone(&object.name));
        let objects: Vec<Arc<str>> = names.collect();
        for object in &objects {
            let mut output: Box<dyn Output> = match out {
                Some(folder) => Box::new(WholeFile::create(folder, &format!("{object}.xml"))?),
                None => Box::new(BufWriter::with_capacity(256 * 1024, io::stdout())),
            };
            let response = Response { zone: &context.zone.name, object, as_of: context.as_of };
            output.write_all(&response.prefix())?;
            outputs.push(output);
        }
        let problem_file = match out {
            Some(folder) => Some(WholeFile::create(folder, "problems.jsonl")?),
            None => None,
        };
        Ok(Self {
            counts: vec![Count::default(); objects.len()],
            objects,
            parts: BTreeMap::new(),
            outputs,
            problem_file,
            kinds: Kinds::default(),
            zone: Arc::clone(&context.zone),
            as_of: context.as_of,
            first_year: context.zone.school_years.first().copied(),
            to_folder: out.is_some(),
        })
    }

    /// Writes what is wrong, and counts it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn problems(&mut self, problems: &[Problem]) -> io::Result<()> {
        for problem in problems {
            self.kinds.add(problem);
            if let Some(object) = &problem.subject.object
                && let Some(name) = object.split('/').next()
                && let Some(at) = self.objects.iter().position(|known| **known == *name)
            {
                self.counts[at].problems += 1;
            }
            match &mut self.problem_file {
                Some(file) => writeln!(file, "{}", problem.to_json_line())?,
                None => writeln!(io::stderr(), "{}", problem.to_json_line())?,
            }
        }
        Ok(())
    }

    /// Writes the next batch.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn batch(&mut self, batch: Batch<Written>) -> io::Result<()> {
        for part in batch.parts {
            let count = &mut self.counts[part.object];
            count.instances += part.kept.instances;
            count.elements += part.kept.elements;
            count.time += part.time;
            // The first year goes straight to the output; later years wait in files of their own until it is whole.
            if Some(part.school_year) == self.first_year {
                self.outputs[part.object].write_all(&part.kept.xml)?;
            } else {
                let files = self.parts.entry((part.object, part.school_year)).or_default();
                if files.is_empty() {
                    files.push(tempfile::tempfile()?);
                }
                if let Some(file) = files.first_mut() {
                    file.write_all(&part.kept.xml)?;
                }
            }
        }
        self.problems(&batch.problems)
    }

    /// Makes the files whole, gives them their names, prints what was done, and gives what was wrong.
    ///
    /// # Errors
    /// If what is left cannot be written.
    pub fn finish(mut self) -> io::Result<Kinds> {
        for ((object, _), files) in std::mem::take(&mut self.parts) {
            for mut file in files {
                io::Seek::rewind(&mut file)?;
                io::copy(&mut file, &mut self.outputs[object])?;
            }
        }
        for (object, mut output) in self.objects.iter().zip(self.outputs) {
            let response = Response { zone: &self.zone.name, object, as_of: self.as_of };
            output.write_all(response.suffix())?;
            output.finish()?;
        }
        if let Some(file) = self.problem_file {
            file.finish()?;
        }
        if self.to_folder {
            self.kinds.print();
            let mut table = Table::new();
            table.load_style(presets::UTF8_HORIZONTAL_ONLY);
            table.set_header(["object", "instances", "elements", "problems", "seconds"]);
            for (object, count) in self.objects.iter().zip(&self.counts) {
                table.add_row([
                    object.to_string(),
                    count.instances.to_string(),
                    count.elements.to_string(),
                    count.problems.to_string(),
                    format!("{:.2}", count.time.as_secs_f64()),
                ]);
            }
            for column in 1..5 {
                if let Some(column) = table.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            anstream::println!("{table}");
        }
        Ok(self.kinds)
    }
}
