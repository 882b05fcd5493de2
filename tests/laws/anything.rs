//! Anything in a cell, a file or a rule ends in well-formed XML or in a message, never in a panic.

use std::sync::Arc;

use proptest::prelude::*;

use crate::few;
use crate::support::table::Table;
use crate::support::{District, OBJECTS, copy_rulebook, edit, run, sifter};

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
    #![proptest_config(few(6))]

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
        let ended = sifter(&["check", "--rulebook", &folder.path().display().to_string()]);
        prop_assert!(ended.code == 0 || ended.code == 2, "{}", ended.stderr);
    }
}
