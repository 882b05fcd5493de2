//! Whose data an entity's rows are: the organisation's, or a student's.

use graph::{Entity, EntityId, Scope, Source};
use problem::{Problem, code};

use super::Load;

/// Says of each entity whose data it is: what the path by which its rows are found starts at.
pub fn set(entities: &mut [Entity], loads: &[Load<'_>]) {
    let scopes: Vec<Scope> = (0..entities.len()).map(|at| scope(entities, loads, at)).collect();
    for (entity, scope) in entities.iter_mut().zip(scopes) {
        entity.scope = scope;
    }
}

fn scope(entities: &[Entity], loads: &[Load<'_>], mut at: usize) -> Scope {
    // No path is longer than there are entities; what is reached only through itself is reported elsewhere.
    for _ in 0..=entities.len() {
        if loads[at].root.is_some() {
            return Scope::Student;
        }
        let before = match (&entities[at].source, entities[at].reached) {
            (Source::Group { of, .. }, _) => *of,
            (Source::Table(_), Some((from, _))) => from,
            (Source::Table(_), None) if loads[at].reached.is_none() && loads[at].whole => return Scope::Organisation,
            // The path could not be read, which has been reported.
            (Source::Table(_), None) => return Scope::Student,
        };
        at = usize::from(before.0);
    }
    Scope::Student
}

/// Refuses relations from the organisation, which is loaded before there is any student, to a student's data.
pub fn check(entities: &[Entity], problems: &mut Vec<Problem>) {
    for entity in entities.iter().filter(|entity| entity.scope == Scope::Organisation) {
        for relation in &entity.relations {
            let EntityId(target) = relation.target;
            let target = &entities[usize::from(target)];
            if target.scope == Scope::Student {
                let message = format!(
                    "`{}` is the organisation's, which is loaded before any student; `{}` is a student's",
                    entity.name, target.name
                );
                problems.push(
                    Problem::new(code::BAD_RELATION, message)
                        .at(relation.place.clone())
                        .and_at(target.place.clone(), "declared here")
                        .help("declare an entity of the same table that is `reached` by this relation, and let it lead there"),
                );
            }
        }
    }
}
