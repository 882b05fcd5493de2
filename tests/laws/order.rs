//! The order of rows changes nothing.

use std::path::Path;

use proptest::prelude::*;

use crate::few;
use crate::support::table::{Table, names};
use crate::support::{District, OBJECTS};

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
}
