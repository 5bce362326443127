//! Finding in the lists.

use crate::app::{Model, Msg};
use crate::library::Song;

use super::{Pane, Screen};

/// Whether a song has the text (lower case) in its title, artist or album.
pub fn matches(song: &Song, text: &str) -> bool {
    // Titles first: most searches end there.
    let has = |field: &str| field.to_lowercase().contains(text);
    song.tags.title.as_deref().map_or_else(|| has(&song.title()), has) || has(song.artist()) || has(song.album())
}

impl Screen {
    /// Goes to the nearest match after the cursor (before it when `back`), going round at the end. An empty text
    /// means the last one.
    pub(super) fn find(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        if !text.is_empty() {
            self.search = Some(text.to_lowercase());
            self.back = back;
        }
        let Some(text) = self.search.clone() else { return say("nothing was searched for yet; / searches") };
        let songs = model.catalog.songs();
        let items = model.queue.items();
        let (at, len) = match self.focus {
            Pane::Library => (self.library.at, songs.len()),
            Pane::Queue => (self.queue.at, items.len()),
        };
        let hit = |i: usize| match self.focus {
            Pane::Library => songs.get(i).is_some_and(|s| matches(s, &text)),
            Pane::Queue => items.get(i).is_some_and(|item| matches(&item.song, &text)),
        };
        let found = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(|i| hit(*i));
        match (found, self.focus) {
            (None, _) => return say(&format!("nothing like '{text}' here")),
            (Some(i), Pane::Library) => self.library.at = i,
            (Some(i), Pane::Queue) => self.place_in_queue(i, model),
        }
        Vec::new()
    }

    /// The search again, in its own direction or the other one.
    pub(super) fn find_again(&mut self, other_way: bool, model: &Model) -> Vec<Msg> {
        let back = self.back != other_way;
        self.find("", back, model)
    }
}

fn say(text: &str) -> Vec<Msg> {
    vec![Msg::Notice { error: false, text: text.to_string() }]
}
