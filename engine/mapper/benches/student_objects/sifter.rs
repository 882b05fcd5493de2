//! Sifter: evaluation of the plan, and XML.

use std::sync::Arc;

use graph::Graph;
use mapper::Mapper;

use crate::Output;
use crate::district::District;

pub struct Sifter {
    mapper: Mapper,
}

impl Sifter {
    pub fn new(district: &District) -> Self {
        Self { mapper: Mapper::new(district.context()) }
    }

    pub fn write(&mut self, district: &District, output: &mut Output) {
        for batch in &district.batches {
            self.batch(district, batch, output);
        }
    }

    pub fn batch(&mut self, district: &District, graph: &Arc<Graph>, output: &mut Output) {
        let evaluation = self.mapper.begin(Arc::clone(graph), district.school_year());
        let mut problems = Vec::new();
        for (object, xml) in district.objects().zip(output) {
            self.mapper.map(&evaluation, &[object], &|_, _| true, &mut problems, &mut |instance| {
                sif::xml::write::write_tree(instance.tree, xml);
                xml.push(b'\n');
            });
        }
        self.mapper.end(evaluation);
    }
}
