#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

#[test]
fn all_objects_are_there_with_their_keys() {
    let names: Vec<&str> = schema().object_names().collect();
    assert_eq!(names.len(), 15);
    assert!(!names.contains(&"SIF_Metadata"));
    assert_eq!(schema().object("StudentPersonal").unwrap().key, ["@RefId"]);
    let summary = schema().object("StudentAttendanceSummary").unwrap();
    assert_eq!(summary.key, ["@StudentPersonalRefId", "@SchoolInfoRefId", "@SchoolYear", "StartDate", "EndDate"]);
    for object in schema().objects() {
        for key in &object.key {
            assert!(object.find(key).unwrap().required, "{} {key}", object.name);
        }
    }
    assert!(!summary.raises_events);
    assert!(schema().object("StudentPersonal").unwrap().raises_events);
}

#[test]
fn paths_lead_to_their_elements_in_order() {
    for object in schema().objects() {
        let paths = object.paths();
        assert!(paths.len() > 100, "{} has its metadata", object.name);
        for (index, (path, element)) in paths.iter().enumerate() {
            assert_eq!(object.position(path), Some(index), "{path}");
            assert!(std::ptr::eq(object.find(path).unwrap(), *element), "{path}");
        }
    }
}

#[test]
fn every_named_code_set_was_found() {
    let lines = include_str!("../../data/objects.txt").lines().filter(|line| line.contains(" codes=")).count();
    let metadata = schema().object("TermInfo").unwrap().find("SIF_Metadata").unwrap();
    let inside = |element: &ElementSchema| element.code_set().is_some();
    let total: usize =
        schema().objects().map(|object| object.paths().iter().filter(|(_, element)| inside(element)).count()).sum();
    let common = schema()
        .object("TermInfo")
        .unwrap()
        .paths()
        .iter()
        .filter(|(path, element)| path.starts_with("SIF_Metadata/") && inside(element))
        .count();
    assert!(!metadata.children.is_empty());
    assert_eq!(total - common * 14, lines);
}

#[test]
fn facts_of_single_elements() {
    let student = schema().object("StudentPersonal").unwrap();
    let race = student.find("Demographics/RaceList/Race").unwrap();
    assert_eq!(race.characteristic.letters(), "MR");
    assert_eq!(race.max(), None);
    assert!(!race.required);
    let name = student.find("Name/@Type").unwrap();
    assert!(name.attribute && name.required);
    assert_eq!(name.check_value("04"), Ok(()));
    assert!(matches!(name.check_value("01"), Err(ValueFault::CodeSet(_))));
    assert!(student.find("StateProvinceId").unwrap().nillable);
    assert!(student.find("SIF_ExtendedElements/SIF_ExtendedElement").unwrap().any_content);
    assert!(student.find("AddressList/Address/StateProvince").unwrap().open);
    assert!(student.find("Name/Nickname").is_none());
    let gender = schema().code_set("GenderType").unwrap();
    assert!(gender.contains("F") && !gender.contains("f") && !gender.contains(""));
    let time = schema().object("DisciplineIncident").unwrap().find("IncidentTime").unwrap();
    assert!(time.may_be_empty);
    assert_eq!(time.check_value(""), Ok(()));
}

#[test]
fn every_fault_of_a_value_is_told_apart() {
    let check =
        |object: &str, path: &str, value: &str| schema().object(object).unwrap().find(path).unwrap().check_value(value);
    assert_eq!(check("StudentAttendanceSummary", "FTE", "1.01"), Err(ValueFault::TooLarge(1)));
    assert_eq!(check("StudentAttendanceSummary", "FTE", "-0.01"), Err(ValueFault::TooSmall(0)));
    assert_eq!(check("StudentAttendanceSummary", "FTE", "0.505"), Err(ValueFault::FractionDigits(2)));
    assert_eq!(check("StudentAttendanceSummary", "FTE", "x"), Err(ValueFault::Form(SimpleType::Decimal)));
    assert_eq!(check("StudentPersonal", "@RefId", "0123456789abcdef0123456789abcdef"), Err(ValueFault::Guid));
    assert_eq!(
        check("StudentPersonal", "Demographics/BirthDate", "2023-02-29"),
        Err(ValueFault::Form(SimpleType::Date))
    );
    assert_eq!(check("StudentPersonal", "Demographics", "x"), Err(ValueFault::NoValue));
    let (path, fixed) =
        schema().objects().flat_map(ObjectSchema::paths).find(|(_, element)| element.fixed.is_some()).unwrap();
    let only = fixed.fixed.unwrap();
    assert_eq!(fixed.check_value("x"), Err(ValueFault::Fixed(only)), "{path}");
    assert_eq!(fixed.check_value(only), Ok(()), "{path}");
}

/// Values near those that some type takes.
fn any_value() -> impl Strategy<Value = String> {
    let codes: Vec<&str> = schema().code_sets().flat_map(CodeSet::codes).copied().collect();
    let core = prop_oneof![
        prop::sample::select(codes).prop_map(str::to_owned),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "(0000|0001|19[0-9]{2}|20[0-9]{2})-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])Z?",
        "[0-9A-F]{31,33}",
        "[0-9A-Fa-g]{32}",
        "[-+]?[0-9]{0,3}[.]?[0-9]{0,3}",
        any::<String>(),
    ];
    let space = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\t"), 1 => Just("\n")];
    (space.clone(), core, space).prop_map(|(before, core, after)| format!("{before}{core}{after}"))
}

static ALL: LazyLock<Vec<(String, &ElementSchema)>> =
    LazyLock::new(|| schema().objects().flat_map(ObjectSchema::paths).collect());

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortcuts_change_no_judgement(value in any_value()) {
        for (path, element) in &*ALL {
            prop_assert_eq!(element.check_value(&value), value::check_wholly(element, &value), "{}", path);
        }
        for set in schema().code_sets() {
            prop_assert_eq!(set.contains(&value), set.codes().contains(&&*value), "{}", set.name());
        }
    }
}

#[test]
fn a_code_set_holds_its_codes_and_no_others() {
    for set in schema().code_sets() {
        for code in set.codes() {
            assert!(set.contains(code), "{} {code}", set.name());
            let longer = format!("{code}x");
            assert_eq!(set.contains(&longer), set.codes().contains(&&*longer));
        }
    }
    assert!(!CodeSet::new("", Vec::new()).contains(""));
}

#[test]
fn every_element_has_a_number_of_its_own() {
    let roots = schema().objects().map(|object| object.root.number);
    let mut numbers: Vec<u32> = roots.chain(ALL.iter().map(|(_, element)| element.number)).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap()));
}

#[test]
fn a_value_that_changes_forgets_what_it_is_right_for() {
    let year = schema().object("StudentAttendanceSummary").unwrap().find("@SchoolYear").unwrap();
    let mut value = ValueText::from("2026".to_owned());
    assert_eq!(value.right_for(), RightFor::NOTHING);
    assert_eq!(value.check(year), Ok(()));
    assert_eq!(value.right_for(), RightFor::of(year));
    value.edit().push('x');
    assert_eq!(value.right_for(), RightFor::NOTHING);
    assert_eq!(value.check(year), Err(ValueFault::Form(SimpleType::Year)));
    value.clear();
    assert!(value.is_empty() && value.right_for() == RightFor::NOTHING);
    assert!(!format!("{:?}", ValueText::from("secret".to_owned())).contains("secret"));
}
