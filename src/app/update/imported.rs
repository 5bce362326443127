//! Takes over what the journal tells after an import.

use crate::app::state::model::{HEARD, Model};
use crate::library::journal::Tallies;
use crate::track::TrackId;

/// Replaces the totals, and the tracks heard last by those of the journal (each once, the latest last), behind which stay
/// those heard since.
pub(super) fn take_over(model: &mut Model, tallies: Tallies, mut heard: Vec<TrackId>) {
    heard.iter_mut().filter(|track| track.is_former()).for_each(|track| *track = model.catalog.current(*track));
    // What has just been heard may not be in the journal yet, and what was heard for a moment only never is.
    let known = model.heard.iter().rposition(|track| heard.contains(track)).map_or(0, |last| last + 1);
    heard.extend(model.heard.drain(known..));
    let more = heard.len().saturating_sub(HEARD);
    heard.drain(..more);
    model.heard = heard;
    model.tallies = tallies;
    model.revisions.journal += 1;
}
