//! The clips that an arm learns from, and those that it is measured on.

use std::ops::Range;

use jukebox_encoder::train::Clips;

use crate::sound::views::WINDOWS;
use crate::training::{DataSet, Part};

/// Clips to train on, to measure curves on, and to measure the end of a run on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The clips to train on.
    pub training: Clips,
    /// The clips on which curves are measured.
    pub validation: Clips,
    /// The clips on which a finished run is measured, once; none where an experiment does without.
    pub test: Clips,
    /// More clips of the tracks that are validated on, and of those of the test: where there are any, a track is measured
    /// by the mean of these.
    pub averaged: [Clips; 2],
}

impl Parts {
    /// The clips by whose mean the tracks that are validated on are measured, and those of the test.
    pub fn whole(&self) -> [&Clips; 2] {
        let [validation, test] = &self.averaged;
        [[&self.validation, validation], [&self.test, test]]
            .map(|[own, averaged]| if averaged.is_empty() { own } else { averaged })
    }

    /// A hash of these clips, with their descriptors if a run guesses them, and of the encoder that it begins from.
    pub fn hash(&self, describe: bool, start: Option<&[u8]>) -> String {
        let mut hasher = blake3::Hasher::new();
        for clips in [&self.training, &self.validation, &self.test].into_iter().chain(&self.averaged) {
            hasher.update(&(clips.len() as u64).to_le_bytes()).update(&clips.strobes).update(&clips.variants);
            for genre in &clips.genres {
                hasher.update(&genre.to_le_bytes());
            }
            for number in clips.descriptors.iter().filter(|_| describe) {
                // Of what is unknown the bits do not matter.
                let number = if number.is_nan() { f32::NAN } else { *number };
                hasher.update(&number.to_le_bytes());
            }
        }
        hasher.update(start.unwrap_or_default());
        hasher.finalize().to_hex()[..16].into()
    }
}

/// Which clips of its tracks an arm takes. All but the first are of a data set whose clips are views
/// ([`crate::sound::views`]), and have the half minute in the middle of a track for curves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Take {
    /// All clips of the data set.
    #[default]
    All,
    /// The half minute in the middle.
    Middle,
    /// Three half minutes that overlap, each a clip of its own; tracks are measured by the mean of all three.
    Windows,
    /// One of the three, drawn anew every time.
    Drawn,
    /// The one in the middle at its own pitch or at another, drawn anew every time.
    Pitched,
}

impl Take {
    /// The clips of a data set, those of its test included.
    pub fn of(self, set: &DataSet) -> Parts {
        if self == Take::All {
            let [training, validation, test] = Part::ALL.map(|part| set.part(part));
            return Parts { training, validation, test, ..Parts::default() };
        }
        let each = set.clips.len().checked_div(set.tracks.len()).unwrap_or(0).max(1);
        let some = |part: Part, views: Range<usize>| {
            set.some(set.split.of(part).filter(move |clip| views.contains(&(clip % each))))
        };
        let [training, validation, test] = Part::ALL.map(|part| some(part, 0..1));
        let mut parts = Parts { training, validation, test, ..Parts::default() };
        match self {
            Take::All | Take::Middle => {}
            Take::Windows => {
                parts.training = some(Part::Training, 0..WINDOWS);
                parts.averaged = [Part::Validation, Part::Test].map(|part| some(part, 0..WINDOWS));
            }
            Take::Drawn => parts.training.variants = some(Part::Training, 1..WINDOWS).strobes,
            Take::Pitched => parts.training.variants = some(Part::Training, WINDOWS..each).strobes,
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use jukebox_encoder::Input;

    use super::*;
    use crate::sound::views::count;
    use crate::training::{Source, Split};

    /// Four tracks of seven views; the first byte of an image says which track and view it is of.
    fn set() -> DataSet {
        let each = count(true);
        let mut clips = Clips::of(Input::Strobe);
        for clip in 0..4 * each {
            clips.strobes.extend(vec![(16 * (clip / each) + clip % each) as u8; clips.bytes()]);
            clips.genres.push(0);
        }
        let parts = [Part::Training, Part::Test, Part::Training, Part::Validation];
        DataSet {
            genres: vec!["One".into()],
            tags: Vec::new(),
            split: Split((0..4 * each).map(|clip| parts[clip / each]).collect()),
            clips,
            tracks: vec![Source::default(); 4],
            track: (0..4 * each).map(|clip| (clip / each) as u32).collect(),
            labels: vec![vec![0]; 4],
            notes: Vec::new(),
            image: Input::Strobe,
            name: "views".into(),
        }
    }

    /// The first byte of each image.
    fn firsts(strobes: &[u8]) -> Vec<u8> {
        strobes.iter().step_by(Input::Strobe.bytes()).copied().collect()
    }

    #[test]
    fn an_arm_takes_its_views() {
        let set = set();
        let of = |take: Take| {
            let parts = take.of(&set);
            let middle =
                take == Take::All || [&parts.validation, &parts.test].map(|c| firsts(&c.strobes)) == [[0x30], [0x10]];
            assert!(middle, "{take:?} is measured on the middle");
            (firsts(&parts.training.strobes), firsts(&parts.training.variants), parts)
        };
        let (all, none, parts) = of(Take::All);
        assert_eq!((all.len(), none.len(), parts.test.len()), (14, 0, 7));
        let (middle, none, parts) = of(Take::Middle);
        assert_eq!((middle, none.len(), parts.averaged), (vec![0x00, 0x20], 0, Parts::default().averaged));
        let (windows, none, parts) = of(Take::Windows);
        assert_eq!((windows, none.len()), (vec![0x00, 0x01, 0x02, 0x20, 0x21, 0x22], 0));
        assert_eq!(parts.training.tracks, [0, 0, 0, 2, 2, 2]);
        assert_eq!(parts.averaged.map(|clips| firsts(&clips.strobes)), [[0x30, 0x31, 0x32], [0x10, 0x11, 0x12]]);
        let (middle, drawn, _) = of(Take::Drawn);
        assert_eq!((middle, drawn), (vec![0x00, 0x20], vec![0x01, 0x02, 0x21, 0x22]));
        let (middle, pitched, _) = of(Take::Pitched);
        assert_eq!((middle, pitched), (vec![0x00, 0x20], vec![0x03, 0x04, 0x05, 0x06, 0x23, 0x24, 0x25, 0x26]));
    }

    #[test]
    fn a_hash_tells_what_a_run_learns_from() {
        let parts = Take::Pitched.of(&set());
        let own = parts.hash(true, None);
        assert_eq!(own, parts.clone().hash(true, None));
        assert_ne!(own, parts.hash(true, Some(&[1])));
        let changed = |change: &dyn Fn(&mut Parts), describe: bool| {
            let mut other = parts.clone();
            change(&mut other);
            other.hash(describe, None) != own
        };
        assert!(changed(&|parts| parts.training.variants[0] ^= 1, false));
        assert!(changed(&|parts| parts.test.genres[0] = 1, false));
        let describes = |parts: &mut Parts| parts.training.descriptors = vec![1.0, 2.0];
        assert!(changed(&describes, true) && !changed(&describes, false), "nobody learns them");
    }
}
