//! The names on the map: what most tracks of a dense part have in common.

use std::collections::HashMap;

use crate::library::Song;
use crate::text;

use super::colour::genre;
use super::window::Window;

/// The size of the parts that are looked at, in cells.
const TILE: [u16; 2] = [14, 5];
/// How many times as large they are made where none has a name: on a large screen few tracks are near each other.
const LARGER: [u16; 3] = [1, 2, 4];
/// The least distance of two names, in cells.
const APART: [u16; 2] = [16, 2];
/// The most names.
const MOST: usize = 12;
/// The least share of a part's tracks that have the name, …
const SHARE: f32 = 0.3;
/// … and their least number.
const FEWEST: u32 = 3;
/// The longest name, in columns.
const LONGEST: usize = 18;

/// A name at a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    /// The column of its middle.
    pub column: u16,
    /// Its row.
    pub row: u16,
    /// The name (sanitised).
    pub name: String,
}

/// What of a part has a name.
#[derive(Clone, Copy, Default)]
struct Named {
    count: u32,
    columns: u64,
    rows: u64,
}

/// Names the parts of a window whose tracks stand in these cells, the densest first. From `close` on by artist, else by
/// genre, and by artist where a part has none in common.
pub fn landmarks<'a>(
    window: &Window,
    close: bool,
    tracks: impl Iterator<Item = ([u16; 2], &'a Song)>,
) -> Vec<Landmark> {
    let tracks: Vec<_> = tracks.collect();
    let named = |times: u16| in_tiles(window, TILE.map(|cells| cells * times), close, &tracks);
    LARGER.into_iter().map(named).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The names of parts of one size.
fn in_tiles(window: &Window, size: [u16; 2], close: bool, tracks: &[([u16; 2], &Song)]) -> Vec<Landmark> {
    let across = window.columns.div_ceil(size[0]).max(1);
    let mut names: HashMap<(u16, bool, &str), Named> = HashMap::new();
    let mut counts: HashMap<u16, u32> = HashMap::new();
    for &([column, row], song) in tracks {
        let tile = row / size[1] * across + column / size[0];
        *counts.entry(tile).or_default() += 1;
        let artist = Some(song.artist()).filter(|artist| !artist.is_empty());
        for (is_artist, name) in [(false, genre(song)), (true, artist)] {
            if let Some(name) = name {
                let named = names.entry((tile, is_artist, name)).or_default();
                named.count += 1;
                named.columns += u64::from(column);
                named.rows += u64::from(row);
            }
        }
    }
    let common = |((tile, ..), named): &(&(u16, bool, &str), &Named)| {
        let all = counts.get(tile).copied().unwrap_or(0);
        named.count >= FEWEST && named.count as f32 >= SHARE * all as f32
    };
    let mut order: Vec<_> = names.iter().filter(common).collect();
    order.sort_by(|a, b| {
        let first = |is_artist: bool| is_artist == close;
        let rank = |(key, named): &(&(u16, bool, &str), &Named)| (first(key.1), named.count);
        rank(b).cmp(&rank(a)).then(a.0.cmp(b.0))
    });
    let mut found: Vec<(Landmark, &str)> = Vec::new();
    for ((_, _, name), named) in order {
        let mean = |sum: u64| (sum / u64::from(named.count.max(1))) as u16;
        let (column, row) = (mean(named.columns), mean(named.rows));
        let near = |other: &Landmark| other.column.abs_diff(column) < APART[0] && other.row.abs_diff(row) < APART[1];
        if found.iter().any(|(other, same)| same == name || near(other)) {
            continue;
        }
        let name_shown = text::sanitize(name);
        let shown = text::fit(&name_shown, text::width(&name_shown).min(LONGEST));
        found.push((Landmark { column, row, name: shown }, name));
        if found.len() == MOST {
            break;
        }
    }
    found.into_iter().map(|(landmark, _)| landmark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    fn song(artist: &str, genre: &str) -> Song {
        let genres: Vec<String> = Some(genre.to_string()).filter(|g| !g.is_empty()).into_iter().collect();
        let tags = Tags { artist: Some(artist.into()), genres: genres.into(), ..Tags::default() };
        Song { tags: tags.into(), ..Song::bare("/m/x.mp3", TrackId([1; 16])) }
    }

    #[test]
    fn dense_parts_are_named_by_what_is_common() {
        let window = Window { columns: 80, rows: 20, dot: 1.0, ..Window::default() };
        let songs =
            [song("A", "jazz"), song("B", "jazz"), song("C", "jazz"), song("D", ""), song("D", ""), song("D", "")];
        let cells = [[2, 1], [4, 1], [6, 1], [50, 10], [50, 10], [50, 10]];
        let found = |close| landmarks(&window, close, cells.into_iter().zip(&songs));
        let named = found(false);
        assert_eq!(named[0], Landmark { column: 4, row: 1, name: "jazz".into() });
        assert_eq!(named[1], Landmark { column: 50, row: 10, name: "D".into() }, "its tracks have no genre");
        assert_eq!(named.len(), 2);
        assert_eq!(found(true)[0].name, "D", "near by, artists come first");
        assert!(landmarks(&window, false, std::iter::empty()).is_empty());
    }

    #[test]
    fn few_tracks_on_a_large_screen_have_a_name_too() {
        let window = Window { columns: 160, rows: 50, dot: 1.0, ..Window::default() };
        let songs = ["A", "B", "C"].map(|artist| song(artist, "jazz"));
        let cells = [[2, 1], [20, 1], [5, 7]];
        let found = landmarks(&window, false, cells.into_iter().zip(&songs));
        assert_eq!(found, [Landmark { column: 9, row: 3, name: "jazz".into() }]);
    }
}
