//! A generated district, loaded whole before anything is measured.

use std::path::Path;
use std::sync::Arc;

use graph::{Date, Graph, ReadSet};
use mapper::{Collected, Everybody, Mapper, RunContext, Standings, Zone};
use rulebook::plan::{ObjectPlan, Plan};
use rulebook::script::Limits;
use rulebook::{Files, Rulebook};
use sis::{Loader, Selection, Source};

use crate::OBJECTS;

const SCHOOL_YEAR: i32 = 2026;

pub struct District {
    pub students: usize,
    pub plan: Arc<Plan>,
    pub zone: Arc<Zone>,
    pub as_of: Date,
    pub organisation: Arc<Graph>,
    /// The students, in the batches that the command line has.
    pub batches: Vec<Arc<Graph>>,
    /// The students' places in their classes. The pass that finds them is measured by nobody: everybody is given them.
    pub standings: Arc<Standings>,
}

impl District {
    pub fn generate(students: usize) -> Self {
        let plan = Rulebook::new(files()).plan.expect("the rulebook of this repository checks");
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("district.db").display());
        let drawn = sample::Plan { students: students as u64, seed: 1, school_year: SCHOOL_YEAR };
        sample::generate(&plan.schema, &drawn, &url, &mut |_| {}).expect("a district");
        let mut reads = ReadSet::default();
        plan.objects.iter().for_each(|object| reads.extend(&object.reads));
        plan.pass_reads.values().for_each(|of| reads.extend(of));
        let source = Source::open(&url).expect("a source");
        let Ok((loader, _)) = Loader::start(source, Arc::clone(&plan.schema), reads, Selection::default()) else {
            panic!("the district does not load");
        };
        let batches =
            (0..loader.batch_count()).map(|index| Arc::new(loader.batch(index).expect("a batch").0)).collect();
        let mut district = Self {
            students: loader.student_count(),
            plan,
            zone: Arc::new(Zone::of_year("bench", SCHOOL_YEAR)),
            as_of: Date::from_ymd_opt(SCHOOL_YEAR, 2, 3).expect("a date"),
            organisation: Arc::clone(loader.organisation()),
            batches,
            standings: Arc::default(),
        };
        district.standings = Arc::new(district.ranked());
        district
    }

    /// The first pass over all students.
    fn ranked(&self) -> Standings {
        let mut mapper = Mapper::new(self.context());
        let mut collected = Collected::default();
        for batch in &self.batches {
            let evaluation = mapper.begin(Arc::clone(batch), self.school_year());
            collected.collect(&evaluation, self.ranking());
            mapper.end(evaluation);
        }
        collected.settle()
    }

    /// The ranking of academic records, by the fact that declares it.
    pub fn ranking(&self) -> usize {
        let record = self.plan.object("StudentAcademicRecord").expect("an object");
        *record.rankings.first().expect("a ranking")
    }

    pub fn context(&self) -> RunContext {
        RunContext {
            plan: Arc::clone(&self.plan),
            zone: Arc::clone(&self.zone),
            as_of: self.as_of,
            limits: Limits::default(),
            everybody: Everybody::Known(Arc::clone(&self.standings)),
        }
    }

    /// The objects that are written by hand too.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectPlan> {
        OBJECTS.iter().map(|name| self.plan.object(name).expect("an object"))
    }

    pub fn school_year(&self) -> i32 {
        SCHOOL_YEAR
    }
}

/// The rulebook of this repository.
fn files() -> Files {
    fn read(folder: &Path, under: &str, files: &mut Files) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = format!("{under}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                read(&path, &name, files);
            } else {
                files.insert(name, std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        read(&root.join(part), part, &mut files);
    }
    files
}
