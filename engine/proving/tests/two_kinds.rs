//! Two kinds of rows make one list: `also` in a fact, a label in the path of an element. A repeated element alone is that of its row.

mod support;

use support::small::files;
use support::{Outcome, run_with};

const FLOORS: &str = "      best_floor:\n";

/// A fact `all_rooms`: the rooms with a floor, the largest first, and besides all rooms by their wing.
fn all_rooms(cases: &str) -> Outcome {
    let mut book = files();
    let graph = book.entry("objects/graph.yaml".to_owned()).or_default();
    let facts = "      by_wing:
        type: \"[room]\"
        doc: The rooms by their wing.
        rows: school.rooms
        order: [room.wing, room.room_id]
      all_rooms:
        type: \"[room]\"
        doc: The rooms with a floor, then the others.
        rows: school.rooms
        where: room.floor != ()
        order: [room.size desc]
        also: school.by_wing
";
    *graph = graph.replacen(FLOORS, &format!("{facts}{FLOORS}"), 1);
    run_with(book, &[], &format!("fact: school.all_rooms\nas_of: 2026-02-02\ncases:\n  - name: a case\n{cases}"))
}

#[test]
fn further_rows_stand_behind_and_each_row_once() {
    all_rooms(
        "    given: { school: { rooms: [ { room_id: 1, size: 5, wing: c }, { room_id: 2, size: 6, wing: b, floor: 1 }, { room_id: 3, size: 7, wing: a, floor: 1 } ] } }
    expect: [ { room: 3 }, { room: 2 }, { room: 1 } ]\n",
    )
    .passes();
}

#[test]
fn further_rows_stand_alone_where_there_are_no_others() {
    all_rooms(
        "    given: { school: { rooms: [ { room_id: 1, size: 5, wing: c }, { room_id: 2, size: 6, wing: b } ] } }
    expect: [ { room: 2 }, { room: 1 } ]\n",
    )
    .passes();
    all_rooms("    given: { school: { rooms: [] } }\n    expect: []\n").passes();
}

#[test]
fn a_labelled_element_is_a_repetition_of_its_own() {
    let mut book = files();
    let object = book.entry("objects/SchoolInfo.yaml".to_owned()).or_default();
    object.push_str(
        "  PhoneNumberList/PhoneNumber#school: { is: MR, when: school.url != () }
  PhoneNumberList/PhoneNumber#school/@Type: { is: M, const: \"2364\" }
  PhoneNumberList/PhoneNumber#school/Number: { is: M, from: school.url }
",
    );
    let given = "school: { level: 1, school_guid: d3476fae-8647-384b-da24-31eda3583211, name: Oak, open: true, big: false, url: 555-0101, rooms: [ { room_id: 1, size: 3, wing: 555-0100 } ] }";
    let fixture = format!(
        "object: SchoolInfo
as_of: 2026-02-02
cases:
  - name: both
    given: {{ {given} }}
    expect: |
      <SchoolInfo RefId=\"D3476FAE8647384BDA2431EDA3583211\"><LocalId>1.00</LocalId><StateProvinceId>none</StateProvinceId><NCESId>Yes</NCESId><SchoolName>Oak</SchoolName><PhoneNumberList>
        <PhoneNumber Type=\"0096\"><Number>555-0100</Number></PhoneNumber>
        <PhoneNumber Type=\"2364\"><Number>555-0101</Number></PhoneNumber>
      </PhoneNumberList></SchoolInfo>
"
    );
    let element = format!(
        "rule: SchoolInfo/PhoneNumberList/PhoneNumber#school/Number
as_of: 2026-02-02
cases:
  - name: the element alone
    given: {{ {given} }}
    expect: 555-0101
"
    );
    run_with(book.clone(), &[], &element).passes();
    run_with(book, &[], &fixture).passes();
}

#[test]
fn a_condition_around_a_repeated_element_leaves_its_row_alone() {
    let mut book = files();
    let object = book.entry("objects/SchoolInfo.yaml".to_owned()).or_default();
    let condition = "PhoneNumberList: { is: O, when: (school.best_room?.floor ?? 0) == 1 }";
    *object = object.replace("PhoneNumberList: { is: O }", condition);
    let fixture = "rule: SchoolInfo/PhoneNumberList/PhoneNumber/Number
as_of: 2026-02-02
cases:
  - name: the row that is given
    given: { school: { best_room: { room_id: 1, floor: 1, wing: a } }, room: { room_id: 2, wing: b } }
    expect: b
";
    run_with(book.clone(), &[], fixture).passes();
    let nobody = "rule: SchoolInfo/PhoneNumberList/PhoneNumber
as_of: 2026-02-02
cases:
  - name: no row is given
    given: { school: { best_room: { room_id: 1, floor: 1, wing: a } } }
    expect: present
";
    run_with(book, &[], nobody).says(&["no row"]);
}
