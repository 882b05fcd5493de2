//! One comparison from beginning to end: kept back until it is known that it does not delete too much, then noted as done.

use std::collections::{BTreeMap, BTreeSet};

use graph::Date;
use sis::Source;

use super::book::Progress;
use super::changes::rows;
use super::comparison::{Comparison, MOST_PROBLEMS, Scope};
use super::confirmation::{confirmed, used_up};
use super::fault::EventFault;
use super::guard::HeldBack;
use super::publisher::{Publisher, Report};
use super::rows::Look;
use super::shelf::Entry;
use super::tally::Tally;

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
pub(super) fn run(
    publisher: &mut Publisher,
    source: &Source,
    days: Days,
    scopes: &[Scope],
    mut look: Look,
) -> Result<Report, EventFault> {
    let confirmed = confirmed(&publisher.book)?;
    let mut report = Report::default();
    if scopes.iter().any(|scope| !matches!(scope, Scope::Nothing)) {
        report = match publisher.book.progress.baseline {
            true => guarded(publisher, source, days.as_of, scopes, &confirmed)?,
            // The first comparison has nothing to delete.
            false => unguarded(publisher, source, days.as_of, scopes, None)?,
        };
    }
    report.whole = is_whole(scopes);
    report.rows = rows(&look.changes);
    look.settle.extend(used_up(&confirmed));
    let now = publisher.book.progress.clone();
    let progress = Progress {
        baseline: true,
        as_of: days.noted,
        generation: publisher.plan.generation.clone(),
        zone: publisher.zone_sum(),
        running: false,
        deletes: BTreeMap::new(),
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
    Comparison { publisher, report, quiet, most: None, is_exceeded: false }
}

/// Compares without writing anything until it is known that not too much is deleted, or that what is deleted was `confirmed`. Nothing is
/// known of it afterwards if it fails or deletes too much, so the next comparison finds the same.
fn guarded(
    publisher: &mut Publisher,
    source: &Source,
    as_of: Date,
    scopes: &[Scope],
    confirmed: &BTreeSet<String>,
) -> Result<Report, EventFault> {
    let standings = publisher.standings.clone();
    let published = published(&publisher.book.progress);
    publisher.book.hold(publisher.settings.guard.held_bytes);
    let mut comparison = begin(publisher, scopes);
    let compared = comparison.compare(source, as_of, scopes);
    let Comparison { report, .. } = comparison;
    let held_back = held_back(publisher, &published, confirmed);
    let found = publisher.book.progress.deletes.clone();
    let is_kept = publisher.book.release();
    if compared.is_ok() && held_back.is_none() && is_kept {
        return Ok(report);
    }
    publisher.standings = standings;
    publisher.book.take_back()?;
    compared?;
    if let Some(held_back) = held_back {
        // What was confirmed is not what there is now.
        let used_up: Vec<Entry> = used_up(confirmed).collect();
        if !used_up.is_empty() {
            publisher.book.shelf.write(used_up)?;
        }
        return Err(EventFault::Deletions(held_back));
    }
    // There was more than may be kept in memory: it is done again. A database shows the same again, a folder of CSV files need not.
    let report = unguarded(publisher, source, as_of, scopes, Some(found))?;
    match self::held_back(publisher, &published, confirmed) {
        None => Ok(report),
        Some(held_back) => {
            publisher.book.write(used_up(confirmed).collect())?;
            Err(EventFault::Deletions(held_back))
        }
    }
}

/// How many instances of each object were published before a comparison that may have been cut.
fn published(progress: &Progress) -> BTreeMap<String, u64> {
    let mut published = progress.published.clone();
    for (object, tally) in &progress.deletes {
        *published.entry(object.clone()).or_default() += tally.count;
    }
    published
}

fn held_back(
    publisher: &Publisher,
    published: &BTreeMap<String, u64>,
    confirmed: &BTreeSet<String>,
) -> Option<HeldBack> {
    let deletes = &publisher.book.progress.deletes;
    let held = publisher.settings.guard.holds_back(deletes, published, &publisher.summer);
    held.filter(|held| !confirmed.contains(&held.token))
}

/// Compares and writes as it goes. `most`: how many Deletes of each object may be written, where the guard has counted them.
fn unguarded(
    publisher: &mut Publisher,
    source: &Source,
    as_of: Date,
    scopes: &[Scope],
    most: Option<BTreeMap<String, Tally>>,
) -> Result<Report, EventFault> {
    let mut comparison = begin(publisher, scopes);
    comparison.most = most;
    let compared = comparison.compare(source, as_of, scopes);
    let Comparison { publisher, report, is_exceeded, .. } = comparison;
    if let Err(fault) = compared {
        if is_exceeded {
            // What the guard has not seen is not written.
            publisher.book.take_back()?;
        } else if !matches!(fault, EventFault::Store(_)) {
            // What was found so far is found; the rest is when the source can be read.
            publisher.book.write(Vec::new())?;
        }
        return Err(fault);
    }
    Ok(report)
}
