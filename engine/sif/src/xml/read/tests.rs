#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use std::fmt::Write as _;

use super::*;

fn fault(document: &str) -> Option<ReadFault> {
    read(document.as_bytes(), &Arc::new(Names::new())).err().map(|error| error.fault)
}

fn again(document: &str) -> String {
    let tree = read(document.as_bytes(), &Arc::new(Names::new())).unwrap();
    let mut out = Vec::new();
    crate::xml::write::write_tree(&tree, &mut out);
    String::from_utf8(out).unwrap()
}

const SIF: &str = "xmlns=\"http://www.sifinfo.org/infrastructure/2.x\"";
const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

#[test]
fn well_formed_documents_are_taken() {
    for document in [
        "<a/>",
        "\u{feff}<a/>",
        "<?xml version=\"1.0\"?><a/>",
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\r\n<!-- c --><?pi x?><a></a \n><!-- d -->\n",
        "<a b='1' c = \"2\"\n d=''/>",
        "<a>&lt;&gt;&amp;&apos;&quot;&#9;&#x10FFFF;</a>",
        "<a><![CDATA[<b>&c; ]] >]]></a>",
        "<a>]] > ]]&gt;</a>",
        "<é ü='ß'/>",
        "<p:a xmlns:p='urn:x' p:b='' b=''/>",
        "<a xml:lang='en'/>",
        "<a b='>'/>",
        "<a b=' / '/>",
    ] {
        assert_eq!(fault(document), None, "{document}");
    }
}

#[test]
fn documents_that_are_not_well_formed_are_refused() {
    for document in [
        "",
        " ",
        "a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a/>&amp;",
        "<a/><![CDATA[]]>",
        "<a",
        "<a b",
        "<a b=/>",
        "<a b=1/>",
        "<a b='1'c='2'/>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<a b='1\"/>",
        "< a/>",
        "<1/>",
        "<a/ >",
        "</a/>",
        "<a></ a>",
        "<a></a b>",
        "<a>]]></a>",
        "<a><![CDATA[</a>",
        "<a><![cdata[]]></a>",
        "<!-- a -- b --><a/>",
        "<!-- a ---><a/>",
        "<!-- <a/>",
        "<a><?xml version='1.0'?></a>",
        " <?xml version='1.0'?><a/>",
        "<?xml?><a/>",
        "<?xml version='1.0' version='1.0'?><a/>",
        "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='2.0'?><a/>",
        "<?xml version='1.0' standalone='maybe'?><a/>",
        "<?XML x?><a/>",
        "<?1?><a/>",
        "<?pi",
        "<a:b:c xmlns:a='x'/>",
        "<:a/>",
        "<a b:='x'/>",
        "<a -b=''/>",
        "<a\u{a0}b=''/>",
        "<a =''/>",
        "<a ''/>",
        "<>x</>",
        "<a>&amp</a>",
        "<a b='&amp'/>",
    ] {
        assert!(fault(document).is_some(), "{document}");
    }
}

#[test]
fn documents_are_utf_8() {
    assert_eq!(fault("<?xml version='1.0' encoding='UTF-16'?><a/>"), Some(ReadFault::NotUtf8));
    assert_eq!(fault("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Some(ReadFault::NotUtf8));
    let names = Arc::new(Names::new());
    // Not UTF-8; overlong; cut off; UTF-16 with its mark.
    for document in [&b"<a>\xFF</a>"[..], b"<a>\xC0\xBC</a>", b"<a>\xE2\x82</a>", b"\xFF\xFE<\0a\0/\0>\0"] {
        assert_eq!(read(document, &names).unwrap_err().fault, ReadFault::NotUtf8);
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    assert_eq!(fault("<!DOCTYPE a><a/>"), Some(ReadFault::DocumentType));
    let laughs = "<!DOCTYPE a [<!ENTITY b \"x\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    assert_eq!(fault(laughs), Some(ReadFault::DocumentType));
    assert_eq!(fault("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), Some(ReadFault::DocumentType));
    assert_eq!(fault("<a>&b;</a>"), Some(ReadFault::Entity));
    assert_eq!(fault("<a b='&nbsp;'/>"), Some(ReadFault::Entity));
}

#[test]
fn characters_that_xml_does_not_take_are_refused() {
    for reference in [
        "&#0;",
        "&#8;",
        "&#xB;",
        "&#xD800;",
        "&#xFFFE;",
        "&#x110000;",
        "&#;",
        "&#x;",
        "&#+65;",
        "&#X41;",
        "&#99999999999;",
    ] {
        assert_eq!(fault(&format!("<a>{reference}</a>")), Some(ReadFault::CharacterReference), "{reference}");
        assert_eq!(fault(&format!("<a b='{reference}'/>")), Some(ReadFault::CharacterReference), "{reference}");
    }
    for character in ['\0', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        assert_eq!(fault(&format!("<a>{character}</a>")), Some(ReadFault::Character));
        assert_eq!(fault(&format!("<a/><!--{character}-->")), Some(ReadFault::Character));
    }
}

#[test]
fn namespaces_must_be_declared_and_well_used() {
    for document in [
        "<p:a/>",
        "<a p:b=''/>",
        "<a><b xmlns:p='x'/><p:c/></a>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='x'/>",
        "<a xmlns:xmlns='x'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:xsi='x'/>",
    ] {
        assert!(matches!(fault(document), Some(ReadFault::Namespace(_))), "{document}");
    }
    let twice = "<a xmlns:p='x' xmlns:q='x' p:b='' q:b=''/>";
    assert!(matches!(fault(twice), Some(ReadFault::Malformed(_))));
}

#[test]
fn limits_hold_and_what_is_just_within_them_is_taken() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(fault(&nested(64)), None);
    assert_eq!(fault(&nested(65)), Some(ReadFault::TooLarge("the depth of elements")));
    assert_eq!(fault(&"<a>".repeat(1_000_000)), Some(ReadFault::TooLarge("the depth of elements")));
    let attributes = |count: usize| {
        let mut document = "<a".to_owned();
        for index in 0..count {
            let _ = write!(document, " b{index}=''");
        }
        document + "/>"
    };
    assert_eq!(fault(&attributes(128)), None);
    assert_eq!(fault(&attributes(129)), Some(ReadFault::TooLarge("the number of attributes")));
    assert_eq!(fault(&format!("<{}/>", "a".repeat(256))), None);
    assert_eq!(fault(&format!("<{}/>", "a".repeat(257))), Some(ReadFault::TooLarge("a name")));
    assert_eq!(fault(&format!("<a>{}</a>", "x".repeat(1 << 20))), None);
    assert_eq!(fault(&format!("<a>{}</a>", "x".repeat((1 << 20) + 1))), Some(ReadFault::TooLarge("a text")));
    // Pieces of one text count together.
    let half = "x".repeat(1 << 19);
    assert_eq!(fault(&format!("<a>{half}&amp;<![CDATA[{half}]]></a>")), Some(ReadFault::TooLarge("a text")));
    assert_eq!(fault(&format!("<a b='{}'/>", "x".repeat((1 << 20) + 1))), Some(ReadFault::TooLarge("an attribute")));
    assert_eq!(
        fault(&format!("<a>{}</a>", "<b/>".repeat(1_000_000))),
        Some(ReadFault::TooLarge("the number of elements"))
    );
    assert_eq!(fault(&format!("<a><!--{}--></a>", "x".repeat(8 << 20))), Some(ReadFault::TooLarge("the document")));
    let mut deep = String::new();
    for index in 0..3 {
        deep.push_str("<a");
        for prefix in 0..100 {
            let _ = write!(deep, " xmlns:p{index}x{prefix}='u'");
        }
        deep.push('>');
    }
    assert_eq!(fault(&deep), Some(ReadFault::TooLarge("the number of namespace declarations")));
}

#[test]
fn faults_are_located() {
    let at = |document: &str| read(document.as_bytes(), &Arc::new(Names::new())).unwrap_err().to_string();
    assert_eq!(at("<a>\n  é<b c='<'/>\n</a>"), "line 2, column 4: `<` in an attribute");
    assert_eq!(at("<a>\n\u{1}</a>"), "line 2, column 1: a character that XML does not take");
    assert!(at("<a>\n <b>\n</a>").starts_with("line 3, column "), "{}", at("<a>\n <b>\n</a>"));
    assert!(at("<a>\n\n").starts_with("line 3, column 1: "), "{}", at("<a>\n\n"));
}

#[test]
fn line_ends_and_attribute_space_are_normalized() {
    let tree = read(b"<a b=' x\r\n\ty&#10;'>1\r\n2\r3<![CDATA[\r\n]]>&#13;</a>", &Arc::new(Names::new())).unwrap();
    assert_eq!(tree.find("@b").next().unwrap(), " x  y\n");
    assert_eq!(tree.root().unwrap().text(), "1\n2\n3\n\r");
}

#[test]
fn names_in_the_sif_namespace_lose_their_prefix() {
    let prefixed =
        format!("<s:A xmlns:s=\"http://www.sifinfo.org/infrastructure/2.x\" {XSI}><s:B xsi:nil=\"1\"/></s:A>");
    let names = Arc::new(Names::new());
    let tree = read(prefixed.as_bytes(), &names).unwrap();
    assert_eq!(tree.root().unwrap().name(), "A");
    assert!(tree.root().unwrap().children().next().unwrap().is_nil());
    // Another prefix for the namespace of `xsi:nil`.
    let other = format!("<A {SIF} xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\" true \"/>");
    assert_eq!(again(&other), "<A xsi:nil=\"true\"/>");
}

#[test]
fn other_namespaces_survive_being_written() {
    let document = format!("<A {SIF}><B xmlns=\"\"><C/></B><p:D xmlns:p=\"urn:x\" p:e=\"\"><F/></p:D><G/></A>");
    let written = "<A><B xmlns=\"\"><C/></B><p:D xmlns:p=\"urn:x\" p:e=\"\"><F/></p:D><G/></A>";
    assert_eq!(again(&document), written);
    // What has no namespace at all is not taken for a SIF name.
    let tree = read(b"<A/>", &Arc::new(Names::new())).unwrap();
    assert!(tree.root().unwrap().is_foreign());
    let back = format!("<p:A xmlns:p=\"urn:x\" xmlns=\"urn:y\"><B><s:C xmlns:s=\"{NAMESPACE}\"/></B></p:A>");
    assert_eq!(
        again(&back),
        format!(
            "<p:A xmlns:p=\"urn:x\"><B xmlns=\"urn:y\"><C xmlns=\"{NAMESPACE}\" xmlns:s=\"{NAMESPACE}\"/></B></p:A>"
        )
    );
}
