//! Coverage of the rulebook by its fixtures, and the thresholds that the caller sets.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graph::Date;
use proving::coverage::{self, Coverage};
use proving::mutation::{self, Covering};
use proving::{Fixture, RecordedCase};
use rulebook::Files;
use rulebook::places::Places;
use rulebook::plan::Plan;

use crate::arguments::{CoverageFormat, Proof};
use crate::exit::Exit;
use crate::output::cannot_write;
use crate::terminal;

/// What the proofs are about.
pub struct Subject<'s> {
    /// The plan.
    pub plan: &'s Arc<Plan>,
    /// The texts of the rulebook's files.
    pub files: &'s Files,
    /// The fixtures.
    pub fixtures: &'s [Fixture],
    /// The cases that ran, by fixture.
    pub cases: &'s [(usize, RecordedCase)],
    /// Whether these are all cases of the rulebook.
    pub whole: bool,
}

impl Subject<'_> {
    /// The date of the cases that are proposed: that of the first fixture.
    fn as_of(&self) -> Date {
        let first = self.fixtures.iter().flat_map(|fixture| &fixture.cases).next();
        first.map_or(Date::MIN, |case| case.as_of)
    }
}

/// Whether anything more than the cases is asked for.
pub const fn is_wanted(proof: &Proof) -> bool {
    proof.coverage.is_some() || proof.coverage_at_least.is_some() || mutation_is_wanted(proof)
}

/// Whether changes are asked for.
pub const fn mutation_is_wanted(proof: &Proof) -> bool {
    proof.mutate || proof.mutation_at_least.is_some()
}

/// Whether standard output is for what a program reads about coverage, so that the results go to standard error.
pub fn takes_output(proof: &Proof) -> bool {
    proof.out.is_none() && matches!(proof.coverage, Some(CoverageFormat::Lcov | CoverageFormat::Json))
}

/// What is wrong with the arguments.
pub fn usage(proof: &Proof) -> Option<Exit> {
    (proof.coverage == Some(CoverageFormat::Html) && proof.out.is_none())
        .then(|| terminal::usage("--coverage=html writes a page for each file: name a folder for them with --out"))
}

/// Tells the coverage, and how the program ends if a threshold is missed.
///
/// # Errors
/// How the program ends if it cannot be written.
pub fn coverage(subject: &Subject<'_>, proof: &Proof) -> Result<Option<Exit>, Exit> {
    let places = Places::of(subject.plan);
    let coverage = Coverage::new(&places, subject.cases.iter().map(|(_, case)| case.taken.as_slice()));
    let missed = coverage::missed(subject.plan, &places, &coverage, subject.as_of());
    let written = match (proof.coverage, &proof.out) {
        (None, _) => Ok(()),
        (Some(CoverageFormat::Html), out) => {
            let folder = out.as_deref().unwrap_or_else(|| Path::new("."));
            coverage::pages(&coverage, &missed, subject.files)
                .into_iter()
                .try_for_each(|page| write(Some(folder), &page.name, &page.text))
        }
        (Some(CoverageFormat::Human), out) => {
            write(out.as_deref(), "coverage.txt", &coverage::human(&coverage, &missed, subject.files, subject.whole))
        }
        (Some(CoverageFormat::Lcov), out) => write(out.as_deref(), "coverage.lcov", &coverage::lcov(&coverage)),
        (Some(CoverageFormat::Json), out) => {
            write(out.as_deref(), "coverage.json", &format!("{:#}\n", coverage::json(&coverage, &missed)))
        }
    };
    written.map_err(|error| terminal::end(&cannot_write("the coverage", &error), &Files::new()))?;
    let total = coverage.total();
    Ok(proof.coverage_at_least.filter(|percent| !total.is_at_least(*percent)).map(|percent| {
        anstream::eprintln!(
            "coverage is {} % ({} of {}), less than the {percent} % that --coverage-at-least asks for",
            total.percent(),
            total.seen,
            total.all
        );
        Exit::Threshold
    }))
}

/// Tells which changes no case notices, and how the program ends if a threshold is missed.
///
/// # Errors
/// How the program ends if it cannot be written.
pub fn mutation(subject: &Subject<'_>, proof: &Proof, jobs: usize) -> Result<Option<Exit>, Exit> {
    if !mutation_is_wanted(proof) {
        return Ok(None);
    }
    let until = Instant::now() + Duration::from_secs(proof.mutate_seconds);
    let mutants = mutation::mutants(subject.plan, subject.as_of());
    let covering = Covering::new(subject.fixtures, subject.cases);
    let outcomes = mutation::run(subject.plan, &mutants, &covering, jobs, &|| Instant::now() < until);
    let human = mutation::human(&mutants, &outcomes, subject.files);
    let written = match &proof.out {
        None if takes_output(proof) => {
            anstream::eprint!("{human}");
            Ok(())
        }
        None => write(None, "", &human),
        Some(folder) => write(Some(folder), "changes.txt", &human).and_then(|()| {
            let json = format!("{:#}\n", mutation::json(&mutants, &outcomes));
            write(Some(folder), "changes.json", &json)
        }),
    };
    written.map_err(|error| terminal::end(&cannot_write("what became of the changes", &error), &Files::new()))?;
    Ok(proof.mutation_at_least.filter(|percent| !outcomes.is_at_least(*percent)).map(|percent| {
        anstream::eprintln!(
            "the cases notice {} % of the changes, less than the {percent} % that --mutation-at-least asks for",
            outcomes.percent()
        );
        Exit::Threshold
    }))
}

/// Writes a file of the folder, or prints it.
fn write(folder: Option<&Path>, name: &str, text: &str) -> io::Result<()> {
    match folder {
        None => {
            anstream::print!("{text}");
            Ok(())
        }
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join(name), text)
        }
    }
}
