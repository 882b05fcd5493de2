//! What is found from the rows that changed is what a comparison of everything finds: whatever is done to the source, in any table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use provider::events::triggers::{Dialect, script};
use provider::events::{OutgoingEvent, watched};
use support::{District, plan, today};

/// What is done to a row.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Delete,
    /// A column gets what another row has there.
    Swap,
    /// A column gets nothing.
    Empty,
    /// A column gets a constant.
    Set(&'static str),
    /// Another row is added that differs in one column, or in its key alone.
    Add,
    /// The row gets another key.
    Renumber,
    /// The row takes the place of another.
    Replace,
}

#[derive(Clone, Debug)]
struct Edit {
    kind: Kind,
    table: Index,
    row: Index,
    other: Index,
    column: Index,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let constants = ["'2026-02-02'", "'2025-09-01'", "'2026-05-01'", "0", "1", "'P'", "'Y'", "'05'", "'12'", "''"];
    let kind = prop_oneof![
        2 => Just(Kind::Delete),
        5 => Just(Kind::Swap),
        2 => Just(Kind::Empty),
        4 => prop::sample::select(constants.to_vec()).prop_map(Kind::Set),
        3 => Just(Kind::Add),
        1 => Just(Kind::Renumber),
        1 => Just(Kind::Replace),
    ];
    let edit = (kind, any::<Index>(), any::<Index>(), any::<Index>(), any::<Index>())
        .prop_map(|(kind, table, row, other, column)| Edit { kind, table, row, other, column });
    prop::collection::vec(edit, 1..4)
}

/// Does it; what the source's constraints refuse does not happen.
fn apply(district: &District, edit: &Edit) -> String {
    let tables = watched(&plan());
    let table = edit.table.get(&tables);
    let (name, key) = (&table.table, &table.key);
    let connection = district.connection();
    let mut statement = connection.prepare(&format!("SELECT \"{key}\" FROM \"{name}\" ORDER BY 1")).unwrap();
    let keys: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    if keys.is_empty() {
        return String::new();
    }
    let (row, other) = (*edit.row.get(&keys), *edit.other.get(&keys));
    let column = edit.column.get(&table.columns);
    let next = keys.last().unwrap() + 1;
    let all: Vec<String> = {
        let mut columns = connection.prepare(&format!("SELECT name FROM pragma_table_info('{name}')")).unwrap();
        columns.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let copy = |new_key: i64, verb: &str| {
        let of_other = format!("(SELECT \"{column}\" FROM \"{name}\" WHERE \"{key}\" = {other})");
        let cells = all.iter().map(|own| match own {
            own if own == key => new_key.to_string(),
            own if own == column => of_other.clone(),
            // Mostly a GUID of its own.
            own if own.ends_with("GUID") && edit.column.index(7) > 0 => {
                format!("'00000000-0000-4000-8000-{new_key:012}'")
            }
            own => format!("\"{own}\""),
        });
        let cells: Vec<String> = cells.collect();
        format!("{verb} INTO \"{name}\" SELECT {} FROM \"{name}\" WHERE \"{key}\" = {row}", cells.join(", "))
    };
    let set = |value: &str| format!("UPDATE \"{name}\" SET \"{column}\" = {value} WHERE \"{key}\" = {row}");
    let sql = match edit.kind {
        Kind::Delete => format!("DELETE FROM \"{name}\" WHERE \"{key}\" = {row}"),
        Kind::Swap => set(&format!("(SELECT \"{column}\" FROM \"{name}\" WHERE \"{key}\" = {other})")),
        Kind::Empty => set("NULL"),
        Kind::Set(constant) => set(constant),
        Kind::Add => copy(next, "INSERT"),
        Kind::Renumber => format!("UPDATE \"{name}\" SET \"{key}\" = {next} WHERE \"{key}\" = {row}"),
        Kind::Replace => copy(other, "INSERT OR REPLACE"),
    };
    let _ = connection.execute_batch(&sql);
    sql
}

/// What is known of a district: without a feed, and with one.
fn base(with_feed: bool) -> &'static District {
    static BASES: [OnceLock<District>; 2] = [const { OnceLock::new() }; 2];
    BASES[usize::from(with_feed)].get_or_init(|| {
        let mut district = District::generate(12, 11);
        // A row may take a whole school away.
        district.guard.max_deleted_share = 1.0;
        if with_feed {
            district.sql(&script(&plan(), Dialect::Sqlite));
        }
        district.tick(today());
        district
    })
}

fn said(events: &[OutgoingEvent]) -> Vec<(&str, String, &str)> {
    events.iter().map(|event| (event.object.as_str(), event.action.to_string(), event.xml.as_str())).collect()
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_full_comparison_finds_the_same(rounds in prop::collection::vec(edits(), 1..3), with_feed in any::<bool>()) {
        let district = base(with_feed).copy();
        for round in &rounds {
            let done: Vec<String> = round.iter().map(|edit| apply(&district, edit)).collect();
            let other = district.copy();
            let (_, events) = district.tick(today());
            let (_, all) = other.full(today());
            prop_assert_eq!(said(&events), said(&all), "{:?}", done);
            let (_, left) = district.full(today());
            prop_assert_eq!(said(&left), vec![], "{:?}", done);
        }
    }
}
