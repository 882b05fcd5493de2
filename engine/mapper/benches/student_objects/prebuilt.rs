//! Only the writing: trees that Sifter has built before anything is measured.

use std::sync::Arc;

use mapper::Mapper;
use sif::tree::Tree;

use crate::Output;
use crate::district::District;

pub struct Prebuilt {
    /// For each batch the trees of each object.
    batches: Vec<[Vec<Tree>; 3]>,
}

impl Prebuilt {
    pub fn new(district: &District) -> Self {
        let mut mapper = Mapper::new(district.context());
        let mut build = |graph| {
            let evaluation = mapper.begin(Arc::clone(graph), district.school_year());
            let mut trees = <[Vec<Tree>; 3]>::default();
            for (object, trees) in district.objects().zip(&mut trees) {
                let keep = &mut |instance: mapper::Instance<'_>| trees.push(instance.tree.clone());
                mapper.map(&evaluation, object, &|_| true, &mut Vec::new(), keep);
            }
            mapper.end(evaluation);
            trees
        };
        Self { batches: district.batches.iter().map(&mut build).collect() }
    }

    pub fn write(&self, output: &mut Output) {
        for batch in &self.batches {
            for (trees, xml) in batch.iter().zip(&mut *output) {
                for tree in trees {
                    sif::xml::write::write_tree(tree, xml);
                    xml.push(b'\n');
                }
            }
        }
    }
}
