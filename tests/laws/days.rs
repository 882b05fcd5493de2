//! Days: attended, excused and unexcused ones are all days; membership stays within its cap.

use proptest::prelude::*;

use crate::support::{District, element, instances};
use crate::{as_of, few};

fn number(instance: &str, name: &str) -> i64 {
    element(instance, name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

proptest! {
    #![proptest_config(few(12))]

    #[test]
    fn the_days_of_a_summary_add_up(seed in 0_u64..1_000_000, as_of in as_of()) {
        let folder = tempfile::tempdir().unwrap();
        let mut district = District::generated(&folder.path().join("district"), 120, seed);
        district.as_of = as_of;
        let out = folder.path().join("out");
        let ended = district.map(&out, &["--objects", "StudentAttendanceSummary,StudentParticipation"]);
        prop_assert!(ended.code <= 1, "{}", ended.stderr);
        let mut with_membership = 0;
        for participation in instances(&out, "StudentParticipation") {
            // Section 504 has no membership, and youth in care may leave it out.
            if let Some(days) = element(&participation, "DaysInMembership") {
                with_membership += 1;
                let days: i64 = days.parse().unwrap();
                prop_assert!((0..=180).contains(&days), "{}", participation);
            }
        }
        prop_assert!(with_membership > 0, "the district has no special education");
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
