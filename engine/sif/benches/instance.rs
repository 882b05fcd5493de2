//! What one typical StudentPersonal costs: to build, to check, to write.
//!
//! Instructions instead of times, of a hundred rounds of `build`, `values`, `check`, `structure` (a check of values
//! that are known to be right) or `write`:
//!
//! ```text
//! SIFTER_BENCH_ONCE=write valgrind --tool=callgrind --toggle-collect='*measured_rounds*' target/release/deps/instance-*
//! ```
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use sif::schema::{ElementSchema, ObjectSchema, SimpleType, ValueText, schema};
use sif::tree::{Names, Tree, check};
use sif::xml::write::write_tree;

/// Everything that a student has, but for metadata and extensions.
fn build(tree: &mut Tree, schema: &ElementSchema, value: &impl Fn(&ElementSchema) -> &'static str) {
    tree.open(schema.name_id());
    for attribute in schema.attributes().iter().filter(|attribute| attribute.required) {
        tree.attribute(attribute.name_id(), value(attribute));
    }
    tree.text(value(schema));
    for child in schema.elements().iter().filter(|child| !child.name.starts_with("SIF_")) {
        build(tree, child, value);
    }
    tree.close();
}

fn value(schema: &ElementSchema) -> &'static str {
    if let Some(code) = schema.code_set().and_then(|set| set.codes().last()) {
        return code;
    }
    if schema.facets.guid {
        return "0123456789ABCDEF0123456789ABCDEF";
    }
    match schema.value {
        Some(SimpleType::Date | SimpleType::PartialDate) => "2011-01-31",
        Some(SimpleType::Year) => "2026",
        Some(SimpleType::Text | SimpleType::Normalized | SimpleType::Token) => "Ordinary text",
        Some(SimpleType::AnyUri) => "http://example.org/",
        Some(SimpleType::Time) => "13:05:00",
        Some(SimpleType::DateTime) => "2026-01-31T13:05:00Z",
        Some(SimpleType::Decimal | SimpleType::UnsignedInt | SimpleType::Boolean) => "1",
        None => "",
    }
}

/// The same with values that were checked before.
fn build_checked(tree: &mut Tree, schema: &ElementSchema) {
    let checked = |schema: &ElementSchema| {
        let mut text = ValueText::from(value(schema).to_owned());
        let _ = text.check(schema);
        text
    };
    tree.open(schema.name_id());
    for attribute in schema.attributes().iter().filter(|attribute| attribute.required) {
        tree.checked_attribute(attribute.name_id(), &checked(attribute));
    }
    tree.checked_text(&checked(schema));
    for child in schema.elements().iter().filter(|child| !child.name.starts_with("SIF_")) {
        build_checked(tree, child);
    }
    tree.close();
}

/// The values of an instance, each with what it is checked by.
fn values<'s>(schema: &'s ElementSchema, all: &mut Vec<(&'s ElementSchema, &'static str)>) {
    all.extend(schema.value.map(|_| (schema, value(schema))));
    for child in schema.children.iter().filter(|child| !child.name.starts_with("SIF_")) {
        values(child, all);
    }
}

/// Its name is what callgrind counts the instructions of.
#[inline(never)]
fn measured_rounds(round: &mut dyn FnMut()) {
    for _ in 0..100 {
        round();
    }
}

/// One thing, without criterion around it.
fn once(only: &str, object: &ObjectSchema, tree: &mut Tree) {
    if only == "structure" {
        tree.clear();
        build_checked(tree, &object.root);
    }
    let mut all = Vec::new();
    values(&object.root, &mut all);
    let mut out = Vec::new();
    let mut round: Box<dyn FnMut() + '_> = match only {
        "build" => Box::new(|| {
            tree.clear();
            build(tree, &object.root, &value);
        }),
        "values" => Box::new(|| {
            for (schema, value) in &all {
                let _ = black_box(schema.check_value(black_box(value)));
            }
        }),
        "check" | "structure" => Box::new(|| drop(black_box(check(object, tree)))),
        _ => Box::new(|| {
            out.clear();
            black_box(write_tree(tree, &mut out));
        }),
    };
    // The first round makes the room that the others find.
    round();
    measured_rounds(&mut *round);
}

fn instance(criterion: &mut Criterion) {
    let Some(object) = schema().object("StudentPersonal") else {
        return;
    };
    let mut tree = Tree::new(Arc::new(Names::new()));
    build(&mut tree, &object.root, &value);
    if let Ok(only) = std::env::var("SIFTER_BENCH_ONCE") {
        return once(&only, object, &mut tree);
    }
    let mut out = Vec::new();
    write_tree(&tree, &mut out);
    println!("{} nodes, {} bytes, {} violations", tree.len(), out.len(), check(object, &tree).len());
    criterion.bench_function("build", |bencher| {
        bencher.iter(|| {
            tree.clear();
            build(&mut tree, &object.root, &value);
        });
    });
    criterion.bench_function("check", |bencher| bencher.iter(|| check(object, black_box(&tree))));
    criterion.bench_function("write", |bencher| {
        bencher.iter(|| {
            out.clear();
            write_tree(black_box(&tree), &mut out)
        });
    });
    let document = format!("<A xmlns=\"{}\">{}</A>", sif::NAMESPACE, String::from_utf8_lossy(&out));
    let names = Arc::clone(tree.names());
    criterion.bench_function("read", |bencher| {
        bencher.iter(|| sif::xml::read::read(black_box(document.as_bytes()), &names))
    });
}

criterion_group!(benches, instance);
criterion_main!(benches);
