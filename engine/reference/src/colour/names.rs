//! Follows the names of an expression, so that each links to what it names: `student.el_record?.exit_date`.

use std::collections::HashMap;

use graph::EntityId;
use rulebook::functions::FUNCTIONS;
use rulebook::types::Kind;

use super::{Colour, word};
use crate::html::Html;
use crate::site::Site;

/// What stands before the next point.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chain {
    Nothing,
    Row(EntityId),
    Group(String),
}

/// The state of following.
pub struct Names<'s, 'm> {
    colour: Colour<'s, 'm>,
    chain: Chain,
    /// Whether the last sign was a point.
    after_point: bool,
    /// The chains before each open bracket.
    open: Vec<Chain>,
    /// The name that a `let` gives, until its value ends.
    binding: Option<String>,
    after_let: bool,
    locals: HashMap<String, EntityId>,
}

impl<'s, 'm> Names<'s, 'm> {
    pub fn new(colour: Colour<'s, 'm>) -> Self {
        Self {
            colour,
            chain: Chain::Nothing,
            after_point: false,
            open: Vec::new(),
            binding: None,
            after_let: false,
            locals: HashMap::new(),
        }
    }

    /// Something that is no name.
    pub fn other(&mut self) {
        self.chain = Chain::Nothing;
        self.after_point = false;
    }

    pub fn keyword(&mut self, text: &str) {
        self.other();
        self.after_let = matches!(text, "let" | "const");
    }

    pub fn sign(&mut self, sign: &str) {
        match sign {
            "." | "?." => self.after_point = true,
            "(" => {
                self.open.push(std::mem::replace(&mut self.chain, Chain::Nothing));
                self.after_point = false;
            }
            ")" => {
                self.chain = self.open.pop().unwrap_or(Chain::Nothing);
                self.after_point = false;
            }
            ";" => {
                if let (Some(name), Chain::Row(entity)) = (self.binding.take(), &self.chain) {
                    self.locals.insert(name, *entity);
                }
                self.other();
            }
            blank if blank.trim().is_empty() => {}
            _ => self.other(),
        }
    }

    /// Writes a name, as a link where it names something of the site.
    pub fn write(&mut self, html: &mut Html, name: &str, called: bool) {
        if std::mem::take(&mut self.after_let) {
            self.binding = Some(name.to_owned());
            html.text(name);
            return;
        }
        let after_point = std::mem::take(&mut self.after_point);
        let before = std::mem::replace(&mut self.chain, Chain::Nothing);
        let url = match (after_point, before) {
            (true, Chain::Row(entity)) => self.member(entity, name),
            (true, Chain::Group(group)) => {
                let site = self.colour.site;
                let found = site.plan.parameters.iter().position(|known| known.group == group && known.name == name);
                found.map(|at| site.parameter_url(at))
            }
            (true, Chain::Nothing) => None,
            (false, _) if called => function(self.colour.site, name),
            (false, _) => {
                self.start(name);
                None
            }
        };
        match url {
            Some(url) => {
                let url = format!("{}{url}", self.colour.root);
                html.tagged("a", &[("href", &url), ("class", if called { "f" } else { "l" })], name);
            }
            None if called => word(html, "f", name),
            None => {
                html.text(name);
            }
        }
    }

    fn start(&mut self, name: &str) {
        let plan = self.colour.site.plan;
        if let Some(entity) = self.locals.get(name).copied().or_else(|| plan.schema.entity(name)) {
            self.chain = Chain::Row(entity);
        } else if plan.parameters.iter().any(|parameter| parameter.group == name) {
            self.chain = Chain::Group(name.to_owned());
        }
    }

    fn member(&mut self, entity: EntityId, name: &str) -> Option<String> {
        let site = self.colour.site;
        let declared = &site.plan.schema[entity];
        if let Some(field) = declared.field(name) {
            return Some(site.field_url(entity, field));
        }
        if let Some(relation) = declared.relation(name) {
            self.chain = Chain::Row(declared[relation].target);
            return Some(site.relation_url(entity, relation));
        }
        let fact = *site.plan.fact_names.get(&(entity, name.to_owned()))?;
        if let Kind::Row(target) | Kind::Rows(target) = site.plan.facts[fact].ty.kind {
            self.chain = Chain::Row(target);
        }
        Some(site.fact_url(fact))
    }
}

/// Where a function is described.
fn function(site: &Site<'_>, name: &str) -> Option<String> {
    if FUNCTIONS.iter().any(|function| function.name == name) {
        return Some(format!("functions.html#function-{name}"));
    }
    let declares = |text: &str| text.contains(&format!("fn {name}("));
    let (file, _) = site.plan.shared.iter().find(|(_, text)| declares(text))?;
    Some(Site::shared_url(file))
}
