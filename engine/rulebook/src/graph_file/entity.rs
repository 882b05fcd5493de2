//! One entity of `graph.yaml`: its source, fields and relations.

use std::collections::{BTreeMap, HashMap};

use graph::{Entity, EntityId, Field, FieldId, FieldType, Order, Period, Relation, RelationId, Scope, Source};
use problem::{Problem, code};

use super::{Load, TYPE_WORDS, check_name, field_type, like, relation_of, unknown_entity};
use crate::yaml::{Key, Kind, Node, Reader};

/// Reads what an entity says of itself; relations and load paths are linked once every entity is known.
pub fn read<'n>(
    key: &Key,
    node: &'n Node,
    names: &HashMap<&str, EntityId>,
    problems: &mut Vec<Problem>,
) -> (Entity, Load<'n>) {
    check_name(key, "an entity", problems);
    let mut reader = Reader::new(node, "an entity", problems);
    let doc = reader.text("doc", problems).map(|doc| doc.text.trim().to_owned()).unwrap_or_default();
    let like = reader.text("like", problems);
    let shares = reader.entry("shares");
    if like.is_some() || shares.is_some() {
        like::check_keys(like, shares.map(|(key, _)| key), node, problems);
    }
    let shares = shares.map(|(_, node)| node.texts("facts and relations", problems)).unwrap_or_default();
    let has_table = reader.get("table").is_some();
    let table = reader.text("table", problems);
    let group_of = reader.entry("group_of");
    let by = reader.get("by");
    let path = |reader: &mut Reader<'n>, key: &'static str, problems: &mut Vec<Problem>| {
        reader.get(key).and_then(|node| node.scalar("a relation", problems).map(|scalar| (node, scalar.text.clone())))
    };
    let root = path(&mut reader, "root", problems);
    let reached = path(&mut reader, "reached", problems);
    let period = reader.get("period");
    let needed = |reader: &mut Reader<'n>, key: &'static str, problems: &mut Vec<Problem>| match like {
        Some(_) => reader.get(key),
        None => reader.need(key, problems),
    };
    let key_name =
        needed(&mut reader, "key", problems).and_then(|node| node.scalar("a field", problems).map(|s| (node, s)));
    let fields_node = needed(&mut reader, "fields", problems);
    reader.get("relations");
    reader.get("facts");
    let whole = reader.finish(problems);

    let (fields, untyped) = fields_node.map(|node| read_fields(node, group_of.is_some(), problems)).unwrap_or_default();
    let find = |name: &str, node: &Node, problems: &mut Vec<Problem>| {
        let found = fields.iter().position(|field: &Field| field.name == name);
        if found.is_none() {
            problems.push(
                Problem::new(code::UNKNOWN_FIELD, format!("`{}` has no field `{name}`", key.text))
                    .at(node.place.clone())
                    .did_you_mean(name, fields.iter().map(|field| field.name.as_str())),
            );
        }
        found.and_then(|at| u16::try_from(at).ok()).map(FieldId)
    };
    let key_field = key_name.and_then(|(node, scalar)| {
        let found = find(&scalar.text, node, problems)?;
        if fields[usize::from(found.0)].field_type != FieldType::Int && !untyped.contains(&found) {
            problems.push(
                Problem::new(code::UNKNOWN_TYPE, "a key is a whole number (int)")
                    .at(node.place.clone())
                    .help("name a field of type int, or declare this one so"),
            );
        }
        Some(found)
    });
    let source = match (table, group_of) {
        (Some(table), None) => Source::Table(table.text.clone()),
        (table, Some((group, of))) => {
            if table.is_some() {
                problems.push(
                    Problem::new(code::CONTRADICTING_KEYS, "an entity has either a `table` or a `group_of`")
                        .at(group.place.clone())
                        .help("take one of them out"),
                );
            }
            let name = of.scalar("an entity", problems).map(|scalar| scalar.text.as_str()).unwrap_or_default();
            let of_id = names.get(name).copied();
            if of_id.is_none() {
                problems.push(unknown_entity(name, of, names));
            }
            // The fields of the grouped entity are looked up when every entity is known.
            let by = by.map(|node| node.texts("fields", problems)).unwrap_or_default();
            let by = by
                .iter()
                .filter(|_| of_id.is_some())
                .filter_map(|scalar| fields.iter().position(|field| field.name == scalar.text));
            Source::Group {
                of: of_id.unwrap_or(EntityId(0)),
                by: by.filter_map(|at| u16::try_from(at).ok()).map(FieldId).collect(),
            }
        }
        // It was reported as no text.
        (None, None) if has_table || like.is_some() => Source::Table(String::new()),
        (None, None) => {
            problems.push(
                Problem::new(code::MISSING_KEY, format!("`{}` needs a `table` or a `group_of`", key.text))
                    .at(key.place.clone()),
            );
            Source::Table(String::new())
        }
    };
    let period = period.and_then(|node| {
        let mut reader = Reader::new(node, "a period", problems);
        let mut field = |name: &'static str, problems: &mut Vec<Problem>| {
            let node = reader.need(name, problems)?;
            let scalar = node.scalar("a field", problems)?;
            find(&scalar.text, node, problems)
        };
        let (start, end) = (field("start", problems), field("end", problems));
        let open = reader.need("absent_start", problems).and_then(|node| {
            let word = node.scalar("active or inactive", problems)?;
            match word.text.as_str() {
                "active" => Some(true),
                "inactive" => Some(false),
                other => {
                    problems.push(
                        Problem::new(code::WRONG_KIND, format!("`{other}` is neither active nor inactive"))
                            .at(node.place.clone())
                            .did_you_mean(other, ["active", "inactive"]),
                    );
                    None
                }
            }
        });
        reader.finish(problems);
        Some(Period { start: start?, end: end?, open_start: open? })
    });
    let entity = Entity {
        name: key.text.clone(),
        doc,
        source,
        like: None,
        // It follows from the path by which the rows are found, once that is linked.
        scope: Scope::Organisation,
        key: key_field.unwrap_or(FieldId(0)),
        fields,
        relations: Vec::new(),
        period,
        reached: None,
        place: key.place.clone(),
    };
    (entity, Load { root, reached, like, shares, untyped, whole })
}

/// The fields, and those of them whose type could not be read.
fn read_fields(node: &Node, group: bool, problems: &mut Vec<Problem>) -> (Vec<Field>, Vec<FieldId>) {
    let mut fields = Vec::new();
    let mut untyped = Vec::new();
    for (key, node) in node.map("fields by name", problems).unwrap_or_default() {
        check_name(key, "a field", problems);
        let mut reader = Reader::new(node, "a field", problems);
        let type_node = reader.need("type", problems);
        let column = if group { None } else { reader.need("column", problems) };
        let doc = reader.text("doc", problems).map(|doc| doc.text.trim().to_owned()).unwrap_or_default();
        let default = reader.text("default", problems).map(|text| text.text.clone());
        let unique = reader.flag("unique", problems);
        let sensitive = reader.flag("sensitive", problems);
        reader.finish(problems);
        let read = type_node.and_then(|node| {
            let scalar = node.scalar("a type", problems)?;
            let read = field_type(&scalar.text);
            if read.is_none() {
                problems.push(
                    Problem::new(code::UNKNOWN_TYPE, format!("`{}` is no type of a field", scalar.text))
                        .at(node.place.clone())
                        .did_you_mean(scalar.text.trim_end_matches('?'), TYPE_WORDS),
                );
            }
            read
        });
        if read.is_none() {
            untyped.extend(u16::try_from(fields.len()).ok().map(FieldId));
        }
        let (field_type, nullable) = read.unwrap_or((FieldType::Text, true));
        let column = column.and_then(|node| node.scalar("a column", problems)).map(|scalar| scalar.text.clone());
        fields.push(Field {
            name: key.text.clone(),
            doc,
            field_type,
            nullable,
            column: column.unwrap_or_else(|| key.text.clone()),
            unique,
            sensitive,
            default,
            place: key.place.clone(),
        });
    }
    (fields, untyped)
}

/// Reads the relations of every entity.
pub fn link(
    declared: &[(Key, Node)],
    names: &HashMap<&str, EntityId>,
    loads: &[Load<'_>],
    entities: &mut [Entity],
    problems: &mut Vec<Problem>,
) {
    fix_groups(declared, entities, problems);
    for (at, (_, node)) in declared.iter().enumerate() {
        let Kind::Map(keys) = &node.kind else { continue };
        let Some((_, node)) = keys.iter().find(|(key, _)| key.text == "relations") else { continue };
        let mut relations = Vec::new();
        for (key, node) in node.map("relations by name", problems).unwrap_or_default() {
            check_name(key, "a relation", problems);
            if let Some(relation) = read_relation(key, node, names, loads, entities, at, problems) {
                relations.push(relation);
            }
        }
        entities[at].relations = relations;
    }
    for entity in entities.iter() {
        let mut seen: BTreeMap<&str, &problem::Place> = BTreeMap::new();
        let fields = entity.fields.iter().map(|field| (field.name.as_str(), &field.place));
        let relations = entity.relations.iter().map(|relation| (relation.name.as_str(), &relation.place));
        for (name, place) in fields.chain(relations) {
            if let Some(first) = seen.insert(name, place) {
                problems.push(
                    Problem::new(code::NAME_TWICE, format!("`{}` has two things called `{name}`", entity.name))
                        .at(place.clone())
                        .and_at(first.clone(), "the other one")
                        .help("give one of them another name"),
                );
            }
        }
    }
}

/// `by` of a group was read against the group's own fields; it must name fields of the grouped entity.
fn fix_groups(declared: &[(Key, Node)], entities: &mut [Entity], problems: &mut Vec<Problem>) {
    for at in 0..entities.len() {
        let Source::Group { of, by } = entities[at].source.clone() else { continue };
        let grouped = &entities[usize::from(of.0)];
        let mut fields = Vec::new();
        for own in by {
            let name = &entities[at].fields[usize::from(own.0)].name;
            match grouped.field(name) {
                Some(field) => fields.push(field),
                None => problems.push(
                    Problem::new(code::UNKNOWN_FIELD, format!("`{}` has no field `{name}`", grouped.name))
                        .at(declared[at].0.place.clone())
                        .did_you_mean(name, grouped.fields.iter().map(|field| field.name.as_str())),
                ),
            }
        }
        entities[at].source = Source::Group { of, by: fields };
    }
}

fn read_relation(
    key: &Key,
    node: &Node,
    names: &HashMap<&str, EntityId>,
    loads: &[Load<'_>],
    entities: &[Entity],
    own: usize,
    problems: &mut Vec<Problem>,
) -> Option<Relation> {
    let mut reader = Reader::new(node, "a relation", problems);
    let (one, many) = (reader.entry("one"), reader.entry("many"));
    let by = reader.need("by", problems);
    let order = reader.get("order");
    let doc = reader.text("doc", problems).map(|doc| doc.text.clone()).unwrap_or_default();
    reader.finish(problems);
    let (to_many, (_, target_node)) = match (one, many) {
        (Some(one), None) => (false, one),
        (None, Some(many)) => (true, many),
        _ => {
            problems.push(
                Problem::new(code::BAD_RELATION, "a relation leads to `one` entity or to `many`")
                    .at(key.place.clone())
                    .help("keep one of `one` and `many`"),
            );
            return None;
        }
    };
    let word = target_node.scalar("an entity", problems)?;
    let (name, optional) = word.text.strip_suffix('?').map_or((word.text.as_str(), false), |name| (name, true));
    let Some(target) = names.get(name).copied() else {
        problems.push(unknown_entity(name, target_node, names));
        return None;
    };
    let (from, to) = (&entities[own], &entities[usize::from(target.0)]);
    let find = |entity: &Entity, name: &str, place: &problem::Place, problems: &mut Vec<Problem>| {
        let found = entity.field(name);
        if found.is_none() {
            problems.push(
                Problem::new(code::UNKNOWN_FIELD, format!("`{}` has no field `{name}`", entity.name))
                    .at(place.clone())
                    .and_at(entity.place.clone(), "declared here")
                    .did_you_mean(name, entity.fields.iter().map(|field| field.name.as_str())),
            );
        }
        found
    };
    let by_node = by?;
    let mut pairs = Vec::new();
    match &by_node.kind {
        Kind::Scalar(scalar) => {
            // A name that neither has is one mistake.
            let own = find(from, &scalar.text, &by_node.place, problems)?;
            let theirs = find(to, &scalar.text, &by_node.place, problems)?;
            pairs.push((own, theirs));
        }
        Kind::Map(entries) => {
            for (own, theirs) in entries {
                let name = theirs.scalar("a field of the target", problems)?;
                let own = find(from, &own.text, &own.place, problems);
                let theirs = find(to, &name.text, &theirs.place, problems);
                pairs.push((own?, theirs?));
            }
        }
        _ => {
            by_node.scalar("a field, or own fields with the target's", problems);
            return None;
        }
    }
    let untyped = |entity: usize, field: &FieldId| loads[entity].untyped.contains(field);
    let typed = pairs.iter().filter(|(a, b)| !untyped(own, a) && !untyped(usize::from(target.0), b));
    for (own, theirs) in typed {
        let (own, theirs) = (&from[*own], &to[*theirs]);
        let same = own.field_type == theirs.field_type || (own.field_type.is_text() && theirs.field_type.is_text());
        if !same {
            problems.push(
                Problem::new(
                    code::BAD_RELATION,
                    format!(
                        "`{}.{}` is {} and `{}.{}` is {}; they can never be equal",
                        from.name,
                        own.name,
                        own.field_type.word(),
                        to.name,
                        theirs.name,
                        theirs.field_type.word()
                    ),
                )
                .at(by_node.place.clone())
                .and_at(theirs.place.clone(), "declared here")
                .help("join fields of one type"),
            );
        }
    }
    let mut orders = Vec::new();
    for item in order.map(|node| node.texts("fields of the target", problems)).unwrap_or_default() {
        let (name, descending) =
            item.text.strip_suffix(" desc").map_or((item.text.as_str(), false), |name| (name, true));
        if let Some(field) = find(to, name, &item.start, problems) {
            orders.push(Order { field, descending });
        }
    }
    Some(Relation {
        name: key.text.clone(),
        doc,
        target,
        many: to_many,
        optional,
        by: pairs,
        order: orders,
        place: key.place.clone(),
    })
}

/// The root entity and the relation that makes a row of it a student.
pub fn root(
    entities: &[Entity],
    loads: &[Load<'_>],
    declared: &[(Key, Node)],
    problems: &mut Vec<Problem>,
) -> Option<(EntityId, Option<RelationId>)> {
    let mut roots = loads.iter().enumerate().filter_map(|(at, load)| load.root.as_ref().map(|root| (at, root)));
    let Some((at, (node, name))) = roots.next() else {
        let place = declared.first().map(|(key, _)| key.place.clone());
        let problem = Problem::new(code::NO_SUCH_TABLE, "no entity is the `root`")
            .help("write `root: <relation>` at the student, with the relation that makes a person one");
        problems.push(place.map_or(problem.clone(), |place| problem.at(place)));
        return None;
    };
    if let Some((_, (second, _))) = roots.next() {
        problems.push(
            Problem::new(code::NO_SUCH_TABLE, "two entities are the `root`")
                .at(second.place.clone())
                .and_at(node.place.clone(), "the other one")
                .help("keep it at the student, and say `reached:` at the other"),
        );
    }
    let relation = relation_of(&entities[at], name, node, problems);
    Some((EntityId(u16::try_from(at).ok()?), relation))
}

/// Links `reached: entity.relation`.
pub fn reach(entities: &mut [Entity], loads: &[Load<'_>], problems: &mut Vec<Problem>) {
    for at in 0..entities.len() {
        let Some((node, path)) = &loads[at].reached else { continue };
        let (from, name) = path.split_once('.').unwrap_or((path, ""));
        let Some(from_at) = entities.iter().position(|entity| entity.name == from) else {
            problems.push(
                Problem::new(code::UNKNOWN_ENTITY, format!("no entity is called `{from}`"))
                    .at(node.place.clone())
                    .did_you_mean(from, entities.iter().map(|entity| entity.name.as_str())),
            );
            continue;
        };
        let Some(relation) = relation_of(&entities[from_at], name, node, problems) else { continue };
        let linked = &entities[from_at][relation];
        let ints = linked.by.len() == 1
            && (entities[from_at][linked.by[0].0].field_type == FieldType::Int
                || loads[from_at].untyped.contains(&linked.by[0].0));
        if usize::from(linked.target.0) != at || !ints {
            problems.push(
                Problem::new(
                    code::NOT_REACHED,
                    format!("`{path}` does not lead to `{}` by one whole number", entities[at].name),
                )
                .at(node.place.clone())
                .help(format!("name a relation whose target is `{}`", entities[at].name)),
            );
            continue;
        }
        if let Ok(from_at) = u16::try_from(from_at) {
            entities[at].reached = Some((EntityId(from_at), relation));
        }
    }
}
