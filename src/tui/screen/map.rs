//! The map on the screen: its cursor, what of it is seen, the area that is chosen, and the chart that it asks for.

use std::sync::Arc;

use ratatui::layout::Position;

use crate::app::commands::library::LibraryAction;
use crate::app::commands::map::MapAction;
use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::row::{Selection, Takes};
use crate::app::state::map::Progress;
use crate::app::{Model, Msg};
use crate::ask::map::{Charting, Colour, Kind, Stand, Window, between, percent};
use crate::latent::map::Point;
use crate::library::Song;
use crate::queue::Origin;
use crate::track::TrackId;
use crate::tui::layout::Pane;
use crate::tui::map::{MapCursor, areas};
use crate::tui::pages;

use super::Screen;

/// The most doublings of the whole map.
const NEAREST: u8 = 12;
/// The last plays that are numbered.
const PLAYED: usize = 9;
/// The tracks ahead that are marked: marking all would take time in proportion to the queue.
const AHEAD: usize = 200;

impl Screen {
    /// The part of the map that the screen shows; `None` where there is no map or no room.
    pub fn map_window(&self, model: &Model) -> Option<Window> {
        let chart = areas(self.layout()?.body).chart;
        if model.map.tracks == 0 || chart.is_empty() {
            return None;
        }
        let [low, high] = model.map.bounds;
        let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
        let centre = self.map.centre.unwrap_or(middle);
        Some(Window::of(model.map.bounds, chart.width, chart.height, centre, self.map.zoom))
    }

    /// The track nearest to the cursor, by the last chart.
    fn map_track(&self, model: &Model) -> Option<TrackId> {
        let chart = model.map.chart.as_deref()?;
        chart.nearest(chart.wanted.window.cell_of(self.map.at?)?)
    }

    /// The song nearest to the cursor.
    pub fn map_song(&self, model: &Model) -> Option<Arc<Song>> {
        model.song(self.map_track(model)?).cloned()
    }

    /// Carries out `:map` on the map that is shown.
    pub(super) fn on_map(&mut self, action: MapAction, model: &Model) -> Vec<Msg> {
        match action {
            MapAction::Show => {}
            MapAction::Colour(colour) => self.map.colour = colour.unwrap_or_else(|| self.map.colour.next()),
            MapAction::Zoom(steps) => self.zoom_map(steps, model),
            MapAction::Whole => (self.map.zoom, self.map.centre) = (0, None),
            MapAction::Select => return self.select_on_map(model),
            MapAction::Filter => return self.filter_by_area(),
            MapAction::Refit => return vec![Msg::Refit],
            MapAction::Stop => return stop(model),
        }
        Vec::new()
    }

    /// Moves the cursor by so many cells to the right and down.
    pub(super) fn step_map(&mut self, by: [isize; 2], model: &Model) {
        let (Some(window), Some(at)) = (self.map_window(model), self.map.at) else { return };
        let cell = window.cell();
        self.map.at = Some([0, 1].map(|axis| at[axis] + by[axis] as f32 * cell[axis]));
    }

    /// Moves the cursor to the upper edge of the map, or to the lower one.
    pub(super) fn goto_on_map(&mut self, row: usize, model: &Model) {
        let [low, high] = model.map.bounds;
        if let Some(at) = &mut self.map.at {
            at[1] = if row == 0 { low[1] } else { high[1] };
        }
    }

    /// Goes so many doublings nearer, with the cursor in the middle.
    pub(super) fn zoom_map(&mut self, steps: i8, model: &Model) {
        self.map.zoom = self.map.zoom.saturating_add_signed(steps).min(NEAREST);
        self.map.centre = if self.map.zoom == 0 { None } else { self.map.at };
        self.settle_map(model);
    }

    /// Puts the cursor on the cell under the mouse; whether there is one.
    pub(super) fn press_map(&mut self, at: Position, model: &Model) -> bool {
        let Some(chart) = self.layout().map(|layout| areas(layout.body).chart) else { return false };
        let Some(window) = self.map_window(model).filter(|_| chart.contains(at)) else { return false };
        self.map.at = Some(window.place_of([at.x - chart.x, at.y - chart.y]));
        true
    }

    /// Draws an area from where the button was pressed to the cell under the mouse.
    pub(super) fn drag_on_map(&mut self, from: Point, at: Position, model: &Model) {
        let Some(chart) = self.layout().map(|layout| areas(layout.body).chart) else { return };
        let Some(window) = self.map_window(model) else { return };
        let column = at.x.clamp(chart.x, chart.right() - 1) - chart.x;
        let row = at.y.clamp(chart.y, chart.bottom() - 1) - chart.y;
        self.map.at = Some(window.place_of([column, row]));
        if self.map.anchor != Some(from) && window.cell_of(from) != Some([column, row]) {
            self.forget_area();
            self.map.anchor = Some(from);
        }
    }

    /// Ends the area that was drawn, if the mouse was moved, and asks for its songs.
    pub(super) fn end_drag_on_map(&mut self, from: Point, model: &Model) -> Vec<Msg> {
        let drawn = self.shows(pages::MAP) && self.map.anchor == Some(from);
        if drawn { self.select_on_map(model) } else { Vec::new() }
    }

    /// Goes to what plays, if this part of the map has it.
    pub(super) fn goto_playing_on_map(&mut self, model: &Model) -> Vec<Msg> {
        let chart = model.map.chart.as_deref();
        let found = chart.and_then(|chart| {
            let mark = chart.marks.iter().find(|mark| mark.kind == Kind::Playing)?;
            Some(chart.wanted.window.place_of([mark.column, mark.row]))
        });
        match found {
            Some(place) => self.map.at = Some(place),
            None => return vec![Msg::hint("what plays is not on this part of the map")],
        }
        Vec::new()
    }

    /// Goes to the next cell with a track that is sought. What was just typed lights up first.
    pub(super) fn find_on_map(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        let Some(chart) = model.map.chart.as_deref().filter(|chart| chart.wanted.sought == text) else {
            return Vec::new();
        };
        let here = self.map.at.and_then(|at| chart.wanted.window.cell_of(at)).unwrap_or_default();
        match chart.next_found(here, back) {
            Some(cell) => self.map.at = Some(chart.wanted.window.place_of(cell)),
            None => return vec![Msg::error(format!("nothing like '{text}' on this part of the map"))],
        }
        Vec::new()
    }

    /// Begins an area at the cursor, or ends it there and asks for its songs.
    fn select_on_map(&mut self, model: &Model) -> Vec<Msg> {
        let (Some(window), Some(at)) = (self.map_window(model), self.map.at) else {
            return vec![Msg::hint("there is no map yet")];
        };
        let Some(anchor) = self.map.anchor.take() else {
            self.forget_area();
            self.map.anchor = Some(at);
            return vec![Msg::hint("move the cursor to the other corner, and press the key again")];
        };
        let (half, [low, high]) = (window.cell().map(|side| side / 2.0), between(anchor, at));
        // The cells of both corners belong to it.
        let area = [[low[0] - half[0], low[1] - half[1]], [high[0] + half[0], high[1] + half[1]]];
        self.map.area = Some(area);
        vec![Msg::Area(area)]
    }

    /// Takes the songs of the area.
    pub fn chosen_on_map(&mut self, songs: Vec<Arc<Song>>) {
        self.map.songs = songs;
    }

    fn forget_area(&mut self) {
        (self.map.anchor, self.map.area) = (None, None);
        self.map.songs.clear();
    }

    fn filter_by_area(&mut self) -> Vec<Msg> {
        let Some([low, high]) = self.map.area else {
            return vec![Msg::hint("choose an area first: map select at two of its corners")];
        };
        let (low, high) = (percent(low), percent(high));
        let range = |axis: usize| format!("{:.1}..{:.1}", low[axis].max(0.0), high[axis].max(0.0));
        let text = format!("mapx={} mapy={}", range(0), range(1));
        self.show(Pane::Library);
        vec![Msg::command(LibraryAction::Filter(text))]
    }

    /// Gives up an area, else what is lit; whether there was anything.
    pub(super) fn cancel_on_map(&mut self) -> bool {
        let area = self.map.anchor.is_some() || self.map.area.is_some();
        self.forget_area();
        area || self.search.take().is_some()
    }

    /// Ends an area, else plays the track nearest to the cursor.
    pub(super) fn confirm_on_map(&mut self, model: &Model) -> Vec<Msg> {
        if self.map.anchor.is_some() {
            return self.select_on_map(model);
        }
        let Some(song) = self.map_song(model) else { return vec![Msg::hint("there is no track to play here")] };
        let selection = Selection { songs: vec![song], items: Vec::new() };
        vec![Msg::Command { action: PlaybackAction::Play(None).into(), selection }]
    }

    /// What a command takes on the map: the songs of the area, or else the one nearest to the cursor.
    pub(super) fn take_on_map(&self, takes: Takes, argument: &str, model: &Model) -> Selection {
        let wanted = match takes {
            Takes::Songs { when, .. } | Takes::Marked { when } => when(argument),
            Takes::Marks => true,
            Takes::Nothing | Takes::Items { .. } | Takes::Proposals | Takes::Proposal => false,
        };
        let songs = match wanted {
            true if self.map.songs.is_empty() => self.map_song(model).into_iter().collect(),
            true => self.map.songs.clone(),
            false => Vec::new(),
        };
        Selection { songs, items: Vec::new() }
    }

    /// Keeps the cursor on the map, and the screen where the cursor is.
    pub(super) fn settle_map(&mut self, model: &Model) {
        if !self.shows(pages::MAP) {
            return;
        }
        let Some(window) = self.map_window(model) else { return };
        let [low, high] = model.map.bounds;
        let MapCursor { at, centre, zoom, .. } = &mut self.map;
        let clamped = |place: Point| {
            let inside = |axis: usize| {
                let value = place[axis];
                if value.is_finite() { value.clamp(low[axis], high[axis].max(low[axis])) } else { low[axis] }
            };
            [inside(0), inside(1)]
        };
        let place = clamped(at.unwrap_or(window.centre));
        *at = Some(place);
        if *zoom == 0 {
            *centre = None;
            return;
        }
        let mut middle = clamped(window.centre);
        let (cell, cells) = (window.cell(), [window.columns, window.rows]);
        for axis in 0..2 {
            // A cell at the edge is kept free: the cursor is seen in the middle of a cell.
            let half = cell[axis] * (f32::from(cells[axis]) / 2.0 - 1.0).max(0.5);
            if (place[axis] - middle[axis]).abs() > half {
                middle[axis] = place[axis];
            }
        }
        *centre = Some(middle);
    }

    /// Asks for the chart of what is seen, unless that was done.
    pub(super) fn ask_for_chart(&mut self, model: &Model) -> Option<Msg> {
        if !self.shows(pages::MAP) {
            return None;
        }
        let window = self.map_window(model)?;
        let sought = self.search.as_ref().map(|search| search.text.clone()).unwrap_or_default();
        let colour = self.map.colour;
        let wanted = Charting { window, colour, sought, marks: marks(model), stand: stand(colour, model) };
        if self.map.asked.as_ref() == Some(&wanted) {
            return None;
        }
        self.map.asked = Some(wanted.clone());
        Some(Msg::Chart(Box::new(wanted)))
    }
}

/// Gives up laying the map out.
fn stop(model: &Model) -> Vec<Msg> {
    match model.map.progress {
        Progress::Working(_) => vec![Msg::StopMap, Msg::hint("laying the map out stops; :map refit begins anew")],
        _ => vec![Msg::hint("the map is not being laid out")],
    }
}

/// What plays, what was played last, and what comes next, the first that matter most.
fn marks(model: &Model) -> Vec<(TrackId, Kind)> {
    let mut marks: Vec<(TrackId, Kind)> = Vec::new();
    marks.extend(model.playing().map(|item| (item.song.track, Kind::Playing)));
    let played = model.queue.played();
    let last = &played[played.len().saturating_sub(PLAYED)..];
    marks.extend((1..).zip(last).map(|(nth, item)| (item.song.track, Kind::Played(nth))));
    let ahead = model.queue.ahead().iter().take(AHEAD);
    let kind = |origin: &Origin| if *origin == Origin::Hand { Kind::Hand } else { Kind::Auto };
    marks.extend(ahead.map(|item| (item.song.track, kind(&item.origin))));
    // Stable: of each kind the first comes first.
    marks.sort_by_key(|(_, kind)| *kind == Kind::Auto);
    marks
}

/// The revisions of what a chart in this colour is made from.
fn stand(colour: Colour, model: &Model) -> Stand {
    let revisions = model.revisions;
    let of = match colour {
        Colour::Genre | Colour::Year => 0,
        Colour::Tag | Colour::Tempo | Colour::Energy => revisions.sound,
        Colour::Plays => revisions.journal,
        Colour::Fit => revisions.fits,
    };
    Stand { map: model.map.revision, songs: model.catalog.len(), colour: of }
}
