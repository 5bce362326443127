//! The clips of a step that the contrast between tracks compares.

/// What is compared with what in a shard whose clips 2k and 2k + 1 are of one track, where it has two.
pub(crate) struct Pairs {
    /// `[n, n]`: 0, or far below any likeness where a clip meets itself or a third one of its track.
    pub hidden: Vec<f32>,
    /// `[n, n]`: the share of each clip that has a partner, at its partner; the rows sum to 1 in all.
    pub partners: Vec<f32>,
}

impl Pairs {
    pub fn of(tracks: &[u32]) -> Pairs {
        let n = tracks.len();
        let partner = |i: usize| Some(i ^ 1).filter(|&j| tracks.get(j) == Some(&tracks[i]));
        let paired = (0..n).filter(|&i| partner(i).is_some()).count().max(1);
        let mut pairs = Pairs { hidden: vec![0.0; n * n], partners: vec![0.0; n * n] };
        for i in 0..n {
            for j in (0..n).filter(|&j| tracks[j] == tracks[i]) {
                match partner(i) == Some(j) {
                    true => pairs.partners[i * n + j] = 1.0 / paired as f32,
                    false => pairs.hidden[i * n + j] = -1e4,
                }
            }
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_of_one_track_are_partners_and_a_third_is_hidden() {
        let Pairs { hidden, partners } = Pairs::of(&[7, 7, 8, 9, 7]);
        let at = |m: &[f32], i: usize, j: usize| m[i * 5 + j];
        assert_eq!((at(&partners, 0, 1), at(&partners, 1, 0), partners.iter().sum::<f32>()), (0.5, 0.5, 1.0));
        let covered: Vec<(usize, usize)> = (0..25).filter(|&i| hidden[i] < 0.0).map(|i| (i / 5, i % 5)).collect();
        assert_eq!(covered, [(0, 0), (0, 4), (1, 1), (1, 4), (2, 2), (3, 3), (4, 0), (4, 1), (4, 4)]);
        assert!(Pairs::of(&[1, 2, 3]).partners.iter().all(|p| *p == 0.0), "nothing to be told apart");
    }
}
