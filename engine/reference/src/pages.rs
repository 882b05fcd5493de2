//! The pages, one module for each kind.

mod codes;
mod element;
mod examples;
mod facts;
mod functions;
mod index;
mod object;
mod parameters;
mod people;
mod problems;
mod requirements;
mod sensitive;
mod tables;

use rulebook::plan::Const;

pub use functions::native;
pub use requirements::answer;

use crate::Page;
use crate::site::Site;

/// Every page.
pub fn all(site: &Site<'_>) -> Vec<Page> {
    let mut pages = vec![
        index::page(site),
        requirements::page(site),
        tables::list(site),
        facts::list(site),
        parameters::page(site),
        codes::value_sets(site),
        codes::code_sets(site),
        sensitive::page(site),
        functions::page(site),
        people::page(site),
        problems::page(site),
    ];
    pages.extend((0..site.objects.len()).map(|object| object::page(site, object)));
    pages.extend(site.plan.schema.entities().map(|(entity, _)| tables::page(site, entity)));
    pages
}

/// A constant as people write it.
pub fn shown(value: &Const) -> String {
    match value {
        Const::Absent => "()".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Decimal(value) => value.to_string(),
        Const::Text(value) => format!("“{value}”"),
        Const::Date(value) => value.to_string(),
    }
}
