//! Requests that cannot be answered, and what their senders are told.

use std::sync::Arc;

use agent::{Query, Request};
use provider::ProviderConfig;
use sif::message::{Version, VersionPattern};

use crate::support::answer::{all_of, ask, extended, such_that};
use crate::support::life::config;
use crate::support::{assert_valid, cedar_ridge};

/// The code that a request ends with, after no object at all.
fn refused(asked: &Request) -> String {
    let answer = ask(config(&cedar_ridge()), "Library", asked);
    assert_eq!(answer.packets.len(), 1);
    assert!(answer.packets[0].contains("<SIF_MorePackets>No</SIF_MorePackets><SIF_Error>"));
    if answer.packets[0].contains("Version=\"2.4\"") {
        assert_valid(&answer.packets);
    }
    answer.error().unwrap().0
}

#[test]
fn a_version_that_is_not_ours_is_refused_in_a_version_that_the_requester_takes() {
    let versions = vec![VersionPattern::Exactly(Version::parse("2.0r1").unwrap())];
    assert_eq!(refused(&Request { versions, ..all_of("SchoolInfo") }), "8/7");
    let versions = ["1.1", "2.4"].iter().filter_map(|version| VersionPattern::parse(version)).collect();
    let answer = ask(config(&cedar_ridge()), "Library", &Request { versions, ..all_of("SchoolInfo") });
    assert_eq!(answer.error(), None, "one of several is enough");
}

#[test]
fn a_buffer_below_the_least_is_refused() {
    assert_eq!(refused(&Request { max_buffer_size: 4095, ..all_of("SchoolInfo") }), "8/8");
    let answer = ask(config(&cedar_ridge()), "Library", &Request { max_buffer_size: 4096, ..all_of("SchoolInfo") });
    assert_eq!(answer.error(), None);
}

#[test]
fn an_object_that_is_not_provided_is_refused() {
    assert_eq!(refused(&all_of("LibraryPatronStatus")), "8/3");
    assert_eq!(refused(&all_of("NoSuchObject")), "8/3");
    let join = "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"All\"><SIF_Element ObjectName=\"SchoolInfo\"/></SIF_Select>\
        <SIF_From ObjectName=\"SchoolInfo\"><SIF_Join Type=\"Inner\"><SIF_JoinOn><SIF_LeftElement ObjectName=\"SchoolInfo\">@RefId</SIF_LeftElement>\
        <SIF_RightElement ObjectName=\"RoomInfo\">@SchoolInfoRefId</SIF_RightElement></SIF_JoinOn></SIF_Join></SIF_From></SIF_ExtendedQuery>";
    assert_eq!(refused(&extended(join)), "8/3");
}

#[test]
fn a_query_that_is_not_supported_is_refused() {
    assert_eq!(refused(&such_that("StudentPersonal", "Name[1]/LastName EQ Pell")), "8/9");
    assert_eq!(refused(&such_that("StudentPersonal", "Name/NoSuch EQ Pell")), "8/9");
    assert_eq!(refused(&such_that("StudentPersonal", "Demographics/BirthDate LT yesterday")), "8/9");
}

#[test]
fn an_object_that_is_larger_than_the_buffer_ends_the_answer() {
    // An academic record takes more than 4 KiB.
    let asked = Request { max_buffer_size: 4096, ..all_of("StudentAcademicRecord") };
    let answer = ask(config(&cedar_ridge()), "Library", &asked);
    let (code, why) = answer.error().unwrap();
    assert_eq!(code, "8/8");
    assert!(why.contains("needs a packet of") && why.contains("4096"), "{why}");
    assert!(answer.events.iter().any(|event| event.contains("LogLevel=\"Error\"") && event.contains("needs a packet")));
    assert_valid(&answer.packets);
    assert_valid(&answer.events);
}

#[test]
fn a_source_that_fails_is_a_system_error() {
    let answer = ask(config("csv:/no/such/folder"), "Library", &all_of("SchoolInfo"));
    assert_eq!(answer.error().unwrap().0, "11/1");
    assert!(!answer.error().unwrap().1.contains("/no/such"), "the requester need not know where the source is");
    assert!(answer.events.iter().any(|event| event.contains("<SIF_Category>4</SIF_Category>")));
    assert_valid(&answer.packets);
    assert_valid(&answer.events);
}

#[test]
fn too_many_rows_of_an_extended_query_are_refused() {
    let query = "<SIF_ExtendedQuery><SIF_Select Distinct=\"true\" RowCount=\"All\"><SIF_Element ObjectName=\"StudentPersonal\">LocalId</SIF_Element></SIF_Select>\
        <SIF_From ObjectName=\"StudentPersonal\"/></SIF_ExtendedQuery>";
    for config in [
        ProviderConfig { max_rows: 10, ..config(&cedar_ridge()) },
        ProviderConfig { max_row_bytes: 1000, ..config(&cedar_ridge()) },
    ] {
        let answer = ask(config, "Library", &extended(query));
        let (code, why) = answer.error().unwrap();
        assert_eq!(code, "8/9");
        assert!(why.contains("ask for less"), "{why}");
    }
    assert_eq!(ask(config(&cedar_ridge()), "Library", &extended(query)).error(), None);
}

#[test]
fn rights_to_paths_that_no_object_has_keep_the_provider_from_starting() {
    let elements = [("StudentPersonal".to_owned(), ["Name/FirtsName".to_owned()].into())].into();
    let rights = Arc::new([("Library".to_owned(), elements)].into());
    let config = ProviderConfig { elements: rights, ..config(&cedar_ridge()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let fault = runtime.block_on(async {
        let store = store::Store::open(&url).await.unwrap();
        let agent = agent::Agent::new("provider", crate::support::zone::FakeZone::new());
        let generation = provider::Generation::of(crate::support::plan());
        provider::Provider::start(config, generation, agent, store).await.err().map(|fault| fault.to_string())
    });
    assert!(fault.unwrap().contains("did you mean `Name/FirstName`"));
}

#[test]
fn a_request_for_one_element_that_is_not_mapped_is_no_fault() {
    let query = Query { elements: vec!["EmailList".to_owned()], ..Query::new("LEAInfo") };
    let answer = ask(config(&cedar_ridge()), "Library", &Request::of(query));
    assert_eq!(answer.error(), None);
}
