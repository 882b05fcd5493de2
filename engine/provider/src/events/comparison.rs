//! One comparison: reads the source, maps what may have changed, and notes what is different.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use graph::{Date, Graph, Row, Scope as Whose};
use mapper::{Everybody, Mapper, RunContext};
use problem::{Problem, code};
use rulebook::plan::{ObjectPlan, Plan};
use sis::{Loader, Selection, Source};

use super::fault::EventFault;
use super::marks::{Marks, Seeds};
use super::publisher::{Publisher, Report};
use super::ranking;
use super::reads::reads_of;
use super::state::{Owner, OwnerState};
use super::tally::Tally;
use super::web::Web;
use super::work::{Kind, Work};

/// Which instances of an object are compared.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    /// None.
    Nothing,
    /// Those that lead to rows that changed.
    Marked(Seeds),
    /// All.
    All,
}

/// How many rows of the organisation are compared at once.
const ROWS_AT_ONCE: u32 = 500;
/// How many problems are told.
pub(super) const MOST_PROBLEMS: usize = 1000;

/// An object that is compared.
struct Compared<'p> {
    plan: &'p ObjectPlan,
    kind: Kind,
    scope: &'p Scope,
    web: Option<Arc<Web>>,
    /// The rows of an object of the organisation that are marked.
    organisation: Option<Marks>,
}

/// A comparison.
pub(super) struct Comparison<'c> {
    pub publisher: &'c mut Publisher,
    pub report: Report,
    /// Whether events are only noted as published.
    pub quiet: bool,
    /// How many Deletes of each object it may find; none: any number.
    pub most: Option<BTreeMap<String, Tally>>,
    /// Whether it has found more.
    pub is_exceeded: bool,
}

impl Comparison<'_> {
    /// Compares what is in scope; what is found is noted in the book, of which some may be written already.
    pub(super) fn compare(&mut self, source: &Source, as_of: Date, scopes: &[Scope]) -> Result<(), EventFault> {
        let plan = Arc::clone(&self.publisher.plan);
        let schema = &plan.schema;
        let objects: Vec<usize> = self.publisher.reported.iter().map(|object| object.at).collect();
        let in_scope: Vec<usize> = objects
            .iter()
            .zip(scopes)
            .filter(|(_, scope)| !matches!(scope, Scope::Nothing))
            .map(|(at, _)| *at)
            .collect();
        let reads = reads_of(&plan, &in_scope);
        let mapped = in_scope.iter().map(|at| plan.objects[*at].entity).collect();
        let selection = Selection { mapped, ..Selection::default() };
        let (loader, _) =
            Loader::start_on(source, Arc::clone(schema), reads, &selection).map_err(EventFault::Source)?;

        let progress = &mut self.publisher.book.progress;
        progress.comparison += 1;
        progress.running = true;
        let mut context = RunContext {
            plan: Arc::clone(&plan),
            zone: Arc::clone(&self.publisher.settings.zone),
            as_of,
            limits: self.publisher.settings.limits,
            everybody: Everybody::Known(Arc::default()),
        };
        let rankings: BTreeSet<usize> = in_scope.iter().flat_map(|at| &plan.objects[*at].rankings).copied().collect();
        let mut moved = Some(HashSet::new());
        if !rankings.is_empty() {
            self.report.ranked += loader.student_count() as u64 * rankings.len() as u64;
            let standings = Arc::new(ranking::standings(&loader, &context, &rankings)?);
            let before = self.publisher.standings.as_deref();
            moved = before.map(|before| ranking::moved(&loader, &context, &rankings, before, &standings));
            context.everybody = Everybody::Known(Arc::clone(&standings));
            self.publisher.standings = Some(standings);
        }
        let organisation = loader.organisation();
        let all = Scope::All;
        let webs: Vec<Option<Arc<Web>>> = self.publisher.reported.iter().map(|object| object.web.clone()).collect();
        let compared = objects.iter().zip(scopes).zip(webs).map(|((at, scope), web)| {
            let object = &plan.objects[*at];
            // Where it is not known whose places are other ones, everybody's may be.
            let scope = if moved.is_none() && !object.rankings.is_empty() { &all } else { scope };
            let marks = match scope {
                Scope::Marked(seeds) if schema[object.entity].scope == Whose::Organisation => {
                    Some(Marks::of(organisation, &object.reads, web.as_deref(), &plan, seeds))
                }
                _ => None,
            };
            let kind = Kind { label: Arc::clone(&object.label), schema: object.schema };
            Compared { plan: object, kind, scope, web, organisation: marks }
        });
        let compared: Vec<Compared<'_>> = compared.collect();
        let mut mapper = Mapper::new(context);
        self.organisation(&compared, organisation, &mut mapper)?;
        mapper.forget();
        let of_students = |object: &&Compared<'_>| schema[object.plan.entity].scope == Whose::Student;
        if compared.iter().filter(of_students).any(|object| !matches!(object.scope, Scope::Nothing)) {
            self.students(&compared, &loader, &mut mapper, moved.as_ref())?;
        }
        if self.report.whole {
            self.forget_others(&compared)?;
        }
        Ok(())
    }

    /// The organisation's objects, row by row.
    fn organisation(
        &mut self,
        compared: &[Compared<'_>],
        graph: &Arc<Graph>,
        mapper: &mut Mapper,
    ) -> Result<(), EventFault> {
        let schema = graph.schema();
        for (at, object) in compared.iter().enumerate() {
            if schema[object.plan.entity].scope != Whose::Organisation || matches!(object.scope, Scope::Nothing) {
                continue;
            }
            let owner = |key: i64| Owner { kind: object.kind.label.to_string(), key };
            let is_wanted = |row: Row| match &object.organisation {
                Some(marks) => marks.has(row),
                None => true,
            };
            let entity = object.plan.entity;
            let rows = graph.rows(entity);
            for start in (0..rows).step_by(ROWS_AT_ONCE as usize) {
                let chunk = start..rows.min(start.saturating_add(ROWS_AT_ONCE));
                let mut works = BTreeMap::new();
                for row in chunk.map(|index| Row { entity, index }).filter(|row| is_wanted(*row)) {
                    let owner = owner(graph.key(row));
                    let state = self.publisher.book.state(&owner)?;
                    works.insert(row.index, Work::new(owner, state));
                }
                if works.is_empty() {
                    continue;
                }
                let wanted: HashSet<u32> = works.keys().copied().collect();
                let owner_of = |_, row: Row| wanted.contains(&row.index).then_some(row.index);
                self.map(compared, graph, mapper, &owner_of, &|number| number == at, &mut works);
                self.finish(compared, works, &|_, label| *label == *object.kind.label)?;
            }
            let gone: Vec<i64> = {
                let known = self.publisher.book.owners(&object.kind.label);
                known.filter(|key| graph.find(entity, *key).is_none()).collect()
            };
            for key in gone {
                let owner = owner(key);
                let work = Work::new(owner.clone(), self.publisher.book.state(&owner)?);
                self.finish(compared, BTreeMap::from([(0, work)]), &|_, _| true)?;
            }
        }
        Ok(())
    }

    /// The students' objects, batch by batch.
    fn students(
        &mut self,
        compared: &[Compared<'_>],
        loader: &Loader,
        mapper: &mut Mapper,
        moved: Option<&HashSet<i64>>,
    ) -> Result<(), EventFault> {
        let owner = |key: i64| Owner { kind: Owner::STUDENT.to_owned(), key };
        let plan = Arc::clone(&self.publisher.plan);
        for batch in 0..loader.batch_count() {
            let (graph, _) = loader.batch(batch)?;
            let graph = Arc::new(graph);
            let root = graph.schema().root();
            let owners: Vec<Vec<u32>> = compared.iter().map(|object| graph.owners(object.plan.entity)).collect();
            let concerned: Vec<HashSet<u32>> = compared
                .iter()
                .zip(&owners)
                .map(|(object, owners)| concerned(object, &graph, &plan, owners, moved))
                .collect();
            let mut works = BTreeMap::new();
            for student in concerned.iter().flatten() {
                if !works.contains_key(student) {
                    let owner = owner(graph.key(Row { entity: root, index: *student }));
                    let state = self.publisher.book.state(&owner)?;
                    works.insert(*student, Work::new(owner, state));
                }
            }
            if works.is_empty() {
                continue;
            }
            let owner_of = |number: usize, row: Row| {
                let student = owners[number].get(row.index as usize).copied()?;
                concerned[number].contains(&student).then_some(student)
            };
            self.map(compared, &graph, mapper, &owner_of, &|number| !concerned[number].is_empty(), &mut works);
            let is_compared = |student: u32, label: &str| {
                let at = compared.iter().position(|object| *object.kind.label == *label);
                at.is_some_and(|at| concerned[at].contains(&student))
            };
            self.finish(compared, works, &is_compared)?;
        }
        let there = loader.students();
        let gone: Vec<i64> = {
            let known = self.publisher.book.owners(Owner::STUDENT);
            known.filter(|key| there.binary_search(key).is_err()).collect()
        };
        for key in gone {
            let work = Work::new(owner(key), self.publisher.book.state(&owner(key))?);
            self.finish(compared, BTreeMap::from([(0, work)]), &|_, _| true)?;
        }
        Ok(())
    }

    /// Maps the rows that belong to one of the works.
    fn map(
        &mut self,
        compared: &[Compared<'_>],
        graph: &Arc<Graph>,
        mapper: &mut Mapper,
        owner_of: &dyn Fn(usize, Row) -> Option<u32>,
        is_mapped: &dyn Fn(usize) -> bool,
        works: &mut BTreeMap<u32, Work>,
    ) {
        let years = mapper.context().zone.school_years.clone();
        let summer = &self.publisher.summer;
        // An instance of the same row is reported once, as the latest year has it.
        let mut sent: HashSet<(usize, u32)> = HashSet::new();
        let count = std::cell::Cell::new(0);
        for school_year in years.iter().rev() {
            let evaluation = mapper.begin(Arc::clone(graph), *school_year);
            for (number, object) in compared.iter().enumerate().filter(|(number, _)| is_mapped(*number)) {
                let is_wanted = |_: usize, row: Row| {
                    let wanted = owner_of(number, row).is_some() && !sent.contains(&(number, row.index));
                    count.set(count.get() + u64::from(wanted));
                    wanted
                };
                let mut rows = Vec::new();
                mapper.map(&evaluation, &[object.plan], &is_wanted, &mut self.report.problems, &mut |instance| {
                    if let Some(work) = owner_of(number, instance.row).and_then(|owner| works.get_mut(&owner)) {
                        work.take(&object.kind, instance.tree, summer);
                        rows.push((number, instance.row.index));
                    }
                });
                sent.extend(rows);
            }
            mapper.end(evaluation);
        }
        self.report.mapped += count.get();
        self.report.problems.truncate(MOST_PROBLEMS);
    }

    /// Notes what the works have found.
    fn finish(
        &mut self,
        compared: &[Compared<'_>],
        works: BTreeMap<u32, Work>,
        is_compared: &dyn Fn(u32, &str) -> bool,
    ) -> Result<(), EventFault> {
        let names = Arc::clone(&self.publisher.plan.names);
        let object = |label: &str| compared.iter().position(|object| *object.kind.label == *label);
        let kind = |label: &str| object(label).map(|at| compared[at].kind.clone());
        for (number, mut work) in works {
            let summer = &self.publisher.summer;
            let state = work.finish(&kind, &|label| is_compared(number, label), &names, summer);
            if !self.quiet {
                for found in std::mem::take(&mut work.found) {
                    self.report.count(&found.label, found.action);
                    if found.action == agent::Action::Delete {
                        let tally = self.publisher.book.progress.deletes.entry(found.label.to_string()).or_default();
                        tally.add(&self.publisher.summer, &work.owner, &found.label, &found.key);
                        let most = self.most.as_ref().map(|most| most.get(&*found.label).map_or(0, |most| most.count));
                        if most.is_some_and(|most| tally.count > most) {
                            self.is_exceeded = true;
                            return Err(EventFault::from(changed_meanwhile(&found.label)));
                        }
                    }
                    let Some(at) = object(&found.label) else { continue };
                    let (place, name) = (self.publisher.reported[at].place, &compared[at].plan.name);
                    self.publisher.book.send(&work.owner, found, place, name)?;
                }
            }
            if let Some(state) = state {
                self.publisher.book.publish(&work.owner, &work.old, &state);
            }
            self.publisher.book.breathe()?;
        }
        Ok(())
    }

    /// Forgets what was published of objects that raise no events any more.
    fn forget_others(&mut self, compared: &[Compared<'_>]) -> Result<(), EventFault> {
        for kind in self.publisher.book.kinds() {
            if kind == Owner::STUDENT || compared.iter().any(|object| *object.kind.label == *kind) {
                continue;
            }
            let keys: Vec<i64> = self.publisher.book.owners(&kind).collect();
            for key in keys {
                let owner = Owner { kind: kind.clone(), key };
                let old = self.publisher.book.state(&owner)?;
                self.publisher.book.publish(&owner, &old, &OwnerState::default());
                self.publisher.book.breathe()?;
            }
        }
        Ok(())
    }
}

fn changed_meanwhile(object: &str) -> Problem {
    let what = format!("the source changed while it was compared: more of {object} is gone than a moment before");
    Problem::new(code::NOT_FINISHED, what)
}

/// The students of a batch whose instances of an object may have changed, by their places in the batch.
fn concerned(
    object: &Compared<'_>,
    graph: &Graph,
    plan: &Plan,
    owners: &[u32],
    moved: Option<&HashSet<i64>>,
) -> HashSet<u32> {
    let root = graph.schema().root();
    let entity = object.plan.entity;
    if graph.schema()[entity].scope != Whose::Student {
        return HashSet::new();
    }
    let seeds = match object.scope {
        Scope::Nothing => return HashSet::new(),
        Scope::All => return (0..graph.rows(root)).collect(),
        Scope::Marked(seeds) => seeds,
    };
    let mut students = HashSet::new();
    if !object.plan.rankings.is_empty() {
        let moved = moved.into_iter().flatten();
        students.extend(moved.filter_map(|key| graph.find(root, *key)).map(|row| row.index));
    }
    let marks = Marks::of(graph, &object.plan.reads, object.web.as_deref(), plan, seeds);
    students.extend(marks.of_entity(root).map(|row| row.index));
    students.extend(marks.of_entity(entity).filter_map(|row| owners.get(row.index as usize).copied()));
    students
}
