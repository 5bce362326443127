//! `distil:DIR`: a teacher's outputs for audio, as written by `scripts/teacher.py`.
//!
//! `distil.json` lists the tags and the files. Each `*.safetensors` beside it holds patches of 3 s: `mel` u8 (n,
//! frames, 96) in units of `mel_step` of log10(1 + 10⁴ power), `vector` (n, V) and `logit` (n, tags) f16, `file` (n)
//! i32. Shards named `changed…` hold augmented audio. Whole files, one in 25, are held out: their original patches
//! select the epoch, their augmented ones are left out.

use std::path::{Path, PathBuf};

use jukebox_encoder::Input;
use jukebox_encoder::train::Clips;
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use super::pack::half;
use super::standard::standardise;
use super::{DataSet, DistilError, ShardError, Source};
use crate::files;
use crate::text;
use crate::training::split::{Part, Split};

/// The value of one step of a packed patch, see [`Input::Patch`].
const NIBBLE: f64 = 0.4;
/// One file in this many is held out, but at least one.
const HELD_OUT: u32 = 25;
/// Maximum size of a shard in bytes; larger ones are rejected.
const LARGEST: u64 = 1 << 30;

#[derive(Deserialize)]
struct Listing {
    version: u32,
    teacher: String,
    tags: Vec<String>,
    files: Vec<String>,
    bands: usize,
    mel_step: f64,
}

/// Reads a directory of shards.
pub(super) fn read(directory: &Path) -> Result<DataSet, DistilError> {
    let path = directory.join("distil.json");
    let listing =
        files::text(&path, files::ANY).map_err(|cause| DistilError::NoListing { path: path.clone(), cause })?;
    let listing: Listing =
        serde_json::from_str(&listing).map_err(|cause| DistilError::Listing { path: path.clone(), cause })?;
    if listing.version != 1 || listing.bands != Input::Patch.bands() || listing.tags.is_empty() {
        return Err(DistilError::Version(path));
    }
    let unreadable = |path: &Path, cause| DistilError::Unreadable { path: path.to_owned(), cause };
    let mut shards: Vec<PathBuf> = std::fs::read_dir(directory)
        .map_err(|e| unreadable(directory, e))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    shards.sort();
    let mut set = DataSet {
        genres: Vec::new(),
        tags: listing.tags.iter().map(|t| text::sanitize(t)).collect(),
        split: Split::default(),
        clips: Clips::of(Input::Patch),
        tracks: listing.files.iter().map(|f| source(f)).collect(),
        track: Vec::new(),
        labels: vec![Vec::new(); listing.files.len()],
        notes: Vec::new(),
        image: Input::Patch,
        name: format!("{}, labelled by {}", super::reading::name_of(directory), text::sanitize(&listing.teacher)),
    };
    for shard in &shards {
        let bytes = files::read(shard, LARGEST).map_err(|e| unreadable(shard, e))?;
        add(&mut set, shard, &bytes, &listing).map_err(|cause| DistilError::Shard { path: shard.clone(), cause })?;
    }
    if set.track.is_empty() {
        return Err(DistilError::Empty(directory.to_owned()));
    }
    standardise(&mut set);
    Ok(set)
}

fn source(file: &str) -> Source {
    let name = Path::new(file).file_name().map_or_else(|| file.into(), |n| n.to_string_lossy());
    Source { name: text::sanitize(&name), ..Source::default() }
}

/// Adds the patches of one shard.
fn add(set: &mut DataSet, path: &Path, bytes: &[u8], listing: &Listing) -> Result<(), ShardError> {
    let file = SafeTensors::deserialize(bytes).map_err(ShardError::Format)?;
    let tensor = |name: &'static str, kind: Dtype| {
        let view = file.tensor(name).map_err(|_| ShardError::Lacks(name))?;
        if view.dtype() == kind { Ok(view) } else { Err(ShardError::Type { name, kind: view.dtype() }) }
    };
    let (mel, vector) = (tensor("mel", Dtype::U8)?, tensor("vector", Dtype::F16)?);
    let (logit, own) = (tensor("logit", Dtype::F16)?, tensor("file", Dtype::I32)?);
    let (bands, steps) = (Input::Patch.bands(), Input::Patch.steps());
    let (&[n, frames, wide], &[_, numbers]) = (mel.shape(), vector.shape()) else {
        return Err(ShardError::Shapes);
    };
    let fits = frames >= steps && wide == bands && vector.shape()[0] == n && numbers > 0;
    if !fits || logit.shape() != [n, listing.tags.len()] || own.shape() != [n] {
        return Err(ShardError::Unfitting);
    }
    if !set.clips.teacher.is_empty() && set.clips.teacher.len() != set.track.len() * numbers {
        return Err(ShardError::Vectors(numbers));
    }
    let changed = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("changed"));
    // Maps each value of the shard to a nibble of a packed patch.
    let nibbles: [u8; 256] =
        std::array::from_fn(|v| (v as f64 * listing.mel_step / NIBBLE).round().clamp(0.0, 15.0) as u8);
    let halves = |data: &[u8], at: usize, count: usize| -> Result<Vec<f32>, ShardError> {
        let own = &data[2 * at * count..2 * (at + 1) * count];
        let values: Vec<f32> = own.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect();
        if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(ShardError::NotFinite(at)) }
    };
    for i in 0..n {
        let number = own.data().get(4 * i..4 * i + 4).and_then(|b| b.try_into().ok()).map_or(-1, i32::from_le_bytes);
        let number = u32::try_from(number).ok().filter(|f| (*f as usize) < set.tracks.len());
        let number = number.ok_or(ShardError::NoFile(i))?;
        let every = HELD_OUT.min(set.tracks.len() as u32).max(2);
        let held_out = number % every == every / 2;
        if held_out && changed {
            continue;
        }
        let image = &mel.data()[i * frames * bands..(i + 1) * frames * bands];
        for band in 0..bands {
            let value = |step: usize| nibbles[usize::from(image[step * bands + band])];
            set.clips.strobes.extend((0..steps / 2).map(|pair| value(2 * pair) << 4 | value(2 * pair + 1)));
        }
        set.clips.teacher.extend(halves(vector.data(), i, numbers)?);
        set.clips.logits.extend(halves(logit.data(), i, listing.tags.len())?);
        set.clips.genres.push(0);
        set.track.push(number);
        set.split.0.push(if held_out { Part::Validation } else { Part::Training });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shard of `n` patches of one value each, assigned to the files in turn.
    fn shard(n: usize, value: u8, files: usize) -> Vec<u8> {
        use safetensors::tensor::TensorView;
        let f16 = |x: f32| -> [u8; 2] { if x == 0.0 { [0, 0] } else { 0x3c00u16.to_le_bytes() } };
        let mel = vec![value; n * 187 * 96];
        let vector: Vec<u8> = (0..n).flat_map(|i| [f16((i % 2) as f32), f16(0.0)].concat()).collect();
        let logit: Vec<u8> = (0..n).flat_map(|i| f16((i % 2) as f32)).collect();
        let file: Vec<u8> = (0..n).flat_map(|i| ((i % files) as i32).to_le_bytes()).collect();
        let view = |kind, shape: &[usize], data| TensorView::new(kind, shape.to_vec(), data).unwrap();
        let views = [
            ("mel", view(Dtype::U8, &[n, 187, 96], &mel)),
            ("vector", view(Dtype::F16, &[n, 2], &vector)),
            ("logit", view(Dtype::F16, &[n, 1], &logit)),
            ("file", view(Dtype::I32, &[n], &file)),
        ];
        safetensors::serialize(views, None).unwrap()
    }

    fn listing(files: usize) -> String {
        let files: Vec<String> = (0..files).map(|i| format!("/music/{i}.ogg")).collect();
        serde_json::json!({"version": 1, "teacher": "T", "tags": ["jazz"], "files": files, "bands": 96, "mel_step": 0.03125}).to_string()
    }

    #[test]
    fn shards_become_patches_with_whole_files_held_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("distil.json"), listing(50)).unwrap();
        std::fs::write(dir.path().join("plain-0000.safetensors"), shard(50, 64, 50)).unwrap();
        std::fs::write(dir.path().join("changed-0000.safetensors"), shard(50, 255, 50)).unwrap();
        let set = read(dir.path()).unwrap();
        // Two of the fifty files are held out, and their augmented patches left out.
        assert_eq!((set.part(Part::Training).len(), set.part(Part::Validation).len()), (96, 2));
        assert_eq!(set.tags, ["jazz"]);
        // 64/32 = 2.0 is five steps of 0.4; 255/32 exceeds the largest nibble.
        let (training, size) = (set.part(Part::Training), Input::Patch.bytes());
        assert!(training.strobes.len() == 96 * size && training.image(0).iter().all(|b| *b == 0xff));
        assert!(set.part(Part::Validation).image(0).iter().all(|b| *b == 0x55));
        assert_eq!(training.logits.len(), 96);
        let mean = training.teacher.iter().step_by(2).sum::<f32>() / 96.0;
        assert!(mean.abs() < 1e-5, "standardised: {mean}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |what: &str| {
            let said = read(dir.path()).unwrap_err().to_string();
            assert!(said.contains(what), "{said}");
        };
        refused("distil.json");
        std::fs::write(dir.path().join("distil.json"), listing(2)).unwrap();
        refused("no shard");
        std::fs::write(dir.path().join("plain-0000.safetensors"), b"short").unwrap();
        refused("plain-0000");
        std::fs::write(dir.path().join("plain-0000.safetensors"), shard(4, 0, 9)).unwrap();
        refused("does not name");
    }
}
