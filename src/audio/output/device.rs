//! Sound cards and sound servers through cpal: listing them, and opening a stream that pulls from a [`Source`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Receiver;
use rodio::cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rodio::cpal::{
    self, BufferSize, ErrorKind, OutputCallbackInfo, SampleFormat, SizedSample, StreamConfig,
    SupportedStreamConfigRange,
};

use super::error::OutputError;
use super::opened::{Opened, Rates, Running};
use crate::audio::Device;
use crate::audio::player::source::{CHANNELS, Source};

/// The longest period in frames that is requested of a device.
const LONGEST: u32 = 16_384;
/// Preferred rates in Hz if none is requested, the most likely first.
const USUAL: [u32; 4] = [48_000, 44_100, 96_000, 192_000];
/// The sample formats that are written, the most precise first; all three represent 16 bits exactly.
const FORMATS: [SampleFormat; 3] = [SampleFormat::F32, SampleFormat::I32, SampleFormat::I16];

/// ALSA plug-ins that are listed as devices but are not.
const CONVERTERS: [&str; 7] = ["null", "lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix"];

/// The output that is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    /// The [`Device::id`]; `None` for the default.
    pub device: Option<String>,
    /// The sample rate in Hz, used if the device supports it.
    pub rate: Option<u32>,
}

/// Called when a device is lost.
pub(crate) type Lost = Arc<dyn Fn() + Send + Sync>;

/// Where outputs come from; injected, so that tests can lose devices. Any call may take long or never return, so do not make it
/// on a thread that others wait for. (`signs` is quick.)
pub(crate) trait Devices: Send + Sync {
    /// Opens an output, which is silent until it is given its source. `lost` is called when the device is lost; dropouts that
    /// the device reports are added to `underruns`.
    fn open(&self, wish: &Wish, lost: Lost, underruns: Arc<AtomicU64>) -> Result<Opened, OutputError>;
    /// Lists the outputs.
    fn list(&self) -> Result<Vec<Device>, OutputError>;
    /// A number that changes when devices come or go; cheap.
    fn signs(&self) -> u64;
}

/// The period in frames to request at a rate in Hz: about 85 ms, two of which the device buffers. A virtual machine or
/// a busy laptop may stall for half as long without a dropout, and a pause takes effect within that time.
pub(crate) fn period(rate: u32) -> u32 {
    (rate / 12).clamp(1024, LONGEST)
}

/// The devices of the system.
pub(crate) struct System;

impl Devices for System {
    fn open(&self, wish: &Wish, lost: Lost, underruns: Arc<AtomicU64>) -> Result<Opened, OutputError> {
        let device = find(wish.device.as_deref())?;
        let ranges: Vec<_> = device.supported_output_configs().map_err(system)?.collect();
        let (rates, channels, format) = choose(&ranges).ok_or(OutputError::Format)?;
        let has = |rate: u32| rates.iter().any(|&(low, high)| (low..=high).contains(&rate));
        let rate = wish.rate.filter(|&r| has(r)).or_else(|| USUAL.into_iter().find(|&r| has(r)));
        let rate = rate.or(rates.first().map(|r| r.1)).unwrap_or(USUAL[0]);
        let name = format!("{} ({rate} Hz)", about(&device));
        let build = |buffer_size| {
            let config = StreamConfig { channels, sample_rate: rate, buffer_size };
            let (to, from) = crossbeam_channel::bounded(1);
            let (lost, underruns) = (lost.clone(), underruns.clone());
            let on_error = move |error: cpal::Error| match error.kind() {
                ErrorKind::Xrun => drop(underruns.fetch_add(1, Ordering::Relaxed)),
                // The stream survives these.
                ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
                _ => lost(),
            };
            let filler = Filler::new(from, channels.into(), rate);
            let stream = match format {
                SampleFormat::I32 => stream::<i32>(&device, config, filler, on_error),
                SampleFormat::I16 => stream::<i16>(&device, config, filler, on_error),
                _ => stream::<f32>(&device, config, filler, on_error),
            };
            stream.map(|stream| (stream, to))
        };
        let built = build(BufferSize::Fixed(period(rate))).or_else(|_| build(BufferSize::Default));
        let (stream, to) = built.map_err(system)?;
        stream.play().map_err(system)?;
        let start = move |source| {
            // Cannot be full: the channel holds one, and this is the first.
            to.try_send(source).map_err(|_| "the device does not take its source")?;
            Ok(Box::new(stream) as Running)
        };
        Ok(Opened { name, silent: false, paced: true, rate, rates, start: Box::new(start) })
    }

    fn list(&self) -> Result<Vec<Device>, OutputError> {
        let found = cpal::default_host().output_devices().map_err(system)?;
        let known = found.filter_map(|d| Some(Device { id: d.id().ok()?.id().to_owned(), about: about(&d) }));
        Ok(known.filter(|d| !CONVERTERS.contains(&d.id.as_str())).collect())
    }

    fn signs(&self) -> u64 {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
        let servers = ["pulse/native", "pipewire-0"].iter().map(|name| u64::from(runtime.join(name).exists()));
        servers.fold(crate::system::signs_of_cards(), |all, one| all << 1 | one)
    }
}

/// Name of an output device, its rate and channels, for `jukebox doctor`; without an id of the default one.
pub(super) fn describe(id: Option<&str>) -> Result<String, OutputError> {
    let device = find(id)?;
    let which = id.map_or_else(|| "the default device".to_owned(), |id| format!("the device '{id}'"));
    let config = device.default_output_config().map_err(|e| format!("{which} does not open: {e}"))?;
    Ok(format!("{} ({} Hz, {} channels)", about(&device), config.sample_rate(), config.channels()))
}

fn find(id: Option<&str>) -> Result<cpal::Device, OutputError> {
    let host = cpal::default_host();
    let Some(id) = id else { return host.default_output_device().ok_or(OutputError::None) };
    let mut devices = host.output_devices().map_err(system)?;
    let found = devices.find(|d| d.id().is_ok_and(|known| known.id() == id));
    found.ok_or_else(|| OutputError::Unknown(id.into()))
}

fn about(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "device".to_owned(), |d| d.name().to_owned())
}

/// The rates (ranges in Hz), number of channels and sample format to use, of those that a device supports: stereo, else the
/// fewest channels above two, else mono.
fn choose(ranges: &[SupportedStreamConfigRange]) -> Option<(Rates, u16, SampleFormat)> {
    let usable = || ranges.iter().filter(|r| FORMATS.contains(&r.sample_format()) && r.channels() > 0);
    let channels = usable().map(|r| r.channels()).min_by_key(|&c| if c < 2 { u16::MAX } else { c })?;
    let format = FORMATS.into_iter().find(|f| usable().any(|r| r.channels() == channels && r.sample_format() == *f))?;
    let these = usable().filter(|r| r.channels() == channels && r.sample_format() == format);
    Some((these.map(|r| (r.min_sample_rate(), r.max_sample_rate())).collect(), channels, format))
}

fn stream<T: Sample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut filler: Filler,
    on_error: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let fill = move |out: &mut [T], info: &OutputCallbackInfo| filler.fill(out, info);
    device.build_output_stream(config, fill, on_error, None)
}

/// A sample format of devices.
trait Sample: SizedSample + Default + Send + 'static {
    /// Converts from −1..1, rounding; values beyond are clipped.
    fn of(x: f32) -> Self;
}

impl Sample for f32 {
    fn of(x: f32) -> f32 {
        x.clamp(-1.0, 1.0)
    }
}

impl Sample for i32 {
    fn of(x: f32) -> i32 {
        // Rust's cast saturates.
        (f64::from(x) * 2_147_483_648.0).round() as i32
    }
}

impl Sample for i16 {
    fn of(x: f32) -> i16 {
        (x * 32_768.0).round() as i16
    }
}

/// Fills the device's buffers: with silence until there is a source.
struct Filler {
    from: Receiver<Source>,
    source: Option<Source>,
    channels: usize,
    rate: u32,
    stereo: Vec<f32>,
}

impl Filler {
    fn new(from: Receiver<Source>, channels: usize, rate: u32) -> Filler {
        // Room for the longest request of any device, so that the callback never allocates.
        Filler { from, source: None, channels, rate, stereo: vec![0.0; 4 * LONGEST as usize * CHANNELS] }
    }

    fn fill<T: Sample>(&mut self, out: &mut [T], info: &OutputCallbackInfo) {
        if self.source.is_none() {
            self.source = self.from.try_recv().ok();
        }
        let Some(source) = &mut self.source else { return out.fill(T::of(0.0)) };
        let time = info.timestamp();
        let ahead = time.playback.saturating_duration_since(time.callback);
        let mut ahead = (ahead.as_secs_f64() * f64::from(self.rate)) as u64;
        let room = self.stereo.len() / CHANNELS;
        for piece in out.chunks_mut(room * self.channels) {
            let frames = piece.len() / self.channels;
            let stereo = &mut self.stereo[..frames * CHANNELS];
            source.render(stereo);
            ahead += frames as u64;
            spread(stereo, piece, self.channels);
        }
        source.heard_after(ahead);
    }
}

/// Writes stereo to any number of channels: mono gets the mean, channels beyond the second get silence.
fn spread<T: Sample>(stereo: &[f32], out: &mut [T], channels: usize) {
    for (from, to) in stereo.chunks_exact(CHANNELS).zip(out.chunks_exact_mut(channels)) {
        match to {
            [one] => *one = T::of((from[0] + from[1]) / 2.0),
            [left, right, rest @ ..] => {
                (*left, *right) = (T::of(from[0]), T::of(from[1]));
                rest.fill(T::of(0.0));
            }
            [] => {}
        }
    }
}

/// Converts an error of the sound system.
fn system(error: cpal::Error) -> OutputError {
    OutputError::System(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_come_out_as_they_went_in() {
        for step in i16::MIN..=i16::MAX {
            let x = f32::from(step) / 32_768.0;
            assert_eq!(i16::of(x), step);
            assert_eq!(i32::of(x), i32::from(step) << 16);
        }
        assert_eq!((i16::of(1.5), i16::of(-1.5), i32::of(1.0)), (i16::MAX, i16::MIN, i32::MAX));
    }

    #[test]
    fn other_numbers_of_channels_are_filled() {
        let mut one = [0i16; 2];
        spread(&[0.5, 0.25, -0.5, -0.5], &mut one, 1);
        assert_eq!(one, [12_288, -16_384]);
        let mut four = [9i16; 8];
        spread(&[0.5, 0.25, -0.5, -0.25], &mut four, 4);
        assert_eq!(four, [16_384, 8_192, 0, 0, -16_384, -8_192, 0, 0]);
    }

    #[test]
    fn a_period_is_about_as_long_at_any_rate() {
        for rate in [16_000, 44_100, 48_000, 96_000, 192_000] {
            let ms = 1000.0 * f64::from(period(rate)) / f64::from(rate);
            assert!((80.0..90.0).contains(&ms), "{ms} ms at {rate} Hz");
        }
        assert_eq!((period(4000), period(768_000)), (1024, LONGEST));
    }

    #[test]
    fn whatever_there_is_can_be_listed() {
        if let Err(why) = System.list() {
            assert!(!why.to_string().contains('\n'), "{why}");
        }
        let _ = System.signs();
    }
}
