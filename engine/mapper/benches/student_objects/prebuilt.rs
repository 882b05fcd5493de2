//! Only the writing: trees that Sifter has built before anything is measured.

use std::sync::Arc;

use mapper::Mapper;
use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;
use sif::tree::{Content, Element, Tree};

use crate::district::District;
use crate::{OBJECTS, Output};

pub struct Prebuilt {
    /// For each batch the trees of each object.
    batches: Vec<[Vec<Tree>; OBJECTS.len()]>,
}

impl Prebuilt {
    pub fn new(district: &District) -> Self {
        let mut mapper = Mapper::new(district.context());
        let mut build = |graph| {
            let evaluation = mapper.begin(Arc::clone(graph), district.school_year());
            let mut trees = <[Vec<Tree>; OBJECTS.len()]>::default();
            for (object, trees) in district.objects().zip(&mut trees) {
                let keep = &mut |instance: mapper::Instance<'_>| trees.push(instance.tree.clone());
                mapper.map(&evaluation, &[object], &|_, _| true, &mut Vec::new(), keep);
            }
            mapper.end(evaluation);
            trees
        };
        Self { batches: district.batches.iter().map(&mut build).collect() }
    }

    pub fn write(&self, output: &mut Output) {
        for batch in &self.batches {
            for (trees, xml) in batch.iter().zip(&mut *output) {
                for tree in trees {
                    sif::xml::write::write_tree(tree, xml);
                    xml.push(b'\n');
                }
            }
        }
    }

    /// The same with events of quick-xml.
    pub fn write_events(&self, output: &mut Output) {
        let mut writers = output.each_mut().map(|out| Writer::new(std::mem::take(out)));
        for batch in &self.batches {
            for (trees, writer) in batch.iter().zip(&mut writers) {
                for root in trees.iter().filter_map(Tree::root) {
                    write_element(root, writer).expect("memory takes everything");
                    writer.get_mut().push(b'\n');
                }
            }
        }
        *output = writers.map(Writer::into_inner);
    }
}

fn write_element(element: Element<'_>, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
    let name = element.name();
    let mut start = BytesStart::new(name);
    for (name, value) in element.attributes() {
        start.push_attribute(Attribute { key: QName(name), value: partial_escape(value) });
    }
    if element.is_nil() {
        start.push_attribute(("xsi:nil", "true"));
    }
    let mut contents = element.contents().peekable();
    if contents.peek().is_none() {
        return writer.write_event(Event::Empty(start));
    }
    writer.write_event(Event::Start(start))?;
    for content in contents {
        match content {
            Content::Text(text) => writer.write_event(Event::Text(BytesText::from_escaped(partial_escape(text))))?,
            Content::Element(child) => write_element(child, writer)?,
        }
    }
    writer.write_event(Event::End(BytesEnd::new(name)))
}
