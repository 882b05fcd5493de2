//! `sifter map`: maps a district.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table, presets};
use graph::{Date, ReadSet};
use mapper::{RunContext, Zone};
use problem::{Problem, code};
use rulebook::Files;
use rulebook::plan::{ObjectPlan, Plan};
use rulebook::script::Limits;
use sif::message::Response;
use sis::{Loader, Selection, Source};

use crate::arguments::{Map, Run};
use crate::exit::Exit;
use crate::files;
use crate::output::WholeFile;
use crate::pipeline::{self, Batch, Job};
use crate::terminal::{self, Kinds, Progress};
use crate::zone_file;

/// What a run needs, read and checked.
pub struct Prepared {
    /// The rulebook's files.
    pub files: Files,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The zone.
    pub zone: Arc<Zone>,
    /// The date.
    pub as_of: Date,
}

/// Reads the rulebook and the zone file.
///
/// # Errors
/// How the program ends if one cannot be used.
pub fn prepare(run: &Run) -> Result<Prepared, Exit> {
    let book = files::rulebook(&run.rulebook.rulebook)?;
    let Some(plan) = book.plan else { return Err(Exit::Rulebook) };
    let zone = zone_file::read(&run.zone).map_err(|(problems, files)| {
        problems.iter().for_each(|problem| terminal::print_problem(problem, &files));
        Exit::Usage
    })?;
    let as_of = run.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    Ok(Prepared { files: book.files, plan, zone: Arc::new(zone), as_of })
}

/// Opens the source and reads what `reads` names.
///
/// # Errors
/// How the program ends if it cannot be read.
pub fn load(
    prepared: &Prepared,
    url: &str,
    reads: ReadSet,
    selection: Selection,
) -> Result<(Loader, Vec<Problem>), Exit> {
    let usage = |problems: Vec<Problem>| {
        problems.iter().for_each(|problem| terminal::print_problem(problem, &prepared.files));
        Exit::Usage
    };
    let source = Source::open(url).map_err(|problem| usage(vec![problem]))?;
    Loader::start(source, Arc::clone(&prepared.plan.schema), reads, selection).map_err(usage)
}

/// Runs the command.
pub fn run(arguments: &Map) -> Exit {
    match map(arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn usage(message: &str) -> Exit {
    anstream::eprintln!("error: {message}");
    Exit::Usage
}

/// The objects that are asked for; all if none is.
fn chosen<'p>(plan: &'p Plan, names: &[String]) -> Result<Vec<&'p ObjectPlan>, Exit> {
    for name in names {
        if plan.object(name).is_none() {
            let near = problem::nearest(name, plan.objects.iter().map(|object| &*object.name));
            let help = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Err(usage(&format!("the rulebook has no object {name}{help}")));
        }
    }
    Ok(plan
        .objects
        .iter()
        .filter(|object| names.is_empty() || names.iter().any(|name| **name == *object.name))
        .collect())
}

fn map(arguments: &Map) -> Result<Exit, Exit> {
    let begun = Instant::now();
    let prepared = prepare(&arguments.run)?;
    let objects = chosen(&prepared.plan, &arguments.objects)?;
    if arguments.out.is_none() && objects.len() != 1 {
        return Err(usage(
            "without --out exactly one object goes to standard output; name it with --objects, or a folder with --out",
        ));
    }
    if let Some(out) = &arguments.out {
        std::fs::create_dir_all(out).map_err(|error| usage(&format!("{} cannot be made: {error}", out.display())))?;
    }
    let mut reads = ReadSet::default();
    for object in &objects {
        reads.extend(&object.reads);
    }
    let mapped = objects.iter().map(|object| object.entity).collect();
    let students = (!arguments.students.is_empty()).then(|| arguments.students.clone());
    let selection = Selection { shard: arguments.shard, students, mapped, ..Selection::default() };
    anstream::eprintln!(
        "zone {}, as of {}, generation {}",
        prepared.zone.name,
        prepared.as_of,
        prepared.plan.generation
    );
    let (loader, load_problems) = load(&prepared, &arguments.run.source, reads, selection)?;
    let loaded = begun.elapsed();
    let jobs = arguments
        .jobs
        .map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from);
    let job = Job {
        context: RunContext {
            plan: Arc::clone(&prepared.plan),
            zone: Arc::clone(&prepared.zone),
            as_of: prepared.as_of,
            limits: Limits::default(),
        },
        loader: &loader,
        objects,
        shard: arguments.shard,
        jobs,
    };
    let mut writer = Writer::new(&job, arguments.out.as_deref(), &prepared)?;
    writer.problems(&load_problems).map_err(|error| usage(&error.to_string()))?;
    let progress = Progress::new(loader.student_count() as u64, "students");
    let mut done = 0;
    let result = pipeline::run(&job, &mut |batch| {
        writer
            .batch(batch)
            .map_err(|error| Problem::new(code::NO_SOURCE, format!("the output cannot be written: {error}")))?;
        progress.set(done);
        done += 500;
        Ok(())
    });
    progress.finish();
    if let Err(problem) = result {
        terminal::print_problem(&problem, &prepared.files);
        return Err(Exit::Usage);
    }
    let kinds = writer.finish().map_err(|error| usage(&format!("the output cannot be written: {error}")))?;
    if let Some(out) = &arguments.out {
        anstream::eprintln!(
            "{} students; {} rows read in {:.1} s; {:.1} s in all; XML and problems.jsonl are in {}",
            loader.student_count(),
            loader.rows_read(),
            loaded.as_secs_f64(),
            begun.elapsed().as_secs_f64(),
            out.display()
        );
    }
    Ok(if kinds.has_errors() { Exit::Found } else { Exit::Well })
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
struct Writer<'w> {
    objects: Vec<&'w ObjectPlan>,
    counts: Vec<Count>,
    /// A file for each object and year: the years stand one after the other in the end.
    parts: BTreeMap<(usize, i32), Vec<std::fs::File>>,
    outputs: Vec<Box<dyn Output>>,
    problem_file: Option<WholeFile>,
    kinds: Kinds,
    zone: Arc<Zone>,
    as_of: Date,
    last_year: Option<i32>,
    to_folder: bool,
}

/// Where an object goes.
trait Output: Write {
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

impl Output for WholeFile {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        Self::finish(*self)
    }
}

impl Output for std::io::BufWriter<std::io::Stdout> {
    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.flush()
    }
}

impl<'w> Writer<'w> {
    fn new(job: &Job<'w>, out: Option<&Path>, prepared: &Prepared) -> Result<Self, Exit> {
        let failed = |error: std::io::Error| usage(&format!("the output cannot be written: {error}"));
        let mut outputs: Vec<Box<dyn Output>> = Vec::new();
        for object in &job.objects {
            let mut output: Box<dyn Output> = match out {
                Some(folder) => Box::new(WholeFile::create(folder, &format!("{}.xml", object.name)).map_err(failed)?),
                None => Box::new(std::io::BufWriter::with_capacity(256 * 1024, std::io::stdout())),
            };
            let response = Response { zone: &prepared.zone.name, object: &object.name, as_of: prepared.as_of };
            output.write_all(&response.prefix()).map_err(failed)?;
            outputs.push(output);
        }
        let problem_file = match out {
            Some(folder) => Some(WholeFile::create(folder, "problems.jsonl").map_err(failed)?),
            None => None,
        };
        Ok(Self {
            counts: vec![Count::default(); job.objects.len()],
            objects: job.objects.clone(),
            parts: BTreeMap::new(),
            outputs,
            problem_file,
            kinds: Kinds::default(),
            zone: Arc::clone(&prepared.zone),
            as_of: prepared.as_of,
            last_year: prepared.zone.school_years.first().copied(),
            to_folder: out.is_some(),
        })
    }

    fn problems(&mut self, problems: &[Problem]) -> std::io::Result<()> {
        for problem in problems {
            self.kinds.add(problem);
            if let Some(object) = &problem.subject.object
                && let Some(at) = self.objects.iter().position(|known| known.name == *object)
            {
                self.counts[at].problems += 1;
            }
            match &mut self.problem_file {
                Some(file) => writeln!(file, "{}", problem.to_json_line())?,
                None => writeln!(std::io::stderr(), "{}", problem.to_json_line())?,
            }
        }
        Ok(())
    }

    fn batch(&mut self, batch: Batch) -> std::io::Result<()> {
        for part in batch.parts {
            let count = &mut self.counts[part.object];
            count.instances += part.instances;
            count.elements += part.elements;
            count.time += part.time;
            // The first year goes straight to the output; later years wait in files of their own until it is whole.
            if Some(part.school_year) == self.last_year {
                self.outputs[part.object].write_all(&part.xml)?;
            } else {
                let files = self.parts.entry((part.object, part.school_year)).or_default();
                if files.is_empty() {
                    files.push(tempfile::tempfile()?);
                }
                if let Some(file) = files.first_mut() {
                    file.write_all(&part.xml)?;
                }
            }
        }
        self.problems(&batch.problems)
    }

    fn finish(mut self) -> std::io::Result<Kinds> {
        for ((object, _), files) in std::mem::take(&mut self.parts) {
            for mut file in files {
                std::io::Seek::rewind(&mut file)?;
                std::io::copy(&mut file, &mut self.outputs[object])?;
            }
        }
        for (object, mut output) in self.objects.iter().zip(self.outputs) {
            let response = Response { zone: &self.zone.name, object: &object.name, as_of: self.as_of };
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
                    object.name.to_string(),
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
