//! Pages by key: a limit, the items, and where the next page starts. Nothing is counted and nothing is skipped over.

use domain::refusal::{Fault, Reason, Refusal};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::flow::unreadable;

const USUAL: i64 = 50;
const MOST: i64 = 200;

/// One page.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Cursor of the next page; none: this was the last.
    pub next: Option<String>,
}

/// How many items a caller wants: 1 to 200, usually 50.
#[derive(Clone, Copy, Debug)]
pub struct PageQuery {
    limit: i64,
}

impl PageQuery {
    /// Refused: `Malformed` for a limit outside 1 to 200.
    pub fn new(limit: Option<i64>) -> Result<PageQuery, Problem> {
        let limit = limit.unwrap_or(USUAL);
        if (1..=MOST).contains(&limit) {
            return Ok(PageQuery { limit });
        }
        let fault = Fault::new("limit", "应在 1 至 200 之间。", "Must be 1 to 200.");
        Err(Refusal::with_faults(Reason::Malformed, vec![fault]).into())
    }
    /// One more than wanted: whether there is a next page shows by it.
    pub fn fetch(self) -> i64 {
        self.limit + 1
    }
    /// The page out of what was fetched; `key` gives an item's place.
    pub fn of<T>(self, mut found: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(key);
        Page { items: found, next }
    }
}

/// A read that must have found something of the caller's own.
pub fn found<T>(read: Result<Option<T>, StoreError>) -> Result<T, Problem> {
    read.map_err(unreadable)?.ok_or_else(|| Reason::NotFound.into())
}
