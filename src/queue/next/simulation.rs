//! Simulated users with known habits, to test what a model learns from histories with and without a
//! pattern. `cargo run --example next_track` prints the table.

use fastrand::Rng;

use super::lesson::{Heard, Lesson};
use crate::latent::{DIMS, Latent, simulation::normal};

/// Percentage of plays that are skipped.
const SKIPS: u32 = 10;

/// How a simulated user chooses the next track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// A fixed step further in four dimensions.
    Step,
    /// Two opposite styles alternate.
    Alternate,
    /// Every third track is near the session's first, the others are random.
    Return,
    /// Near the mean of the session so far; order does not matter.
    Neighbourhood,
    /// Near the session's first track; order does not matter.
    Round,
    /// A random track.
    Anywhere,
}

impl Habit {
    /// All habits, those with a rule first.
    pub const ALL: [Habit; 6] =
        [Habit::Step, Habit::Alternate, Habit::Return, Habit::Neighbourhood, Habit::Round, Habit::Anywhere];

    /// Whether the next track depends on the order of the previous ones.
    pub fn has_rule(self) -> bool {
        matches!(self, Habit::Step | Habit::Alternate | Habit::Return)
    }

    /// A short description.
    pub fn name(self) -> &'static str {
        match self {
            Habit::Step => "a step further each time",
            Habit::Alternate => "two styles in turn",
            Habit::Return => "back to the first, every third",
            Habit::Neighbourhood => "near the session's mean",
            Habit::Round => "near the session's first",
            Habit::Anywhere => "anywhere",
        }
    }
}

/// A library of `tracks` tracks in six overlapping clusters.
pub fn library(seed: u64, tracks: usize) -> Vec<Latent> {
    let mut rng = Rng::with_seed(seed);
    let centres: Vec<Latent> = (0..6).map(|_| std::array::from_fn(|_| 0.7 * normal(&mut rng))).collect();
    (0..tracks).map(|i| std::array::from_fn(|d| centres[i % 6][d] + 0.7 * normal(&mut rng))).collect()
}

/// Simulates a history of at least `plays` plays, in sessions of 6 to 19.
pub fn history(library: &[Latent], habit: Habit, plays: usize, seed: u64) -> Lesson {
    let mut rng = Rng::with_seed(seed);
    let mut dims: Vec<usize> = (0..DIMS).collect();
    rng.shuffle(&mut dims);
    let mut user = User { library, habit, dims, rng };
    let mut lesson = Lesson { generation: "simulated".into(), library: library.to_vec(), ..Lesson::default() };
    let mut so_far = 0;
    while so_far < plays {
        let session = user.session();
        so_far += session.len();
        lesson.sessions.push(session);
    }
    lesson
}

struct User<'a> {
    library: &'a [Latent],
    habit: Habit,
    /// All dimensions in random order; the habit uses the first ones.
    dims: Vec<usize>,
    rng: Rng,
}

impl User<'_> {
    fn session(&mut self) -> Vec<Heard> {
        let length = self.rng.usize(6..20).min(self.library.len() / 2);
        let mut heard: Vec<u32> = vec![self.rng.u32(..self.library.len() as u32)];
        while heard.len() < length {
            let next = self.next(&heard);
            heard.push(next);
        }
        let mut play = |(i, row): (usize, u32)| {
            let skipped = self.rng.u32(..100) < SKIPS;
            let completion = if skipped { self.rng.f32() * 0.3 } else { 1.0 };
            let gap = (i > 0).then(|| self.rng.f32() * 20.0);
            Heard { row, completion: Some(completion), skipped: Some(skipped), gap, wanted: !skipped }
        };
        heard.into_iter().enumerate().map(&mut play).collect()
    }

    fn next(&mut self, heard: &[u32]) -> u32 {
        let n = self.library.len();
        let z = |row: u32| &self.library[row as usize];
        let (first, last) = (heard[0], heard[heard.len() - 1]);
        let few = (n / 40).clamp(2, 20);
        match self.habit {
            Habit::Step => {
                let (planted, others) = self.dims.split_at(4);
                let mut weights = [0.0; DIMS];
                let mut aim = *z(last);
                planted.iter().for_each(|&d| {
                    weights[d] = 1.0;
                    aim[d] += 0.8;
                });
                others.iter().for_each(|&d| weights[d] = 0.1);
                self.near(&aim, &weights, few, heard)
            }
            Habit::Alternate => {
                // The styles are scores below −0.3 and above 0.3 in one dimension.
                let d = self.dims[0];
                let side = if z(last)[d] > 0.0 { -1.0 } else { 1.0 };
                let fits = |row: &u32| z(*row)[d] * side > 0.3 && !heard.contains(row);
                let all: Vec<u32> = (0..n as u32).filter(fits).collect();
                if all.is_empty() { self.anywhere(heard) } else { all[self.rng.usize(..all.len())] }
            }
            Habit::Return if heard.len().is_multiple_of(3) => self.near(&z(first).clone(), &[1.0; DIMS], few, heard),
            Habit::Neighbourhood => {
                let mean =
                    std::array::from_fn(|d| heard.iter().map(|&row| z(row)[d]).sum::<f32>() / heard.len() as f32);
                self.near(&mean, &[1.0; DIMS], n / 20, heard)
            }
            Habit::Round => self.near(&z(first).clone(), &[1.0; DIMS], n / 10, heard),
            Habit::Return | Habit::Anywhere => self.anywhere(heard),
        }
    }

    fn anywhere(&mut self, heard: &[u32]) -> u32 {
        let left: Vec<u32> = (0..self.library.len() as u32).filter(|row| !heard.contains(row)).collect();
        left[self.rng.usize(..left.len())]
    }

    /// A random one of the `count` unplayed tracks nearest to `point` under the weighted squared
    /// distance.
    fn near(&mut self, point: &Latent, weights: &[f32; DIMS], count: usize, heard: &[u32]) -> u32 {
        let distance = |z: &Latent| (0..DIMS).map(|d| weights[d] * (z[d] - point[d]).powi(2)).sum::<f32>();
        let mut all: Vec<(f32, u32)> =
            self.library.iter().map(distance).zip(0..).filter(|(_, row)| !heard.contains(row)).collect();
        let count = count.clamp(1, all.len());
        all.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all[self.rng.usize(..count)].1
    }
}
