//! A data set in memory.

use jukebox_encoder::Input;
use jukebox_encoder::train::Clips;

use crate::training::split::{Part, Split};

/// A track that clips are taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its artist in one spelling per artist; "" when the data does not say.
    pub artist: String,
    /// Its album, "" when unknown; albums of different artists have different names here.
    pub album: String,
    /// A name for display: its title, its file, its number.
    pub name: String,
}

/// A data set in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    /// The names of the genres, sorted.
    pub genres: Vec<String>,
    /// The names of a teacher's tags, for which the clips have logits; empty if they have none.
    pub tags: Vec<String>,
    /// The part of every clip; all clips of a track are in one.
    pub split: Split,
    /// All clips. A track of several genres has the first as its genre, and its target is shared evenly by all.
    pub clips: Clips,
    /// The tracks.
    pub tracks: Vec<Source>,
    /// The track of every clip: a position in `tracks`.
    pub track: Vec<u32>,
    /// Every track's genres: positions in `genres`, the principal one first.
    pub labels: Vec<Vec<u16>>,
    /// What was left out or merged, and why; a sentence each.
    pub notes: Vec<String>,
    /// The kind of image of its clips.
    pub image: Input,
    /// The name of the data set.
    pub name: String,
}

impl DataSet {
    /// The clips of one part.
    pub fn part(&self, part: Part) -> Clips {
        self.some(self.split.of(part))
    }

    /// These clips, given by their positions.
    pub(in crate::training) fn some(&self, some: impl Iterator<Item = usize>) -> Clips {
        let of = |values: &[f32]| values.len().checked_div(self.clips.genres.len()).unwrap_or(0);
        let (bytes, shares, wide) = (self.clips.bytes(), of(&self.clips.targets), of(&self.clips.teacher));
        let (tags, described) = (of(&self.clips.logits), of(&self.clips.descriptors));
        let Clips { bands, steps, power, .. } = self.clips;
        let descriptor_names = self.clips.descriptor_names.clone();
        let mut clips = Clips { bands, steps, power, descriptor_names, ..Clips::default() };
        for i in some {
            clips.strobes.extend_from_slice(&self.clips.strobes[i * bytes..(i + 1) * bytes]);
            clips.genres.push(self.clips.genres[i]);
            clips.tracks.push(self.track[i]);
            clips.targets.extend_from_slice(&self.clips.targets[i * shares..(i + 1) * shares]);
            clips.teacher.extend_from_slice(&self.clips.teacher[i * wide..(i + 1) * wide]);
            clips.logits.extend_from_slice(&self.clips.logits[i * tags..(i + 1) * tags]);
            clips.descriptors.extend_from_slice(&self.clips.descriptors[i * described..(i + 1) * described]);
        }
        clips
    }

    /// The track of every clip of one part, as many as [`DataSet::part`] has: positions in [`DataSet::tracks`].
    pub fn tracks_of(&self, part: Part) -> Vec<u32> {
        self.split.of(part).map(|i| self.track[i]).collect()
    }

    /// Whether a test part exists for the guard, with genres or a teacher's outputs to judge by.
    pub fn can_judge(&self) -> bool {
        !self.genres.is_empty() || self.split.of(Part::Test).next().is_some()
    }

    /// The sum of the teacher's vectors over each of these tracks' clips; empty vectors without a teacher.
    pub(in crate::training) fn said_of(&self, tracks: &[u32]) -> Vec<Vec<f32>> {
        let wide = self.clips.teacher.len() / self.track.len().max(1);
        let mut sums = vec![vec![0.0f32; wide]; self.tracks.len()];
        for (track, own) in self.track.iter().zip(self.clips.teacher.chunks_exact(wide.max(1))) {
            sums[*track as usize].iter_mut().zip(own).for_each(|(s, v)| *s += v);
        }
        tracks.iter().map(|t| sums.get(*t as usize).cloned().unwrap_or_default()).collect()
    }

    /// The description of the data for an encoder's file.
    pub(in crate::training) fn about(&self, training: usize) -> String {
        if self.genres.is_empty() {
            return format!("{}: {training} patches of 3 s", self.name);
        }
        let teacher = if self.clips.teacher.is_empty() { "" } else { ", VGGish as teacher" };
        format!("{}: {training} training clips of {} genres{teacher}", self.name, self.genres.len())
    }
}
