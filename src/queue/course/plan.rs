//! What the user asks of the next tracks beyond fitting the playlist: a course, or a blend.

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, DIMS, NAMED, Step, Way, Why};
use crate::track::TrackId;

/// The fewest tracks of a course.
pub const FEWEST: u16 = 3;
/// The most tracks of a course.
pub const MOST: u16 = 100;
/// The default number of tracks.
pub const USUAL: u16 = 12;

/// The most points that a journey goes by.
pub const MOST_VIA: usize = 4;

/// A direction or a journey, and its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Identifies the course within a session.
    pub number: u32,
    /// Where it leads.
    pub way: Way,
    /// Its number of tracks.
    pub steps: u16,
    /// The tracks that a journey goes by, in this order.
    #[serde(default)]
    pub via: [Option<TrackId>; MOST_VIA],
    /// Which of many ways a journey takes; 0 for the straight one.
    #[serde(default)]
    pub seed: u32,
    /// The last step that was picked.
    #[serde(default)]
    pub picked: Mark,
    /// The last step that was played or plays.
    #[serde(default)]
    pub reached: Mark,
}

/// A step of a course that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// 1-based step; 0 before the first.
    pub at: u16,
    /// Its track; none before the first.
    pub track: Option<TrackId>,
}

impl Course {
    /// A course at its beginning.
    pub fn new(number: u32, way: Way, steps: u16) -> Course {
        let (picked, reached) = (Mark::default(), Mark::default());
        Course { number, way, steps: steps.clamp(FEWEST, MOST), via: [None; MOST_VIA], seed: 0, picked, reached }
    }

    /// A journey by way of these tracks, of which the first [`MOST_VIA`] count; the same seed takes the same way.
    #[must_use]
    pub fn by(self, via: &[TrackId], seed: u32) -> Course {
        Course { via: std::array::from_fn(|n| via.get(n).copied()), seed, ..self }
    }

    /// The points of a journey, both ends among them; none of a direction.
    pub fn points(&self) -> Vec<TrackId> {
        match self.way {
            Way::Direction { .. } => Vec::new(),
            Way::Journey { from, to } => {
                std::iter::once(from).chain(self.via.iter().flatten().copied()).chain([to]).collect()
            }
        }
    }

    /// The fewest tracks with which it comes to all of its points.
    pub fn fewest(&self) -> u16 {
        FEWEST.max(self.points().len() as u16)
    }

    /// Whether it goes anywhere from each of its points.
    pub fn leads_on(&self) -> bool {
        self.points().windows(2).all(|pair| pair[0] != pair[1])
    }

    /// A deserialised course; `None` when it is invalid.
    pub fn checked(self) -> Option<Course> {
        let sound = match self.way {
            Way::Direction { dim, .. } => usize::from(dim) < ALL_DIMS && !goes_round(dim),
            Way::Journey { .. } => self.leads_on(),
        };
        (sound && (self.fewest()..=MOST).contains(&self.steps) && self.picked.at <= self.steps).then_some(self)
    }

    /// How many steps are still to be picked.
    pub fn left(&self) -> usize {
        usize::from(self.steps.saturating_sub(self.picked.at))
    }

    /// Discards the upcoming picks: the course continues from the last step that was played.
    pub fn rewind(&mut self) {
        self.picked = self.reached;
    }

    /// Records the picks of one request. Picks that are not steps mean that the library has no more
    /// steps, which ends the course.
    pub fn note<'a>(&mut self, picks: impl IntoIterator<Item = (TrackId, &'a Why)>) {
        let mut others = false;
        for (track, why) in picks {
            match self.own(why) {
                Some(step) => self.picked = Mark { at: step.at, track: Some(track) },
                None => others = true,
            }
        }
        if others {
            self.picked.at = self.steps;
        }
    }

    /// Records what is playing.
    pub fn reach(&mut self, track: TrackId, why: &Why) {
        if let Some(step) = self.own(why).filter(|step| step.at >= self.reached.at) {
            self.reached = Mark { at: step.at, track: Some(track) };
        }
    }

    /// The step of this course that a pick represents, if any.
    pub fn own<'a>(&self, why: &'a Why) -> Option<&'a Step> {
        why.step.as_ref().filter(|step| step.course == self.number)
    }
}

/// Whether a dimension (0-based) has no ends: the key. The tempo is circular too, but is taken within one octave, 80
/// to 160 beats per minute, as it is displayed.
pub fn goes_round(dim: u8) -> bool {
    let named = usize::from(dim).checked_sub(DIMS).and_then(|i| NAMED.get(i));
    named.is_some_and(|n| n.circular && n.name != "tempo")
}

/// Sets to be like, and sets to be unlike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blend {
    /// The sets to be like; each counts the same, whatever its size.
    pub plus: Vec<Vec<TrackId>>,
    /// The sets to be unlike; these count half.
    pub minus: Vec<Vec<TrackId>>,
}
