//! How a district is cut up changes nothing: any number of shards and threads.

use proptest::prelude::*;

use crate::few;
use crate::support::{District, OBJECTS, instances, outputs};

proptest! {
    #![proptest_config(few(4))]

    #[test]
    fn shards_and_jobs_change_nothing(seed in 0_u64..1_000_000, jobs in 2_u32..6, shards in 2_u32..5) {
        let folder = tempfile::tempdir().unwrap();
        let district = District::generated(&folder.path().join("district"), 150, seed);
        let out = |name: &str| folder.path().join(name);
        district.map(&out("one"), &["--jobs", "1"]);
        district.map(&out("many"), &["--jobs", &jobs.to_string()]);
        prop_assert!(outputs(&out("one")) == outputs(&out("many")), "{} jobs write something else", jobs);
        for part in 1..=shards {
            district.map(&out(&format!("shard {part}")), &["--shard", &format!("{part}/{shards}")]);
        }
        for object in OBJECTS {
            let mut whole = instances(&out("one"), object);
            let parts = (1..=shards).flat_map(|part| instances(&out(&format!("shard {part}")), object));
            let mut parts: Vec<String> = parts.collect();
            whole.sort();
            parts.sort();
            prop_assert!(whole == parts, "{} shards of {} are not the whole", shards, object);
        }
    }
}
