//! The file of an encoder: safetensors, with all data other than tensors as JSON under the header's key `jukebox`.

use anyhow::{Context, Result, bail, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::arch::{Arch, Architecture};
use crate::heads::Heads;
use crate::model::{Model, Moment};
use crate::naming::Axis;
use crate::net::Kind;
use crate::parameters::Parameters;
use crate::recipe::{Form, Levels};
use crate::rotation::{self, REFERENCE};
use crate::strobe::{STEPS, Standard};
use crate::{DIMS, Input};

/// Maximum size of an encoder's file in bytes.
const LARGEST: usize = 64 << 20;
/// The version of the format that this program writes and reads.
const FORMAT: u32 = 1;
/// Limits on values in the header, so that a forged file cannot cause huge allocations.
const WIDEST: usize = 1024;
const MOST_GENRES: usize = 4096;

/// What is known about an encoder besides its parameters; everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// A description of its training data.
    pub data: String,
    /// Genre accuracy on the validation clips, which selected the epoch, 0 to 1.
    pub validation: Option<f64>,
    /// Genre accuracy on clips that influenced no choice, 0 to 1.
    pub test: Option<f64>,
    /// Seed of the training.
    pub seed: u64,
    /// Number of epochs trained.
    pub epochs: usize,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    arch: String,
    width: usize,
    /// Mel bands of an image, if not the architecture's usual number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bands: Option<usize>,
    #[serde(default = "strobe_steps")]
    steps: usize,
    #[serde(default, skip_serializing_if = "Form::is_usual")]
    form: Form,
    genres: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    axes: Vec<Axis>,
    /// Length of the teacher's vector, if the network estimates it.
    #[serde(default, skip_serializing_if = "is_zero")]
    teacher: usize,
    facts: Facts,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// The names of an encoder's outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    pub genres: Vec<String>,
    pub tags: Vec<String>,
    pub axes: Vec<Axis>,
}

/// Time steps of an image if the file does not state them.
fn strobe_steps() -> usize {
    STEPS
}

/// An encoder's description, which can be read without a backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The network.
    pub arch: Architecture,
    /// Channels of its first stage.
    pub width: usize,
    /// Mel bands of its images.
    pub bands: usize,
    /// Time steps of its images: 128 for strobe images, 1280 for full mels, 186 for patches.
    pub steps: usize,
    /// The numbers of an image that it sees.
    pub levels: Levels,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Multiply-accumulates per clip.
    pub macs: u64,
    /// BLAKE3 of the file in hexadecimal; latents can be compared only within one hash.
    pub hash: String,
    /// The classes of [`crate::Embedding::genres`], in its order.
    pub genres: Vec<String>,
    /// The tags of [`crate::Embedding::tags`], in its order; empty without a tag head.
    pub tags: Vec<String>,
    /// The names of the dimensions; empty if they have none.
    pub axes: Vec<Axis>,
    /// Whether latents are compared by their direction: a track's latent is the mean over its images scaled to length
    /// 1, and no dimension is stretched.
    pub unit: bool,
    /// 50 pseudo-tracks: the i-th holds the (i + ½)/50 quantile of every dimension over the training clips.
    pub reference: Vec<[f32; DIMS]>,
    /// Accuracy and origin.
    pub facts: Facts,
}

impl Card {
    /// The kind of image that it takes; `None` for a size that jukebox does not have.
    pub fn input(&self) -> Option<Input> {
        Input::of(self.bands, self.steps, self.levels != Levels::Log4)
    }

    /// Parses and validates a file.
    ///
    /// # Errors
    /// When it is not an encoder of this program, is damaged, or contains a non-finite number.
    pub fn read(weights: &[u8]) -> Result<Card> {
        read(weights).map(|(card, _)| card)
    }

    fn words(&self) -> Words {
        Words { genres: self.genres.clone(), tags: self.tags.clone(), axes: self.axes.clone() }
    }
}

/// Serializes an encoder's file.
pub(crate) fn write(model: &Model, words: &Words, reference: &[[f32; DIMS]], facts: &Facts) -> Result<Vec<u8>> {
    // For encoders of strobe images the teacher is only a training aid; the others keep estimating
    // it. The heads of a training stay behind in all of them. What is left out stands last in the plan.
    let teacher = if model.arch.kind.unit() { model.arch.teacher } else { 0 };
    let arch = Arch { teacher, heads: Heads::default(), ..model.arch };
    let header = Header {
        format: FORMAT,
        arch: arch.kind.name().into(),
        width: arch.width,
        bands: (arch.bands != arch.kind.bands()).then_some(arch.bands),
        steps: arch.steps,
        form: arch.form,
        genres: words.genres.clone(),
        tags: words.tags.clone(),
        axes: words.axes.clone(),
        teacher,
        facts: facts.clone(),
    };
    let mut tensors = Vec::new();
    for (spec, values) in arch.plan().specs.into_iter().zip(&model.parameters.values) {
        tensors.push((spec.name, spec.shape, values.clone()));
    }
    for (name, moment) in moment_names(&arch).into_iter().map(|(name, _)| name).zip(&model.moments) {
        tensors.push((format!("{name}.mean"), vec![moment.mean.len()], moment.mean.clone()));
        tensors.push((format!("{name}.var"), vec![moment.var.len()], moment.var.clone()));
    }
    tensors.push(("input.mean".into(), vec![arch.bands], model.standard.mean.clone()));
    tensors.push(("input.std".into(), vec![arch.bands], model.standard.std.clone()));
    tensors.push(("transform".into(), vec![DIMS, DIMS], model.transform.concat()));
    tensors.push(("reference".into(), vec![REFERENCE, DIMS], reference.concat()));
    pack(&tensors, &header)
}

/// The same encoder with other facts.
///
/// # Errors
/// As [`Card::read`].
pub fn with_facts(weights: &[u8], facts: &Facts) -> Result<Vec<u8>> {
    let (card, model) = read(weights)?;
    write(&model, &card.words(), &card.reference, facts)
}

/// The same encoder with its dimensions rotated: the new latent is the old one · `turn`. The reference is measured
/// again from `latents` computed before the rotation.
///
/// # Errors
/// As [`Card::read`], and when there are no latents or a number is not finite.
pub fn turned(weights: &[u8], turn: &[[f32; DIMS]; DIMS], latents: &[[f32; DIMS]]) -> Result<Vec<u8>> {
    let (card, mut model) = read(weights)?;
    ensure!(!latents.is_empty(), "there is no latent to measure the reference on");
    let finite = turn.iter().chain(latents).flatten().all(|x| x.is_finite());
    ensure!(finite, "a number of the turn or of a latent is not finite");
    model.transform = model.transform.iter().map(|row| rotation::turn(row, turn)).collect();
    let after: Vec<[f32; DIMS]> = latents.iter().map(|l| rotation::turn(l, turn)).collect();
    write(&model, &card.words(), &rotation::reference(&after), &card.facts)
}

/// Parses and validates a file.
pub(crate) fn read(weights: &[u8]) -> Result<(Card, Model)> {
    let (file, header): (_, Header) = unpack(weights)?;
    ensure!(header.format == FORMAT, "it is of format {}, this program reads format {FORMAT}", header.format);
    let kind = Architecture::try_from(header.arch)?;
    ensure!((1..=WIDEST).contains(&header.width), "its width {} is out of range", header.width);
    let counts = [header.genres.len(), header.tags.len(), header.teacher];
    ensure!(counts.iter().all(|n| *n <= MOST_GENRES), "it names {} genres and {} tags", counts[0], counts[1]);
    ensure!(counts[0] > 0 || kind.unit(), "it names no genres");
    ensure!(kind.unit() || counts[1..] == [0, 0], "`{}` has no tags and no teacher", kind.name());
    ensure!(header.axes.is_empty() || header.axes.len() == DIMS, "it names {} dimensions", header.axes.len());
    let (bands, steps, form) = (header.bands.unwrap_or(kind.bands()), header.steps, header.form);
    ensure!(kind.takes(bands, steps), "`{}` does not hear images of {bands} bands and {steps} steps", kind.name());
    let [genres, tags, teacher] = counts;
    let heads = Heads::default();
    let arch = Arch { kind, width: header.width, bands, steps, genres, tags, teacher, form, heads };
    let plan = arch.plan();
    let values = plan.specs.iter().map(|s| floats(&file, &s.name, &s.shape)).collect::<Result<_>>()?;
    let moments = moment_names(&arch)
        .iter()
        .map(|(name, n)| {
            let n = *n;
            let moment = Moment {
                mean: floats(&file, &format!("{name}.mean"), &[n])?,
                var: floats(&file, &format!("{name}.var"), &[n])?,
            };
            ensure!(moment.var.iter().all(|v| *v >= 0.0), "tensor `{name}.var` holds a negative variance");
            Ok(moment)
        })
        .collect::<Result<_>>()?;
    let standard =
        Standard { mean: floats(&file, "input.mean", &[bands])?, std: floats(&file, "input.std", &[bands])? };
    ensure!(standard.std.iter().all(|s| *s > 0.0), "tensor `input.std` holds a number that is not above 0");
    let transform = rows(&floats(&file, "transform", &[DIMS, DIMS])?);
    let reference = rows(&floats(&file, "reference", &[REFERENCE, DIMS])?);
    let (parameters, macs) = arch.cost();
    let card = Card {
        arch: kind,
        width: arch.width,
        bands,
        steps,
        levels: form.levels,
        parameters,
        macs,
        hash: blake3::hash(weights).to_hex().to_string(),
        genres: header.genres,
        tags: header.tags,
        axes: header.axes,
        unit: kind.unit(),
        reference,
        facts: header.facts,
    };
    Ok((card, Model { arch, parameters: Parameters { values }, moments, standard, transform }))
}

/// The names of the normalisations and their channel counts.
fn moment_names(arch: &Arch) -> Vec<(String, usize)> {
    let layers = arch.plan().layers.into_iter().filter(|l| l.kind == Kind::Normalised);
    layers.map(|l| (l.name, l.channels)).chain([("latent".to_owned(), DIMS)]).collect()
}

fn rows(flat: &[f32]) -> Vec<[f32; DIMS]> {
    flat.chunks_exact(DIMS).map(|r| std::array::from_fn(|d| r[d])).collect()
}

/// Name, shape and values.
pub(crate) type Named = (String, Vec<usize>, Vec<f32>);

/// Serializes a safetensors file with a JSON header.
pub(crate) fn pack<H: Serialize>(tensors: &[Named], header: &H) -> Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    // Only one key: the order of several would vary between runs, and the file's hash with it.
    let metadata = [("jukebox".to_owned(), serde_json::to_string(header)?)].into();
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// Opens a file written by [`pack`].
pub(crate) fn unpack<H: for<'d> Deserialize<'d>>(bytes: &[u8]) -> Result<(SafeTensors<'_>, H)> {
    ensure!(bytes.len() <= LARGEST, "it is larger than {} MiB, no encoder is", LARGEST >> 20);
    let damaged = "it is no safetensors file, or damaged or cut off";
    let (_, metadata) = SafeTensors::read_metadata(bytes).context(damaged)?;
    let file = SafeTensors::deserialize(bytes).context(damaged)?;
    let Some(text) = metadata.metadata().as_ref().and_then(|m| m.get("jukebox")) else {
        bail!("it is a safetensors file, but not one of jukebox");
    };
    let header = serde_json::from_str(text).context("its header cannot be understood")?;
    Ok((file, header))
}

/// A tensor's values, after checking its type, its shape, and that all values are finite.
pub(crate) fn floats(file: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let Ok(view) = file.tensor(name) else { bail!("tensor `{name}` is missing") };
    ensure!(view.dtype() == Dtype::F32, "tensor `{name}` is of type {:?}, not F32", view.dtype());
    ensure!(view.shape() == shape, "tensor `{name}` has the shape {:?}, not {shape:?}", view.shape());
    let values: Vec<f32> = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ensure!(values.iter().all(|v| v.is_finite()), "tensor `{name}` holds a number that is not finite");
    Ok(values)
}
