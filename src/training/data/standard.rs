//! Standardises a teacher's vectors for training.

use super::DataSet;
use crate::training::split::Part;

/// Scales each component of the teacher's vectors to mean 0 and variance 1 over the training
/// patches.
pub(super) fn standardise(set: &mut DataSet) {
    let n = set.track.len();
    let wide = set.clips.teacher.len() / n.max(1);
    let (mut sums, mut squares, mut count) = (vec![0.0f64; wide], vec![0.0f64; wide], 0.0f64);
    for i in set.split.of(Part::Training) {
        count += 1.0;
        for (k, v) in set.clips.teacher[i * wide..(i + 1) * wide].iter().enumerate() {
            sums[k] += f64::from(*v);
            squares[k] += f64::from(*v).powi(2);
        }
    }
    for row in set.clips.teacher.chunks_exact_mut(wide.max(1)) {
        for (k, v) in row.iter_mut().enumerate() {
            let mean = sums[k] / count.max(1.0);
            let variance = (squares[k] / count.max(1.0) - mean * mean).max(0.0);
            *v = ((f64::from(*v) - mean) / (variance.sqrt() + 1e-3)) as f32;
        }
    }
}
