//! `sifter explain`: says why an element has its value.

use std::sync::Arc;

use graph::{FieldId, Graph, Row, Scope};
use mapper::trace::Read;
use mapper::{Evaluation, Explained, Explanation, LeftOut, Mapper, Sent, Why};
use problem::{Problem, code};
use rulebook::plan::{Node, ObjectPlan, Value as How};
use rulebook::script::Limits;
use sis::{Selection, Source};

use crate::arguments::Explain;
use crate::exit::Exit;
use crate::prepared::{Prepared, load, prepare};
use crate::terminal::{self, did_you_mean, usage};

/// Runs the command.
pub fn run(arguments: &Explain) -> Exit {
    match explain(arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn explain(arguments: &Explain) -> Result<Exit, Exit> {
    let prepared = prepare(&arguments.run)?;
    let plan = Arc::clone(&prepared.plan);
    let object = prepared.object(&arguments.object)?;
    let wanted_path = match &arguments.path {
        None => None,
        Some(path) => Some(find_path(object, path)?),
    };
    let key = find_key(&prepared, object, arguments)?;
    let students = (object.entity == plan.schema.root()).then(|| vec![key]);
    let selection = Selection { students, mapped: vec![object.entity], ..Selection::default() };
    let (loader, _) = load(&prepared, &arguments.run.source, object.reads.clone(), selection, 1)?;
    let graph = match plan.schema[object.entity].scope {
        Scope::Organisation => {
            Some(Arc::clone(loader.organisation())).filter(|graph| graph.find(object.entity, key).is_some())
        }
        Scope::Student => {
            let mut found = None;
            for batch in 0..loader.batch_count() {
                let (graph, _) = loader.batch(batch).map_err(|problem| terminal::end(&problem, &prepared.files))?;
                if graph.find(object.entity, key).is_some() {
                    found = Some(Arc::new(graph));
                    break;
                }
            }
            found
        }
    };
    let Some(graph) = graph else {
        let message = format!("no {} has the key {}", plan.schema[object.entity].name, arguments.key);
        return Err(terminal::end(&Problem::new(code::NOT_FOUND, message), &prepared.files));
    };
    // Rules run on a thread with a stack that is large enough for them, here as in `map`.
    let explained = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(Limits::default().stack_bytes)
            .spawn_scoped(scope, || print(&prepared, object, &graph, key, wanted_path))
            .map(std::thread::ScopedJoinHandle::join)
    });
    match explained {
        Ok(Ok(exit)) => Ok(exit),
        _ => Err(usage("the explanation could not be made")),
    }
}

/// The element with this path or ending.
fn find_path<'p>(object: &'p ObjectPlan, path: &str) -> Result<&'p str, Exit> {
    let path = path.strip_prefix(&format!("{}/", object.name)).unwrap_or(path);
    let nodes = object.nodes();
    let exact = nodes.iter().find(|node| &*node.path == path && node.leaf.is_some());
    if let Some(node) = exact {
        return Ok(&node.path);
    }
    let endings: Vec<&&Node> = nodes
        .iter()
        .filter(|node| node.leaf.is_some() && node.path.strip_suffix(path).is_some_and(|before| before.ends_with('/')))
        .collect();
    match &endings[..] {
        [only] => Ok(&only.path),
        [] => {
            let near = problem::nearest(
                path,
                nodes.iter().flat_map(|node| [&*node.path, node.path.rsplit('/').next().unwrap_or_default()]),
            );
            Err(usage(&format!("{} has no element {path}{}", object.name, did_you_mean(near))))
        }
        several => {
            let paths: Vec<&str> = several.iter().map(|node| &*node.path).collect();
            Err(usage(&format!("several elements end so; name one of {}", paths.join(", "))))
        }
    }
}

/// The primary key of the row that KEY names.
fn find_key(prepared: &Prepared, object: &ObjectPlan, arguments: &Explain) -> Result<i64, Exit> {
    if let Ok(key) = arguments.key.parse() {
        return Ok(key);
    }
    let Some(id) = sif::RefId::parse(&arguments.key) else {
        return Err(usage(&format!("{} is neither a RefId nor a primary key", arguments.key)));
    };
    let source = object.nodes().iter().find(|node| &*node.path == "@RefId").and_then(|node| node.leaf.as_ref()?.source);
    let Some((entity, field)) = source.filter(|(entity, _)| *entity == object.entity) else {
        return Err(usage(&format!("{} has no RefId of its own; give the primary key of its row", object.name)));
    };
    let opened = Source::open(&arguments.run.source);
    let found = opened.and_then(|source| sis::find_key(&source, &prepared.plan.schema, entity, field, &id.to_string()));
    match found {
        Ok(Some(key)) => Ok(key),
        Ok(None) => {
            let message = format!("no {} has this RefId", object.name);
            Err(terminal::end(&Problem::new(code::NOT_FOUND, message), &prepared.files))
        }
        Err(problem) => Err(terminal::end(&problem, &prepared.files)),
    }
}

fn print(prepared: &Prepared, object: &ObjectPlan, graph: &Arc<Graph>, key: i64, path: Option<&str>) -> Exit {
    let mut mapper = Mapper::new(prepared.context());
    let Some(row) = graph.find(object.entity, key) else { return Exit::Found };
    let years = &prepared.zone.school_years;
    let mut exit = Exit::Found;
    for school_year in years.iter().rev() {
        let evaluation = mapper.begin(Arc::clone(graph), *school_year);
        let mut problems = Vec::new();
        let inside = mapper.in_population(&evaluation, object, row, &mut problems);
        anstream::println!(
            "{} {key}, as of {}, school year {school_year}, generation {}",
            object.name,
            prepared.as_of,
            prepared.plan.generation
        );
        let mut is_sent = false;
        if inside {
            let explanation = mapper.explain(&evaluation, object, row, &mut problems);
            is_sent = explanation.is_sent;
            print_explanation(&evaluation, object, &explanation, path);
        } else {
            anstream::println!("  is not sent: a population rule of {} leaves it out", object.place.file);
            for (rules, keep) in &object.population {
                anstream::println!("    {} at {}:{}", rules.join(" "), keep.file, keep.expr.at.line);
            }
        }
        for problem in &problems {
            let path = problem.subject.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
            anstream::println!("  {path}{problem}");
        }
        mapper.end(evaluation);
        // The instance of a row is sent once, as the latest year has it.
        if is_sent {
            exit = Exit::Well;
            break;
        }
    }
    exit
}

fn print_explanation(evaluation: &Evaluation, object: &ObjectPlan, explanation: &Explanation<'_>, path: Option<&str>) {
    if !explanation.is_sent {
        anstream::println!("  is not sent: the instance was rejected, as the problems say");
    }
    let wanted = |node: &Node| path.is_none_or(|path| &*node.path == path);
    let elements: Vec<&Explained<'_>> = explanation.elements.iter().filter(|element| wanted(element.node)).collect();
    for element in &elements {
        print_element(evaluation, element, path.is_some());
    }
    if let (true, Some(path)) = (elements.is_empty(), path) {
        // A part that lacks something is left out before all of it has been looked at.
        let around = mapper::chain(object, path).unwrap_or_default();
        let left_out =
            explanation.left_out.iter().find(|left_out| around.iter().any(|node| node.path == left_out.part.path));
        match left_out {
            Some(left_out) => anstream::println!("{path} is left out, because {}", why(left_out)),
            None => {
                anstream::println!("  nothing is sent: the part around it has no rows, or its condition does not hold");
            }
        }
    }
}

/// Why a part was left out.
fn why(left_out: &LeftOut<'_>) -> String {
    let part = match &*left_out.part.path {
        "" => "the instance",
        path => path,
    };
    match left_out.why {
        Why::Lacks(node) if node.path == left_out.part.path => format!("{part} has no value"),
        Why::Lacks(node) => {
            let inside = node.path.strip_prefix(part).and_then(|inside| inside.strip_prefix('/'));
            format!("{part} lacks {}", inside.unwrap_or(&node.path))
        }
        Why::Nothing => format!("{part} has nothing in it"),
        Why::Rejected => "the instance was rejected".to_owned(),
    }
}

fn print_element(evaluation: &Evaluation, element: &Explained<'_>, with_reads: bool) {
    let shown = match (&element.left_out, &element.sent) {
        (Some(left_out), _) => format!("is left out, because {}", why(left_out)),
        (None, Sent::Absent) => "is left out".to_owned(),
        (None, Sent::Empty) => "is empty".to_owned(),
        (None, Sent::Nil) => "is nil".to_owned(),
        (None, Sent::Text(text)) => format!("= \"{text}\""),
        (None, Sent::Elements) => "has elements".to_owned(),
    };
    let plan = &evaluation.plan;
    let (tier, at) = match &element.node.leaf {
        Some(leaf) => {
            let at = match &leaf.value {
                How::Body(body) if leaf.tier == "rule" => body.file.to_string(),
                How::Script(rule, ..) => plan.rules[*rule].file.to_string(),
                _ => element.node.place.to_string(),
            };
            (leaf.tier, at)
        }
        None => ("container", element.node.place.to_string()),
    };
    if !with_reads {
        anstream::println!("  {} {shown}   [{tier}]", element.node.path);
        return;
    }
    anstream::println!("{} {shown}", element.node.path);
    anstream::println!("  by {tier}, {at}");
    if !element.node.rows.is_empty() {
        anstream::println!("  answers {}", element.node.rows.join(", "));
    }
    if let Some(codes) = element.node.leaf.as_ref().and_then(|leaf| leaf.codes) {
        anstream::println!("  through the value set {}", plan.value_sets[codes].name);
    }
    print_reads(evaluation, &element.reads, 1);
}

fn print_reads(evaluation: &Evaluation, reads: &[Read], depth: usize) {
    let plan = &evaluation.plan;
    let indent = "  ".repeat(depth);
    for read in reads {
        match read {
            Read::Field(row, field) => {
                let entity = &plan.schema[row.entity];
                let value = value_of(evaluation, *row, *field);
                anstream::println!(
                    "{indent}{}.{} = {value}   {}.{} of row {}",
                    entity.name,
                    entity[*field].name,
                    entity.table_name(),
                    entity[*field].column,
                    evaluation.graph.key(*row)
                );
            }
            Read::Parameter(parameter) => {
                let declared = &plan.parameters[*parameter];
                let value =
                    evaluation.parameter(*parameter).ok().and_then(|value| evaluation.show(&value)).unwrap_or_default();
                anstream::println!("{indent}{}.{} = {value}   {}", declared.group, declared.name, declared.place);
            }
            Read::Fact(fact, row, value, reads) => {
                let declared = &plan.facts[*fact];
                let entity = &plan.schema[row.entity].name;
                let value = value.as_deref().unwrap_or("absent");
                anstream::println!(
                    "{indent}{entity}.{} = {value}   {} of {entity} {}, {}",
                    declared.name,
                    declared.tier,
                    evaluation.graph.key(*row),
                    declared.place
                );
                if depth < 6 {
                    print_reads(evaluation, reads, depth + 1);
                }
            }
        }
    }
}

fn value_of(evaluation: &Evaluation, row: Row, field: FieldId) -> String {
    match evaluation.field(row, field) {
        Ok(value) => evaluation.show(&value).unwrap_or_else(|| "absent".to_owned()),
        Err(_) => "a value that cannot be read".to_owned(),
    }
}
