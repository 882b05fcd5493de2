//! How often, and when. The tests of the whole program use it too.

/// How many rounds to run: as many as an environment variable asks for, else a few.
pub fn rounds(variable: &str, few: usize) -> usize {
    std::env::var(variable).map_or(few, |text| text.parse().expect("a number of rounds"))
}

/// A draw that differs from one run to the next; the seed is printed, so that a failure can be run again.
pub struct Draw(u64);

impl Draw {
    pub fn new(what: &str) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = std::env::var("SEED").map_or(u64::from(now.subsec_nanos()), |text| text.parse().unwrap());
        println!("{what}: SEED={seed}");
        Self(seed)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
