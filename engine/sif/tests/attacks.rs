//! Hostile documents cost little and are refused, or taken for what they are.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sif::tree::{Names, Tree};
use sif::xml::read::{ReadError, ReadFault, read};

/// Reads a document within a time that only grows with its size: generous for a build without optimisation on a busy machine, and far below
/// what anything quadratic takes.
fn take(document: &[u8]) -> Result<Tree, ReadError> {
    let names = Arc::new(Names::new());
    let start = Instant::now();
    let said = read(document, &names);
    let mebibytes = u32::try_from(document.len() >> 20).unwrap() + 1;
    let most = Duration::from_secs(4) * mebibytes;
    assert!(start.elapsed() < most, "{:?} for {mebibytes} MiB", start.elapsed());
    said
}

fn fault(document: &[u8]) -> ReadFault {
    match take(document) {
        Err(error) => error.fault,
        Ok(_) => panic!("{} is taken", String::from_utf8_lossy(&document[..document.len().min(200)])),
    }
}

#[test]
fn entities_and_external_documents_are_never_looked_at() {
    let laughs: String = (1..10).fold(String::from("<!ENTITY e0 \"ha\">"), |mut all, level| {
        let inner = format!("&e{};", level - 1).repeat(10);
        let _ = write!(all, "<!ENTITY e{level} \"{inner}\">");
        all
    });
    let long = "x".repeat(100_000);
    let documents = [
        format!("<!DOCTYPE a [{laughs}]><a>&e9;</a>"),
        format!("<!DOCTYPE a [<!ENTITY e \"{long}\">]><a>{}</a>", "&e;".repeat(100_000)),
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/p\">%p;]><a/>".to_owned(),
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>".to_owned(),
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"ftp://127.0.0.1/e\">]><a>&e;</a>".to_owned(),
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"expect://id\">]><a>&e;</a>".to_owned(),
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>".to_owned(),
        "<!DOCTYPE a PUBLIC \"-//x//y\" \"http://127.0.0.1:9/a.dtd\"><a/>".to_owned(),
        "<!DOCTYPE a [<!ATTLIST a b CDATA \"default\">]><a/>".to_owned(),
        format!("<?xml version=\"1.0\"?><!-- c --><!DOCTYPE a [{}]><a/>", "<!ELEMENT a ANY>".repeat(10_000)),
    ];
    for document in documents {
        assert_eq!(fault(document.as_bytes()), ReadFault::DocumentType, "{}", &document[..document.len().min(80)]);
    }
    assert_eq!(fault(b"<a>&e9;</a>"), ReadFault::Entity);
    // Others are words of a namespace that means nothing to the reader.
    let include = b"<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"file:///etc/passwd\"/></a>";
    let tree = take(include).unwrap();
    assert!(tree.root().unwrap().children().next().unwrap().contents().next().is_none());
    let location = b"<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a http://127.0.0.1:9/a.xsd\"/>";
    assert!(take(location).is_ok());
    assert!(take(b"<?xml-stylesheet href=\"http://127.0.0.1:9/a.xsl\"?><a/>").is_ok());
}

#[test]
fn size_depth_and_number_are_bounded() {
    let over = |document: &str, what: &'static str| {
        assert_eq!(fault(document.as_bytes()), ReadFault::TooLarge(what), "{}", &document[..40]);
    };
    let mebibyte = 1 << 20;
    over(&"<a>".repeat(1_000_000), "the depth of elements");
    over(&format!("{}{}", "<a>".repeat(65), "</a>".repeat(65)), "the depth of elements");
    assert!(take(format!("{}{}", "<a>".repeat(64), "</a>".repeat(64)).as_bytes()).is_ok());

    let attributes = |count: usize| -> String {
        (0..count).fold(String::new(), |mut all, at| {
            let _ = write!(all, " a{at}=\"\"");
            all
        })
    };
    over(&format!("<a{}/>", attributes(700_000)), "the number of attributes");
    over(&format!("<a{}/>", attributes(129)), "the number of attributes");
    assert!(take(format!("<a{}/>", attributes(128)).as_bytes()).is_ok());
    let many = format!("<a{}/>", attributes(128)).repeat(7000);
    assert!(take(format!("<r>{many}</r>").as_bytes()).is_ok(), "as many as may be, and fast");

    let declarations = |count: usize| -> String {
        (0..count).fold(String::new(), |mut all, at| {
            let _ = write!(all, " xmlns:p{at}=\"u\"");
            all
        })
    };
    over(&format!("<a{}/>", declarations(300)), "the number of attributes");
    over(&format!("<a{d}><b{d}><c{d}/></b></a>", d = declarations(100)), "the number of namespace declarations");
    let sibling = format!("<a{}/>", declarations(100));
    assert!(take(format!("<r>{}</r>", sibling.repeat(4000)).as_bytes()).is_ok(), "those of one end with it");

    over(&format!("<{}/>", "n".repeat(7 * mebibyte)), "a name");
    over(&format!("<a {}=\"\"/>", "n".repeat(7 * mebibyte)), "a name");
    over(&format!("<?{} x?><a/>", "n".repeat(7 * mebibyte)), "a name");
    over(&format!("<a>{}</a>", "t".repeat(mebibyte + 1)), "a text");
    over(&format!("<a><![CDATA[{}]]></a>", "t".repeat(7 * mebibyte)), "a text");
    over(&format!("<a>{}</a>", "<![CDATA[ttt]]>&lt;".repeat(mebibyte / 3)), "a text");
    over(&format!("<a b=\"{}\"/>", "t".repeat(mebibyte + 1)), "an attribute");
    over(&format!("<a>{}</a>", "t".repeat(100 * mebibyte)), "the document");
    over(&format!("<a><!--{}--></a>", "t".repeat(100 * mebibyte)), "the document");
    over(&format!("<r>{}</r>", "<a/>".repeat(1_000_001)), "the number of elements");
    let names: String = (0..20_000).map(|at| format!("<n{at}/>")).collect();
    over(&format!("<r>{names}</r>"), "the number of different names");
    // What is dropped is only bounded by the document.
    let comment = format!("<a><!--{}--><?p {}?></a>", "t".repeat(3 * mebibyte), "t".repeat(3 * mebibyte));
    assert!(take(comment.as_bytes()).unwrap().root().unwrap().contents().next().is_none());
}

#[test]
fn references_to_what_is_no_character_are_refused() {
    for reference in [
        "#0",
        "#x0",
        "#1",
        "#xB",
        "#xD800",
        "#xDFFF",
        "#xFFFE",
        "#xFFFF",
        "#x110000",
        "#99999999999999999999",
        "#",
        "#x",
        "#-1",
        "#+65",
        "#xG",
        "# 65",
    ] {
        let said = fault(format!("<a>&{reference};</a>").as_bytes());
        assert_eq!(said, ReadFault::CharacterReference, "{reference}");
        fault(format!("<a b=\"&{reference};\"/>").as_bytes());
    }
    for broken in [
        "<a>&</a>",
        "<a>& b;</a>",
        "<a>&amp</a>",
        "<a>&;</a>",
        "<a b='&'/>",
        "<a b='&lt'/>",
        "<a>&AMP;</a>",
        "<a>&#X41;</a>",
    ] {
        fault(broken.as_bytes());
    }
    let tree = take(b"<a b='&#x41;&quot;'>&#65;&#x1F600;&apos;</a>").unwrap();
    assert_eq!(tree.root().unwrap().text(), "A\u{1f600}'");
    assert_eq!(tree.root().unwrap().attribute("b"), Some("A\""));
}

#[test]
fn only_utf_8_is_taken_and_only_if_it_is_right() {
    let with = |bytes: &[u8]| [b"<a>", bytes, b"</a>"].concat();
    let overlong: [&[u8]; 5] = [b"\xC0\xBC", b"\xE0\x80\xBC", b"\xF0\x80\x80\xBC", b"\xC1\x81", b"\xC0\x80"];
    let truncated: [&[u8]; 4] = [b"\xC3", b"\xE2\x82", b"\xF0\x9F\x98", b"\x80"];
    let impossible: [&[u8]; 5] = [b"\xED\xA0\x80", b"\xED\xBF\xBF", b"\xF4\x90\x80\x80", b"\xFF", b"\xFE"];
    for bytes in overlong.iter().chain(&truncated).chain(&impossible) {
        assert_eq!(fault(&with(bytes)), ReadFault::NotUtf8, "{bytes:x?}");
    }
    for bytes in [&b"\0"[..], b"\x01", b"\x0B", b"\x1F", b"\xEF\xBF\xBE", b"\xEF\xBF\xBF"] {
        assert_eq!(fault(&with(bytes)), ReadFault::Character, "{bytes:x?}");
    }
    let utf_16 = |big: bool, text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for big in [true, false] {
        for text in ["\u{feff}<a/>", "<a/>", "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>"] {
            fault(&utf_16(big, text));
        }
    }
    fault(&"<a/>".chars().flat_map(|character| u32::from(character).to_be_bytes()).collect::<Vec<_>>());
    for encoding in ["UTF-16", "UTF-7", "ISO-8859-1", "US-ASCII", "utf8", ""] {
        let document = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><a/>");
        assert_eq!(fault(document.as_bytes()), ReadFault::NotUtf8, "{encoding}");
    }
    assert!(take(b"\xEF\xBB\xBF<?xml version='1.0' encoding='uTf-8' standalone='yes' ?><a/>").is_ok());
    fault(b"\xEF\xBB\xBF\xEF\xBB\xBF<a/>");
}

#[test]
fn line_ends_are_one_whatever_they_were() {
    let tree = take(b"<a b=\"1\r\n2\r3\n4\">1\r\n2\r3\n4&#13;</a>").unwrap();
    assert_eq!(tree.root().unwrap().text(), "1\n2\n3\n4\r");
    assert_eq!(tree.root().unwrap().attribute("b"), Some("1 2 3 4"));
}
