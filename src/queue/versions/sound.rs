//! Pairs of tracks with similar sound and duration, found without comparing every track with every other.

use crate::latent::{DIMS, Latent, Scorer, Space};

/// Largest difference of durations within one recording, in seconds: truncated files, encoder padding.
pub(super) const WINDOW: f64 = 6.0;
/// Maximum number of tracks within one second of duration that a track is compared with. It bounds
/// the time for libraries of clips of equal length, and keeps the likeliest pairs.
const MOST: usize = 2048;
/// The first scores may differ by at most this multiple of the RMS limit: that misses one in twenty copies right at the
/// limit, and none of those at half of it.
const REACH: f32 = 2.5;
/// Number of scores checked before the rest.
const FIRST: usize = 4;
/// Quantisation steps per unit of a normal score.
const STEPS: f32 = 40.0;
/// Number of tracks sampled to estimate the usual distance between neighbours.
const SAMPLE: usize = 32;
/// Rank of the neighbour whose distance is used: nearer ones may be copies.
const NEIGHBOUR: usize = 4;

/// The usual distance between neighbours of this library (root mean square of normal scores): the
/// median over sampled tracks of the distance to the fourth nearest. `None` for a library too small
/// to measure.
pub(super) fn neighbourly(space: &Space) -> Option<f32> {
    if space.len() < 8 * NEIGHBOUR {
        return None;
    }
    let step = space.len().div_ceil(SAMPLE);
    let fourth = |row: u32| {
        let nearest = space.scan(&Scorer::around(&space.point(row), 0..DIMS as u8), NEIGHBOUR, &|other| other != row);
        nearest.last().map(|hit| hit.distance.max(0.0).sqrt())
    };
    let mut distances: Vec<f32> = (0..space.len() as u32).step_by(step).filter_map(fourth).collect();
    distances.sort_unstable_by(f32::total_cmp);
    distances.get(distances.len() / 2).copied()
}

/// A track that can be compared.
pub(super) struct Sounding {
    /// Its index among all tracks.
    pub track: u32,
    /// Its duration in seconds.
    pub secs: f64,
    /// Its normal scores.
    pub z: Latent,
}

/// What [`alike`] found.
pub(super) struct Alike {
    /// Two tracks' indices, and the root mean square difference of their scores.
    pub pairs: Vec<(u32, u32, f32)>,
    /// Number of pairs compared.
    pub compared: u64,
}

/// The pairs whose durations differ by at most [`WINDOW`] and whose scores by at most `limit` (root mean square).
///
/// Tracks are sorted by whole seconds and, within one, by their first score, in which copies are close: a track is
/// compared with a slice of each of the next few seconds. Scores quantised to bytes are compared first. For a
/// difference r the bytes' differences sum to at most 32·r·40 (the mean does not exceed the root mean square), plus 32
/// for rounding. `stretch` is how much wider than a normal score a number may be (`Space::stretch`).
pub(super) fn alike(mut tracks: Vec<Sounding>, limit: f32, stretch: f32) -> Alike {
    tracks.sort_by(|a, b| second(a).cmp(&second(b)).then(a.z[0].total_cmp(&b.z[0])).then(a.track.cmp(&b.track)));
    let bytes: Vec<[u8; DIMS]> = tracks.iter().map(|t| t.z.map(|z| (z * STEPS + 128.0) as u8)).collect();
    // The first scores, contiguous: they are searched most.
    let firsts: Vec<f32> = tracks.iter().map(|t| t.z[0]).collect();
    let reach = REACH * stretch * limit;
    let bounds = Bounds { each: (reach * STEPS + 1.0) as u8, all: (DIMS as f32 * (limit * STEPS + 1.0)) as u32 };
    let mut starts: Vec<usize> = vec![0];
    starts.extend((1..tracks.len()).filter(|&i| second(&tracks[i]) != second(&tracks[i - 1])));
    starts.push(tracks.len());
    let (mut pairs, mut compared) = (Vec::new(), 0);
    for (n, own) in starts.windows(2).enumerate() {
        for (i, a) in (own[0]..own[1]).zip(&tracks[own[0]..own[1]]) {
            let near = starts[n..]
                .windows(2)
                .take_while(|later| tracks.get(later[0]).is_some_and(|b| second(b) <= second(a) + WINDOW as u64 + 1));
            for later in near {
                // Within its own second, only later tracks, so that each pair occurs once.
                let from = later[0].max(i + 1);
                let stretch = &firsts[from.min(later[1])..later[1]];
                let place = |score: f32| from + stretch.partition_point(|first| *first < score);
                let (mut low, mut high) = (place(a.z[0] - reach), place(a.z[0] + reach));
                if high - low > MOST {
                    let own = place(a.z[0]);
                    (low, high) = (low.max(own.saturating_sub(MOST / 2)), high.min(own + MOST / 2));
                }
                compared += (high - low) as u64;
                for j in low..high {
                    if bounds.hold(&bytes[i], &bytes[j]) && (a.secs - tracks[j].secs).abs() <= WINDOW {
                        let difference = difference(&a.z, &tracks[j].z);
                        if difference <= limit {
                            pairs.push((a.track, tracks[j].track, difference));
                        }
                    }
                }
            }
        }
    }
    Alike { pairs, compared }
}

fn second(track: &Sounding) -> u64 {
    track.secs as u64
}

/// Largest byte differences of two tracks: of one score, and summed.
struct Bounds {
    each: u8,
    all: u32,
}

impl Bounds {
    fn hold(&self, a: &[u8; DIMS], b: &[u8; DIMS]) -> bool {
        // The first few scores already reject most pairs.
        a.iter().zip(b).skip(1).take(FIRST).all(|(x, y)| x.abs_diff(*y) <= self.each)
            && a.iter().zip(b).map(|(x, y)| u32::from(x.abs_diff(*y))).sum::<u32>() <= self.all
    }
}

/// The root mean square difference of two tracks' scores.
pub(super) fn difference(a: &Latent, b: &Latent) -> f32 {
    (a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>() / DIMS as f32).sqrt()
}
