//! Counts of a data set, shown before training, and whether it is sufficient.

use std::collections::HashSet;
use std::fmt::Write;

use serde::Serialize;

use super::DataSet;
use super::fault::{Insufficient, Lack};
use crate::text;
use crate::training::split::Part;

/// Minimum number of held-out artists for meaningful results.
pub const HELD_OUT: usize = 8;

/// Counts of a group of tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Tracks.
    pub tracks: usize,
    /// Clips: the images of the tracks' segments.
    pub clips: usize,
    /// Artists; 0 when the data does not name them.
    pub artists: usize,
}

/// Counts of one genre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GenreAmount {
    /// Its name.
    pub name: String,
    /// All parts together. A track with several genres counts in each.
    pub all: Amount,
    /// Training, validation and test tracks.
    pub tracks: [usize; 3],
}

/// The counts of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The data set's name.
    pub data: String,
    /// Whether a teacher provides all targets, so that genres are not needed.
    pub taught: bool,
    /// All parts together.
    pub all: Amount,
    /// Training, validation and test part.
    pub parts: [Amount; 3],
    /// Artists outside the training part.
    pub held_out: usize,
    /// Every genre, by name.
    pub genres: Vec<GenreAmount>,
    /// What was left out or merged, and why.
    pub notes: Vec<String>,
}

impl Summary {
    /// Counts a data set.
    pub fn of(set: &DataSet) -> Summary {
        // All clips of a track are in one part.
        let mut parts: Vec<Option<Part>> = vec![None; set.tracks.len()];
        let mut clips = vec![0; set.tracks.len()];
        for (track, part) in set.track.iter().zip(&set.split.0) {
            parts[*track as usize] = Some(*part);
            clips[*track as usize] += 1;
        }
        let amount = |wanted: &dyn Fn(usize) -> bool| {
            let mut artists = HashSet::new();
            let mut amount = Amount::default();
            for (i, track) in set.tracks.iter().enumerate().filter(|(i, _)| wanted(*i)) {
                amount.tracks += 1;
                amount.clips += clips[i];
                if !track.artist.is_empty() {
                    artists.insert(track.artist.as_str());
                }
            }
            Amount { artists: artists.len(), ..amount }
        };
        let genre = |(name, g): (&String, u16)| {
            let has = |i: usize| set.labels[i].contains(&g);
            GenreAmount {
                name: name.clone(),
                all: amount(&has),
                tracks: Part::ALL.map(|part| amount(&|i| has(i) && parts[i] == Some(part)).tracks),
            }
        };
        Summary {
            data: set.name.clone(),
            taught: !set.tags.is_empty(),
            all: amount(&|_| true),
            parts: Part::ALL.map(|part| amount(&|i| parts[i] == Some(part))),
            held_out: amount(&|i| parts[i].is_some_and(|p| p != Part::Training)).artists,
            genres: set.genres.iter().zip(0..).map(genre).collect(),
            notes: set.notes.clone(),
        }
    }

    /// A plain-text table: the parts, every genre, then the notes.
    pub fn table(&self) -> String {
        let width =
            self.genres.iter().map(|g| text::width(&g.name)).chain(["validation".len()]).max().unwrap_or(0).min(30);
        let mut out = format!("{}\n", self.data);
        let number = |n: usize, known: bool| if known { format!("{n:>8}") } else { format!("{:>8}", "-") };
        let known = self.all.artists > 0;
        let _ = writeln!(out, "{} {:>8} {:>8} {:>8}", text::fit("", width), "artists", "tracks", "clips");
        let mut line = |name: &str, a: &Amount| {
            let _ =
                writeln!(out, "{} {} {:>8} {:>8}", text::fit(name, width), number(a.artists, known), a.tracks, a.clips);
        };
        Part::ALL.iter().zip(&self.parts).for_each(|(part, amount)| line(part.name(), amount));
        line("all", &self.all);
        if self.genres.is_empty() {
            self.notes.iter().for_each(|note| out.push_str(&format!("note: {note}\n")));
            return out;
        }
        let _ = writeln!(
            out,
            "\n{} {:>8} {:>8} {:>8} {:>10} {:>8}",
            text::fit("genre", width),
            "artists",
            "tracks",
            "training",
            "validation",
            "test"
        );
        for g in &self.genres {
            let [training, validation, test] = g.tracks;
            let _ = writeln!(
                out,
                "{} {} {:>8} {training:>8} {validation:>10} {test:>8}",
                text::fit(&g.name, width),
                number(g.all.artists, known),
                g.all.tracks
            );
        }
        for note in &self.notes {
            let _ = writeln!(out, "note: {note}");
        }
        out
    }

    /// Checks that an encoder can be trained and judged with it.
    ///
    /// # Errors
    /// What is missing, how much is needed, and how to get it.
    pub fn can_teach(&self) -> Result<(), Insufficient> {
        let lack = if !self.taught && self.genres.len() < 2 {
            match self.genres.first() {
                None => Lack::Genres,
                Some(only) => Lack::SecondGenre(only.name.clone()),
            }
        } else if self.parts[0].clips == 0 {
            Lack::Training
        } else if self.parts[1].clips == 0 {
            Lack::Validation
        } else if !self.taught && self.all.artists > 0 && self.held_out < HELD_OUT {
            Lack::HeldOut { artists: self.held_out, needed: HELD_OUT }
        } else {
            return Ok(());
        };
        Err(Insufficient { data: self.data.clone(), lack, notes: self.notes.clone() })
    }
}
