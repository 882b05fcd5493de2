//! What the plan reads: the fields, relations and facts behind each step.

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

/// Fills in what each object and the whole plan read.
pub fn fill(plan: &mut Plan) {
    let mut of_facts: Vec<Option<ReadSet>> = vec![None; plan.facts.len()];
    for object in 0..plan.objects.len() {
        let mut reads = ReadSet::default();
        reads.add_entity(&plan.schema, plan.objects[object].entity);
        let mut values: Vec<Value> = Vec::new();
        steps::of_object(&plan.objects[object], &mut |value| values.push(value.clone()));
        for value in &values {
            add(plan, value, &mut reads, &mut of_facts);
        }
        plan.objects[object].reads = reads.clone();
        plan.reads.extend(&reads);
    }
}

fn add(plan: &Plan, value: &Value, reads: &mut ReadSet, of_facts: &mut Vec<Option<ReadSet>>) {
    let schema = &plan.schema;
    let mut facts = Vec::new();
    let mut members: Vec<(graph::EntityId, String)> = Vec::new();
    let mut dictionary = false;
    steps::of_value(value, &mut |expr| match &expr.op {
        Op::Field(_, entity, field) => reads.add_field(schema, *entity, *field),
        Op::One(_, entity, relation) | Op::Many(_, entity, relation) => reads.add_relation(schema, *entity, *relation),
        Op::ActiveOn(_, entity, _) => {
            if let Some(period) = schema[*entity].period {
                reads.add_field(schema, *entity, period.start);
                reads.add_field(schema, *entity, period.end);
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
    if dictionary && let Some((entity, attribute, code, sif_code)) = plan.dictionary {
        for field in [attribute, code, sif_code] {
            reads.add_field(schema, entity, field);
        }
    }
    for (entity, name) in members {
        if let Some(field) = schema[entity].field(&name) {
            reads.add_field(schema, entity, field);
        } else if let Some(relation) = schema[entity].relation(&name) {
            reads.add_relation(schema, entity, relation);
        } else if let Some(fact) = plan.fact_names.get(&(entity, name)) {
            facts.push(*fact);
        }
    }
    for fact in facts {
        add_fact(plan, &plan.facts[fact], fact, reads, of_facts);
    }
}

fn add_fact(plan: &Plan, fact: &Fact, index: usize, reads: &mut ReadSet, of_facts: &mut Vec<Option<ReadSet>>) {
    if of_facts[index].is_none() {
        // Set first, so that a circle (reported elsewhere) ends here.
        of_facts[index] = Some(ReadSet::default());
        let mut own = ReadSet::default();
        add(plan, &fact.value, &mut own, of_facts);
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
