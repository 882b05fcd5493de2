//! Rights to elements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agent::{Query, Request};
use provider::ProviderConfig;

use crate::support::answer::{all_of, answers, ask, extended, request, such_that};
use crate::support::life::{Life, config};
use crate::support::zone::FakeZone;
use crate::support::{assert_valid, cedar_ridge, mapped};

/// `Library` sees names and local ids of students, and everything of all else.
fn limited() -> ProviderConfig {
    let paths: BTreeSet<String> = ["LocalId", "Name/LastName", "Name/FirstName"].map(str::to_owned).into();
    let objects = BTreeMap::from([("StudentPersonal".to_owned(), paths)]);
    ProviderConfig { elements: Arc::new(BTreeMap::from([("Library".to_owned(), objects)])), ..config(&cedar_ridge()) }
}

#[test]
fn who_may_see_some_paths_gets_those_and_what_is_mandatory() {
    let answer = ask(limited(), "Library", &all_of("StudentPersonal"));
    let items = answer.items();
    assert_eq!(items.len(), mapped(&cedar_ridge(), "StudentPersonal").len());
    for item in &items {
        assert!(item.contains("RefId=") && item.contains("<LastName"), "what is mandatory cannot be hidden");
        for hidden in ["BirthDate", "AddressList", "SIF_ExtendedElements", "MiddleName"] {
            assert!(!item.contains(hidden), "{hidden}");
        }
    }
    assert_valid(&answer.packets);
}

#[test]
fn others_and_other_objects_are_not_concerned() {
    let answer = ask(limited(), "Registry", &all_of("StudentPersonal"));
    assert_eq!(answer.items(), mapped(&cedar_ridge(), "StudentPersonal"));
    let answer = ask(limited(), "Library", &all_of("StudentSchoolEnrollment"));
    assert_eq!(answer.items(), mapped(&cedar_ridge(), "StudentSchoolEnrollment"));
}

#[test]
fn what_is_hidden_cannot_be_selected() {
    let query = Query {
        elements: vec!["Demographics/BirthDate".to_owned(), "LocalId".to_owned()],
        ..Query::new("StudentPersonal")
    };
    let answer = ask(limited(), "Library", &Request::of(query));
    assert!(answer.items().iter().all(|item| !item.contains("BirthDate") && item.contains("<LocalId")));
}

fn query(select: &str, from: &str, rest: &str) -> Request {
    extended(&format!(
        "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"All\">{select}</SIF_Select>{from}{rest}</SIF_ExtendedQuery>"
    ))
}

#[test]
fn what_is_hidden_cannot_be_asked_about() {
    let select = "<SIF_Element ObjectName=\"StudentPersonal\">LocalId</SIF_Element>";
    let from = "<SIF_From ObjectName=\"StudentPersonal\"/>";
    let condition = "<SIF_Where><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"None\"><SIF_Condition><SIF_Element ObjectName=\"StudentPersonal\">Demographics/BirthDate</SIF_Element>\
        <SIF_Operator>EQ</SIF_Operator><SIF_Value>2010-03-04</SIF_Value></SIF_Condition></SIF_Conditions></SIF_ConditionGroup></SIF_Where>";
    let order = "<SIF_OrderBy><SIF_Element ObjectName=\"StudentPersonal\" Ordering=\"Ascending\">Demographics/BirthDate</SIF_Element></SIF_OrderBy>";
    let join = "<SIF_From ObjectName=\"StudentPersonal\"><SIF_Join Type=\"Inner\"><SIF_JoinOn><SIF_LeftElement ObjectName=\"StudentPersonal\">Demographics/BirthDate</SIF_LeftElement>\
        <SIF_RightElement ObjectName=\"StudentSchoolEnrollment\">EntryDate</SIF_RightElement></SIF_JoinOn></SIF_Join></SIF_From>";
    for asked in [
        such_that("StudentPersonal", "Demographics/BirthDate EQ 2010-03-04"),
        query(select, from, condition),
        query(select, from, order),
        query(select, join, ""),
    ] {
        let answer = ask(limited(), "Library", &asked);
        let (code, why) = answer.error().unwrap();
        assert_eq!(code, "8/9");
        assert!(why.contains("StudentPersonal/Demographics/BirthDate") && !why.contains("2010"), "{why}");
        assert_eq!(ask(limited(), "Registry", &asked).error(), None, "others may");
    }
}

#[test]
fn hidden_columns_are_empty() {
    let select = "<SIF_Element ObjectName=\"StudentPersonal\">Demographics/BirthDate</SIF_Element><SIF_Element ObjectName=\"StudentPersonal\"/>";
    let asked = query(select, "<SIF_From ObjectName=\"StudentPersonal\"/>", "");
    let answer = ask(limited(), "Library", &asked);
    let rows = answer.items();
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(row.starts_with("<R><C/><C><StudentPersonal RefId=") && !row.contains("BirthDate"), "{row}");
    }
    assert!(ask(limited(), "Registry", &asked).items().iter().any(|row| row.contains("<BirthDate>")));
}

#[test]
fn rights_that_change_hold_for_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let life = Life::begin(&zone, config(&cedar_ridge()), folder.path());
    let births = || {
        let (id, document) = request("Library", &all_of("StudentPersonal"));
        zone.ask(document);
        life.settle();
        let items = answers(&zone, &[id]).pop().unwrap().items();
        items.iter().filter(|item| item.contains("<BirthDate>")).count()
    };
    assert!(births() > 0);
    life.provider.set_elements(&limited().elements).unwrap();
    assert_eq!(births(), 0);
    let unknown = BTreeMap::from([("NoSuchObject".to_owned(), BTreeSet::new())]);
    let wrong = BTreeMap::from([("Library".to_owned(), unknown)]);
    assert!(life.provider.set_elements(&wrong).is_err());
    assert_eq!(births(), 0, "what was in force stays");
    life.provider.set_elements(&BTreeMap::new()).unwrap();
    assert!(births() > 0);
}
