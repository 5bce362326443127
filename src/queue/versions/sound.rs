//! Pairs of tracks with similar sound and duration, found without comparing every track with every other.

use crate::latent::{DIMS, Latent, Scorer, Space};

/// Durations of one recording differ by no more, in seconds: a file with a cut end, another encoder's silence.
pub(super) const WINDOW: f64 = 6.0;
/// So many of the tracks of one second of duration are looked at, at most: in a library of clips that all last alike,
/// time stays in bounds, and the likeliest pairs are compared.
const MOST: usize = 2048;
/// Of the first scores none differs by more than this many times the limit of the root mean square: of copies right at
/// the limit one in twenty is lost so, of those at half of it none.
const REACH: f32 = 2.5;
/// So many of them are looked at before the rest.
const FIRST: usize = 4;
/// Steps to one unit of a normal score, where scores are bytes.
const STEPS: f32 = 40.0;
/// A library is measured at so many tracks …
const SAMPLE: usize = 32;
/// … by their so-many-th neighbour: the first few may be copies.
const NEIGHBOUR: usize = 4;

/// How far apart neighbours of this library usually are (root mean square of normal scores): the median over some tracks
/// of the distance to their fourth nearest. `None` for a library too small to say.
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
    /// Its place among all tracks.
    pub track: u32,
    /// Its duration in seconds.
    pub secs: f64,
    /// Its normal scores.
    pub z: Latent,
}

/// What [`alike`] found.
pub(super) struct Alike {
    /// Two tracks' places among all, and the root mean square difference of their scores.
    pub pairs: Vec<(u32, u32, f32)>,
    /// How many pairs of tracks were compared for it.
    pub compared: u64,
}

/// The pairs whose durations differ by at most [`WINDOW`] and whose scores by at most `limit` (root mean square).
///
/// Tracks are sorted by whole seconds and, within one, by their first score, in which a copy is never far: a track is
/// compared with a stretch of each of the next few seconds. Bytes are compared first. Of two tracks whose scores differ by
/// r, the bytes' differences add up to 32·r·40 at most (the mean is no greater than the root mean square), with 32 more
/// for rounding. `stretch` is how much wider than a normal score a number may be (`Space::stretch`).
pub(super) fn alike(mut tracks: Vec<Sounding>, limit: f32, stretch: f32) -> Alike {
    tracks.sort_by(|a, b| second(a).cmp(&second(b)).then(a.z[0].total_cmp(&b.z[0])).then(a.track.cmp(&b.track)));
    let bytes: Vec<[u8; DIMS]> = tracks.iter().map(|t| t.z.map(|z| (z * STEPS + 128.0) as u8)).collect();
    // The first score of each, side by side: they are searched most.
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
                // Of its own second those behind it, so that each pair comes once.
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

/// What the bytes of two tracks may differ by.
struct Bounds {
    each: u8,
    all: u32,
}

impl Bounds {
    fn hold(&self, a: &[u8; DIMS], b: &[u8; DIMS]) -> bool {
        // Most pairs end here.
        a.iter().zip(b).skip(1).take(FIRST).all(|(x, y)| x.abs_diff(*y) <= self.each)
            && a.iter().zip(b).map(|(x, y)| u32::from(x.abs_diff(*y))).sum::<u32>() <= self.all
    }
}

/// The root mean square difference of two tracks' scores.
pub(super) fn difference(a: &Latent, b: &Latent) -> f32 {
    (a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>() / DIMS as f32).sqrt()
}
