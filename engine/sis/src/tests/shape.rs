//! The shape of the small district, and graphs as text.

use std::fmt::Write;
use std::sync::Arc;

use graph::{
    Entity, EntityId, Field, FieldId, FieldType, Graph, Order, ReadSet, Relation, RelationId, Schema, Scope, Source,
};
use problem::Place;

fn place() -> Place {
    Place::new("graph.yaml", 1, 1, 0)
}

/// `name:type`, with `?` when nullable, `!` when unique, `=value` for a default.
fn field(text: &str) -> Field {
    let (name, kind) = text.split_once(':').unwrap();
    let (kind, default) = kind.split_once('=').map_or((kind, None), |(kind, value)| (kind, Some(value.to_owned())));
    let field_type = match kind.trim_end_matches(['?', '!']) {
        "text" => FieldType::Text,
        "int" => FieldType::Int,
        "decimal" => FieldType::Decimal,
        "bool" => FieldType::Bool,
        "date" => FieldType::Date,
        "time" => FieldType::Time,
        "datetime" => FieldType::DateTime,
        code => FieldType::Code(code.to_owned()),
    };
    Field {
        name: name.to_owned(),
        doc: String::new(),
        field_type,
        nullable: kind.contains('?'),
        column: name.to_owned(),
        unique: kind.contains('!'),
        sensitive: false,
        default,
        place: place(),
    }
}

type RelationDraft = (&'static str, &'static str, bool, bool, Vec<(&'static str, &'static str)>, &'static str);

struct Draft {
    entity: Entity,
    /// Name, target, many, optional, own field, their field, order.
    relations: Vec<RelationDraft>,
    reached: Option<(&'static str, &'static str)>,
}

fn draft(name: &str, table: &str, scope: Scope, fields: &[&str]) -> Draft {
    Draft {
        entity: Entity {
            name: name.to_owned(),
            doc: String::new(),
            source: Source::Table(table.to_owned()),
            like: None,
            scope,
            key: FieldId(0),
            fields: fields.iter().map(|text| field(text)).collect(),
            relations: Vec::new(),
            period: None,
            reached: None,
            place: place(),
        },
        relations: Vec::new(),
        reached: None,
    }
}

impl Draft {
    fn one(mut self, name: &'static str, target: &'static str, own: &'static str, theirs: &'static str) -> Self {
        self.relations.push((name, target, false, false, vec![(own, theirs)], ""));
        self
    }
    /// To one row or none.
    fn maybe(mut self, name: &'static str, target: &'static str, own: &'static str, theirs: &'static str) -> Self {
        self.relations.push((name, target, false, true, vec![(own, theirs)], ""));
        self
    }
    fn many(mut self, name: &'static str, target: &'static str, by: &'static str, order: &'static str) -> Self {
        self.relations.push((name, target, true, false, vec![(by, by)], order));
        self
    }
    fn reached(mut self, from: &'static str, relation: &'static str) -> Self {
        self.reached = Some((from, relation));
        self
    }
}

/// A student with identities, attendance by day, and a household that brothers and sisters share; a calendar of the organisation, and
/// its incidents with the people who took part, who may be anybody.
pub(super) fn schema() -> Arc<Schema> {
    use Scope::{Organisation, Student};
    let drafts = vec![
        draft(
            "calendar",
            "calendar",
            Organisation,
            &["calendarID:int", "calendarGUID:text!", "name:text", "start:date?"],
        )
        .many("days", "day", "calendarID", "date"),
        draft("day", "day", Organisation, &["dayID:int", "calendarID:int", "date:date", "minutes:decimal?"]).one(
            "calendar",
            "calendar",
            "calendarID",
            "calendarID",
        ),
        draft("student", "person", Student, &["personID:int", "personGUID:text!", "number:text?"])
            .many("enrollments", "enrollment", "personID", "")
            .many("identities", "identity", "personID", "")
            .many("attendance", "attendance", "personID", "date")
            .many("attendance_days", "attendance_day", "personID", "")
            .many("memberships", "member", "personID", "")
            .many("pairs", "pair", "personID", "")
            .maybe("contact", "contact", "personID", "personID"),
        draft("contact", "contact", Student, &["personID:int", "email:text?"]).reached("student", "contact"),
        draft("race", "race", Student, &["raceID:int", "identityID:int", "code:race"]).reached("identity", "races"),
        draft(
            "enrollment",
            "enrollment",
            Student,
            &["enrollmentID:int", "personID:int", "calendarID:int", "noShow:bool=false"],
        )
        .one("calendar", "calendar", "calendarID", "calendarID")
        .one("student", "student", "personID", "personID")
        .reached("student", "enrollments"),
        draft(
            "identity",
            "identity",
            Student,
            &["identityID:int", "personID:int", "lastName:text?", "birthDate:date?"],
        )
        .many("races", "race", "identityID", "code")
        .reached("student", "identities"),
        draft(
            "attendance",
            "attendance",
            Student,
            &[
                "attendanceID:int",
                "personID:int",
                "date:date",
                "status:status?",
                "minutes:decimal?",
                "entered:datetime?",
                "arrived:time?",
            ],
        )
        .reached("student", "attendance"),
        draft("attendance_day", "", Student, &["attendanceID:int", "personID:int", "date:date"])
            .one("student", "student", "personID", "personID"),
        draft("household", "household", Student, &["householdID:int", "name:text?"]).reached("member", "household"),
        draft("member", "member", Student, &["memberID:int", "householdID:int", "personID:int?"])
            .one("household", "household", "householdID", "householdID")
            .reached("student", "memberships"),
        draft("pair", "pair", Student, &["pairID:int", "personID:int", "otherID:int"])
            .one("relative", "relative", "otherID", "personID")
            .reached("student", "pairs"),
        draft("relative", "person", Student, &["personID:int", "personGUID:text!", "number:text?"])
            .reached("pair", "relative"),
        draft("participant_identity", "identity", Organisation, &["identityID:int", "personID:int", "lastName:text?"])
            .reached("participant", "identities"),
        draft("participant", "person", Organisation, &["personID:int", "personGUID:text!"])
            .many("identities", "participant_identity", "personID", "")
            .reached("role", "participant"),
        draft("role", "role", Organisation, &["roleID:int", "incidentID:int", "personID:int?"])
            .maybe("participant", "participant", "personID", "personID")
            .reached("incident", "roles"),
        draft("incident", "incident", Organisation, &["incidentID:int", "calendarID:int"])
            .one("calendar", "calendar", "calendarID", "calendarID")
            .many("roles", "role", "incidentID", ""),
    ];
    let id = |name: &str| {
        EntityId(u16::try_from(drafts.iter().position(|draft| draft.entity.name == name).unwrap()).unwrap())
    };
    let entity = |name: &str| &drafts[usize::from(id(name).0)].entity;
    let mut entities = Vec::new();
    for draft in &drafts {
        let mut made = draft.entity.clone();
        for (name, target, many, optional, by, order) in &draft.relations {
            let order = entity(target).field(order).map(|field| Order { field, descending: false });
            made.relations.push(Relation {
                name: (*name).to_owned(),
                doc: String::new(),
                target: id(target),
                many: *many,
                optional: *optional,
                by: by
                    .iter()
                    .map(|(own, theirs)| (made.field(own).unwrap(), entity(target).field(theirs).unwrap()))
                    .collect(),
                order: order.into_iter().collect(),
                place: place(),
            });
        }
        made.reached = draft.reached.map(|(from, relation)| {
            let at = drafts[usize::from(id(from).0)].relations.iter().position(|(name, ..)| *name == relation).unwrap();
            (id(from), RelationId(u16::try_from(at).unwrap()))
        });
        if made.name == "attendance_day" {
            let of = id("attendance");
            made.source = Source::Group { of, by: vec![FieldId(1), FieldId(2)] };
        }
        entities.push(made);
    }
    Schema::new(entities, id("student"), Some(RelationId(0)))
}

/// Every row, cell and link of a graph.
pub(super) fn dump(graph: &Graph, reads: &ReadSet) -> String {
    let mut text = String::new();
    let schema = graph.schema();
    for (id, entity) in schema.entities() {
        for row in graph.each(id) {
            write!(text, "{} {}:", entity.name, graph.key(row)).unwrap();
            for field in reads.fields_of(id) {
                write!(text, " {:?}", graph.cell(row, field)).unwrap();
            }
            for (at, relation) in (0..).zip(&entity.relations) {
                let one = graph.one(row, RelationId(at)).map(|row| graph.key(row));
                let many: Vec<i64> = graph
                    .many(row, RelationId(at))
                    .iter()
                    .map(|index| graph.key(graph::Row { entity: relation.target, index: *index }))
                    .collect();
                write!(text, " {}={one:?}{many:?}", relation.name).unwrap();
            }
            text.push('\n');
        }
    }
    text
}
