//! `sifter explain`: says why an element has its value.

mod find;

use std::sync::Arc;

use graph::{FieldId, Row};
use mapper::trace::Read;
use mapper::{Evaluation, Everybody, Explained, Explanation, LeftOut, Mapper, Sent, Standing, Why};
use rulebook::plan::{Node, ObjectPlan, Ranking, Value as How};
use rulebook::script::Limits;

use self::find::{Found, find};
use crate::arguments::{Explain, threads};
use crate::exit::Exit;
use crate::population::everybody;
use crate::prepared::{Prepared, prepare};
use crate::terminal::{did_you_mean, usage};

/// Runs the command.
pub fn run(arguments: &Explain) -> Exit {
    // Rules run on a thread with a stack that is large enough for them, here as in `map`.
    let explained = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(Limits::default().stack_bytes)
            .spawn_scoped(scope, || explain(arguments))
            .map(std::thread::ScopedJoinHandle::join)
    });
    match explained {
        Ok(Ok(Ok(exit) | Err(exit))) => exit,
        _ => usage("the explanation could not be made"),
    }
}

fn explain(arguments: &Explain) -> Result<Exit, Exit> {
    let prepared = prepare(&arguments.run)?;
    let variants = prepared.variants(&arguments.object)?;
    if let ([object], Some(path)) = (&variants[..], &arguments.path) {
        find_path(object, path)?;
    }
    let found = find(&prepared, &variants, arguments)?;
    let wanted_path = match &arguments.path {
        None => None,
        Some(path) => Some(find_path(found.object, path)?),
    };
    let everybody = everybody(&prepared, &[found.object], &arguments.run.source, threads(None))?;
    Ok(print(&prepared, everybody, &found, wanted_path))
}

/// The element with this path or ending.
fn find_path<'p>(object: &'p ObjectPlan, path: &str) -> Result<&'p str, Exit> {
    let path = path.strip_prefix(&format!("{}/", object.label)).unwrap_or(path);
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
            Err(usage(&format!("{} has no element {path}{}", object.label, did_you_mean(near))))
        }
        several => {
            let paths: Vec<&str> = several.iter().map(|node| &*node.path).collect();
            Err(usage(&format!("several elements end so; name one of {}", paths.join(", "))))
        }
    }
}

fn print(prepared: &Prepared, everybody: Everybody, found: &Found<'_>, path: Option<&str>) -> Exit {
    let mut mapper = Mapper::new(prepared.context(everybody));
    let Found { object, graph, row } = found;
    let (object, row, key) = (*object, *row, graph.key(*row));
    let years = &prepared.zone.school_years;
    let mut exit = Exit::Found;
    for school_year in years.iter().rev() {
        let evaluation = mapper.begin(Arc::clone(graph), *school_year);
        let mut problems = Vec::new();
        let inside = mapper.in_population(&evaluation, object, row, &mut problems);
        anstream::println!(
            "{} {key}, as of {}, school year {school_year}, generation {}",
            object.label,
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
                if let How::Ranking(ranking) = &declared.value {
                    print_standing(evaluation, ranking, *row, &indent);
                }
                if depth < 6 {
                    print_reads(evaluation, reads, depth + 1);
                }
            }
        }
    }
}

/// Where a student stands among all; what the student is ranked by follows.
fn print_standing(evaluation: &Evaluation, ranking: &Ranking, row: Row, indent: &str) {
    let says = match evaluation.standing(ranking.of_fact, row) {
        Ok(Standing::Ranked(rank, size)) => format!("place {rank} of {size} in the group"),
        Ok(Standing::NotRanked) => "not ranked".to_owned(),
        Ok(Standing::Failed) | Err(_) => "what the student is ranked by cannot be computed".to_owned(),
    };
    anstream::println!("{indent}  among all students: {says}");
}

fn value_of(evaluation: &Evaluation, row: Row, field: FieldId) -> String {
    match evaluation.field(row, field) {
        Ok(value) => evaluation.show(&value).unwrap_or_else(|| "absent".to_owned()),
        Err(_) => "a value that cannot be read".to_owned(),
    }
}
