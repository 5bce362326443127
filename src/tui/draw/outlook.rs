//! The queue as it would be: what its next request would bring under the signature that is tried, and where each track
//! stands in the queue now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ask::trial::Tried;
use crate::describe::reason;
use crate::queue::{Item, Origin, Proposal, Repeat};
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::theme::{Role, Theme};

use super::queue::{fit_span, song_span};
use super::table::{self, Kind};
use super::{Span, centred, heading};

/// Columns of the number and of the place in the queue before the title.
const LEAD: usize = 11;

/// Draws it with its heading.
pub fn outlook(model: &Model, tried: &Tried, theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.height < 2 {
        return;
    }
    let (trial, auto) = (&model.trial, &model.auto);
    let title = if trial.changed() { "What it would bring" } else { "What it brings" };
    let right = if trial.waits() {
        "choosing …"
    } else if trial.changed() {
        "the queue stays as it is until you keep it"
    } else {
        // What an engine says about its picks, for instance that it failed and another one chose.
        tried.note.as_deref().unwrap_or("changes as you press")
    };
    let right = &text::sanitize(right);
    heading(buf, area, theme, (title, if trial.changed() { Role::TabFocus } else { Role::Tab }), right);
    let rows = Layout::rows_of(area);
    let obstacle = if !auto.on {
        Some("The queue does not fill itself: :auto on lets it.".to_string())
    } else if model.order.modes.repeat == Repeat::All {
        Some("The queue goes round and takes nothing in: :repeat off lets it.".to_string())
    } else if tried.picks.is_empty() {
        Some(tried.note.clone().unwrap_or_else(|| "Your own tracks leave no room for others.".into()))
    } else {
        None
    };
    if let Some(words) = obstacle {
        let words = text::sanitize(&words);
        return centred(theme, buf, rows, &[(words, Role::Dim)]);
    }
    let kinds: &[Kind] = match rows.width {
        90.. => &[Kind::Title, Kind::Artist, Kind::Why, Kind::Fit, Kind::Length],
        56.. => &[Kind::Title, Kind::Artist, Kind::Fit, Kind::Length],
        _ => &[Kind::Title, Kind::Length],
    };
    let columns = table::columns(kinds, usize::from(rows.width), LEAD);
    let now = places(model);
    for (index, pick) in tried.picks.iter().enumerate().take(usize::from(rows.height)) {
        let line = Rect { y: rows.y + index as u16, height: 1, ..rows };
        let (was, role) = was(index, now.iter().position(|track| *track == pick.id));
        let lead = [
            ("~ ".to_string(), Role::Auto),
            (format!("{:>2}  ", index + 1), Role::Dim),
            (text::fit(&was, LEAD - 6), role),
        ];
        let cells = columns.iter().map(|column| (*column, cell(model, pick, *column)));
        table::row(buf, line, theme, &lead, cells, None);
    }
}

/// The automatic tracks ahead, in their order.
fn places(model: &Model) -> Vec<crate::track::TrackId> {
    let automatic = |item: &&Item| item.origin != Origin::Hand;
    model.queue.ahead().iter().filter(automatic).map(|item| item.song.track).collect()
}

/// Where a pick stands in the queue now, in relation to its place.
fn was(index: usize, now: Option<usize>) -> (String, Role) {
    match now {
        None => ("new".into(), Role::Accent),
        Some(place) if place == index => ("=".into(), Role::Dim),
        Some(place) if place > index => (format!("▲{}", place - index), Role::Text),
        Some(place) => (format!("▼{}", index - place), Role::Text),
    }
}

fn cell(model: &Model, pick: &Proposal, column: table::Column) -> Span {
    let Some(song) = model.song(pick.id) else { return (String::new(), Role::Dim) };
    match column.kind {
        Kind::Why => (text::sanitize(&reason(&pick.why, &model.catalog, model.cards())), Role::Text),
        Kind::Fit => fit_span(pick.why.fit, column.width),
        _ => song_span(model, song, column, Role::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pick_says_where_it_stands_now() {
        let said = |index, now| was(index, now).0;
        assert_eq!([said(0, Some(0)), said(0, Some(2)), said(3, Some(1)), said(1, None)], ["=", "▲2", "▼2", "new"]);
    }
}
