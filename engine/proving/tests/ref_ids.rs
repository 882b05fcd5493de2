//! RefIds of what has no GUID: `name_refid` and `guid`.

mod support;

use support::small::files;
use support::{Outcome, run_with};

/// What an expression about a school gives, by the rulebook whose SchoolURL it is.
fn school(expression: &str, given: &str, expect: &str) -> Outcome {
    let mut book = files();
    let object = book.entry("objects/SchoolInfo.yaml".to_owned()).or_default();
    *object = object.replace("from: school.url, when: school.is_old", &format!("from: '{expression}'"));
    let fixture = format!(
        "rule: SchoolInfo/SchoolURL\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given: {{ school: {{ {given} }} }}\n    {expect}\n"
    );
    run_with(book, &[], &fixture)
}

const OF_A_PLAN: &str = r#"name_refid(school.kind, "StudentParticipation/plan:" + school.name)"#;

#[test]
fn a_name_and_a_district_make_a_ref_id() {
    // Computed with Python's uuid module, as the recipe says.
    for district in ["d3476fae-8647-384b-da24-31eda3583211", "{D3476FAE-8647-384B-DA24-31EDA3583211}"] {
        let given = format!("kind: '{district}', name: '17'");
        school(OF_A_PLAN, &given, "expect: 4560B7499EE155BD9B7B0C63F39E00E7").passes();
    }
}

#[test]
fn without_a_district_or_a_name_there_is_none() {
    let of_a_name = "name_refid(school.kind, school.url)";
    school(of_a_name, "url: '17'", "expect: absent").passes();
    school(of_a_name, "kind: d3476fae-8647-384b-da24-31eda3583211", "expect: absent").passes();
}

#[test]
fn a_district_without_a_guid_is_a_problem() {
    school(
        OF_A_PLAN,
        "kind: Weber, name: '17'",
        "expect: absent\n    expect_problem: [ { code: M101, says: no GUID } ]",
    )
    .passes();
}

#[test]
fn a_guid_stands_in_a_name_in_one_form() {
    for guid in ["D3476FAE8647384BDA2431EDA3583211", "d3476fae-8647-384b-da24-31eda3583211"] {
        school("guid(school.kind)", &format!("kind: {guid}"), "expect: d3476fae-8647-384b-da24-31eda3583211").passes();
    }
    school("guid(school.kind)", "url: x", "expect: absent").passes();
}
