//! What the commands that map share: the rulebook, the zone and the source, read and checked.

use std::sync::Arc;

use graph::{Date, ReadSet};
use mapper::{Everybody, RunContext, Zone};
use problem::Problem;
use rulebook::Files;
use rulebook::plan::{ObjectPlan, Plan};
use rulebook::script::Limits;
use sis::{Loader, Selection};

use crate::arguments::Run;
use crate::exit::Exit;
use crate::files;
use crate::terminal;
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
    let file = zone_file::read(&run.zone).map_err(|(problems, files)| {
        problems.iter().for_each(|problem| terminal::print_problem(problem, &files));
        Exit::Usage
    })?;
    let as_of = run.as_of.unwrap_or_else(today);
    Ok(Prepared { files: book.files, plan, zone: Arc::new(file.zone), as_of })
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
    jobs: usize,
) -> Result<(Loader, Vec<Problem>), Exit> {
    let usage = |problems: Vec<Problem>| {
        problems.iter().for_each(|problem| terminal::print_problem(problem, &prepared.files));
        Exit::Usage
    };
    let loaded = provider::mapping::load(&prepared.plan, url, reads, selection, jobs).map_err(usage);
    // Reading sorts all rows; the threads that map would not use what that needed.
    budget::give_back();
    loaded
}

impl Prepared {
    /// What the mapper needs to know of the run.
    pub fn context(&self, everybody: Everybody) -> RunContext {
        RunContext {
            plan: Arc::clone(&self.plan),
            zone: Arc::clone(&self.zone),
            as_of: self.as_of,
            limits: Limits::default(),
            everybody,
        }
    }

    /// The object with this name: itself, or its variants; of `<Object>/<variant>` that variant.
    ///
    /// # Errors
    /// How the program ends if there is none; the nearest name is told.
    pub fn variants(&self, name: &str) -> Result<Vec<&ObjectPlan>, Exit> {
        if let Some(object) = self.plan.object(name) {
            return Ok(vec![object]);
        }
        let variants = self.plan.variants(name);
        if variants.is_empty() {
            let names = self.plan.objects.iter().map(|object| &*object.name).chain(self.plan.labels());
            let near = problem::nearest(name, names);
            let message = format!("the rulebook has no object {name}{}", terminal::did_you_mean(near));
            return Err(terminal::usage(&message));
        }
        Ok(variants)
    }
}

/// The date of this machine's clock: the only place that asks it.
pub fn today() -> graph::Date {
    chrono::Local::now().date_naive()
}
