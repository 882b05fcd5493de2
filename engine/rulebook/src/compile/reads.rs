//! What the plan reads: the fields, relations and facts behind each step.

use std::collections::BTreeSet;

use graph::ReadSet;

use crate::functions::Native;
use crate::plan::{Const, Fact, Op, Plan, Value};
use crate::steps;
use crate::types::Kind;

/// The facts that a value reads.
pub fn facts_of_value(value: &Value) -> Vec<usize> {
    let mut facts = Vec::new();
    steps::of_value(value, &mut |expr| {
        if let Op::Fact(_, fact, _) = &expr.op {
            facts.push(*fact);
        }
    });
    facts.sort_unstable();
    facts.dedup();
    facts
}

/// What a value reads, the facts behind it included.
#[derive(Clone, Default)]
pub struct Reads {
    /// Fields and relations.
    pub set: ReadSet,
    /// Rankings of the whole population, by the fact that declares each.
    pub rankings: BTreeSet<usize>,
}

impl Reads {
    fn extend(&mut self, other: &Self) {
        self.set.extend(&other.set);
        self.rankings.extend(&other.rankings);
    }
}

/// What a value reads. What a ranking is made of is read by it; it does not count as a ranking that it needs.
pub fn of_value(plan: &Plan, value: &Value) -> Reads {
    let mut reads = Reads::default();
    add(plan, value, &mut reads, &mut vec![None; plan.facts.len()]);
    reads
}

/// Fills in what each object, each ranking and the whole plan read.
pub fn fill(plan: &mut Plan) {
    let mut of_facts: Vec<Option<Reads>> = vec![None; plan.facts.len()];
    for object in 0..plan.objects.len() {
        let mut reads = Reads::default();
        reads.set.add_entity(&plan.schema, plan.objects[object].entity);
        let mut values: Vec<Value> = Vec::new();
        steps::of_object(&plan.objects[object], &mut |value| values.push(value.clone()));
        for value in &values {
            add(plan, value, &mut reads, &mut of_facts);
        }
        plan.reads.extend(&reads.set);
        plan.objects[object].reads = reads.set;
        plan.objects[object].rankings = reads.rankings;
    }
    for fact in 0..plan.facts.len() {
        if matches!(&plan.facts[fact].value, Value::Ranking(ranking) if ranking.of_fact == fact) {
            let mut reads = Reads::default();
            reads.set.add_entity(&plan.schema, plan.facts[fact].entity);
            add(plan, &plan.facts[fact].value, &mut reads, &mut of_facts);
            plan.pass_reads.insert(fact, reads.set);
        }
    }
}

fn add(plan: &Plan, value: &Value, reads: &mut Reads, of_facts: &mut Vec<Option<Reads>>) {
    let Reads { set, .. } = reads;
    let schema = &plan.schema;
    let mut facts = Vec::new();
    let mut members: Vec<(graph::EntityId, String)> = Vec::new();
    let mut dictionary = false;
    steps::of_value(value, &mut |expr| match &expr.op {
        Op::Field(_, entity, field) => set.add_field(schema, *entity, *field),
        Op::One(_, entity, relation) | Op::Many(_, entity, relation) => set.add_relation(schema, *entity, *relation),
        Op::ActiveOn(_, entity, _) => {
            if let Some(period) = schema[*entity].period {
                set.add_field(schema, *entity, period.start);
                set.add_field(schema, *entity, period.end);
            }
        }
        Op::Fact(_, fact, _) => facts.push(*fact),
        Op::Lookup(set, _) => dictionary |= plan.value_sets[*set].dictionary.is_some(),
        Op::Call(Native::WeightedMean, arguments) => {
            if let Kind::Rows(entity) = arguments[0].ty.kind {
                for argument in &arguments[1..] {
                    if let Op::Const(Const::Text(name)) = &argument.op {
                        members.push((entity, name.to_string()));
                    }
                }
            }
        }
        Op::Call(Native::ListHasCode | Native::ListHasOther, _) => dictionary = true,
        _ => {}
    });
    if let Value::Script(rule, ..) = value {
        // What a script reads is known only by the names that it mentions, so everything of such a name is read.
        dictionary = true;
        let text = &plan.rules[*rule].text;
        for (entity, declared) in schema.entities() {
            let fields = declared.fields.iter().map(|field| &field.name);
            let relations = declared.relations.iter().map(|relation| &relation.name);
            for name in fields.chain(relations) {
                if mentions(text, name) {
                    members.push((entity, name.clone()));
                }
            }
        }
        for (entity, name) in plan.fact_names.keys() {
            if mentions(text, name) {
                members.push((*entity, name.clone()));
            }
        }
    }
    if dictionary && let Some(dictionary) = plan.dictionary {
        for field in dictionary.fields() {
            set.add_field(schema, dictionary.entity, field);
        }
    }
    for (entity, name) in members {
        if let Some(field) = schema[entity].field(&name) {
            set.add_field(schema, entity, field);
        } else if let Some(relation) = schema[entity].relation(&name) {
            set.add_relation(schema, entity, relation);
        } else if let Some(fact) = plan.fact_names.get(&(entity, name)) {
            facts.push(*fact);
        }
    }
    for fact in facts {
        add_fact(plan, &plan.facts[fact], fact, reads, of_facts);
    }
}

fn add_fact(plan: &Plan, fact: &Fact, index: usize, reads: &mut Reads, of_facts: &mut Vec<Option<Reads>>) {
    if of_facts[index].is_none() {
        // Set first, so that a circle (reported elsewhere) ends here.
        of_facts[index] = Some(Reads::default());
        let mut own = Reads::default();
        add(plan, &fact.value, &mut own, of_facts);
        if let Value::Ranking(ranking) = &fact.value {
            own.rankings.insert(ranking.of_fact);
        }
        of_facts[index] = Some(own);
    }
    if let Some(own) = &of_facts[index] {
        reads.extend(own);
    }
}

pub fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        let outside = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        outside(before) && outside(after)
    })
}
