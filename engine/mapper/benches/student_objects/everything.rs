//! Sifter over every object of the rulebook, so that one sees where the time goes.

use std::sync::Arc;

use mapper::Mapper;
use rulebook::plan::ObjectPlan;

use crate::district::District;
use crate::measure::{median, thread_time};

/// Maps every object, or some of them.
pub struct Everything<'d> {
    district: &'d District,
    mapper: Mapper,
    objects: Vec<Object<'d>>,
}

/// An object, by itself or its variants, and what it has cost in the last pass.
struct Object<'d> {
    variants: Vec<&'d ObjectPlan>,
    time: f64,
    instances: usize,
    xml: Vec<u8>,
}

impl Object<'_> {
    fn name(&self) -> &str {
        &self.variants[0].name
    }
}

impl<'d> Everything<'d> {
    /// Every object whose name is wanted.
    pub fn new(district: &'d District, wanted: impl Fn(&str) -> bool) -> Self {
        let mut objects: Vec<Object<'d>> = Vec::new();
        for plan in district.plan.objects.iter().filter(|plan| wanted(&plan.name)) {
            match objects.iter_mut().find(|object| *object.name() == *plan.name) {
                Some(object) => object.variants.push(plan),
                None => objects.push(Object { variants: vec![plan], time: 0.0, instances: 0, xml: Vec::new() }),
            }
        }
        Self { district, mapper: Mapper::new(district.context()), objects }
    }

    /// Whether there is anything to map.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// One pass: the organisation's objects, then the students', batch after batch. Valgrind bears no clock of this thread, so who
    /// counts instructions gives another.
    pub fn pass(&mut self, clock: fn() -> f64) {
        let Self { district, mapper, objects } = self;
        for object in &mut *objects {
            object.xml.clear();
            (object.time, object.instances) = (0.0, 0);
        }
        let organisation = std::iter::once((graph::Scope::Organisation, &district.organisation));
        let students = district.batches.iter().map(|batch| (graph::Scope::Student, batch));
        let mut problems = Vec::new();
        for (scope, graph) in organisation.chain(students) {
            let evaluation = mapper.begin(Arc::clone(graph), district.school_year());
            for Object { variants, time, instances, xml } in &mut *objects {
                if district.plan.schema[variants[0].entity].scope != scope {
                    continue;
                }
                let begun = clock();
                mapper.map(&evaluation, variants, &|_, _| true, &mut problems, &mut |instance| {
                    sif::xml::write::write_tree(instance.tree, xml);
                    xml.push(b'\n');
                    *instances += 1;
                });
                *time += clock() - begun;
            }
            problems.clear();
            mapper.end(evaluation);
        }
    }

    pub fn bytes(&self) -> usize {
        self.objects.iter().map(|object| object.xml.len()).sum()
    }

    /// Measures and prints what each object costs, beside what each program written by hand takes for a byte of its own. What
    /// several objects share is the cost of the first of them.
    pub fn measure(&mut self, runs: usize, by_hand: &[(&str, f64)]) {
        let mut whole = Vec::with_capacity(runs);
        let mut each = vec![Vec::with_capacity(runs); self.objects.len()];
        for run in 0..=runs {
            let begun = thread_time();
            self.pass(thread_time);
            let time = thread_time() - begun;
            // The first run warms up.
            if run > 0 {
                whole.push(time);
                self.objects.iter().zip(&mut each).for_each(|(object, times)| times.push(object.time));
            }
        }
        let students = self.district.students as f64;
        let line = |name: &str, instances: usize, bytes: usize, time: f64| {
            let (microseconds, nanoseconds) = (time * 1e6 / students, time * 1e9 / bytes as f64);
            println!("{name:<38} {instances:>10} {bytes:>12} {microseconds:>12.2} {nanoseconds:>9.2}");
        };
        println!(
            "\n{:<38} {:>10} {:>12} {:>12} {:>9}",
            "Sifter, every object", "instances", "bytes", "µs/student", "ns/byte"
        );
        let (mut instances, mut times) = (0, 0.0);
        for (object, time) in self.objects.iter().zip(each) {
            let time = median(time);
            line(object.name(), object.instances, object.xml.len(), time);
            (instances, times) = (instances + object.instances, times + time);
        }
        let whole = median(whole);
        line("beginning and ending batches", 0, self.bytes(), (whole - times).max(0.0));
        line("all objects", instances, self.bytes(), whole);
        let byte = whole * 1e9 / self.bytes() as f64;
        println!("\na byte of all objects: {byte:.2} ns");
        for (what, by_hand) in by_hand {
            println!("a byte of five {what}: {by_hand:.2} ns; Sifter takes {:.2} times", byte / by_hand);
        }
    }
}
