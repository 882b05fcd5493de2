//! What must hold of every district, not only of those that somebody thought of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use support::table::{Table, names};
use support::{District, OBJECTS, copy_rulebook, edit, element, instances, run};

/// Each case runs the program, so there are few.
fn few(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 8, failure_persistence: None, ..ProptestConfig::default() }
}

/// A date of the generated school year.
fn as_of() -> impl Strategy<Value = String> {
    (0_u32..9, 1_u32..29).prop_map(|(month, day)| match month {
        0..4 => format!("2025-{:02}-{day:02}", 9 + month),
        _ => format!("2026-{:02}-{day:02}", month - 3),
    })
}

fn number(summary: &str, name: &str) -> i64 {
    element(summary, name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

/// Puts the rows of every table into another order.
fn shuffle(folder: &Path, mut state: u64) {
    for name in names(folder) {
        let mut table = Table::read(folder, &name);
        for last in (1..table.rows.len()).rev() {
            // A linear congruence is chance enough for this.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from((state >> 33) % (last as u64 + 1)).unwrap();
            table.rows.swap(last, other);
        }
        table.write();
    }
}

/// Text columns of Cedar Ridge that are sent.
const TEXTS: &[(&str, &str)] = &[
    ("identity", "lastName"),
    ("identity", "firstName"),
    ("identity", "birthCity"),
    ("identity", "gender"),
    ("contact", "email"),
    ("address", "street"),
    ("address", "zip"),
    ("household", "phone"),
    ("enrollment", "endStatus"),
    ("school", "name"),
    ("school", "principalName"),
    ("school", "url"),
];

proptest! {
    #![proptest_config(few(12))]

    #[test]
    fn the_days_of_a_summary_add_up(seed in 0_u64..1_000_000, as_of in as_of()) {
        let folder = tempfile::tempdir().unwrap();
        let mut district = District::generated(&folder.path().join("district"), 120, seed);
        district.as_of = as_of;
        let out = folder.path().join("out");
        let ended = district.map(&out, &["--objects", "StudentAttendanceSummary"]);
        prop_assert!(ended.code <= 1, "{}", ended.stderr);
        let summaries = instances(&out, "StudentAttendanceSummary");
        prop_assert!(!summaries.is_empty());
        for summary in summaries {
            let days = ["DaysAttended", "ExcusedAbsences", "UnexcusedAbsences"].map(|name| number(&summary, name));
            prop_assert!(days.iter().all(|days| *days >= 0), "{}", summary);
            let span = number(&summary, "EndDay") - number(&summary, "StartDay") + 1;
            prop_assert_eq!(days.iter().sum::<i64>(), span, "{}", summary);
            prop_assert!((0..=180).contains(&number(&summary, "DaysInMembership")), "{}", summary);
        }
    }
}

proptest! {
    #![proptest_config(few(6))]

    #[test]
    fn the_order_of_rows_changes_nothing(seed in 0_u64..1_000_000, order in any::<u64>()) {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        let district = District::generated(&folder.path().join("district"), 120, seed);
        district.map(&first, &[]);
        shuffle(&folder.path().join("district"), order);
        district.map(&second, &[]);
        for object in OBJECTS {
            let file = format!("{object}.xml");
            prop_assert!(
                std::fs::read(first.join(&file)).unwrap() == std::fs::read(second.join(&file)).unwrap(),
                "{} differs", file
            );
        }
    }

    #[test]
    fn any_text_in_any_cell_gives_well_formed_xml(
        cells in prop::collection::vec((0..TEXTS.len(), any::<prop::sample::Index>(), any::<String>()), 1..60)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let district = District::cedar_ridge_copy(&folder.path().join("district"));
        for (at, row, text) in &cells {
            let (name, column) = TEXTS[*at];
            let mut table = Table::read(&folder.path().join("district"), name);
            let column = table.column(column);
            let row = row.index(table.rows.len());
            table.rows[row][column] = text.clone().into_bytes();
            table.write();
        }
        let out = folder.path().join("out");
        let ended = district.map(&out, &[]);
        prop_assert!(ended.code <= 1, "{}", ended.stderr);
        let schema_names = Arc::new(sif::tree::Names::new());
        for object in OBJECTS {
            let bytes = std::fs::read(out.join(format!("{object}.xml"))).unwrap();
            prop_assert!(sif::xml::read::read(&bytes, &schema_names).is_ok(), "{}.xml is not well-formed", object);
        }
    }
}

/// Files that people write, each of which may hold anything.
const WRITTEN: &[&str] = &[
    "objects/graph.yaml",
    "objects/SchoolInfo.yaml",
    "objects/common/extension.yaml",
    "rules/facts/address/line1.rhai",
    "rules/parameters/membership.yaml",
    "rules/value_sets/gender.yaml",
    "district/zone.yaml",
    "district/enrollment.csv",
    "district/identity.csv",
];

proptest! {
    #![proptest_config(few(12))]

    #[test]
    fn any_bytes_in_any_file_end_in_a_message(
        file in prop::sample::select(WRITTEN), bytes in prop::collection::vec(any::<u8>(), 0..400), whole in any::<bool>()
    ) {
        let folder = tempfile::tempdir().unwrap();
        copy_rulebook(folder.path());
        let district = District::cedar_ridge_copy(&folder.path().join("district"));
        let path = folder.path().join(file);
        // Either the file is these bytes, or it goes on with them after what is sound.
        let mut text = if whole { Vec::new() } else { std::fs::read(&path).unwrap() };
        text.extend_from_slice(&bytes);
        std::fs::write(&path, text).unwrap();
        let book = folder.path().display().to_string();
        // `run` fails on a panic and on a killed process.
        let ended = run(district.command(&["--rulebook", &book]).arg("--out").arg(folder.path().join("out")));
        prop_assert!((0..=3).contains(&ended.code), "{}", ended.stderr);
    }

    #[test]
    fn any_text_in_a_rule_ends_in_a_message(body in "[a-z0-9(){}\\[\\]|&!=<>+*/?.;:,\"#` \n-]{0,200}") {
        let folder = tempfile::tempdir().unwrap();
        copy_rulebook(folder.path());
        edit(
            &folder.path().join("rules/StudentAttendanceSummary/ExcusedAbsences.rhai"),
            "    enrollment.full_absence_days - enrollment.unexcused_days",
            &body,
        );
        let ended = support::sifter(&["check", "--rulebook", &folder.path().display().to_string()]);
        prop_assert!(ended.code == 0 || ended.code == 2, "{}", ended.stderr);
    }
}
