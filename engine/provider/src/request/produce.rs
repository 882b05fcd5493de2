//! Produces what an answer holds, in order, on threads of its own; what takes it sets the pace.

use std::sync::Arc;

use graph::Date;
use problem::Problem;
use sif::prune::{Visibility, Visible};
use sif::query::{Query, Question};
use sif::tree::Tree;
use tokio::sync::mpsc;

use super::narrow;
use super::open::Mark;
use super::packets::{Around, Item};
use super::question::Refused;
use crate::config::ProviderConfig;
use crate::extended;
use crate::generation::Generation;
use crate::mapping::{Given, Position, Reading, Take, Wanted, not_finished, write_instance};

/// What comes of a request, in order.
pub(crate) enum Produced {
    /// What stands around the rows of every packet; before any item.
    Around(Around),
    /// Instances or rows.
    Items(Vec<Item>),
    /// What is wrong with the data behind them.
    Problems(Vec<Problem>),
    /// The request cannot be answered.
    Refused(Refused),
    /// The source cannot be read, or the work was not finished: these problems say why.
    Failed(Vec<Problem>),
    /// That was all.
    End,
}

/// What is to be produced.
pub(crate) struct Work {
    pub config: ProviderConfig,
    pub generation: Generation,
    pub visibility: Arc<Visibility>,
    pub question: Question,
    pub as_of: Date,
    /// What was produced before.
    pub after: Mark,
}

/// Portions that may wait to be taken. Each is a piece of mapping, so this bounds the memory of an answer.
const WAITING: usize = 2;

/// Begins to produce. What is left over when nobody takes it any more is dropped.
pub(crate) fn begin(work: Work) -> mpsc::Receiver<Produced> {
    let (give, take) = mpsc::channel(WAITING);
    let begun = std::thread::Builder::new().name("answer".to_owned()).spawn({
        let give = give.clone();
        move || {
            let end = match &work.question {
                Question::Query(query) => objects(&work, query, &give),
                Question::Extended(query) => extended::rows(&work, query, &give),
            };
            // If nobody takes it, nobody wants to know.
            let _ = give.blocking_send(end.err().unwrap_or(Produced::End));
        }
    });
    if let Err(error) = begun {
        let problem = not_finished(&format!("no thread could be started: {error}"));
        let _ = give.try_send(Produced::Failed(vec![problem]));
    }
    take
}

/// Produces the instances of a SIF_Query.
fn objects(work: &Work, query: &Query, give: &mpsc::Sender<Produced>) -> Result<(), Produced> {
    let failed = |problem: Problem| Produced::Failed(vec![problem]);
    let plan = &work.generation.plan;
    let variants = plan.variants(&query.object);
    let students = match &query.conditions {
        Some(conditions) => narrow::students(plan, &variants, conditions, &work.config.source).map_err(failed)?,
        None => None,
    };
    let wanted = Wanted { objects: vec![Arc::from(query.object.as_str())], students, after: work.after.position };
    let reading = read(work, &wanted)?;
    send(give, Produced::Problems(reading.problems().to_vec()))?;
    let take = Matching { query, visible: work.visibility.of(&query.object) };
    let mut count = work.after.count;
    reading
        .run(&take, &mut |batch| {
            // Years are mapped one after the other; the answer goes student by student.
            let mut found: Vec<(Position, String)> = batch.parts.into_iter().flat_map(|part| part.kept).collect();
            found.sort_by_key(|(position, _)| *position);
            let items = found.into_iter().map(|(position, xml)| {
                count += 1;
                Item { mark: Mark { position: Some(position), count }, xml }
            });
            let gone = |_| not_finished("nobody takes the answer any more");
            give.blocking_send(Produced::Items(items.collect())).map_err(gone)?;
            give.blocking_send(Produced::Problems(batch.problems)).map_err(gone)
        })
        .map_err(failed)
}

/// Reads the source for a request.
pub(crate) fn read(work: &Work, wanted: &Wanted) -> Result<Reading, Produced> {
    let config = &work.config;
    Reading::start(&work.generation.plan, &config.zone, work.as_of, &config.source, wanted, config.jobs)
        .map_err(Produced::Failed)
}

/// Hands something on.
pub(crate) fn send(give: &mpsc::Sender<Produced>, produced: Produced) -> Result<(), Produced> {
    give.blocking_send(produced).map_err(|_| Produced::End)
}

/// Keeps the instances that a query wants, as XML, cut down to what is wanted and may be seen.
struct Matching<'q> {
    query: &'q Query,
    visible: Option<&'q Visible>,
}

impl Take for Matching<'_> {
    type Kept = Vec<(Position, String)>;

    fn take(&self, given: &Given<'_, '_>, kept: &mut Self::Kept, problems: &mut Vec<Problem>) {
        let whole = given.instance.tree;
        let Some(root) = whole.root().filter(|root| self.query.takes(*root)) else { return };
        let (mut pruned, mut selected) = (None, None);
        if let Some(visible) = self.visible {
            let mut tree = Tree::new(Arc::clone(whole.names()));
            visible.prune_element(root, &mut tree);
            pruned = Some(tree);
        }
        let seen = pruned.as_ref().unwrap_or(whole);
        if let Some(root) = seen.root().filter(|_| !self.query.elements.is_empty()) {
            let mut tree = Tree::new(Arc::clone(seen.names()));
            self.query.select(root, &mut tree);
            selected = Some(tree);
        }
        let mut xml = Vec::new();
        write_instance(given, selected.as_ref().unwrap_or(seen), &mut xml, problems);
        kept.push((given.position(), text(xml)));
    }
}

/// What was written, as text. Trees hold text only, so nothing is lost.
pub(crate) fn text(xml: Vec<u8>) -> String {
    String::from_utf8(xml).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
