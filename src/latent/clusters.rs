//! Groups of tracks that sound alike: k-means on [`Space::point`](super::Space::point).

use fastrand::Rng;

use super::{DIMS, Latent};

/// Maximum rounds of k-means; it converges long before.
const ROUNDS: usize = 50;
/// How often k-means is begun for each number of groups.
const STARTS: u64 = 8;

/// Splits points into groups of at least `least` points each, as many of `sizes` as tell them apart best: by the mean
/// silhouette, with the distances to the groups' centres in place of those to their points. The indices of the points by
/// group, the largest group first. The same seed gives the same groups. Empty where there are too few points.
pub fn clusters(points: &[Latent], sizes: std::ops::RangeInclusive<usize>, least: usize, seed: u64) -> Vec<Vec<usize>> {
    let fewest = (*sizes.start()).max(1);
    if points.len() < fewest * least.max(1) {
        return Vec::new();
    }
    let mut best: Option<(f32, Vec<Vec<usize>>)> = None;
    for k in sizes {
        for start in 0..STARTS {
            let mut rng = Rng::with_seed(seed.wrapping_mul(STARTS).wrapping_add(start));
            let (group, centres) = settled(points, scattered(points, k, &mut rng));
            let groups = by_group(&group, k);
            if groups.iter().any(|group| group.len() < least) {
                continue;
            }
            let worth = silhouette(points, &group, &centres);
            if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                best = Some((worth, groups));
            }
        }
    }
    // A few odd ones among many that are alike: the long side is cut into equal parts.
    best.map_or_else(|| slices(points, fewest), |(_, groups)| groups)
}

/// k-means from these centres: the group of each point, and the groups' means.
pub(super) fn settled(points: &[Latent], mut centres: Vec<Latent>) -> (Vec<usize>, Vec<Latent>) {
    let mut group = vec![usize::MAX; points.len()];
    for _ in 0..ROUNDS {
        let near = |p: &Latent| {
            (0..centres.len())
                .min_by(|&a, &b| square(p, &centres[a]).total_cmp(&square(p, &centres[b])))
                .unwrap_or_default()
        };
        let next: Vec<usize> = points.iter().map(near).collect();
        if next == group {
            break;
        }
        group = next;
        for (c, centre) in centres.iter_mut().enumerate() {
            let own = points.iter().zip(&group).filter(|(_, g)| **g == c).map(|(p, _)| p);
            if own.clone().next().is_some() {
                *centre = mean(own);
            }
        }
    }
    (group, centres)
}

/// The indices of the points of each of `k` groups, the largest group first.
pub(super) fn by_group(group: &[usize], k: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = (0..k).map(|c| (0..group.len()).filter(|&i| group[i] == c).collect()).collect();
    groups.sort_by_key(|g| (std::cmp::Reverse(g.len()), g.first().copied()));
    groups
}

/// Centres drawn among the points, each with a chance that grows with its squared distance from those before
/// (k-means++, Arthur and Vassilvitskii 2007).
fn scattered(points: &[Latent], k: usize, rng: &mut Rng) -> Vec<Latent> {
    let mut centres = vec![points[rng.usize(..points.len())]];
    while centres.len() < k {
        let gap = |p: &Latent| centres.iter().map(|c| square(p, c)).fold(f32::INFINITY, f32::min);
        let gaps: Vec<f32> = points.iter().map(gap).collect();
        let mut lot = rng.f32() * gaps.iter().sum::<f32>();
        let drawn = gaps.iter().position(|gap| {
            lot -= gap;
            lot < 0.0
        });
        centres.push(points[drawn.unwrap_or(points.len() - 1)]);
    }
    centres
}

/// How clearly the groups are told apart, −1 to 1.
fn silhouette(points: &[Latent], group: &[usize], centres: &[Latent]) -> f32 {
    let one = |(p, &own): (&Latent, &usize)| {
        let to = |c: usize| square(p, &centres[c]).sqrt();
        let inside = to(own);
        let outside = (0..centres.len()).filter(|c| *c != own).map(to).fold(f32::INFINITY, f32::min);
        if outside.is_finite() && outside.max(inside) > 0.0 { (outside - inside) / outside.max(inside) } else { 0.0 }
    };
    points.iter().zip(group).map(one).sum::<f32>() / points.len().max(1) as f32
}

/// Equal parts along the line between the two ends of the set: the point farthest from the mean, and that farthest from it.
fn slices(points: &[Latent], parts: usize) -> Vec<Vec<usize>> {
    let farthest = |from: &Latent| points.iter().max_by(|a, b| square(a, from).total_cmp(&square(b, from)));
    let Some(a) = farthest(&mean(points.iter())) else { return Vec::new() };
    let b = farthest(a).unwrap_or(a);
    let along = |p: &Latent| (0..DIMS).map(|d| (p[d] - a[d]) * (b[d] - a[d])).sum::<f32>();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&i, &j| along(&points[i]).total_cmp(&along(&points[j])).then(i.cmp(&j)));
    let mut groups: Vec<Vec<usize>> = (0..parts)
        .map(|n| order[n * order.len() / parts..(n + 1) * order.len() / parts].to_vec())
        .filter(|part| !part.is_empty())
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// The squared distance of two points.
pub(super) fn square(a: &Latent, b: &Latent) -> f32 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// The mean of some points; 0 of none.
pub(super) fn mean<'a>(points: impl Iterator<Item = &'a Latent>) -> Latent {
    let mut sum = [0.0; DIMS];
    let mut n = 0.0;
    for point in points {
        sum.iter_mut().zip(point).for_each(|(s, p)| *s += p);
        n += 1.0;
    }
    sum.map(|s| if n > 0.0 { s / n } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::super::simulation::normal;
    use super::*;

    /// `each` points around every one of `k` far centres, in turns.
    fn clouds(k: usize, each: usize) -> Vec<Latent> {
        let mut rng = Rng::with_seed(4);
        let centres: Vec<Latent> = (0..k).map(|_| std::array::from_fn(|_| 3.0 * normal(&mut rng))).collect();
        (0..k * each).map(|i| std::array::from_fn(|d| centres[i % k][d] + 0.5 * normal(&mut rng))).collect()
    }

    #[test]
    fn clouds_are_found_and_counted() {
        for k in 3..=6 {
            let points = clouds(k, 12);
            let groups = clusters(&points, 3..=6, 5, 1);
            assert_eq!(groups.len(), k);
            for group in &groups {
                assert_eq!(group.len(), 12);
                assert!(group.iter().all(|i| i % k == group[0] % k), "{k}: {group:?}");
            }
            assert_eq!(groups, clusters(&points, 3..=6, 5, 1), "the same seed, the same groups");
        }
    }

    #[test]
    fn every_point_is_in_one_group_and_none_is_small() {
        // One odd point far from many that are alike.
        let mut points = vec![[0.0; DIMS]; 40];
        for (i, point) in points.iter_mut().enumerate() {
            point[0] = i as f32 * 0.01;
        }
        points.push([100.0; DIMS]);
        let groups = clusters(&points, 3..=6, 10, 1);
        assert!((3..=6).contains(&groups.len()) && groups.iter().all(|group| group.len() >= 10), "{groups:?}");
        let mut all = groups.concat();
        all.sort_unstable();
        assert_eq!(all, (0..41).collect::<Vec<_>>());
    }

    #[test]
    fn too_few_points_have_no_groups() {
        assert!(clusters(&clouds(3, 4), 3..=6, 5, 1).is_empty());
        assert!(clusters(&[], 3..=6, 5, 1).is_empty());
        let alike = vec![[1.0; DIMS]; 30];
        assert_eq!(clusters(&alike, 3..=6, 5, 1).iter().map(Vec::len).sum::<usize>(), 30);
    }
}
