//! Names, and the fields, relations and facts of rows.

use graph::EntityId;
use problem::{Problem, code};
use rhai::{Expr as Tree, Position};

use super::calls::is_library_function;
use super::{Compiler, Result, Stop};
use crate::parameters::Parameter;
use crate::plan::{Expr, Op, ZoneField};
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    /// A name by itself: a bound row or value, a member of a bound row, or the date.
    pub(super) fn name(&mut self, name: &str, position: Position) -> Result<Expr> {
        let at = self.at(position);
        if let Some((local, ty)) = self.scope.find(name) {
            let ty = if self.known.is_present(name) { ty.present() } else { ty };
            return Ok(Self::make(Op::Local(local), ty, at));
        }
        if self.script.is_some() {
            return self.unknown_in_script(name, position);
        }
        if name == "as_of" {
            return Ok(Self::make(Op::AsOf, Type::of(Kind::Date), at));
        }
        let rows: Vec<(u16, EntityId)> = self.scope.rows().map(|(local, entity, _)| (local, entity)).collect();
        for (local, entity) in rows {
            if self.has_member(entity, name) {
                let row = Self::make(Op::Local(local), Type::of(Kind::Row(entity)), at);
                let mut expr = self.member(row, name, position)?;
                if self.known.is_present(name) {
                    expr.ty = expr.ty.present();
                }
                return Ok(expr);
            }
        }
        let mut names: Vec<&str> = self.scope.names().collect();
        names.push("as_of");
        names.push("zone");
        for (_, entity, _) in self.scope.rows() {
            names.extend(self.member_names(entity));
        }
        names.extend(self.context.parameters.iter().map(|parameter| parameter.group.as_str()));
        let place = self.place(position, name.chars().count());
        let problem = Problem::new(code::UNKNOWN_NAME, format!("nothing is called `{name}` here"))
            .at(place)
            .help("name a row in scope, a field, relation or fact of it, a file of parameters, `zone` or `as_of`")
            .did_you_mean(name, names);
        self.problems.push(problem);
        Err(Stop::Wrong)
    }

    /// A script sees what its rule or function has as parameters, and its own variables.
    fn unknown_in_script(&mut self, name: &str, position: Position) -> Result<Expr> {
        let Some(script) = &self.script else { return Err(Stop::Script) };
        if script.has_group(name) {
            return Err(Stop::Script);
        }
        let place = self.place(position, name.chars().count());
        let problem = Problem::new(code::UNKNOWN_NAME, format!("nothing is called `{name}` here")).at(place);
        let elsewhere = name == "as_of"
            || self.context.is_group(name)
            || self.scope.rows().any(|(_, entity, _)| self.has_member(entity, name));
        let problem = if elsewhere {
            problem.help(format!(
                "add `{name}` to the parameters of `value`: a rule with a loop or an array sees nothing else"
            ))
        } else {
            problem.did_you_mean(name, self.scope.names())
        };
        self.problems.push(problem);
        Err(Stop::Wrong)
    }

    /// `zone.x` and `<parameters>.x`.
    pub(super) fn namespace(&mut self, name: &str, position: Position, right: &Tree) -> Result<Option<Expr>> {
        if !self.context.is_group(name) {
            return Ok(None);
        }
        if self.script.as_ref().is_some_and(|script| !script.has_group(name)) {
            return self.unknown_in_script(name, position).map(Some);
        }
        let Tree::Property(property, member_position) = right else {
            return Err(Stop::Script);
        };
        let member = property.2.as_str();
        let at = self.at(position);
        if name == "zone" {
            if let Some((_, field, ty)) = ZoneField::ALL.iter().find(|(known, ..)| *known == member) {
                return Ok(Some(Self::make(Op::Zone(*field), *ty, at)));
            }
            let place = self.place(*member_position, 0);
            self.problems.push(
                Problem::new(code::UNKNOWN_NAME, format!("the zone has no option `{member}`"))
                    .at(place)
                    .did_you_mean(member, ZoneField::ALL.iter().map(|(known, ..)| *known)),
            );
            return Err(Stop::Wrong);
        }
        let found =
            self.context.parameters.iter().position(|parameter| parameter.group == name && parameter.name == member);
        match found {
            Some(found) => Ok(Some(Self::make(Op::Parameter(found), self.context.parameters[found].ty, at))),
            None if self.context.broken.has_parameter(name, member) => Err(Stop::Wrong),
            None => {
                let place = self.place(*member_position, 0);
                let names =
                    self.context.parameters.iter().filter(|parameter| parameter.group == name).map(|p| p.name.as_str());
                let names: Vec<&str> = names.collect();
                let near = problem::nearest(member, names.iter().copied());
                let meant = |parameter: &&Parameter| parameter.group == name && Some(&*parameter.name) == near;
                let mut problem = Problem::new(
                    code::UNKNOWN_PARAMETER,
                    format!("rules/parameters/{name}.yaml has no parameter `{member}`"),
                )
                .at(place)
                .did_you_mean(member, names);
                if let Some(meant) = self.context.parameters.iter().find(meant) {
                    problem = problem.and_at(meant.place.clone(), "declared here");
                }
                self.problems.push(problem);
                Err(Stop::Wrong)
            }
        }
    }

    fn has_member(&self, entity: EntityId, name: &str) -> bool {
        let declared = &self.context.schema[entity];
        declared.field(name).is_some()
            || declared.relation(name).is_some()
            || self.context.fact_names.contains_key(&(entity, name.to_owned()))
            || self.context.broken.has_member(entity, name)
    }

    fn member_names(&self, entity: EntityId) -> Vec<&str> {
        let declared = &self.context.schema[entity];
        let fields = declared.fields.iter().map(|field| field.name.as_str());
        let relations = declared.relations.iter().map(|relation| relation.name.as_str());
        let facts = self
            .context
            .fact_names
            .range((entity, String::new())..)
            .take_while(|((of, _), _)| *of == entity)
            .map(|((_, name), _)| name.as_str());
        fields.chain(relations).chain(facts).collect()
    }

    /// A member of a row.
    pub(super) fn member(&mut self, row: Expr, name: &str, position: Position) -> Result<Expr> {
        let at = row.at;
        let entity = match row.ty.kind {
            Kind::Row(entity) => entity,
            Kind::Any => return Err(Stop::Script),
            _ if self.script.is_some() && is_library_function(name) => return Err(Stop::Script),
            _ => {
                let words = self.words(row.ty);
                return self.wrong(code::UNKNOWN_FIELD, position, format!("{words} has no members, so no `{name}`"));
            }
        };
        if self.context.broken.has_member(entity, name) {
            return Err(Stop::Wrong);
        }
        let declared = &self.context.schema[entity];
        if let Some(field) = declared.field(name) {
            let ty = Type::of_field(&declared[field].field_type, declared[field].nullable);
            return Ok(Self::make(Op::Field(Box::new(row), entity, field), ty, at));
        }
        if let Some(relation) = declared.relation(name) {
            let linked = &declared[relation];
            let (op, ty) = if linked.many {
                (Op::Many(Box::new(row), entity, relation), Type::of(Kind::Rows(linked.target)))
            } else {
                let ty = Type { kind: Kind::Row(linked.target), optional: linked.optional };
                (Op::One(Box::new(row), entity, relation), ty)
            };
            return Ok(Self::make(op, ty, at));
        }
        if let Some(fact) = self.context.fact_names.get(&(entity, name.to_owned())) {
            let signature = &self.context.facts[*fact];
            if !signature.given.is_empty() {
                let names: Vec<&str> = signature.given.iter().map(|(name, _)| name.as_str()).collect();
                let message = format!("`{name}` needs {}: write `{name}({})`", names.join(" and "), names.join(", "));
                return self.wrong(code::WRONG_TYPE, position, message);
            }
            return Ok(Self::make(Op::Fact(Box::new(row), *fact, Vec::new()), signature.ty, at));
        }
        let place = self.place(position, name.chars().count());
        let declared_at = declared.place.clone();
        let problem =
            Problem::new(code::UNKNOWN_FIELD, format!("`{}` has no field, relation or fact `{name}`", declared.name))
                .at(place)
                .and_at(declared_at, "declared here")
                .did_you_mean(name, self.member_names(entity));
        self.problems.push(problem);
        Err(Stop::Wrong)
    }
}
