//! Search for small peaks.

use super::{Disjoint, Plan, Planner};
use crate::lower::Draft;

/// Search for small peaks.
#[derive(Clone, Copy, Debug)]
pub struct Search;

impl Planner for Search {
    fn plan(&self, draft: &Draft) -> Plan {
        Disjoint.plan(draft)
    }
}
