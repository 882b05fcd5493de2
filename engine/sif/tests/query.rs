//! Queries are read as the specification's samples mean them, and compared by type.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use bytes::Bytes;
use proptest::prelude::*;
use sif::message::{Message, error, names};
use sif::prune::Visibility;
use sif::query::{
    ColumnContent, Comparison, Condition, ExtendedQuery, Join, JoinKind, Operator, Path, Query, QueryFault, Question,
    Request,
};
use sif::tree::Tree;
use sif::xml::read::{Limits, read};
use sif::xml::write::write_tree;

fn request(query: &str) -> Result<Question, QueryFault> {
    let text = format!(
        "<SIF_Message xmlns=\"{}\" Version=\"2.4\"><SIF_Request><SIF_Header/><SIF_Version>2.*</SIF_Version>\
         <SIF_MaxBufferSize>1048576</SIF_MaxBufferSize>{query}</SIF_Request></SIF_Message>",
        sif::NAMESPACE
    );
    let message = Message::read(&Bytes::from(text), &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    Request::read(&message).map(|request| request.question)
}

fn query(text: &str) -> Query {
    match request(text) {
        Ok(Question::Query(query)) => query,
        other => panic!("{other:?}"),
    }
}

fn extended(text: &str) -> ExtendedQuery {
    match request(text) {
        Ok(Question::Extended(query)) => query,
        other => panic!("{other:?}"),
    }
}

/// A query for students for whom this holds: element, operator, value.
fn condition(element: &str, operator: &str, value: &str) -> Result<Question, QueryFault> {
    request(&format!(
        "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"None\">\
         <SIF_Condition><SIF_Element>{element}</SIF_Element><SIF_Operator>{operator}</SIF_Operator><SIF_Value>{value}</SIF_Value>\
         </SIF_Condition></SIF_Conditions></SIF_ConditionGroup></SIF_Query>"
    ))
}

fn student() -> Tree {
    let text = "<StudentPersonal RefId=\"A\"><LocalId> a  b</LocalId><Name Type=\"04\"><LastName>Li</LastName><FirstName>Bo</FirstName></Name>\
        <OtherNames><Name Type=\"13\"><LastName>Wu</LastName></Name><Name Type=\"05\"><LastName>Xi</LastName></Name></OtherNames>\
        <Demographics><BirthDate>2010-02-03</BirthDate><Gender>F</Gender></Demographics>\
        <PhoneNumberList><PhoneNumber Type=\"0096\"><Number>1</Number></PhoneNumber><PhoneNumber Type=\"0350\"><Number>2</Number></PhoneNumber></PhoneNumberList>\
        <ProjectedGraduationYear xsi:nil=\"true\"/></StudentPersonal>";
    let open = format!("<StudentPersonal xmlns=\"{}\" xmlns:xsi=\"{}\"", sif::NAMESPACE, sif::INSTANCE_NAMESPACE);
    read(text.replacen("<StudentPersonal", &open, 1).as_bytes(), names()).unwrap()
}

fn takes(element: &str, operator: &str, value: &str) -> bool {
    match condition(element, operator, value) {
        Ok(Question::Query(query)) => query.takes(student().root().unwrap()),
        other => panic!("{element} {operator} {value}: {other:?}"),
    }
}

#[test]
fn a_condition_holds_if_any_value_does() {
    assert!(takes("OtherNames/Name/LastName", "EQ", "Wu") && takes("OtherNames/Name/LastName", "EQ", "Xi"));
    assert!(!takes("OtherNames/Name/LastName", "EQ", "Li"));
    assert!(takes("OtherNames/Name/LastName", "NE", "Wu"), "the other one differs");
    assert!(!takes("OtherNames/Name[@Type='13']/LastName", "NE", "Wu"));
    assert!(takes("Name/@Type", "EQ", "04") && !takes("Name/@Type", "NE", "04"));
    assert!(!takes("Name/LastName", "EQ", "li"), "case counts");
}

#[test]
fn nothing_holds_of_what_is_absent_or_nil() {
    for operator in Operator::ALL {
        assert!(!takes("Name/MiddleName", operator.word(), "X"));
        assert!(!takes("ProjectedGraduationYear", operator.word(), "2026"));
    }
}

#[test]
fn values_are_compared_by_their_type() {
    assert!(
        takes("Demographics/BirthDate", "LT", "2010-02-10") && !takes("Demographics/BirthDate", "LT", "2010-02-03")
    );
    assert!(takes("Demographics/BirthDate", "LE", "2010-02-03") && takes("Demographics/BirthDate", "GT", "2010-01-31"));
    assert!(takes("LocalId", "EQ", " a  b") && !takes("LocalId", "EQ", "a b"), "white space of a text counts");
    assert!(takes("Demographics/Gender", "EQ", " F "), "and of a code it does not");
    let ordered = |comparison: Comparison, values: &[&str]| {
        for pair in values.windows(2) {
            let [less, more] =
                [pair[0], pair[1]].map(|value| comparison.read(value).unwrap_or_else(|| panic!("{value}")));
            assert!(less < more, "{comparison:?}: {pair:?}");
        }
    };
    ordered(
        Comparison::Number,
        &["-10.5", "-9", "-0.5", "0", "0.05", "0.5", "3", "12", "12.1", "99999999999999999999999"],
    );
    ordered(Comparison::Text, &["", "10", "9", "A", "a", "é"]);
    ordered(
        Comparison::Date,
        &["-0044", "1999-12-31", "2026", "2026-01", "2026-01-01", "2026-01-02", "2026-02", "10000"],
    );
    ordered(Comparison::Time, &["08:00:00", "08:00:00.5", "08:00:01", "07:30:00-01:00", "24:00:00"]);
    ordered(
        Comparison::DateTime,
        &["1969-12-31T23:59:59Z", "2026-01-31T08:00:00+01:00", "2026-01-31T08:00:00", "2026-01-31T08:00:00.25Z"],
    );
    let equal = |comparison: Comparison, one: &str, other: &str| {
        assert_eq!(comparison.read(one).unwrap(), comparison.read(other).unwrap(), "{one} {other}");
    };
    equal(Comparison::Number, "+02.50", "2.5");
    equal(Comparison::Number, "-0", "0");
    equal(Comparison::Date, "2026Z", "2026-05:00");
    equal(Comparison::Date, "2026-01-31+14:00", "2026-01-31");
    equal(Comparison::DateTime, "2026-01-31T24:00:00Z", "2026-02-01T01:00:00+01:00");
    equal(Comparison::Boolean, "1", "true");
    equal(Comparison::Token, " a  b ", "a b");
    for (comparison, wrong) in [
        (Comparison::Number, "1e3"),
        (Comparison::Number, "."),
        (Comparison::Date, "2026-02-30"),
        (Comparison::Time, "25:00:00"),
        (Comparison::DateTime, "2026-01-31"),
        (Comparison::Boolean, "yes"),
    ] {
        assert_eq!(comparison.read(wrong), None, "{wrong}");
    }
}

#[test]
fn faults_say_which_code_answers_them() {
    let fault = |element: &str, operator: &str, value: &str| condition(element, operator, value).unwrap_err();
    assert_eq!(fault("Name/Lastname", "EQ", "x").to_string(), "8/9: `StudentPersonal/Name` has no `Lastname`");
    assert_eq!(fault("StudentPersonal/Name", "EQ", "x").error, error::UNSUPPORTED_QUERY);
    assert_eq!(fault("Name[1]/LastName", "EQ", "x").error, error::UNSUPPORTED_QUERY);
    assert_eq!(fault("Name/LastName", "LIKE", "x").error, error::XML_VALUE);
    let wrong = fault("Demographics/BirthDate", "EQ", "last week");
    assert_eq!(wrong.error, error::UNSUPPORTED_QUERY);
    assert!(!wrong.description.contains("last week"), "values are nobody's business");
    let both = "<SIF_Conditions Type=\"None\"><SIF_Condition><SIF_Element>LocalId</SIF_Element><SIF_Operator>EQ</SIF_Operator>\
        <SIF_Value>1</SIF_Value></SIF_Condition></SIF_Conditions>";
    let group = |kind: &str, inside: &str| {
        request(&format!(
            "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_ConditionGroup{kind}>{inside}</SIF_ConditionGroup></SIF_Query>"
        ))
    };
    assert_eq!(group(" Type=\"None\"", &both.repeat(2)).unwrap_err().error, error::UNSUPPORTED_QUERY);
    assert_eq!(group(" Type=\"Xor\"", both).unwrap_err().error, error::XML_VALUE);
    assert_eq!(group("", both).unwrap_err().error, error::XML_MISSING);
    assert_eq!(group(" Type=\"And\"", "").unwrap_err().error, error::XML_MISSING);
    assert!(group(" Type=\"And\"", &both.repeat(2)).is_ok());
    assert_eq!(request("").unwrap_err().error, error::XML_MISSING);
    assert_eq!(request("<SIF_Query/>").unwrap_err().error, error::XML_MISSING);
    assert_eq!(request("<SIF_Query><SIF_QueryObject/></SIF_Query>").unwrap_err().error, error::XML_MISSING);
}

#[test]
fn groups_join_their_conditions() {
    let condition = |element: &str, value: &str| {
        format!(
            "<SIF_Condition><SIF_Element>{element}</SIF_Element><SIF_Operator>EQ</SIF_Operator><SIF_Value>{value}</SIF_Value></SIF_Condition>"
        )
    };
    let (yes, no) = (condition("Name/LastName", "Li"), condition("Name/LastName", "No"));
    let holds = |outer: &str, inner: &str, parts: &[&[&String]]| {
        let parts: String = parts
            .iter()
            .map(|part| {
                let inside: String = part.iter().map(|text| text.as_str()).collect();
                format!("<SIF_Conditions Type=\"{inner}\">{inside}</SIF_Conditions>")
            })
            .collect();
        query(&format!(
            "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_ConditionGroup Type=\"{outer}\">{parts}</SIF_ConditionGroup></SIF_Query>"
        ))
        .takes(student().root().unwrap())
    };
    assert!(holds("And", "Or", &[&[&yes, &no], &[&no, &yes]]));
    assert!(!holds("And", "Or", &[&[&yes, &no], &[&no, &no]]));
    assert!(holds("Or", "And", &[&[&yes, &no], &[&yes, &yes]]));
    assert!(!holds("Or", "And", &[&[&yes, &no], &[&no, &yes]]));
}

#[test]
fn an_example_takes_what_is_like_it() {
    let like = |inside: &str| {
        query(&format!(
            "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_Example><StudentPersonal>{inside}</StudentPersonal></SIF_Example></SIF_Query>"
        ))
        .takes(student().root().unwrap())
    };
    assert!(like("<Name><LastName>Li</LastName></Name>"));
    assert!(!like("<Name Type=\"05\"><LastName>Li</LastName></Name>"));
    let phone =
        |kind: &str, number: &str| format!("<PhoneNumber Type=\"{kind}\"><Number>{number}</Number></PhoneNumber>");
    assert!(like(&format!("<PhoneNumberList>{}{}</PhoneNumberList>", phone("0350", "2"), phone("0096", "1"))));
    assert!(!like(&format!("<PhoneNumberList>{}</PhoneNumberList>", phone("0350", "1"))), "one number, not two halves");
    assert!(
        like("<Demographics><Gender> F </Gender></Demographics>")
            && !like("<Demographics><Gender>M</Gender></Demographics>")
    );
    let other = request(
        "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_Example><SchoolInfo/></SIF_Example></SIF_Query>",
    );
    assert_eq!(other.unwrap_err().error, error::UNSUPPORTED_QUERY);
}

#[test]
fn wanted_elements_come_with_what_they_stand_in() {
    let select = |elements: &[&str]| {
        let elements: String = elements.iter().map(|path| format!("<SIF_Element>{path}</SIF_Element>")).collect();
        let query = query(&format!(
            "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\">{elements}</SIF_QueryObject></SIF_Query>"
        ));
        let tree = student();
        let mut out = Tree::new(tree.names().clone());
        query.select(tree.root().unwrap(), &mut out);
        let mut text = Vec::new();
        let _ = write_tree(&out, &mut text);
        String::from_utf8(text).unwrap()
    };
    assert_eq!(
        select(&["Name/LastName", "Demographics/Gender", "Name/MiddleName"]),
        "<StudentPersonal RefId=\"A\"><Name Type=\"04\"><LastName>Li</LastName></Name><Demographics><Gender>F</Gender></Demographics></StudentPersonal>"
    );
    assert_eq!(select(&["@RefId"]), "<StudentPersonal RefId=\"A\"/>");
    assert_eq!(
        select(&["PhoneNumberList/PhoneNumber[@Type='0350']/Number"]),
        "<StudentPersonal RefId=\"A\"><PhoneNumberList><PhoneNumber Type=\"0350\"><Number>2</Number></PhoneNumber></PhoneNumberList></StudentPersonal>"
    );
    assert_eq!(select(&["NoSuchElement"]), "<StudentPersonal RefId=\"A\"/>", "what is not there excludes nothing");
    assert!(select(&[]).contains("<LocalId> a  b</LocalId>"));
}

fn sample(number: &str) -> Option<String> {
    let folder = support::published_schema()?.join("../zis/messages/spec");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let path = files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(number)).unwrap();
    Some(std::fs::read_to_string(path).unwrap())
}

#[test]
fn the_samples_of_the_specification_mean_what_they_say() {
    let Some(all) = sample("03") else {
        return;
    };
    let all = extended(&all);
    assert_eq!((all.from.as_str(), all.distinct, all.row_count), ("StudentPersonal", false, None));
    assert_eq!(all.columns[0].content, ColumnContent::Object);
    assert_eq!(extended(&sample("04").unwrap()).columns[0].content, ColumnContent::Parts);
    let some = extended(&sample("05").unwrap());
    let paths: Vec<String> = some
        .columns
        .iter()
        .map(|column| match &column.content {
            ColumnContent::Path(path) => path.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths, ["@RefId", "Name/FirstName", "Name/LastName", "EmailList"]);

    let joined = extended(&sample("06").unwrap());
    assert!(joined.distinct);
    assert_eq!(joined.columns[1].alias.as_deref(), Some("Student Entry Date"));
    assert_eq!(joined.objects().collect::<Vec<_>>(), ["StudentPersonal", "StudentSchoolEnrollment"]);
    let join = &joined.joins[0];
    assert_eq!((join.kind, join.on[0].joined.to_string().as_str()), (JoinKind::Inner, "@StudentPersonalRefId"));
    assert_eq!(join.on[0].known.path.to_string(), "@RefId");
    let group = joined.conditions.as_ref().unwrap();
    assert_eq!((group.join, group.parts[0].join, group.parts[1].join), (Join::And, Join::And, Join::Or));
    assert_eq!(group.conditions().count(), 5);
    assert!(!joined.order[0].descending);
    assert_eq!(joined.order[0].by.path.to_string(), "Name/LastName");

    let three = extended(&sample("07").unwrap());
    assert_eq!(three.objects().collect::<Vec<_>>(), ["StudentPersonal", "StudentSchoolEnrollment", "SchoolInfo"]);

    let (plain, same) = (query(&sample("08").unwrap()), extended(&sample("09").unwrap()));
    assert_eq!(plain.conditions, same.conditions, "the specification maps the one to the other");
    assert_eq!(plain.elements.iter().map(Path::to_string).collect::<Vec<_>>(), ["Name/FirstName", "Name/LastName"]);

    let message = Message::read(&Bytes::from(sample("16").unwrap()), &Limits::default()).unwrap();
    let request = Request::read(&message).unwrap();
    assert_eq!((request.max_buffer_size, request.question.object()), (1_048_576, "LibraryPatronStatus"));
}

#[test]
fn an_extended_query_speaks_of_its_own_objects_only() {
    let fault = |from: &str, rest: &str| {
        request(&format!(
            "<SIF_ExtendedQuery><SIF_Select Distinct=\"0\" RowCount=\"2\"><SIF_Element ObjectName=\"StudentPersonal\"/></SIF_Select>\
             <SIF_From ObjectName=\"StudentPersonal\">{from}</SIF_From>{rest}</SIF_ExtendedQuery>"
        ))
    };
    let side = |name: &str, object: &str, path: &str| {
        format!("<SIF_{name}Element ObjectName=\"{object}\">{path}</SIF_{name}Element>")
    };
    let join = |left: &str, right: &str| {
        format!("<SIF_Join Type=\"LeftOuter\"><SIF_JoinOn>{left}{right}</SIF_JoinOn></SIF_Join>")
    };
    let student = side("Right", "StudentPersonal", "@RefId");
    let enrollment = side("Left", "StudentSchoolEnrollment", "@StudentPersonalRefId");
    match fault(&join(&enrollment, &student), "").unwrap() {
        Question::Extended(query) => {
            assert_eq!(query.row_count, Some(2));
            assert_eq!(query.joins[0].object, "StudentSchoolEnrollment", "the new object may stand on the left");
        }
        other => panic!("{other:?}"),
    }
    let school = side("Left", "SchoolInfo", "@RefId");
    let enrollment_right = side("Right", "StudentSchoolEnrollment", "@SchoolInfoRefId");
    for from in [
        join(&school, &enrollment_right),
        join(&side("Left", "StudentPersonal", "@RefId"), &student),
        format!(
            "<SIF_Join Type=\"Inner\"><SIF_JoinOn>{enrollment}{student}</SIF_JoinOn><SIF_JoinOn>{school}{student}</SIF_JoinOn></SIF_Join>"
        ),
    ] {
        assert_eq!(fault(&from, "").unwrap_err().error, error::UNSUPPORTED_QUERY, "{from}");
    }
    let order =
        "<SIF_OrderBy><SIF_Element ObjectName=\"SchoolInfo\" Ordering=\"Ascending\">@RefId</SIF_Element></SIF_OrderBy>";
    assert_eq!(fault("", order).unwrap_err().to_string(), "8/9: `SchoolInfo` is neither in SIF_From nor joined");
    assert_eq!(fault("", &order.replace("Ascending", "Up")).unwrap_err().error, error::XML_VALUE);
    assert_eq!(fault("<SIF_Join Type=\"Inner\"/>", "").unwrap_err().error, error::XML_MISSING);
}

#[test]
fn a_test_of_what_is_hidden_is_found() {
    let visibility = Visibility::new(&[("StudentPersonal".to_owned(), ["Name".to_owned()].into())].into()).unwrap();
    let hidden = |question: Question| question.hidden_test(&visibility).map(|(_, path)| path);
    assert_eq!(hidden(condition("Name/MiddleName", "EQ", "x").unwrap()), None);
    assert_eq!(hidden(condition("Demographics/Gender", "EQ", "F").unwrap()).as_deref(), Some("Demographics/Gender"));
    let predicate = "PhoneNumberList/PhoneNumber[@Type='0096']/Number";
    assert_eq!(hidden(condition(predicate, "EQ", "1").unwrap()).as_deref(), Some("PhoneNumberList/PhoneNumber/@Type"));
    let selected = "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"><SIF_Element>OtherNames/Name[LastName='x']</SIF_Element></SIF_QueryObject></SIF_Query>";
    assert_eq!(hidden(request(selected).unwrap()).as_deref(), Some("OtherNames/Name/LastName"));
    let example = "<SIF_Query><SIF_QueryObject ObjectName=\"StudentPersonal\"/><SIF_Example><StudentPersonal><Demographics><Gender>F</Gender></Demographics></StudentPersonal></SIF_Example></SIF_Query>";
    assert!(hidden(request(example).unwrap()).is_some());
    let order = "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"All\"><SIF_Element ObjectName=\"StudentPersonal\"/></SIF_Select>\
        <SIF_From ObjectName=\"StudentPersonal\"/><SIF_OrderBy><SIF_Element ObjectName=\"StudentPersonal\" Ordering=\"Descending\">Demographics/BirthDate</SIF_Element></SIF_OrderBy></SIF_ExtendedQuery>";
    assert_eq!(hidden(request(order).unwrap()).as_deref(), Some("Demographics/BirthDate"));
}

#[test]
fn paths_are_the_subset_and_nothing_else() {
    for path in [
        "@RefId",
        "Name/FirstName",
        "Name[@Type='04']/FirstName",
        "A[B/C='x' and @D='y' or E=F]/@xml:lang",
        "A[B='1'][C='2']",
    ] {
        assert_eq!(Path::parse(path).unwrap().to_string(), path);
    }
    for path in [
        "",
        " ",
        "/",
        "/Name",
        "Name/",
        "//Name",
        "Name//X",
        "@Type/Name",
        "Name[1]",
        "Name[@Type]",
        "Name[@Type='04'",
        "Name[@Type!='04']",
        "Name[position()=1]",
        "Name[not(@Type='04')]",
        "Name[@Type='04]",
        "..",
        "Name/..",
        "*",
        "Name/*",
        "Name|Other",
        "a:b:c",
        "@Type[X='1']",
        "Name[A='1' or]",
        "1Name",
        "Name[A[B='1']='2']",
    ] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
    let tree = student();
    let count = |path: &str| Path::parse(path).unwrap().values(tree.root().unwrap()).len();
    assert_eq!(
        count("PhoneNumberList/PhoneNumber[@Type='0096' or @Type='0350' and Number='1']/Number"),
        1,
        "`and` binds tighter"
    );
    assert_eq!(count("PhoneNumberList/PhoneNumber/@Type"), 2);
    assert_eq!(count("ProjectedGraduationYear"), 0);
    assert!(Path::parse("ProjectedGraduationYear").unwrap().matches(tree.root().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_path_reader_panic_and_what_it_takes_it_takes_again(text in "[@a-c/\\[\\]='\" or nd:.]{0,24}", any in any::<String>()) {
        for text in [text, any] {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
        }
    }

    #[test]
    fn numbers_compare_as_numbers_do(left in -10_000_i64..10_000, right in -10_000_i64..10_000, zeros in 0_usize..3) {
        let text = |number: i64| format!("{}{}.{:02}{}", if number < 0 { "-" } else { "" }, number.abs() / 100, number.abs() % 100, "0".repeat(zeros));
        let condition = |operator| Condition::new("SchoolInfo", Path::parse("X").unwrap(), operator, text(right));
        prop_assert!(condition(Operator::Equal).is_err(), "no such path");
        let read = |number| Comparison::Number.read(&text(number)).unwrap();
        prop_assert_eq!(read(left).cmp(&read(right)), left.cmp(&right));
    }
}
