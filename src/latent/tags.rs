//! The tag head's output for every track, and the distribution of each tag over the library.
//!
//! A probability is stored as one byte, its logit in sixteenths: exact to 1.6 %; 50 tags of 100,000 tracks take 5 MB.

use std::sync::Arc;

/// The byte of an unknown probability.
pub(super) const UNKNOWN: u8 = 0;
/// Steps per unit of logit.
const STEPS: f32 = 16.0;
/// The byte of probability ½.
const EVEN: f32 = 128.0;

/// The tags of a library.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    names: Arc<[String]>,
    /// One row of `names.len()` bytes per track; empty where nothing is known.
    codes: Arc<[u8]>,
    /// For each tag: the mean probability over the library.
    means: Vec<f32>,
    /// For each tag: the share of tracks below each byte value, plus half of those at it.
    standing: Vec<[f32; 256]>,
    known: usize,
}

/// Encodes probabilities as bytes; NaN becomes unknown.
pub fn encode(probabilities: &[f32]) -> Box<[u8]> {
    let code = |&p: &f32| {
        let p = p.clamp(1e-6, 1.0 - 1e-6);
        let logit = (p / (1.0 - p)).ln();
        if logit.is_finite() { (logit * STEPS + EVEN).round().clamp(1.0, 255.0) as u8 } else { UNKNOWN }
    };
    probabilities.iter().map(code).collect()
}

/// The probability that a byte stands for.
fn decode(code: u8) -> Option<f32> {
    (code != UNKNOWN).then(|| 1.0 / (1.0 + (-(f32::from(code) - EVEN) / STEPS).exp()))
}

impl Tags {
    /// The tags of tracks in row order: for each, as many bytes from [`encode`] as there are names, or none.
    pub fn of<'a>(names: Arc<[String]>, rows: impl Iterator<Item = Option<&'a [u8]>>) -> Tags {
        let width = names.len();
        let mut codes = Vec::new();
        for row in rows {
            match row.filter(|row| row.len() == width) {
                Some(row) => codes.extend_from_slice(row),
                None => codes.resize(codes.len() + width, UNKNOWN),
            }
        }
        Tags::of_codes(names, codes.into())
    }

    /// The tags of tracks from all their bytes, as many for each as there are names; none at all where nothing is known.
    pub(super) fn of_codes(names: Arc<[String]>, codes: Arc<[u8]>) -> Tags {
        let width = names.len();
        let mut tags = Tags { names, codes, means: Vec::new(), standing: Vec::new(), known: 0 };
        for tag in 0..width {
            let mut counts = [0u32; 256];
            tags.codes.iter().skip(tag).step_by(width).for_each(|&code| counts[usize::from(code)] += 1);
            counts[usize::from(UNKNOWN)] = 0;
            let n = counts.iter().sum::<u32>().max(1) as f32;
            let sum = |(code, &count): (usize, &u32)| decode(code as u8).unwrap_or(0.0) * count as f32;
            tags.means.push(counts.iter().enumerate().map(sum).sum::<f32>() / n);
            let mut below = 0.0;
            tags.standing.push(std::array::from_fn(|code| {
                let at = below + 0.5 * counts[code] as f32;
                below += counts[code] as f32;
                at / n
            }));
            tags.known = tags.known.max(below as usize);
        }
        tags
    }

    /// The tags' names, as the encoder writes them.
    pub fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    /// Whether no track has known tags.
    pub fn is_empty(&self) -> bool {
        self.known == 0
    }

    /// The index of the tag with exactly this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// The probability of a tag (by index) for a row.
    pub fn probability(&self, row: u32, tag: usize) -> Option<f32> {
        decode(self.code(row, tag)?)
    }

    /// The share of the library for which a tag is less likely than for a row, 0 to 1; ties count half.
    pub fn standing(&self, row: u32, tag: usize) -> Option<f32> {
        let code = self.code(row, tag)?;
        Some(self.standing.get(tag)?[usize::from(code)])
    }

    /// The mean probability of a tag over the library.
    pub fn mean(&self, tag: usize) -> f32 {
        self.means.get(tag).copied().unwrap_or(0.0)
    }

    /// The logit of a tag for a row.
    pub fn logit(&self, row: u32, tag: usize) -> Option<f32> {
        Some((f32::from(self.code(row, tag)?) - EVEN) / STEPS)
    }

    fn code(&self, row: u32, tag: usize) -> Option<u8> {
        let width = self.names.len();
        if tag >= width {
            return None;
        }
        self.codes.get(row as usize * width + tag).copied().filter(|&code| code != UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_survive_a_byte_each() {
        for p in [0.001f32, 0.02, 0.3, 0.5, 0.97] {
            let read = decode(encode(&[p])[0]).unwrap();
            assert!((read / p - 1.0).abs() < 0.035, "{p}: {read}");
        }
        assert_eq!((encode(&[f32::NAN])[0], decode(UNKNOWN)), (UNKNOWN, None));
        assert!(decode(encode(&[0.0])[0]).unwrap() > 0.0 && decode(encode(&[1.0])[0]).unwrap() < 1.0);
    }

    #[test]
    fn a_tag_is_measured_against_the_library() {
        let names: Arc<[String]> = ["jazz".to_string(), "rock".to_string()].into();
        let rows: Vec<Box<[u8]>> =
            [[0.1, 0.9], [0.2, 0.9], [0.8, 0.9]].iter().map(|row: &[f32; 2]| encode(row)).collect();
        let known = rows.iter().map(|row| Some(&row[..])).chain([None]);
        let tags = Tags::of(names, known);
        assert!(!tags.is_empty() && tags.find("rock") == Some(1) && tags.find("Rock").is_none());
        let standing: Vec<f32> = (0..3).map(|row| tags.standing(row, 0).unwrap()).collect();
        assert!((standing[0] - 1.0 / 6.0).abs() < 1e-6 && (standing[2] - 5.0 / 6.0).abs() < 1e-6, "{standing:?}");
        assert!((tags.standing(1, 1).unwrap() - 0.5).abs() < 1e-6, "all equally likely");
        assert!((tags.mean(0) - 1.1 / 3.0).abs() < 0.01);
        assert_eq!((tags.probability(3, 0), tags.probability(0, 2), tags.probability(9, 0)), (None, None, None));
        assert!(Tags::default().is_empty() && Tags::default().standing(0, 0).is_none());
    }
}
