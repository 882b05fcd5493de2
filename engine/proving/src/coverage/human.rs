//! Coverage for people: how much of each file, and each place that is missing with its line and a case that would reach it.

use std::sync::Arc;

use problem::render::Sources;

use super::{Coverage, Missed, tally};

/// The text. `sources` has the texts of the rulebook's files. Of some cases only (`whole` is false) files that they do not reach at
/// all are left out: they are not about them.
#[must_use]
pub fn human(coverage: &Coverage, missed: &[Missed], sources: &dyn Sources, whole: bool) -> String {
    let mut text = String::new();
    let mut left_out = 0;
    for (file, decisions) in coverage.by_file() {
        let tally = tally(&decisions);
        if tally.seen == 0 && !whole {
            left_out += 1;
        } else if tally.seen < tally.all {
            text.push_str(&format!("{file}: {} of {} ({} %)\n", tally.seen, tally.all, tally.percent()));
            of_file(&file, coverage, missed, sources, &mut text);
        }
    }
    if left_out > 0 {
        text.push_str(&format!("not listed: {left_out} files that these cases do not reach\n"));
    }
    text.push_str("coverage\n");
    for (kind, tally) in coverage.by_kind() {
        text.push_str(&format!("  {:<18} {:>6} % {:>6} of {}\n", kind.word(), tally.percent(), tally.seen, tally.all));
    }
    let total = coverage.total();
    text.push_str(&format!("  {:<18} {:>6} % {:>6} of {}\n", "all", total.percent(), total.seen, total.all));
    text
}

fn of_file(file: &Arc<str>, coverage: &Coverage, missed: &[Missed], sources: &dyn Sources, text: &mut String) {
    let mut last = None;
    for missed in missed {
        let decision = &coverage.decisions[missed.decision].decision;
        if decision.file != *file {
            continue;
        }
        let again = last.replace((missed.decision, &missed.says)) == Some((missed.decision, &missed.says));
        if !again {
            text.push_str(&format!("  {file}:{}:{}: {}\n", decision.at.line, decision.at.column, missed.says));
            text.push_str(&excerpt(file, decision.at.line, decision.at.column, sources));
        }
        if !missed.skeleton.is_empty() {
            text.push_str("    a case that would reach it:\n");
            for line in missed.skeleton.lines() {
                text.push_str(&format!("      {line}\n"));
            }
        }
    }
}

/// A line of a file with a caret under a column.
pub(crate) fn excerpt(file: &str, line: u32, column: u32, sources: &dyn Sources) -> String {
    let Some(source) = sources.text(file) else { return String::new() };
    let Some(written) = (line as usize).checked_sub(1).and_then(|line| source.lines().nth(line)) else {
        return String::new();
    };
    // A long line is shown from a little before the place.
    let skip = (column as usize).saturating_sub(60);
    let shown: String = written.chars().skip(skip).take(100).collect();
    let caret = (column as usize).saturating_sub(1).saturating_sub(skip);
    let number = line.to_string();
    let width = number.len();
    format!("    {number} | {shown}\n    {:width$} | {:caret$}^\n", "", "")
}
