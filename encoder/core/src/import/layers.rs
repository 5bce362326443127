//! Converts the checkpoint's tensors to those of the architecture `musicnn`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

use super::checkpoint::Array;
use crate::Input;
use crate::arch::musicnn::{FRONT, MIDDLE};
use crate::input::PATCH_STEP;
use crate::strobe::{Standard, grey};

/// The constant that TensorFlow adds to a variance.
const EPSILON: f32 = 1e-3;
/// Indexes of the normalisations of the pooled features and, in `LAST`, of the vector.
const POOLED: usize = 9;
const LAST: usize = 10;

pub(super) struct Layers<'a>(&'a BTreeMap<String, Array>);

impl<'a> Layers<'a> {
    pub fn of(tensors: &'a BTreeMap<String, Array>) -> Layers<'a> {
        Layers(tensors)
    }

    fn array(&self, name: &str) -> Result<&'a Array> {
        self.0.get(name).with_context(|| format!("it is not MSD_musicnn: it lacks `{name}`"))
    }

    /// The n-th normalisation as factors and offsets.
    fn norm(&self, n: usize) -> Result<[Vec<f32>; 2]> {
        let name = if n == 0 { "batch_normalization".into() } else { format!("batch_normalization_{n}") };
        let part = |part: &str| Ok::<_, anyhow::Error>(&self.array(&format!("{name}/{part}"))?.values);
        let (gamma, beta) = (part("gamma")?, part("beta")?);
        let (mean, variance) = (part("moving_mean")?, part("moving_variance")?);
        ensure!([beta, mean, variance].iter().all(|v| v.len() == gamma.len()), "`{name}` does not fit together");
        let factor: Vec<f32> = gamma.iter().zip(variance).map(|(g, v)| g / (v + EPSILON).sqrt()).collect();
        let offset = beta.iter().zip(mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
        Ok([factor, offset])
    }

    /// The normalisation of the input levels, as a standardisation of nibbles.
    pub fn input(&self) -> Result<Standard> {
        let [factor, offset] = self.norm(0)?;
        let (Some(&factor), Some(&offset)) = (factor.first(), offset.first()) else {
            bail!("its input has no channel")
        };
        ensure!(factor > 0.0 && factor.is_finite(), "its input's factor {factor} is not above 0");
        // A nibble v is the level 0.4·v and becomes (grey(v) − mean)/std.
        let std = (grey(1) - grey(0)) / (PATCH_STEP * factor);
        let bands = Input::Patch.bands();
        Ok(Standard { mean: vec![grey(0) - offset * std; bands], std: vec![std; bands] })
    }

    /// The values of a tensor of the architecture.
    pub fn tensor(&mut self, name: &str) -> Result<Vec<f32>> {
        let convolutions = FRONT.iter().map(|(name, ..)| *name).chain(MIDDLE);
        for (n, own) in convolutions.enumerate() {
            let Some(part) = name.strip_prefix(own).and_then(|rest| rest.strip_prefix('.')) else { continue };
            let theirs = if n == 0 { "conv2d".into() } else { format!("conv2d_{n}") };
            return match part {
                "weight" => self.kernel(&theirs, n),
                "bias" => Ok(self.array(&format!("{theirs}/bias"))?.values.clone()),
                "scale.factor" => self.norm(n + 1).map(|[factor, _]| factor),
                "scale.offset" => self.norm(n + 1).map(|[_, offset]| offset),
                _ => bail!("`{name}` is unknown"),
            };
        }
        match name {
            "pooled.scale.factor" => self.norm(POOLED).map(|[factor, _]| apart(&factor)),
            "pooled.scale.offset" => self.norm(POOLED).map(|[_, offset]| apart(&offset)),
            "vector.weight" => {
                let array = self.array("dense/kernel")?;
                let &[_, wide] = &array.shape[..] else { bail!("`dense/kernel` is no matrix") };
                let column = |o: usize| apart(&array.values.iter().skip(o).step_by(wide).copied().collect::<Vec<_>>());
                Ok((0..wide).flat_map(column).collect())
            }
            "vector.bias" => Ok(self.array("dense/bias")?.values.clone()),
            "vector.scale.factor" => self.norm(LAST).map(|[factor, _]| factor),
            "vector.scale.offset" => self.norm(LAST).map(|[_, offset]| offset),
            "tags.weight" => Ok(self.array("dense_1/kernel")?.values.clone()),
            "tags.bias" => Ok(self.array("dense_1/bias")?.values.clone()),
            _ => bail!("`{name}` is unknown"),
        }
    }

    /// A kernel `[steps, bands or channels, 1, out]` as `[out, channels, bands, steps]`, with a leading tap of 0 if its
    /// number of steps is even.
    fn kernel(&self, name: &str, n: usize) -> Result<Vec<f32>> {
        let array = self.array(&format!("{name}/kernel"))?;
        let &[steps, across, 1, out] = &array.shape[..] else { bail!("`{name}` has the shape {:?}", array.shape) };
        if let Some((_, channels, [bands, taps])) = FRONT.get(n) {
            let fits = [out, across, steps + usize::from(steps % 2 == 0)] == [*channels, *bands, *taps];
            ensure!(fits, "it is not MSD_musicnn: `{name}` has the shape {:?}", array.shape);
        }
        let mut values = Vec::with_capacity(out * across * (steps + 1));
        for o in 0..out {
            for a in 0..across {
                values.extend((steps % 2 == 0).then_some(0.0));
                values.extend((0..steps).map(|s| array.values[(s * across + a) * out + o]));
            }
        }
        Ok(values)
    }
}

/// Separates alternating maxima and means of channels: all means, then all maxima.
fn apart(values: &[f32]) -> Vec<f32> {
    let means = values.iter().skip(1).step_by(2);
    means.chain(values.iter().step_by(2)).copied().collect()
}
