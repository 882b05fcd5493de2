//! One comparison from beginning to end: kept back until it is known that it does not delete too much, then noted as done.

use std::collections::BTreeMap;

use graph::Date;
use sis::Source;

use super::book::Progress;
use super::changes::rows;
use super::comparison::{Comparison, MOST_PROBLEMS, Scope};
use super::fault::EventFault;
use super::publisher::{Publisher, Report};
use super::rows::Look;

/// The days of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    /// That by which instances are mapped.
    pub as_of: Date,
    /// That which is noted as the last one for which everything was compared.
    pub noted: Date,
}

impl Days {
    pub(super) const fn of(as_of: Date) -> Self {
        Self { as_of, noted: as_of }
    }
}

/// Compares what is in scope. The marks in the store, and so the changes that it follows from, move on when all of it is written.
/// `confirmed`: however much is deleted.
pub(super) fn run(
    publisher: &mut Publisher,
    source: &Source,
    days: Days,
    scopes: &[Scope],
    look: Look,
    confirmed: bool,
) -> Result<Report, EventFault> {
    let mut report = Report::default();
    if scopes.iter().any(|scope| !matches!(scope, Scope::Nothing)) {
        // The first comparison has nothing to delete.
        let is_guarded = publisher.book.progress.baseline && !confirmed;
        let known = match is_guarded {
            true => guarded(publisher, source, days.as_of, scopes)?,
            false => None,
        };
        report = match known {
            Some(report) => report,
            None => unguarded(publisher, source, days.as_of, scopes)?,
        };
    }
    report.whole = is_whole(scopes);
    report.rows = rows(&look.changes);
    let now = publisher.book.progress.clone();
    let progress = Progress {
        baseline: true,
        as_of: days.noted,
        generation: publisher.plan.generation.clone(),
        zone: publisher.zone_sum(),
        running: false,
        ..now
    };
    let before = std::mem::replace(&mut publisher.book.progress, progress);
    if publisher.book.progress != before || !look.settle.is_empty() {
        publisher.book.write(look.settle)?;
    }
    report.problems.truncate(MOST_PROBLEMS);
    Ok(report)
}

fn is_whole(scopes: &[Scope]) -> bool {
    scopes.iter().all(|scope| matches!(scope, Scope::All))
}

fn begin<'c>(publisher: &'c mut Publisher, scopes: &[Scope]) -> Comparison<'c> {
    let quiet = !publisher.book.progress.baseline && !publisher.settings.announce;
    let report = Report { whole: is_whole(scopes), ..Report::default() };
    Comparison { publisher, report, quiet, deleted: BTreeMap::new() }
}

/// Compares without writing anything. None if there was more than may be kept in memory, but not too many Deletes: then it is to be done
/// again. Nothing is known of it afterwards if it fails or deletes too much, so the next comparison finds the same.
fn guarded(
    publisher: &mut Publisher,
    source: &Source,
    as_of: Date,
    scopes: &[Scope],
) -> Result<Option<Report>, EventFault> {
    let standings = publisher.standings.clone();
    let published = publisher.book.progress.published.clone();
    publisher.book.hold(publisher.settings.guard.held_bytes);
    let mut comparison = begin(publisher, scopes);
    let compared = comparison.compare(source, as_of, scopes);
    let Comparison { report, deleted, .. } = comparison;
    let too_many = publisher.settings.guard.too_many(&deleted, &published);
    let is_held = publisher.book.release();
    if compared.is_ok() && too_many.is_empty() && is_held {
        return Ok(Some(report));
    }
    publisher.standings = standings;
    publisher.book.take_back()?;
    compared?;
    if too_many.is_empty() { Ok(None) } else { Err(EventFault::Deletions(too_many)) }
}

fn unguarded(publisher: &mut Publisher, source: &Source, as_of: Date, scopes: &[Scope]) -> Result<Report, EventFault> {
    let mut comparison = begin(publisher, scopes);
    let compared = comparison.compare(source, as_of, scopes);
    let Comparison { publisher, report, .. } = comparison;
    if let Err(fault) = compared {
        if !matches!(fault, EventFault::Store(_)) {
            // What was found so far is found; the rest is when the source can be read.
            publisher.book.write(Vec::new())?;
        }
        return Err(fault);
    }
    Ok(report)
}
