//! SIF_ExtendedQuery: rows over several objects.
use crate::request::produce::{Produced, Work};
use sif::query::ExtendedQuery;
use tokio::sync::mpsc;
pub(crate) fn rows(_work: &Work, _query: &ExtendedQuery, _give: &mpsc::Sender<Produced>) -> Result<(), Produced> {
    Ok(())
}
