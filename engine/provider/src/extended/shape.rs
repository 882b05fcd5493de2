//! What a query looks at, by numbers: its objects, columns, conditions, joins and orders.

use sif::query::{ColumnContent, Comparison, Condition, ExtendedQuery, Group, Join, JoinKind, Path};

/// A query, with everything that it names found once.
pub(super) struct Shape<'q> {
    /// The objects of a row, in the order in which they are joined.
    pub objects: Vec<&'q str>,
    /// The columns, those of `*` one by one.
    pub columns: Vec<OneColumn<'q>>,
    /// All conditions, in the order in which their groups stand.
    pub conditions: Vec<(usize, &'q Condition)>,
    /// The groups that they stand in.
    pub group: Option<&'q Group>,
    /// For each joined object how it is joined.
    pub joins: Vec<JoinShape>,
    /// What the joins compare.
    pub sides: Vec<Side<'q>>,
    /// What rows are ordered by, and whether the greatest comes first.
    pub order: Vec<(Side<'q>, bool)>,
    /// Whether rows that are the same stand once.
    pub distinct: bool,
    /// Conditions without which no row is wanted; an instance of which one does not hold is in none.
    pub required: Vec<(usize, &'q Condition)>,
}

/// A column that is one.
pub(super) struct OneColumn<'q> {
    pub object: usize,
    /// The element or attribute; none is the whole object.
    pub path: Option<Path>,
    pub alias: Option<&'q str>,
}

/// How an object is joined to those before it.
pub(super) struct JoinShape {
    pub kind: JoinKind,
    /// Which object.
    pub object: usize,
    /// What must be equal, by places among the sides: of an object before, and of this one.
    pub on: Vec<(usize, usize)>,
}

/// A path of an object whose values are compared.
pub(super) struct Side<'q> {
    pub object: usize,
    pub path: &'q Path,
    pub comparison: Comparison,
}

impl<'q> Shape<'q> {
    pub(super) fn of(query: &'q ExtendedQuery) -> Self {
        let objects: Vec<&str> = query.objects().collect();
        // Reading the query has made sure that every object that is named is there.
        let place = |name: &str| objects.iter().position(|object| *object == name).unwrap_or(0);
        let mut columns = Vec::new();
        for column in &query.columns {
            let (object, alias) = (place(&column.object), column.alias.as_deref());
            match &column.content {
                ColumnContent::Object => columns.push(OneColumn { object, path: None, alias }),
                ColumnContent::Path(path) => columns.push(OneColumn { object, path: Some(path.clone()), alias }),
                ColumnContent::Parts => {
                    let parts = parts(&column.object).into_iter();
                    columns.extend(parts.map(|path| OneColumn { object, path: Some(path), alias: None }));
                }
            }
        }
        let mut sides = Vec::new();
        let mut joins = Vec::new();
        for join in &query.joins {
            let object = place(&join.object);
            let mut on = Vec::new();
            for pair in &join.on {
                let known = comparison(&pair.known.object, &pair.known.path);
                let joined = comparison(&join.object, &pair.joined);
                // Values of two types are equal as texts or not at all.
                let comparison = if known == joined { known } else { Comparison::Token };
                on.push((sides.len(), sides.len() + 1));
                sides.push(Side { object: place(&pair.known.object), path: &pair.known.path, comparison });
                sides.push(Side { object, path: &pair.joined, comparison });
            }
            joins.push(JoinShape { kind: join.kind, object, on });
        }
        let order = query.order.iter().map(|order| {
            let comparison = comparison(&order.by.object, &order.by.path);
            (Side { object: place(&order.by.object), path: &order.by.path, comparison }, order.descending)
        });
        let group = query.conditions.as_ref();
        let found = |condition: &'q Condition| (place(&condition.object), condition);
        let inner = query.joins.iter().all(|join| join.kind == JoinKind::Inner);
        Self {
            conditions: group.into_iter().flat_map(Group::conditions).map(found).collect(),
            required: group
                .filter(|_| inner)
                .into_iter()
                .flat_map(crate::request::narrow::required)
                .map(found)
                .collect(),
            order: order.collect(),
            distinct: query.distinct,
            objects,
            columns,
            group,
            joins,
            sides,
        }
    }
}

/// Whether the conditions of a group hold, given for each, by its place among all of them, whether it does. A condition about an
/// instance that is not there does not hold.
pub(super) fn group_holds(group: &Group, holds: impl Fn(usize) -> Option<bool>) -> bool {
    let all = |join: Join, results: &[bool]| match join {
        Join::And | Join::None => results.iter().all(|result| *result),
        Join::Or => results.iter().any(|result| *result),
    };
    let mut at = 0;
    let mut parts = Vec::with_capacity(group.parts.len());
    for part in &group.parts {
        let results: Vec<bool> = (at..at + part.conditions.len()).map(|at| holds(at).unwrap_or(false)).collect();
        at += part.conditions.len();
        parts.push(all(part.join, &results));
    }
    all(group.join, &parts)
}

/// The attributes and immediate child elements of an object, in the order of the schema.
fn parts(object: &str) -> Vec<Path> {
    let schema = sif::schema().object(object);
    let children = schema.map(|object| &object.root.children[..]).unwrap_or_default();
    children.iter().filter_map(|child| Path::parse(&child.step()).ok()).collect()
}

fn comparison(object: &str, path: &Path) -> Comparison {
    let element = sif::schema().object(object).and_then(|object| object.find(&path.plain()));
    element.map_or(Comparison::Text, Comparison::of)
}
