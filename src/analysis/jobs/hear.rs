//! Hearing a file: decoding the segments that are listened to and drawing their pictures. A file that is shorter than it
//! says (cut short by a broken download, or of an estimated length) is heard as far as it goes.

use std::path::Path;

use super::fault::{Fault, is_outside};
use crate::audio::AudioError;
use crate::audio::resample::Resampler;
use crate::audio::segment::{RATE, Segments};
use crate::sound::segments::{SEGMENT_SECS, plan};
use crate::sound::{full, strobe};

/// A segment that lacks no more than this, in seconds, is whole: lengths are estimates, and encoders pad.
const SLACK: f64 = 1.0;
/// How exactly the end of a file is looked for, in seconds, and in how many steps at most.
const PRECISION: f64 = 1.0;
const STEPS: usize = 14;

/// What was heard of a file.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The images of its segments, silent ones left out.
    pub images: Vec<Vec<u8>>,
    /// The file is cut short, or its end is damaged.
    pub cut: bool,
    /// The samples of the middle segment, or of the last one before it that could be read.
    pub middle: Vec<f32>,
}

/// Draws the packed picture of a segment's samples at [`RATE`]; none for silence.
pub(super) type Draw = fn(&[f32]) -> Result<Option<Vec<u8>>, String>;

pub(super) fn strobe_image(samples: &[f32]) -> Result<Option<Vec<u8>>, String> {
    Ok(strobe(samples).map(|image| image.pack().to_vec()))
}

pub(super) fn full_image(samples: &[f32]) -> Result<Option<Vec<u8>>, String> {
    let mut half = Vec::with_capacity(samples.len() / 2 + 1);
    let mut resampler = Resampler::new(RATE, full::RATE, 1).map_err(|e| e.to_string())?;
    resampler.push(samples, &mut half).and_then(|()| resampler.finish(&mut half)).map_err(|e| e.to_string())?;
    Ok(full::full(&half))
}

/// Draws a picture of every segment of a file of so many seconds, 0 when unknown.
pub(super) fn listen(path: &Path, secs: f64, draw: Draw) -> Result<Heard, Fault> {
    let (heard, end) = as_if(path, secs, draw)?;
    let Some(end) = end else { return Ok(heard) };
    let (there, cut) = end.look_for(path)?;
    let (mut again, more) = as_if(path, there, draw)?;
    if more.is_some() && again.images.is_empty() {
        // Nothing but the beginning can be relied on.
        (again, _) = as_if(path, 0.0, draw)?;
    }
    again.cut |= cut || heard.cut;
    Ok(again)
}

/// The samples of the middle segment; of the beginning where there is no middle.
pub(super) fn middle(path: &Path, secs: f64) -> Result<Vec<f32>, Fault> {
    let mut secs = secs;
    let mut reader = Segments::open(path)?;
    for _ in 0..2 {
        let plan = plan(secs);
        let Some(span) = plan.get(plan.len() / 2) else { break };
        let samples = read(&mut reader, span.start, span.secs)?;
        match End::of(0.0, span.start, span.secs, &samples) {
            None if !samples.as_ref().is_ok_and(Vec::is_empty) => return Ok(samples?),
            None => break,
            Some(end) => secs = end.look_for(path)?.0,
        }
    }
    Ok(Segments::open(path)?.read(0.0, SEGMENT_SECS)?)
}

/// Draws a picture of every segment of a file as if it were so many seconds long, up to the first that is not all there;
/// with what that says of the file's end.
fn as_if(path: &Path, secs: f64, draw: Draw) -> Result<(Heard, Option<End>), Fault> {
    let mut reader = Segments::open(path)?;
    let mut heard = Heard::default();
    let plan = plan(secs);
    let mut good = 0.0;
    for (nth, span) in plan.iter().enumerate() {
        let samples = read(&mut reader, span.start, span.secs)?;
        heard.cut |= reader.truncated() || matches!(samples, Err(AudioError::Broken(_)));
        if let Some(end) = End::of(good, span.start, span.secs, &samples) {
            return Ok((heard, Some(end)));
        }
        let samples = samples?;
        heard.images.extend(draw(&samples)?);
        if nth <= plan.len() / 2 && !samples.is_empty() {
            heard.middle = samples;
        }
        good = span.start + span.secs;
    }
    Ok((heard, None))
}

/// Reads a segment; an error that says nothing about the file is one of its own.
fn read(reader: &mut Segments, start: f64, secs: f64) -> Result<Result<Vec<f32>, AudioError>, Fault> {
    match reader.read(start, secs) {
        Err(AudioError::Io(e)) if is_outside(&e) => Err(e.into()),
        samples => Ok(samples),
    }
}

/// Between which seconds a file ends that is shorter than it says.
struct End {
    there: f64,
    beyond: f64,
}

impl End {
    /// What a segment that was asked for says of the end, if everything up to `good` is there; none when it is whole, and of
    /// one at the beginning: there is no other to be had.
    fn of(good: f64, start: f64, secs: f64, samples: &Result<Vec<f32>, AudioError>) -> Option<End> {
        let has = samples.as_ref().map_or(0.0, |s| s.len() as f64 / f64::from(RATE));
        if start <= 0.0 || has + SLACK >= secs {
            return None;
        }
        let (there, beyond) = if has > 0.0 { (start + has, start + has) } else { (good.min(start), start) };
        Some(End { there, beyond })
    }

    /// Looks for the end by trying: how far the file goes, 0 where it can be read from its beginning only, and whether it is
    /// cut short there.
    fn look_for(mut self, path: &Path) -> Result<(f64, bool), Fault> {
        let mut reader = Segments::open(path)?;
        for _ in 0..STEPS {
            if self.beyond - self.there <= PRECISION {
                break;
            }
            let at = f64::midpoint(self.there, self.beyond);
            match read(&mut reader, at, PRECISION / 2.0)? {
                Ok(samples) if !samples.is_empty() => self.there = at,
                _ => self.beyond = at,
            }
        }
        if self.there < PRECISION {
            return Ok((0.0, false));
        }
        // Over the end, so that the decoder compares it with what the file says.
        let over = read(&mut reader, self.there - PRECISION / 2.0, 4.0 * PRECISION)?;
        Ok((self.there, reader.truncated() || matches!(over, Err(AudioError::Broken(_)))))
    }
}
