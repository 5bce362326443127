//! `jukebox __worker KIND`: this program as its own child process. It reads jobs from stdin and writes answers to
//! stdout.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use jukebox_encoder::{Device, Embedding, Encoder};

use crate::analysis::embed::{self, Embedded, Reply, Request};
use crate::analysis::jobs;
use crate::analysis::model::Source;
use crate::queue::next::lesson::{self, Lesson};
use crate::runtime::learned;
use crate::tui::guard;
use crate::worker::serve;

/// Serves one kind of job until the parent closes the pipe.
pub fn run(kind: &str) -> ExitCode {
    match kind {
        "listen" => serve(jobs::LIMITS, jobs::answer),
        "open" => serve(jobs::LIMITS_OPEN, jobs::answer),
        "encode" => {
            let mut loaded: Option<Loaded> = None;
            serve(embed::LIMITS, move |request| encode(&mut loaded, request))
        }
        guard::WORKER => guard::run(),
        learned::WORKER => serve(lesson::LIMITS, |lesson: Lesson| lesson.learn()),
        other => {
            super::print::error(&format!("no such worker: {other}"));
            ExitCode::from(2)
        }
    }
}

struct Loaded {
    model: Source,
    device: String,
    encoder: Encoder,
}

fn encode(loaded: &mut Option<Loaded>, request: Request) -> Result<Reply> {
    let Request { model, device, images } = request;
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let run = |encoder: &Encoder| encoder.encode(&images).map_err(|e| anyhow!("{e:#}"));
    let usable = loaded.take().filter(|l| l.model == model && l.device == device);
    let (encoder, embeddings, failure) = match usable {
        Some(Loaded { encoder, .. }) => {
            let embeddings = run(&encoder);
            // A failed request keeps the encoder loaded for the next one.
            match embeddings {
                Ok(embeddings) => (encoder, embeddings, None),
                Err(why) => {
                    *loaded = Some(Loaded { model, device, encoder });
                    return Err(why);
                }
            }
        }
        None => {
            let weights = model.read()?;
            let load = |device| Encoder::load(&weights, device).map_err(|e| anyhow!("{e:#}"));
            first(self::device(&device)?, load, run)?
        }
    };
    let embedded = |e: Embedding| Embedded { latent: e.latent.to_vec(), genres: e.genres, tags: e.tags };
    let embedded = embeddings.into_iter().map(embedded).collect();
    let reply = Reply {
        embedded,
        unit: encoder.card().unit,
        device: encoder.device().to_string(),
        fell_back: failure.map(|why| embed::fell_back(&why)),
    };
    *loaded = Some(Loaded { model, device, encoder });
    Ok(reply)
}

/// Loads an encoder and runs its first job. If `wanted` is `Auto` and that fails or panics (a driver may report a GPU
/// that it cannot use), falls back to the CPU; the third value is then the reason.
fn first<E, T>(
    wanted: Device,
    load: impl Fn(Device) -> Result<E>,
    run: impl Fn(&E) -> Result<T>,
) -> Result<(E, T, Option<String>)> {
    let on = |device| -> Result<(E, T)> {
        let encoder = load(device)?;
        let result = run(&encoder)?;
        Ok((encoder, result))
    };
    // Unwind safety: whatever panicked is dropped and never used again.
    let failure = match catch_unwind(AssertUnwindSafe(|| on(wanted))) {
        Ok(Ok((encoder, result))) => return Ok((encoder, result, None)),
        Ok(Err(why)) => why,
        Err(panic) => anyhow!(panic_text(&*panic)),
    };
    if wanted != Device::Auto {
        return Err(failure);
    }
    let (encoder, result) = on(Device::Cpu)?;
    Ok((encoder, result, Some(failure.to_string())))
}

/// The first line of a panic's message.
fn panic_text(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    said.and_then(|text| text.lines().next()).unwrap_or("a panic without a message").to_string()
}

/// Parses a device name as used in the configuration and on the command line.
///
/// # Errors
/// When the name is not a known device.
pub fn device(name: &str) -> Result<Device> {
    match name {
        "auto" => Ok(Device::Auto),
        "cpu" => Ok(Device::Cpu),
        "cuda" => Ok(Device::Cuda),
        other => Err(anyhow!("no such device: '{other}'; use auto, cpu or cuda")),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::analysis::model::Model;

    /// Runs `first` with a given job; returns the devices that were loaded and the outcome.
    fn devices(wanted: Device, work: impl Fn(Device) -> Result<u8>) -> (Vec<Device>, Result<Option<String>, String>) {
        let loaded = RefCell::new(Vec::new());
        let load = |device| {
            loaded.borrow_mut().push(device);
            Ok(device)
        };
        let outcome = first(wanted, load, |device| work(*device)).map(|(_, _, why)| why).map_err(|e| e.to_string());
        (loaded.into_inner(), outcome)
    }

    #[test]
    fn a_failing_gpu_makes_room_for_the_processor() {
        let gpu_fails = |device| if device == Device::Cpu { Ok(1) } else { Err(anyhow!("out of memory")) };
        let why = Ok(Some("out of memory".to_string()));
        assert_eq!(devices(Device::Auto, gpu_fails), (vec![Device::Auto, Device::Cpu], why));
        let gpu_panics = |device| if device == Device::Cpu { Ok(1) } else { panic!("no kernel\nat all") };
        let why = Ok(Some("no kernel".to_string()));
        assert_eq!(devices(Device::Auto, gpu_panics), (vec![Device::Auto, Device::Cpu], why));
    }

    #[test]
    fn what_was_asked_for_by_name_is_not_replaced() {
        assert_eq!(devices(Device::Cuda, |_| Err(anyhow!("gone"))), (vec![Device::Cuda], Err("gone".into())));
        assert_eq!(devices(Device::Auto, |_| Ok(1)), (vec![Device::Auto], Ok(None)));
        // When the CPU fails too, its own error is returned.
        let both = |device| Err(anyhow!("{device:?}"));
        assert_eq!(devices(Device::Auto, both), (vec![Device::Auto, Device::Cpu], Err("Cpu".into())));
    }

    #[test]
    fn a_bad_request_does_not_cost_the_loaded_encoder() {
        let mut loaded = None;
        let ask = |images| Request { model: Source::default(), device: "cpu".into(), images };
        let size = Model::shipped().unwrap().input().bytes();
        let reply = encode(&mut loaded, ask(vec![vec![0; size]])).unwrap();
        assert_eq!((reply.embedded.len(), reply.device.as_str(), reply.fell_back), (1, "CPU", None));
        assert!(encode(&mut loaded, ask(vec![vec![0; 7]])).is_err());
        assert!(loaded.is_some());
    }
}
