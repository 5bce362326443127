//! Some tracks with their nearest neighbours and the words for each, to be checked by listening.

use jukebox_encoder::Axis;

use crate::latent::{DIMS, Space};

use super::corpus::{Corpus, Relations};
use super::findings::{Near, Seed};
use super::ranking::nearest;
use super::row::Row;
use super::words::{self, Heard};

/// Number of neighbours of each seed.
const NEAREST: usize = 5;
/// Maximum number of tags shown per track.
const TAGS: usize = 3;
/// Minimum probability of a tag that is shown.
const LEAST: f32 = 0.1;
/// Maximum number of dimensions shown per track.
const ENDS: usize = 3;
/// Minimum absolute normal score in a dimension that is shown.
const FAR: f32 = 1.0;

/// Random tracks, alternating between genres and artists, with their nearest by Euclidean distance, without further
/// versions of a recording.
pub fn of(corpus: &Corpus, about: &Relations, row: &Row, heard: &Heard, count: usize, seed: u64) -> Vec<Seed> {
    let Some(space) = row.space(None) else { return Vec::new() };
    let lot = super::ranking::lots(about.len(), seed);
    let named = |track: usize, distance: f32| Near {
        title: title(corpus, track),
        genre: corpus.items[track].genre.clone().unwrap_or_default(),
        words: said(&space, heard, track),
        distance,
    };
    drawn(about, &lot, count)
        .into_iter()
        .map(|track| {
            let distances: Vec<f32> =
                (0..space.len() as u32).map(|other| space.difference(track as u32, other)).collect();
            let order = nearest(&distances, &lot, |t| t != track && !about.same_song(t, track));
            let near = order.into_iter().take(NEAREST).map(|t| named(t as usize, distances[t as usize])).collect();
            Seed { track: named(track, 0.0), near }
        })
        .collect()
}

/// Tracks in the order of their lots: artists not yet drawn first, then genres drawn least.
fn drawn(about: &Relations, lot: &[u32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..about.len()).collect();
    order.sort_by_key(|&t| lot[t]);
    let mut out: Vec<usize> = Vec::new();
    while out.len() < count.min(about.len()) {
        let of_genre = |t: usize| out.iter().filter(|&&o| about.genre[o] == about.genre[t]).count();
        let known = |t: usize| out.iter().filter(|&&o| about.artist[o] == about.artist[t]).count();
        let next = order.iter().copied().filter(|t| !out.contains(t)).min_by_key(|&t| (known(t), of_genre(t), lot[t]));
        let Some(next) = next else { break };
        out.push(next);
    }
    out
}

fn title(corpus: &Corpus, track: usize) -> String {
    let item = &corpus.items[track];
    let name = || crate::text::sanitize(&item.path.file_name().unwrap_or_default().to_string_lossy());
    let title = if item.title.is_empty() { name() } else { item.title.clone() };
    if item.artist.is_empty() { title } else { format!("{} – {title}", item.artist) }
}

/// The most probable tags of a track, then the ends of the dimensions in which its scores are
/// largest.
fn said(space: &Space, heard: &Heard, track: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    if let Some(Some(row)) = heard.probabilities.get(track) {
        let likely = words::top(row, TAGS).into_iter().filter(|&tag| row[tag] >= LEAST);
        out.extend(likely.filter_map(|tag| heard.tags.get(tag).cloned()));
    }
    let z = space.z(track as u32);
    let mut far: Vec<(f32, &Axis)> = heard.axes.iter().take(DIMS).enumerate().map(|(d, axis)| (z[d], axis)).collect();
    far.retain(|(z, axis)| z.abs() >= FAR && !axis.name.is_empty());
    far.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    out.extend(far.iter().take(ENDS).map(|(z, axis)| if *z < 0.0 { axis.low.clone() } else { axis.high.clone() }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use crate::eval::row::{Kind, Points};

    #[test]
    fn genres_come_in_turn_and_words_are_said() {
        let item = |i: usize| Item {
            title: format!("t{i}"),
            artist: format!("a{}", i / 2),
            genre: Some(if i < 30 { "rock" } else { "jazz" }.into()),
            ..Item::default()
        };
        let corpus = Corpus { items: (0..40).map(item).collect(), ..Corpus::default() };
        let about = Relations::of(&corpus.items);
        let row = Row::of(Kind::Current, "c", "", Points { dims: 1, values: (0..40).map(|i| i as f32).collect() });
        let heard = Heard {
            axes: vec![Axis { name: "jazz".into(), low: "not jazzy".into(), high: "jazz".into() }],
            tags: vec!["old".into(), "new".into()],
            probabilities: (0..40).map(|i| Some(vec![0.05, i as f32 / 40.0])).collect(),
        };
        let seeds = of(&corpus, &about, &row, &heard, 4, 1);
        let genres: Vec<&str> = seeds.iter().map(|s| s.track.genre.as_str()).collect();
        assert_eq!(genres.iter().filter(|g| **g == "jazz").count(), 2, "{genres:?}");
        assert!(seeds.iter().all(|s| s.near.len() == 5 && s.near.is_sorted_by(|a, b| a.distance <= b.distance)));
        let space = row.space(None).unwrap();
        assert_eq!(said(&space, &heard, 39), ["new", "jazz"]);
        assert_eq!(said(&space, &heard, 0), ["not jazzy"]);
        assert!(said(&space, &heard, 20) == ["new"] && of(&corpus, &about, &Row::random(), &heard, 4, 1).is_empty());
    }
}
