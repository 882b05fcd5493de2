//! SIF_ExtendedQuery: rows over several objects.
//!
//! Of each instance only what the query looks at is kept ([`kept`]): the values that it joins and orders by, whether each condition
//! holds, and its cells, written. Then the instances are joined ([`join`]), and the rows filtered and ordered ([`sheet`]). A query over
//! one object that needs no order is not held at all, but handed on as it is mapped.

mod columns;
mod join;
mod kept;
mod shape;
mod sheet;

use std::sync::Arc;

use problem::Problem;
use sif::message::error;
use sif::query::ExtendedQuery;
use tokio::sync::mpsc;

use self::columns::headers;
use self::kept::{Keeping, Kept};
use self::shape::Shape;
use self::sheet::{Sheet, TooManyRows};
use crate::mapping::{Wanted, not_finished};
use crate::request::narrow;
use crate::request::open::Mark;
use crate::request::packets::{Around, Item};
use crate::request::produce::{Produced, Work, read, send};
use crate::request::question::Refused;

/// Produces the rows of a query.
pub(crate) fn rows(work: &Work, query: &ExtendedQuery, give: &mpsc::Sender<Produced>) -> Result<(), Produced> {
    let shape = Shape::of(query);
    let before = format!("<SIF_ExtendedQueryResults>{}<SIF_Rows>", headers(&shape));
    let after = "</SIF_Rows></SIF_ExtendedQueryResults>".to_owned();
    send(give, Produced::Around(Around { before, after }))?;
    if query.row_count.is_some_and(|most| work.after.count >= most) {
        return Ok(());
    }
    let streams = query.joins.is_empty() && query.order.is_empty() && !query.distinct;
    let students = match &query.conditions {
        Some(conditions) if query.joins.is_empty() => {
            let plan = &work.generation.plan;
            let narrowed = narrow::students(plan, &plan.variants(&query.from), conditions, &work.config.source);
            narrowed.map_err(|problem| Produced::Failed(vec![problem]))?
        }
        _ => None,
    };
    let wanted = Wanted {
        objects: shape.objects.iter().map(|object| Arc::from(*object)).collect(),
        students,
        after: work.after.position.filter(|_| streams),
    };
    let reading = read(work, &wanted)?;
    send(give, Produced::Problems(reading.problems().to_vec()))?;
    let keeping = Keeping::new(&shape, &work.generation.plan, &work.visibility);
    let mut out = Out { work, query, give, count: work.after.count };
    if streams {
        let mut full = false;
        let run = reading.run(&keeping, &mut |batch| {
            let mut kept: Vec<Kept> = batch.parts.into_iter().flat_map(|part| part.kept).collect();
            kept.sort_by_key(|kept| kept.position);
            full = !out.stream(kept, batch.problems)?;
            // Enough rows end the mapping too.
            if full { Err(not_finished("there are enough rows")) } else { Ok(()) }
        });
        return if full { Ok(()) } else { run.map_err(failed) };
    }
    let mut sheet = Sheet::new(&shape, work.config.max_rows, work.config.max_row_bytes);
    let mut too_many = None;
    let run = reading.run(&keeping, &mut |batch| {
        let gone = |_| not_finished("nobody takes the answer any more");
        give.blocking_send(Produced::Problems(batch.problems)).map_err(gone)?;
        for part in batch.parts {
            if let Err(many) = sheet.add(part.object, part.kept) {
                too_many = Some(many);
                return Err(not_finished("there are too many rows"));
            }
        }
        Ok(())
    });
    if let Some(many) = too_many {
        return Err(refused(many));
    }
    run.map_err(failed)?;
    let rows = sheet.rows().map_err(refused)?;
    out.sheet(&rows)
}

fn failed(problem: Problem) -> Produced {
    Produced::Failed(vec![problem])
}

fn refused(many: TooManyRows) -> Produced {
    let why = format!("the query needs more than {}; ask for less at a time", many.most);
    Produced::Refused(Refused::new(error::UNSUPPORTED_QUERY, why))
}

/// Where rows go.
struct Out<'o> {
    work: &'o Work,
    query: &'o ExtendedQuery,
    give: &'o mpsc::Sender<Produced>,
    /// Rows so far, with those of earlier.
    count: u64,
}

/// Rows that are handed on together.
const ROWS_AT_ONCE: usize = 500;

impl Out<'_> {
    /// Hands on rows of one object as they come; says whether more are wanted.
    fn stream(&mut self, kept: Vec<Kept>, problems: Vec<Problem>) -> Result<bool, Problem> {
        let most = self.query.row_count.unwrap_or(u64::MAX);
        let holds = |kept: &Kept| {
            self.query
                .conditions
                .as_ref()
                .is_none_or(|group| shape::group_holds(group, |at| kept.holds.get(at).copied()))
        };
        let left = usize::try_from(most.saturating_sub(self.count)).unwrap_or(usize::MAX);
        let mut items = Vec::new();
        for kept in kept.into_iter().filter(holds).take(left) {
            self.count += 1;
            let mark = Mark { position: Some(kept.position), count: self.count };
            items.push(Item { mark, xml: format!("<R>{}</R>", kept.cells.concat()) });
        }
        let gone = |_| not_finished("nobody takes the answer any more");
        self.give.blocking_send(Produced::Items(items)).map_err(gone)?;
        self.give.blocking_send(Produced::Problems(problems)).map_err(gone)?;
        Ok(self.count < most)
    }

    /// Hands on the rows of a sheet, but for those that were handed on before.
    fn sheet(&mut self, rows: &sheet::Rows<'_>) -> Result<(), Produced> {
        let most = usize::try_from(self.query.row_count.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let earlier = usize::try_from(self.work.after.count).unwrap_or(usize::MAX);
        let mut items = Vec::new();
        for row in (0..rows.len().min(most)).skip(earlier) {
            self.count += 1;
            items.push(Item { mark: Mark { position: None, count: self.count }, xml: rows.write(row) });
            if items.len() == ROWS_AT_ONCE {
                send(self.give, Produced::Items(std::mem::take(&mut items)))?;
            }
        }
        send(self.give, Produced::Items(items))
    }
}
