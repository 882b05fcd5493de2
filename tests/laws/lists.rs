//! Instances and the lists in them: each key once, and no type of address, phone or name twice.

use std::collections::HashSet;

use proptest::prelude::*;

use crate::few;
use crate::support::{District, OBJECTS, attribute, element, instances};

/// What tells the instances of an object apart: attributes, and elements.
fn key<'i>(object: &str, instance: &'i str) -> Vec<Option<&'i str>> {
    match object {
        "StudentAttendanceSummary" => ["StudentPersonalRefId", "SchoolInfoRefId", "SchoolYear"]
            .map(|name| attribute(instance, name))
            .into_iter()
            .chain(["StartDate", "EndDate"].map(|name| element(instance, name)))
            .collect(),
        _ => vec![attribute(instance, "RefId")],
    }
}

/// The text of each element of this name. None of these stands inside another of its name.
fn each<'i>(instance: &'i str, name: &'i str) -> impl Iterator<Item = &'i str> {
    let end = format!("</{name}>");
    let start = format!("<{name}>");
    instance.match_indices(&start).map(|(at, _)| at).collect::<Vec<_>>().into_iter().map(move |at| {
        let rest = &instance[at..];
        &rest[..rest.find(&end).unwrap_or(rest.len())]
    })
}

/// The types of the elements of this name in a list.
fn types<'l>(list: &'l str, name: &str) -> Vec<&'l str> {
    let start = format!("<{name} Type=\"");
    list.match_indices(&start).filter_map(|(at, _)| list[at + start.len()..].split('"').next()).collect()
}

/// Lists, and what each item of them has a type of its own in.
const TYPED: &[(&str, &str)] =
    &[("AddressList", "Address"), ("PhoneNumberList", "PhoneNumber"), ("OtherNames", "Name"), ("EmailList", "Email")];

proptest! {
    #![proptest_config(few(8))]

    #[test]
    fn each_key_occurs_once_and_lists_have_each_type_once(seed in 0_u64..1_000_000) {
        let folder = tempfile::tempdir().unwrap();
        let district = District::generated(&folder.path().join("district"), 120, seed);
        let out = folder.path().join("out");
        let ended = district.map(&out, &[]);
        prop_assert!(ended.code <= 1, "{}", ended.stderr);
        let mut lists = 0;
        for object in OBJECTS {
            let mut keys = HashSet::new();
            for instance in instances(&out, object) {
                prop_assert!(key(object, &instance).iter().all(Option::is_some), "{}", instance);
                let key: Vec<Option<String>> =
                    key(object, &instance).into_iter().map(|part| part.map(str::to_owned)).collect();
                prop_assert!(keys.insert(key), "{} occurs twice: {}", object, instance);
                for (list, item) in TYPED {
                    for list in each(&instance, list) {
                        let found = types(list, item);
                        lists += usize::from(found.len() > 1);
                        let distinct: HashSet<&str> = found.iter().copied().collect();
                        prop_assert_eq!(found.len(), distinct.len(), "{}", list);
                    }
                }
            }
        }
        prop_assert!(lists > 0, "the district has no list with two items");
    }
}
