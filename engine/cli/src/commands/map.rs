//! `sifter map`: maps a district.

use std::time::Instant;

use graph::ReadSet;
use provider::mapping::{self, Job, Xml};
use rulebook::plan::ObjectPlan;
use sis::Selection;

use crate::arguments::{Map, threads};
use crate::exit::Exit;
use crate::output::{Writer, cannot_write};
use crate::population::everybody;
use crate::prepared::{Prepared, load, prepare};
use crate::terminal::{self, Progress, usage};

/// Runs the command.
pub fn run(arguments: &Map) -> Exit {
    match map(arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

/// The objects that are asked for, in the order of the rulebook, each as itself or its variants; all if none is.
fn chosen<'p>(prepared: &'p Prepared, names: &[String]) -> Result<Vec<Vec<&'p ObjectPlan>>, Exit> {
    for name in names {
        // A file holds a whole object.
        if let [variant] = &prepared.variants(name)?[..]
            && *variant.name != **name
        {
            let message =
                format!("{name} is a part of {0}, whose file holds all its variants; did you mean {0}?", variant.name);
            return Err(usage(&message));
        }
    }
    let mut chosen: Vec<Vec<&ObjectPlan>> = Vec::new();
    for object in &prepared.plan.objects {
        match chosen.iter_mut().find(|variants| variants[0].name == object.name) {
            Some(variants) => variants.push(object),
            None if names.is_empty() || names.iter().any(|name| **name == *object.name) => chosen.push(vec![object]),
            None => {}
        }
    }
    Ok(chosen)
}

fn map(arguments: &Map) -> Result<Exit, Exit> {
    let begun = Instant::now();
    let prepared = prepare(&arguments.run)?;
    let end = |problem| terminal::end(&problem, &prepared.files);
    let failed = |error| cannot_write("the output", &error);
    let objects = chosen(&prepared, &arguments.objects)?;
    if arguments.out.is_none() && objects.len() != 1 {
        return Err(usage(
            "without --out exactly one object goes to standard output; name it with --objects, or a folder with --out",
        ));
    }
    if let Some(out) = &arguments.out {
        std::fs::create_dir_all(out).map_err(|error| cannot_write(&out.display().to_string(), &error)).map_err(end)?;
    }
    let mut reads = ReadSet::default();
    for object in objects.iter().flatten() {
        reads.extend(&object.reads);
    }
    let mapped = objects.iter().flatten().map(|object| object.entity).collect();
    let students = (!arguments.students.is_empty()).then(|| arguments.students.clone());
    let selection = Selection { shard: arguments.shard, students, mapped, ..Selection::default() };
    anstream::eprintln!(
        "zone {}, as of {}, generation {}",
        prepared.zone.name,
        prepared.as_of,
        prepared.plan.generation
    );
    let (loader, load_problems) = load(&prepared, &arguments.run.source, reads, selection, threads(arguments.jobs))?;
    let loaded = begun.elapsed();
    let everybody = everybody(&prepared, &objects.concat(), &arguments.run.source, threads(arguments.jobs))?;
    let job = Job {
        context: prepared.context(everybody),
        loader: &loader,
        objects,
        shard: arguments.shard,
        jobs: threads(arguments.jobs),
        after: None,
    };
    let mut writer = Writer::new(&job, arguments.out.as_deref()).map_err(failed).map_err(end)?;
    writer.problems(&load_problems).map_err(failed).map_err(end)?;
    let progress = Progress::new(loader.student_count() as u64, "students");
    let mut done = 0;
    let result = mapping::run(&job, &Xml, &mut |batch| {
        done += batch.students as u64;
        writer.batch(batch).map_err(failed)?;
        progress.set(done);
        Ok(())
    });
    progress.finish();
    result.map_err(end)?;
    let kinds = writer.finish().map_err(failed).map_err(end)?;
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
