//! A teacher's outputs for the files of the corpus: the shards that `scripts/teacher.py` wrote.

mod error;

use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use super::corpus::Corpus;
use super::external::External;
use crate::files;
use crate::text;
use crate::training::half;

pub use error::{ShardError, TeacherError};

/// Maximum size of a shard in bytes; larger ones are rejected.
const LARGEST: u64 = 1 << 30;

/// A teacher's tags for a set of files.
#[derive(Clone, Debug, PartialEq)]
pub struct Teacher {
    /// The teacher's name.
    pub name: String,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// The mean logits of each file over its original (not augmented) patches.
    logits: External,
}

#[derive(Deserialize)]
struct Listing {
    version: u32,
    teacher: String,
    tags: Vec<String>,
    files: Vec<PathBuf>,
}

impl Teacher {
    /// Reads a directory of shards, given as `distil:DIR` or `DIR`. Augmented patches are skipped.
    ///
    /// # Errors
    /// A file of it cannot be read, or is damaged.
    pub fn read(directory: &str) -> Result<Teacher, TeacherError> {
        let directory = Path::new(directory.strip_prefix("distil:").unwrap_or(directory));
        let path = directory.join("distil.json");
        let at = || path.clone();
        let listing = files::text(&path, files::ANY).map_err(|cause| TeacherError::NoListing { path: at(), cause })?;
        let listing: Listing =
            serde_json::from_str(&listing).map_err(|cause| TeacherError::Listing { path: at(), cause })?;
        if listing.version != 1 || listing.tags.is_empty() {
            return Err(TeacherError::Version(path));
        }
        let mut shards: Vec<PathBuf> = std::fs::read_dir(directory)
            .map_err(|cause| TeacherError::Unread { path: directory.into(), cause })?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("plain")))
            .collect();
        shards.sort();
        let wide = listing.tags.len();
        let mut sums = vec![(vec![0.0f32; wide], 0.0f32); listing.files.len()];
        for shard in &shards {
            let path = || shard.clone();
            let bytes = files::read(shard, LARGEST).map_err(|cause| TeacherError::Unread { path: path(), cause })?;
            add(&mut sums, &bytes, wide).map_err(|cause| TeacherError::Shard { path: path(), cause })?;
        }
        let mean = |(file, (sum, n)): (PathBuf, (Vec<f32>, f32))| {
            (n > 0.0).then(|| (file, sum.into_iter().map(|v| v / n).collect()))
        };
        let lines: Vec<(PathBuf, Vec<f32>)> = listing.files.into_iter().zip(sums).filter_map(mean).collect();
        if lines.is_empty() {
            return Err(TeacherError::Empty(directory.into()));
        }
        let name = text::sanitize(&listing.teacher);
        let logits = External { name: name.clone(), dims: wide, lines };
        Ok(Teacher { name, tags: listing.tags, logits })
    }

    /// The logits of each track of a corpus; `None` for a track that the teacher has not processed.
    pub fn of(&self, corpus: &Corpus) -> Vec<Option<&[f32]>> {
        let lines = self.logits.matched(corpus);
        lines.into_iter().map(|line| Some(self.logits.lines.get(line?)?.1.as_slice())).collect()
    }
}

/// Adds a shard's logits to the sums of its files.
fn add(sums: &mut [(Vec<f32>, f32)], bytes: &[u8], wide: usize) -> Result<(), ShardError> {
    let file = SafeTensors::deserialize(bytes)?;
    let tensor = |name: &'static str, kind: Dtype| {
        let view = file.tensor(name).map_err(|_| ShardError::Lacks(name))?;
        if view.dtype() == kind { Ok(view) } else { Err(ShardError::Type { name, kind: view.dtype() }) }
    };
    let (logit, own) = (tensor("logit", Dtype::F16)?, tensor("file", Dtype::I32)?);
    let n = own.shape().first().copied().unwrap_or(0);
    if logit.shape() != [n, wide] || own.shape() != [n] {
        return Err(ShardError::Shapes);
    }
    let numbers = own.data().chunks_exact(4).filter_map(|b| b.try_into().ok()).map(i32::from_le_bytes);
    for (number, row) in numbers.zip(logit.data().chunks_exact(2 * wide)) {
        let place = usize::try_from(number).ok().and_then(|number| sums.get_mut(number));
        let (sum, count) = place.ok_or(ShardError::File(number))?;
        for (s, v) in sum.iter_mut().zip(row.chunks_exact(2)) {
            *s += half(u16::from_le_bytes([v[0], v[1]]));
        }
        *count += 1.0;
    }
    if sums.iter().flat_map(|(sum, _)| sum).all(|v| v.is_finite()) { Ok(()) } else { Err(ShardError::NotFinite) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use safetensors::tensor::TensorView;

    fn write(dir: &Path, files: [i32; 3], logits: [f32; 3]) {
        let listing = r#"{"version": 1, "teacher": "T", "tags": ["jazz"], "files": ["/m/a.ogg", "/m/b.ogg"]}"#;
        std::fs::write(dir.join("distil.json"), listing).unwrap();
        let file: Vec<u8> = files.iter().flat_map(|f| f.to_le_bytes()).collect();
        let f16 = |v: &f32| {
            if *v == 0.0 {
                [0, 0]
            } else if *v == 1.0 {
                [0, 0x3c]
            } else {
                [0, 0x7c]
            }
        };
        let logit: Vec<u8> = logits.iter().flat_map(f16).collect();
        let views = [
            ("file", TensorView::new(Dtype::I32, vec![3], &file).unwrap()),
            ("logit", TensorView::new(Dtype::F16, vec![3, 1], &logit).unwrap()),
        ];
        let bytes = safetensors::serialize(views, None).unwrap();
        std::fs::write(dir.join("plain-0000.safetensors"), &bytes).unwrap();
        std::fs::write(dir.join("changed-0000.safetensors"), b"not looked at").unwrap();
    }

    #[test]
    fn a_file_s_logits_are_the_mean_of_its_patches() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), [0, 1, 0], [1.0, 1.0, 0.0]);
        let teacher = Teacher::read(&format!("distil:{}", dir.path().display())).unwrap();
        let item = |path: &str| Item { path: path.into(), ..Item::default() };
        let corpus = Corpus { items: ["/m/b.ogg", "/m/a.ogg", "/m/c.ogg"].map(item).into(), ..Corpus::default() };
        assert_eq!(teacher.of(&corpus), [Some(&[1.0][..]), Some(&[0.5]), None]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let read = || Teacher::read(&dir.path().display().to_string()).unwrap_err().to_string();
        assert!(read().contains("distil.json"));
        write(dir.path(), [0, 7, 0], [1.0; 3]);
        assert!(read().contains("file 7"), "{}", read());
        write(dir.path(), [0, 1, 0], [1.0, 9.0, 1.0]);
        assert!(read().contains("not finite"));
        std::fs::remove_file(dir.path().join("plain-0000.safetensors")).unwrap();
        assert!(read().contains("no shard"));
    }
}
