//! Listening to a file: decodes the required stretches and makes their images. A file shorter than it claims (a broken
//! download, an estimated length) is used as far as it goes.

use std::borrow::Cow;
use std::path::Path;

use jukebox_encoder::Input;

use super::fault::{Fault, is_outside};
use super::stretches::{MARGIN, Stretch, Wanted, patches_of, stretches};
use crate::audio::AudioError;
use crate::audio::resample::Resampler;
use crate::audio::segment::{RATE, Segments};
use crate::sound::segments::{SEGMENT_SECS, Span, plan};
use crate::sound::{full, patch, power, strobe};

/// A stretch that lacks no more than this, in seconds, counts as complete: lengths are estimates, and encoders pad.
const SLACK: f64 = 1.0;
/// Precision of the search for the end of a file, in seconds; `STEPS`: maximum number of steps.
const PRECISION: f64 = 1.0;
const STEPS: usize = 14;

/// The result of listening to a file.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The packed images, without silent ones.
    pub images: Vec<Vec<u8>>,
    /// Whether the file is cut short, or its end is damaged.
    pub cut: bool,
    /// If requested, the samples of the middle segment at [`RATE`], or of the last stretch before it that could be
    /// read.
    pub middle: Vec<f32>,
}

/// The packed image of `part` of a stretch, from the samples of the stretch that could be decoded;
/// `None` for silence.
///
/// # Errors
/// When the samples cannot be resampled to the rate that such images need.
pub fn draw(input: Input, samples: &[f32], stretch: &Stretch, part: Span) -> Result<Option<Vec<u8>>, AudioError> {
    let at = |wanted| resampled(samples, stretch, part, wanted);
    Ok(match input {
        Input::Strobe => strobe(&at(RATE)?).map(|image| image.pack().to_vec()),
        Input::Mel => full::full(&at(full::RATE)?),
        Input::Patch => patch::patch(&at(patch::RATE)?),
        Input::Power => power(&at(full::RATE)?),
    })
}

/// The available samples of `part` of a stretch, resampled to `wanted` Hz. The samples around the part are resampled
/// too, to avoid edge effects of the filter.
fn resampled<'a>(samples: &'a [f32], stretch: &Stretch, part: Span, wanted: u32) -> Result<Cow<'a, [f32]>, AudioError> {
    let (start, rate) = (stretch.span.start, stretch.rate);
    let place = |secs: f64| ((secs * f64::from(rate)).round().max(0.0) as usize).min(samples.len());
    let (from, to) = (place(part.start - start), place(part.start - start + part.secs));
    if rate == wanted {
        return Ok(Cow::Borrowed(&samples[from..to.max(from)]));
    }
    let (early, late) = (place(part.start - start - MARGIN), place(part.start - start + part.secs + MARGIN));
    let there = |of: usize| (of as u64 * u64::from(wanted)).div_ceil(u64::from(rate.max(1))) as usize;
    let mut out = Vec::with_capacity(there(late - early) + 1);
    let mut resampler = Resampler::new(rate, wanted, 1)?;
    resampler.push(&samples[early..late], &mut out)?;
    resampler.finish(&mut out)?;
    out.truncate(there(to - early));
    out.drain(..there(from - early).min(out.len()));
    Ok(Cow::Owned(out))
}

/// Decodes a file of `secs` seconds (0 if unknown) and makes its images.
pub(super) fn listen(path: &Path, secs: f64, wanted: Wanted) -> Result<Heard, Fault> {
    let (heard, end) = as_if(path, secs, wanted)?;
    let Some(end) = end else { return Ok(heard) };
    let (there, cut) = end.look_for(path)?;
    let (mut again, more) = as_if(path, there, wanted)?;
    if more.is_some() && again.images.is_empty() {
        // Only the beginning is reliable.
        (again, _) = as_if(path, 0.0, wanted)?;
    }
    again.cut |= cut || heard.cut;
    Ok(again)
}

/// The samples of the middle segment; those of the beginning if there is no middle.
pub(super) fn middle(path: &Path, secs: f64) -> Result<Vec<f32>, Fault> {
    let mut secs = secs;
    let mut reader = Segments::open(path)?;
    for _ in 0..2 {
        let plan = plan(secs);
        let Some(span) = plan.get(plan.len() / 2) else { break };
        let samples = read(&mut reader, RATE, *span)?;
        match End::of(0.0, RATE, *span, &samples) {
            None if !samples.as_ref().is_ok_and(Vec::is_empty) => return Ok(samples?),
            None => break,
            Some(end) => secs = end.look_for(path)?.0,
        }
    }
    Ok(Segments::open(path)?.read(0.0, SEGMENT_SECS)?)
}

/// Processes a file as if it were `secs` seconds long, up to the first incomplete stretch; also returns what that
/// implies about the file's end.
fn as_if(path: &Path, secs: f64, wanted: Wanted) -> Result<(Heard, Option<End>), Fault> {
    let mut reader = Segments::open(path)?;
    let mut heard = Heard::default();
    let mut good = 0.0;
    for stretch in stretches(secs, wanted) {
        let Stretch { span, rate, .. } = stretch;
        let samples = read(&mut reader, rate, span)?;
        heard.cut |= reader.truncated() || matches!(samples, Err(AudioError::Broken(_)));
        if let Some(end) = End::of(good, rate, span, &samples) {
            return Ok((heard, Some(end)));
        }
        let samples = samples?;
        let has = samples.len() as f64 / f64::from(rate);
        // A stretch that is too short although it starts at 0 contains all there is of the file.
        let short = has + SLACK < span.secs && stretch.images.len() > 1;
        let images = if short { patches_of(has) } else { stretch.images.clone() };
        for image in images {
            heard.images.extend(draw(wanted.input, &samples, &stretch, image)?);
        }
        if stretch.middle && !samples.is_empty() {
            heard.middle = samples;
        }
        good = span.start + span.secs;
    }
    Ok((heard, None))
}

/// Reads a stretch. An error with an external cause is the outer error.
pub(super) fn read(reader: &mut Segments, rate: u32, span: Span) -> Result<Result<Vec<f32>, AudioError>, Fault> {
    match reader.read_at(rate, span.start, span.secs) {
        Err(AudioError::Io(e)) if is_outside(&e) => Err(e.into()),
        samples => Ok(samples),
    }
}

/// The range, in seconds, in which the end of a truncated file lies.
struct End {
    there: f64,
    beyond: f64,
}

impl End {
    /// What a stretch implies about the end of the file, if everything up to `good` exists. `None` if the stretch is
    /// complete or starts at 0, before which there is nothing to fall back to.
    fn of(good: f64, rate: u32, span: Span, samples: &Result<Vec<f32>, AudioError>) -> Option<End> {
        let Span { start, secs } = span;
        let has = samples.as_ref().map_or(0.0, |s| s.len() as f64 / f64::from(rate));
        if start <= 0.0 || has + SLACK >= secs {
            return None;
        }
        let (there, beyond) = if has > 0.0 { (start + has, start + has) } else { (good.min(start), start) };
        Some(End { there, beyond })
    }

    /// Searches for the end by bisection. Returns how far the file extends (0 if only its beginning can be read), and
    /// whether it is truncated there.
    fn look_for(mut self, path: &Path) -> Result<(f64, bool), Fault> {
        let mut reader = Segments::open(path)?;
        for _ in 0..STEPS {
            if self.beyond - self.there <= PRECISION {
                break;
            }
            let at = f64::midpoint(self.there, self.beyond);
            match read(&mut reader, RATE, Span { start: at, secs: PRECISION / 2.0 })? {
                Ok(samples) if !samples.is_empty() => self.there = at,
                _ => self.beyond = at,
            }
        }
        if self.there < PRECISION {
            return Ok((0.0, false));
        }
        // Reads across the end, so that the decoder compares it with the stated length.
        let over = Span { start: self.there - PRECISION / 2.0, secs: 4.0 * PRECISION };
        let over = read(&mut reader, RATE, over)?;
        Ok((self.there, reader.truncated() || matches!(over, Err(AudioError::Broken(_)))))
    }
}
