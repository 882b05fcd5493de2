//! Facts that need each other.

use problem::{Problem, code};

use super::reads::facts_of_value;
use crate::graph_file::FactDeclaration;
use crate::language::Context;
use crate::plan::Fact;

/// Reports each circle of facts once.
pub fn check(facts: &[Fact], declared: &[FactDeclaration], context: &Context<'_>, problems: &mut Vec<Problem>) {
    let needs: Vec<Vec<usize>> = facts.iter().map(|fact| facts_of_value(&fact.value)).collect();
    let mut state = vec![0_u8; facts.len()];
    for start in 0..facts.len() {
        if state[start] == 0 {
            let mut path = Vec::new();
            visit(start, &needs, &mut state, &mut path, &mut |circle: &[usize]| {
                // A circle of shared facts is that of their originals.
                if circle.iter().all(|fact| declared[*fact].shared_at.is_some()) {
                    return;
                }
                let names: Vec<String> = circle
                    .iter()
                    .chain(circle.first())
                    .map(|fact| format!("{}.{}", context.schema[facts[*fact].entity].name, facts[*fact].name))
                    .collect();
                let mut problem =
                    Problem::new(code::FACT_CYCLE, format!("these facts need each other: {}", names.join(" → ")))
                        .at(facts[circle[0]].place.clone())
                        .help("compute one of them from something else");
                for fact in &circle[1..] {
                    problem = problem.and_at(facts[*fact].place.clone(), "needed by the one before");
                }
                problems.push(problem);
            });
        }
    }
}

fn visit(fact: usize, needs: &[Vec<usize>], state: &mut [u8], path: &mut Vec<usize>, report: &mut dyn FnMut(&[usize])) {
    state[fact] = 1;
    path.push(fact);
    for next in &needs[fact] {
        match state[*next] {
            0 => visit(*next, needs, state, path, report),
            1 => {
                let from = path.iter().position(|other| other == next).unwrap_or(0);
                report(&path[from..]);
            }
            _ => {}
        }
    }
    path.pop();
    state[fact] = 2;
}
