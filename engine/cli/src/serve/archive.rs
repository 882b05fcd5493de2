//! Generations of a rulebook in the store, so that a restart neither forgets that somebody went back nor puts in force what was
//! refused.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use problem::Problem;
use rulebook::Files;
use serde_json::{Value, json};
use store::{Change, Space, Store, StoreFault};
use tracing::warn;

use super::history::{History, Standing, Texts};

/// The space of records about what is in force.
const STANDING: Space = "generation";
/// The key of the record about the generation in force.
const IN_FORCE: &str = "in_force";
/// The key of the record about the last candidate that was refused.
const REFUSED: &str = "refused";
/// The space of generations' files, by hash: a JSON object of paths and texts, compressed, in base64.
const TEXTS: Space = "generation_files";
/// More text than any rulebook has: what would unpack to more is damaged.
const LARGEST: u64 = 256 * 1024 * 1024;
/// How many of a candidate's problems are kept.
const MOST_PROBLEMS: usize = 100;

/// What a store knows of a rulebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was in force last.
    pub standing: Standing,
    /// Those before it, the latest first.
    pub earlier: Vec<Texts>,
}

/// Where generations of the rulebook that these zones share are kept: with each zone, since a zone may come to another server.
#[derive(Clone)]
pub struct Archive {
    store: Store,
    zones: Vec<Arc<str>>,
}

impl Archive {
    /// The archive of these zones.
    pub fn new(store: Store, zones: &[String]) -> Self {
        Self { store, zones: zones.iter().map(|zone| Arc::from(zone.as_str())).collect() }
    }

    /// What was in force last; none where nothing is known of it. Of several zones the one that was told last knows best.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn kept(&self) -> Result<Option<Kept>, StoreFault> {
        let mut best: Option<Kept> = None;
        for zone in &self.zones {
            let Some(record) = self.store.record(zone, STANDING, IN_FORCE).await? else { continue };
            let texts = self.store.records(zone, TEXTS).await?;
            let texts = texts.into_iter().filter_map(|record| Some((record.key, unpack(&record.value)?))).collect();
            match read(&record, &texts) {
                Some(kept) if best.as_ref().is_none_or(|best| best.standing.since < kept.standing.since) => {
                    best = Some(kept)
                }
                Some(_) => {}
                None => warn!(zone = &**zone, "which generation of the rulebook was in force is not known any more"),
            }
        }
        Ok(best)
    }

    /// Keeps what is in force and those before it, and forgets all others.
    ///
    /// # Errors
    /// If the store did not take it.
    pub async fn keep(&self, history: &History) -> Result<(), StoreFault> {
        let standing = history.standing();
        let all: Vec<&Texts> = std::iter::once(&standing.current).chain(history.earlier()).collect();
        let earlier: Vec<&str> = history.earlier().map(|earlier| &*earlier.hash).collect();
        let record = json!({
            "generation": &*standing.current.hash, "since": standing.since, "left": standing.left, "earlier": earlier,
        });
        let mut changes = Vec::new();
        for zone in &self.zones {
            changes.push(put(zone, STANDING, IN_FORCE, record.to_string()));
            let there = self.store.records(zone, TEXTS).await?;
            for texts in &all {
                let packed = pack(&texts.files);
                if there.iter().all(|there| there.key != *texts.hash || there.value != packed) {
                    changes.push(put(zone, TEXTS, &texts.hash, packed));
                }
            }
            for gone in there.into_iter().filter(|there| all.iter().all(|texts| *texts.hash != there.key)) {
                changes.push(Change::DeleteRecord { zone: Arc::clone(zone), space: TEXTS, key: gone.key });
            }
        }
        self.store.apply(changes).await
    }

    /// Keeps why a candidate was refused.
    ///
    /// # Errors
    /// If the store did not take it.
    pub async fn refused(&self, problems: &[Problem]) -> Result<(), StoreFault> {
        let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let problems: Vec<_> = problems.iter().take(MOST_PROBLEMS).map(Problem::to_json).collect();
        let record = json!({ "at": at, "problems": problems }).to_string();
        self.store.apply(self.zones.iter().map(|zone| put(zone, STANDING, REFUSED, record.clone())).collect()).await
    }
}

fn put(zone: &Arc<str>, space: Space, key: &str, value: String) -> Change {
    Change::PutRecord { zone: Arc::clone(zone), space, key: key.to_owned(), value }
}

fn read(record: &str, texts: &BTreeMap<String, Files>) -> Option<Kept> {
    let record: Value = serde_json::from_str(record).ok()?;
    // What does not have its own hash is not the generation that passed.
    let find = |hash: &str| texts.get(hash).cloned().map(Texts::of).filter(|texts| *texts.hash == *hash);
    let current = find(record["generation"].as_str()?)?;
    let since = record["since"].as_str()?.to_owned();
    let left = record["left"].as_str().map(str::to_owned);
    let earlier = record["earlier"].as_array().map(Vec::as_slice).unwrap_or_default();
    let earlier = earlier.iter().filter_map(Value::as_str).filter_map(find).collect();
    Some(Kept { standing: Standing { current, since, left }, earlier })
}

fn pack(files: &Files) -> String {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let written = serde_json::to_vec(files).ok().and_then(|json| packed.write_all(&json).ok());
    let packed = written.and_then(|()| packed.finish().ok());
    // Writing to memory does not fail; were it so, nothing unpacks it and the generation counts as unknown.
    STANDARD.encode(packed.unwrap_or_default())
}

fn unpack(packed: &str) -> Option<Files> {
    let packed = STANDARD.decode(packed).ok()?;
    let mut json = Vec::new();
    GzDecoder::new(packed.as_slice()).take(LARGEST).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::{Archive, Files, History, Kept, Standing, Store, TEXTS, Texts};

    fn texts(text: &str) -> Texts {
        Texts::of(Files::from([
            ("objects/Ä.yaml".to_owned(), text.to_owned()),
            ("rules/b.rhai".to_owned(), String::new()),
        ]))
    }

    #[tokio::test]
    async fn what_is_kept_is_what_was_in_force_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("store.db").display())).await.unwrap();
        let archive = Archive::new(store.clone(), &["north".to_owned(), "south".to_owned()]);
        assert_eq!(archive.kept().await.unwrap(), None);
        let [one, two, three] = ["1", "2", "3"].map(texts);
        let mut history = History::new(Standing::now(one.clone()), [], 1);
        archive.keep(&history).await.unwrap();
        for next in [&two, &three] {
            history = history.with(Standing { left: Some("0123".to_owned()), ..Standing::now(next.clone()) });
            archive.keep(&history).await.unwrap();
        }
        let kept = archive.kept().await.unwrap().unwrap();
        assert_eq!(kept, Kept { standing: history.standing().clone(), earlier: vec![two.clone()] });
        assert_eq!(store.records("south", TEXTS).await.unwrap().len(), 2, "the first is forgotten");

        // A zone that comes to it knows nothing, one that was told later knows best.
        let later = Standing { since: "9999-01-01T00:00:00Z".to_owned(), ..Standing::now(two.clone()) };
        Archive::new(store.clone(), &["south".to_owned()]).keep(&History::new(later.clone(), [], 1)).await.unwrap();
        let all = Archive::new(store.clone(), &["north".to_owned(), "south".to_owned(), "west".to_owned()]);
        assert_eq!(all.kept().await.unwrap().unwrap().standing, later);
        store.close().await;
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_taken_for_what_passed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("store.db").display())).await.unwrap();
        let archive = Archive::new(store.clone(), &["north".to_owned()]);
        let [one, two] = ["1", "2"].map(texts);
        archive.keep(&History::new(Standing::now(one.clone()), [], 1)).await.unwrap();
        for value in [super::pack(&two.files), "garbage".to_owned(), String::new()] {
            store.apply(vec![super::put(&"north".into(), TEXTS, &one.hash, value)]).await.unwrap();
            assert_eq!(archive.kept().await.unwrap(), None);
        }
        store.close().await;
    }
}
