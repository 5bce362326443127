//! Small images for quick experiments: powers averaged to 64 × 64.

use jukebox_encoder::strobe::{BANDS, STEPS};
use jukebox_encoder::{Input, SMALL, halves};

use super::fault::ClipsError;
use crate::sound::power::half;
use crate::training::DataSet;

/// Decibels between the lowest and the highest grey level of a strobe image, unless all of a clip is louder.
const RANGE: f32 = 80.0;
/// The power that the loudest place of a strobe image stands for: its level is not known, so all clips get the same one.
/// The largest powers of the eight FMA clips of docs/data.md are 416 to 6,814, their geometric mean 1,938.
const PEAK: f32 = 2000.0;

/// What the images of an experiment are, in words.
///
/// # Errors
/// When they are of a kind that has no powers.
pub fn about(set: &DataSet, full: bool) -> Result<String, ClipsError> {
    let size = match (set.image, full) {
        (Input::Strobe, true) => format!("{BANDS} × {STEPS}"),
        (Input::Power, true) => format!("{} × {}", Input::Power.bands(), Input::Power.steps()),
        (Input::Strobe | Input::Power, false) => format!("averaged to {SMALL} × {SMALL}"),
        _ => return Err(ClipsError::NoPowers(set.name.clone())),
    };
    let level = if set.image == Input::Strobe { "relative powers" } else { "powers" };
    Ok(format!("{level}, {size}"))
}

/// The data set with images of powers: those of strobe images are relative to the clip's maximum. Averaged to 64 × 64
/// unless `full`.
///
/// # Errors
/// When its images are of another kind.
pub fn powers(set: DataSet, full: bool) -> Result<DataSet, ClipsError> {
    about(&set, full)?;
    let (bands, steps) = (set.clips.bands, set.clips.steps);
    let (rows, columns) = if full { (bands, steps) } else { (SMALL, SMALL) };
    let mut clips = set.clips;
    let mut packed = Vec::with_capacity(clips.len() * rows * columns * 2);
    for clip in 0..clips.len() {
        let image = clips.image(clip);
        let values: Vec<f32> = if clips.power { halves::powers(image).collect() } else { relative(image) };
        for value in averaged(&values, [bands, steps], [rows, columns]) {
            packed.extend(half(value).to_le_bytes());
        }
    }
    (clips.bands, clips.steps, clips.power, clips.strobes) = (rows, columns, true, packed);
    // No teacher: the paper's networks learn genres alone.
    clips.teacher.clear();
    clips.logits.clear();
    Ok(DataSet { clips, ..set })
}

/// The powers that 4-bit decibels stand for.
fn relative(image: &[u8]) -> Vec<f32> {
    let levels: [f32; 16] = std::array::from_fn(|v| {
        let grey = (16.0 * v as f32 + 8.0) / 255.0;
        PEAK * 10f32.powf(RANGE * (grey - 1.0) / 10.0)
    });
    image.iter().flat_map(|b| [levels[usize::from(b >> 4)], levels[usize::from(b & 15)]]).collect()
}

/// The means over equal blocks of an image; `to` divides `from`.
fn averaged(values: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let [high, wide] = [from[0] / to[0].max(1), from[1] / to[1].max(1)];
    let block = |row: usize, column: usize| {
        let lines = (0..high).map(|y| (row * high + y) * from[1] + column * wide);
        lines.flat_map(|at| &values[at..at + wide]).sum::<f32>() / (high * wide) as f32
    };
    (0..to[0]).flat_map(|row| (0..to[1]).map(move |column| (row, column))).map(|(r, c)| block(r, c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_averaged_not_decibels() {
        // Two bands of four steps to one band of two.
        let values = [1.0, 3.0, 0.0, 0.0, 5.0, 7.0, 0.0, 8.0];
        assert_eq!(averaged(&values, [2, 4], [1, 2]), [4.0, 2.0]);
        assert_eq!(averaged(&values, [2, 4], [2, 4]), values);
    }

    #[test]
    fn the_steps_of_a_strobe_image_are_decibels_below_the_peak() {
        let powers = relative(&[0xf0]);
        // 16 grey levels of 255 are 5.02 dB.
        let decibels = 10.0 * (powers[0] / powers[1]).log10();
        assert!((decibels - 15.0 * 16.0 / 255.0 * 80.0).abs() < 0.01, "{decibels}");
        assert!((powers[0] / PEAK - 10f32.powf(-8.0 * 7.0 / 255.0)).abs() < 1e-3);
    }
}
