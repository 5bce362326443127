//! What the user asks of the next tracks beyond fitting: a course, or a blend.

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, DIMS, NAMED, Step, Way, Why};
use crate::track::TrackId;

/// The fewest tracks of a course.
pub const FEWEST: u16 = 3;
/// The most.
pub const MOST: u16 = 100;
/// How many there are when the user does not say.
pub const USUAL: u16 = 12;

/// A direction or a journey, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Tells the courses of a session apart.
    pub number: u32,
    /// Where it leads.
    pub way: Way,
    /// In how many tracks.
    pub steps: u16,
    /// The last step that was picked.
    #[serde(default)]
    pub picked: Mark,
    /// The last step that was played or plays.
    #[serde(default)]
    pub reached: Mark,
}

/// A step of a course that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which one, counted from 1; 0 before the first.
    pub at: u16,
    /// Its track; none before the first.
    pub track: Option<TrackId>,
}

impl Course {
    /// A course that begins.
    pub fn new(number: u32, way: Way, steps: u16) -> Course {
        Course { number, way, steps: steps.clamp(FEWEST, MOST), picked: Mark::default(), reached: Mark::default() }
    }

    /// A course that was written down; `None` when it makes no sense.
    pub fn checked(self) -> Option<Course> {
        let sound = match self.way {
            Way::Direction { dim, .. } => usize::from(dim) < ALL_DIMS && !goes_round(dim),
            Way::Journey { from, to } => from != to,
        };
        (sound && (FEWEST..=MOST).contains(&self.steps) && self.picked.at <= self.steps).then_some(self)
    }

    /// How many steps are still to be picked.
    pub fn left(&self) -> usize {
        usize::from(self.steps.saturating_sub(self.picked.at))
    }

    /// What stood ahead gives way: it goes on from the last step that was played.
    pub fn rewind(&mut self) {
        self.picked = self.reached;
    }

    /// Takes note of an answer's picks. One that holds others behind the steps says that the library has no more of
    /// them, and the course ends with what there is.
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

    /// Takes note of what plays.
    pub fn reach(&mut self, track: TrackId, why: &Why) {
        if let Some(step) = self.own(why).filter(|step| step.at >= self.reached.at) {
            self.reached = Mark { at: step.at, track: Some(track) };
        }
    }

    /// The step that a pick is of this course.
    pub fn own<'a>(&self, why: &'a Why) -> Option<&'a Step> {
        why.step.as_ref().filter(|step| step.course == self.number)
    }
}

/// Whether a dimension (counted from 0) has no ends: the key. The tempo goes round too, but is taken in one octave, 80
/// to 160 beats a minute, as it is told.
pub fn goes_round(dim: u8) -> bool {
    let named = usize::from(dim).checked_sub(DIMS).and_then(|i| NAMED.get(i));
    named.is_some_and(|n| n.circular && n.name != "tempo")
}

/// Sets to be like, and sets to be unlike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blend {
    /// Each counts the same, however many tracks it has.
    pub plus: Vec<Vec<TrackId>>,
    /// These push away by half as much.
    pub minus: Vec<Vec<TrackId>>,
}
