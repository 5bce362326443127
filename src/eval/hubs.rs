//! Hubness: how evenly tracks are distributed over the neighbour lists of others.

use crate::measure::hubness;

use super::corpus::Relations;
use super::findings::Hubs;
use super::ranking::{Ranking, nearest};

/// Length of a neighbour list.
const LIST: usize = 10;
/// Number of nearest neighbours in which a track counts as reachable.
const REACH: usize = 20;
/// The largest count of each bin of [`Hubs::occurrence`] except the last, which is open.
pub const BINS: [u32; 6] = [0, 2, 5, 10, 20, 40];

/// Ranks the tracks of `sample` against each other, excluding other versions of the query.
pub fn of(row: &str, name: &str, ranking: &dyn Ranking, about: &Relations, sample: &[usize], lot: &[u32]) -> Hubs {
    let mut place = vec![u32::MAX; about.len()];
    sample.iter().enumerate().for_each(|(i, &t)| place[t] = i as u32);
    let lists: Vec<Vec<u32>> = sample
        .iter()
        .map(|&q| {
            let keep = |t: usize| t != q && place[t] != u32::MAX && !about.same_song(t, q);
            let order = nearest(&ranking.distances(q), lot, keep);
            order.into_iter().take(REACH).map(|t| place[t as usize]).collect()
        })
        .collect();
    let counted = |k: usize| hubness::occurrences(sample.len(), lists.iter().map(|l| &l[..k.min(l.len())]));
    let tens = counted(LIST);
    let mut occurrence = [0; BINS.len() + 1];
    tens.iter().for_each(|o| occurrence[BINS.partition_point(|b| b < o)] += 1);
    Hubs {
        row: row.into(),
        ranking: name.into(),
        tracks: sample.len(),
        skewness: hubness::skewness(&tens),
        max_hub: hubness::max_hub(&tens, LIST),
        anti_hubs: hubness::anti_hubs(&tens),
        robin_hood: hubness::robin_hood(&tens),
        reachable: hubness::reachability(&counted(REACH)),
        occurrence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use crate::eval::ranking::lots;

    /// A ranking in which the same ten tracks are nearest to every track.
    struct Crowd;

    impl Ranking for Crowd {
        fn distances(&self, _: usize) -> Vec<f32> {
            (0..40).map(|t| t as f32).collect()
        }
    }

    #[test]
    fn a_crowd_has_hubs() {
        let about = Relations::of(&vec![Item::default(); 40]);
        let all: Vec<usize> = (0..40).collect();
        let hubs = of("row", "crowd", &Crowd, &about, &all, &lots(40, 1));
        // The first ten are in all lists but their own; the eleventh is in those of the first ten.
        assert_eq!((hubs.max_hub, hubs.anti_hubs, hubs.reachable), (3.9, 29.0 / 40.0, 21.0 / 40.0));
        assert_eq!(hubs.occurrence, [29, 0, 0, 1, 0, 10, 0]);
        assert!(hubs.skewness > 0.9 && hubs.robin_hood > 0.7, "{hubs:?}");
        let half = of("row", "crowd", &Crowd, &about, &all[20..], &lots(40, 1));
        assert_eq!((half.tracks, half.occurrence.iter().sum::<usize>()), (20, 20));
    }
}
