//! Creates models/musicnn-axes.safetensors: the linear map from the vector of the public tagger MSD_musicnn to
//! dimensions with the meaning of the shipped encoder's. `musicnn_axes WHEEL DIR OUT [ENCODER]` runs both on patches of
//! distil:DIR (scripts/teacher.py).
//!
//!     cargo run --example musicnn_axes -- musicnn-0.1.0-py3-none-any.whl labels models/musicnn-axes.safetensors

mod support;

use std::path::Path;
use std::process::ExitCode;

use jukebox::analysis::model::SHIPPED;
use jukebox::training::{DataSet, Part, tagger};
use jukebox_encoder::import::Axes;
use jukebox_encoder::{DIMS, Device, Encoder};

/// Number of patches, spread over the data.
const PATCHES: usize = 6000;
const USAGE: &str = "usage: musicnn_axes WHEEL DIR OUT [ENCODER]";

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let args = support::args();
    let (wheel, labels, out, own) = match &args[..] {
        [wheel, labels, out] => (wheel, labels, out, None),
        [wheel, labels, out, own] => (wheel, labels, out, Some(own)),
        _ => return Err(USAGE.into()),
    };
    let words = |e: anyhow::Error| format!("{e:#}");
    let weights = match own {
        Some(file) => std::fs::read(file).map_err(|e| format!("{file}: {e}"))?,
        None => SHIPPED.to_vec(),
    };
    let ear = Encoder::load(&weights, Device::Cpu).map_err(words)?;
    let data = DataSet::distilled(Path::new(labels))?;
    let every: Vec<usize> = data.split.of(Part::Training).collect();
    let step = every.len().div_ceil(PATCHES).max(1);
    let some: Vec<usize> = every.into_iter().step_by(step).collect();
    let images: Vec<&[u8]> = some.iter().map(|&i| data.clips.image(i)).collect();
    let tracks: Vec<u32> = some.iter().map(|&i| data.track[i]).collect();
    let latents: Vec<[f32; DIMS]> = ear.encode(&images).map_err(words)?.iter().map(|e| e.latent).collect();
    let plain = tagger::import(Path::new(wheel), &Axes::none(), false)?;
    let said = Encoder::load(&plain, Device::Cpu).map_err(words)?.guess(&images).map_err(words)?;
    let vectors: Vec<Vec<f32>> = said.into_iter().map(|g| g.vector).collect();
    let axes = Axes::fit(&vectors, &latents, &tracks, &ear.card().axes).map_err(words)?;
    let heard: Vec<[f32; DIMS]> = vectors.iter().map(|v| axes.latent(v)).collect();
    println!("{} patches; correlation of each dimension with the encoder's:", images.len());
    for d in 0..DIMS {
        let name = ear.card().axes.get(d).map_or("", |a| &a.name);
        println!("{:>2} {name:<14} {:.2}", d + 1, correlation(&heard, &latents, d));
    }
    std::fs::write(out, axes.write().map_err(words)?).map_err(|e| format!("{out}: {e}"))
}

fn correlation(a: &[[f32; DIMS]], b: &[[f32; DIMS]], d: usize) -> f64 {
    let n = a.len() as f64;
    let mean = |of: &dyn Fn(usize) -> f64| (0..a.len()).map(of).sum::<f64>() / n;
    let (x, y) = (|i: usize| f64::from(a[i][d]), |i: usize| f64::from(b[i][d]));
    let (mx, my) = (mean(&x), mean(&y));
    let [xy, xx, yy] =
        [mean(&|i| (x(i) - mx) * (y(i) - my)), mean(&|i| (x(i) - mx).powi(2)), mean(&|i| (y(i) - my).powi(2))];
    xy / (xx * yy).sqrt().max(1e-12)
}
