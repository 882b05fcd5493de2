//! The ledger as text.

use std::fmt::Write;

use super::{Ledger, LedgerRow, LedgerRule, Summary};

impl Ledger {
    /// The ledger for people: of each object how its rows are answered, with every row if `all`; then the population rules.
    #[must_use]
    pub fn human(&self, all: bool) -> String {
        let mut text = String::new();
        for summary in self.summary() {
            let _ = writeln!(text, "{}", line_of(&summary));
            if all {
                for row in self.rows.iter().filter(|row| row.object == summary.object) {
                    text.push_str(&line_of_row(row));
                }
            }
        }
        let rights = self.rules.iter().filter(|rule| rule.of_rights).count();
        let of_data = self.rules.iter().filter(|rule| !rule.of_rights);
        let answered = of_data.clone().filter(|rule| !rule.places.is_empty()).count();
        let of_data = of_data.count();
        let _ = writeln!(
            text,
            "population rules: {answered} of {of_data} about data are answered; {rights} about agents' rights are the zone's"
        );
        if all {
            self.rules.iter().for_each(|rule| text.push_str(&line_of_rule(rule)));
        }
        let rows = self.rows.iter().filter(|row| !row.answers.is_empty()).count();
        let _ = writeln!(text, "{rows} of {} rows are answered", self.rows.len());
        text
    }
}

fn line_of(summary: &Summary<'_>) -> String {
    let ways: Vec<String> = summary.ways.iter().map(|(way, count)| format!("{count} {way}")).collect();
    let missing = match summary.unanswered {
        0 => String::new(),
        count => format!("; {count} NOT ANSWERED"),
    };
    let rows = if summary.rows == 1 { "row" } else { "rows" };
    let ways = if ways.is_empty() { String::new() } else { format!(": {}", ways.join(", ")) };
    format!("{}: {} {rows}{ways}{missing}", summary.object, summary.rows)
}

fn line_of_row(row: &LedgerRow) -> String {
    let Some(answer) = row.answers.first() else {
        return format!("  {:<5} {:<12} NOT ANSWERED    {}\n", row.id, row.kind, row.path);
    };
    let group = answer.group.as_ref().map(|group| format!(" ({group})")).unwrap_or_default();
    let cases = match row.cases {
        0 => "no case".to_owned(),
        1 => "1 case".to_owned(),
        count => format!("{count} cases"),
    };
    let how = format!("{}{group}", answer.how);
    format!(
        "  {:<5} {:<12} {how:<15} {}   {}:{}   {cases}\n",
        row.id, row.kind, answer.path, answer.place.file, answer.place.line
    )
}

fn line_of_rule(rule: &LedgerRule) -> String {
    let place = rule.places.first().map(|place| format!("{}:{}", place.file, place.line));
    let says = match (rule.of_rights, place) {
        (true, _) => "agents' rights, which the zone checks".to_owned(),
        (false, None) => "NOT ANSWERED".to_owned(),
        (false, Some(place)) if rule.always => format!("{place}   keeps everybody"),
        (false, Some(place)) => format!("{place}   excludes {}, keeps {}", rule.excluding, rule.including),
    };
    format!("  {:<5} {:<26} {says}\n", rule.id, rule.object)
}
