//! SIF_ExtendedQuery: rows over several objects.

use super::condition::{Group, comparison, tests};
use super::{Path, QueryFault, object_name, path};
use crate::tree::Element;

/// Objects that one query may join: more than any report needs, and few enough to be worked through.
const MOST_JOINS: usize = 13;

/// SIF_ExtendedQuery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedQuery {
    /// SIF_DestinationProvider: the object whose provider is asked.
    pub destination_provider: Option<String>,
    /// Whether rows that are the same stand once.
    pub distinct: bool,
    /// The most rows that are wanted; none means all.
    pub row_count: Option<u64>,
    /// At least one.
    pub columns: Vec<Column>,
    /// The object of SIF_From.
    pub from: String,
    /// The objects that are joined to it, in order.
    pub joins: Vec<JoinedObject>,
    /// SIF_Where.
    pub conditions: Option<Group>,
    /// SIF_OrderBy.
    pub order: Vec<Order>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The object that it is of.
    pub object: String,
    /// What of it.
    pub content: ColumnContent,
    /// The caption that is wanted.
    pub alias: Option<String>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnContent {
    /// The whole object.
    Object,
    /// `*`: all attributes and immediate child elements, each a column of its own.
    Parts,
    /// The text of an attribute, or copies of all elements at a path.
    Path(Path),
}

/// How rows without a partner are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// They are left out.
    Inner,
    /// Those of the objects before stay.
    LeftOuter,
    /// Those of the new object stay.
    RightOuter,
    /// All stay.
    FullOuter,
}

/// SIF_Join: an object that is joined to those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedObject {
    /// The object that it brings in.
    pub object: String,
    /// How.
    pub kind: JoinKind,
    /// What must be equal, all of it.
    pub on: Vec<JoinOn>,
}

/// What must be equal in a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinOn {
    /// Of an object that is there already.
    pub known: ObjectPath,
    /// Of the object that is joined.
    pub joined: Path,
}

/// An element or attribute of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPath {
    /// The object.
    pub object: String,
    /// The path.
    pub path: Path,
}

/// What rows are ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Of which the first value counts.
    pub by: ObjectPath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl ExtendedQuery {
    /// Reads the element SIF_ExtendedQuery.
    ///
    /// # Errors
    /// As [`super::Request::read`]; also where an object is named that is neither in SIF_From nor joined (8/9).
    pub fn read(query: Element<'_>) -> Result<Self, QueryFault> {
        let first = |name: &str| query.children().find(|child| child.name() == name);
        let need = |name: &str| first(name).ok_or_else(|| QueryFault::missing(&format!("SIF_ExtendedQuery/{name}")));
        let select = need("SIF_Select")?;
        let from_element = need("SIF_From")?;
        let from = object_name(from_element, "SIF_From")?;
        let mut known = vec![from.clone()];
        let mut joins = Vec::new();
        for join in from_element.children().filter(|child| child.name() == "SIF_Join") {
            let join = JoinedObject::read(join, &known)?;
            known.push(join.object.clone());
            joins.push(join);
        }
        if joins.len() > MOST_JOINS {
            return Err(QueryFault::unsupported(format!("more than {MOST_JOINS} objects are joined")));
        }
        let columns = select.children().filter(|child| child.name() == "SIF_Element");
        let columns = columns.map(Column::read).collect::<Result<Vec<_>, _>>()?;
        if columns.is_empty() {
            return Err(QueryFault::missing("SIF_Select/SIF_Element"));
        }
        let group =
            first("SIF_Where").and_then(|part| part.children().find(|child| child.name() == "SIF_ConditionGroup"));
        let conditions = group.map(|group| Group::read(group, None)).transpose()?;
        let order = first("SIF_OrderBy").into_iter().flat_map(Element::children);
        let order = order.filter(|child| child.name() == "SIF_Element").map(Order::read).collect::<Result<_, _>>()?;
        let query = Self {
            destination_provider: first("SIF_DestinationProvider").map(|name| name.text().trim().to_owned()),
            distinct: distinct(select)?,
            row_count: row_count(select)?,
            columns,
            from,
            joins,
            conditions,
            order,
        };
        query.check(&known)?;
        Ok(query)
    }

    /// Whether every object that is named is one of the query's, and has the paths that are asked of it.
    fn check(&self, known: &[String]) -> Result<(), QueryFault> {
        let columns = self.columns.iter().map(|column| column.object.as_str());
        let tested = self.tests();
        for object in columns.chain(tested.iter().map(|(object, _)| object.as_str())) {
            if !known.iter().any(|known| known == object) {
                return Err(QueryFault::unsupported(format!("`{object}` is neither in SIF_From nor joined")));
            }
        }
        for column in &self.columns {
            if let ColumnContent::Path(path) = &column.content {
                comparison(&column.object, path)?;
            }
        }
        for ObjectPath { object, path } in self.order.iter().map(|order| &order.by) {
            comparison(object, path)?;
        }
        Ok(())
    }

    /// The objects of its rows: that of SIF_From, then the joined ones in order.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.from.as_str()).chain(self.joins.iter().map(|join| join.object.as_str()))
    }

    /// Object and path of everything that a condition, join, order or predicate looks at.
    #[must_use]
    pub fn tests(&self) -> Vec<(String, String)> {
        let mut all = self.conditions.as_ref().map(Group::tests).unwrap_or_default();
        for join in &self.joins {
            for on in &join.on {
                all.extend(tests(&on.known.object, &on.known.path));
                all.extend(tests(&join.object, &on.joined));
            }
        }
        all.extend(self.order.iter().flat_map(|order| tests(&order.by.object, &order.by.path)));
        for column in &self.columns {
            if let ColumnContent::Path(path) = &column.content {
                all.extend(path.tested().into_iter().map(|path| (column.object.clone(), path)));
            }
        }
        all
    }
}

impl Column {
    fn read(element: Element<'_>) -> Result<Self, QueryFault> {
        let object = object_name(element, "SIF_Select/SIF_Element")?;
        let text = element.text();
        let content = match text.trim() {
            "" => ColumnContent::Object,
            "*" => ColumnContent::Parts,
            text => ColumnContent::Path(path(text)?),
        };
        Ok(Self { object, content, alias: element.attribute("Alias").map(str::to_owned) })
    }
}

impl JoinedObject {
    fn read(join: Element<'_>, known: &[String]) -> Result<Self, QueryFault> {
        let kind = match join.attribute("Type").map(str::trim) {
            Some("Inner") => JoinKind::Inner,
            Some("LeftOuter") => JoinKind::LeftOuter,
            Some("RightOuter") => JoinKind::RightOuter,
            Some("FullOuter") => JoinKind::FullOuter,
            Some(_) => {
                let why = "is none of Inner, LeftOuter, RightOuter and FullOuter";
                return Err(QueryFault::value("SIF_Join/@Type", why));
            }
            None => return Err(QueryFault::missing("SIF_Join/@Type")),
        };
        let is_known = |side: &ObjectPath| known.contains(&side.object);
        let mut object: Option<String> = None;
        let mut on = Vec::new();
        for element in join.children().filter(|child| child.name() == "SIF_JoinOn") {
            let left = ObjectPath::child(element, "SIF_LeftElement")?;
            let right = ObjectPath::child(element, "SIF_RightElement")?;
            let (known, joined) = match (is_known(&left), is_known(&right)) {
                (true, false) => (left, right),
                (false, true) => (right, left),
                (true, true) => return Err(QueryFault::unsupported("a join brings in no new object")),
                (false, false) => {
                    return Err(QueryFault::unsupported("a join names no object that stands before it"));
                }
            };
            if object.get_or_insert_with(|| joined.object.clone()) != &joined.object {
                return Err(QueryFault::unsupported("a join brings in two objects"));
            }
            comparison(&known.object, &known.path)?;
            comparison(&joined.object, &joined.path)?;
            on.push(JoinOn { known, joined: joined.path });
        }
        let object = object.ok_or_else(|| QueryFault::missing("SIF_Join/SIF_JoinOn"))?;
        Ok(Self { object, kind, on })
    }
}

impl ObjectPath {
    fn child(parent: Element<'_>, name: &str) -> Result<Self, QueryFault> {
        let place = format!("{}/{name}", parent.name());
        let child = parent.children().find(|child| child.name() == name);
        Self::read(child.ok_or_else(|| QueryFault::missing(&place))?, &place)
    }

    fn read(element: Element<'_>, place: &str) -> Result<Self, QueryFault> {
        Ok(Self { object: object_name(element, place)?, path: path(&element.text())? })
    }
}

impl Order {
    fn read(element: Element<'_>) -> Result<Self, QueryFault> {
        let place = "SIF_OrderBy/SIF_Element";
        let descending = match element.attribute("Ordering").map(str::trim) {
            Some("Ascending") => false,
            Some("Descending") => true,
            Some(_) => {
                return Err(QueryFault::value(&format!("{place}/@Ordering"), "is neither Ascending nor Descending"));
            }
            None => return Err(QueryFault::missing(&format!("{place}/@Ordering"))),
        };
        Ok(Self { by: ObjectPath::read(element, place)?, descending })
    }
}

fn distinct(select: Element<'_>) -> Result<bool, QueryFault> {
    match select.attribute("Distinct").map(str::trim) {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(QueryFault::value("SIF_Select/@Distinct", "is neither true nor false")),
        None => Err(QueryFault::missing("SIF_Select/@Distinct")),
    }
}

fn row_count(select: Element<'_>) -> Result<Option<u64>, QueryFault> {
    let text = select.attribute("RowCount").map(str::trim);
    match text.ok_or_else(|| QueryFault::missing("SIF_Select/@RowCount"))? {
        "All" => Ok(None),
        text => match text.parse() {
            Ok(count) if count > 0 => Ok(Some(count)),
            _ => Err(QueryFault::value("SIF_Select/@RowCount", "is neither All nor a whole number from 1 on")),
        },
    }
}
