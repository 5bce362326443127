//! What the screen has asked other threads and the session for.

use std::path::PathBuf;

use crate::library::playlist::sort::Order;
use crate::library::rows::Wanted;

/// What was asked for, or is to be.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// The rows that are not there yet, and whether the request was sent.
    pub rows: Option<(Wanted, bool)>,
    /// The file that the info panel last asked about, and the state of the facts then.
    pub about: Option<(PathBuf, u64)>,
    /// Whether the saved lists are to be asked for.
    pub lists: bool,
}

/// What the queue was sorted by.
#[derive(Clone, Debug, Default)]
pub struct QueueSort {
    /// The keys.
    pub keys: Vec<Order>,
    /// The revision of the queue when the session was asked to sort it; none once it has.
    pub asked: Option<u64>,
    /// The serial numbers of the tracks that were sorted, in their order; empty when they stand in another one now.
    pub order: Vec<u64>,
}
