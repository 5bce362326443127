//! `jukebox __worker KIND`: this program as its own child. It reads jobs from stdin and answers on stdout.

use std::path::PathBuf;
use std::process::ExitCode;

use jukebox_encoder::{Device, Encoder};

use crate::analysis::embed::{self, Embedded, Reply, Request};
use crate::analysis::jobs;
use crate::analysis::model::Model;
use crate::worker::serve;

/// Serves one kind of work until the parent goes away.
pub fn run(kind: &str) -> ExitCode {
    match kind {
        "listen" => serve(jobs::LIMITS, jobs::run),
        "encode" => {
            let mut loaded: Option<Loaded> = None;
            serve(embed::LIMITS, move |request| encode(&mut loaded, request))
        }
        other => {
            super::print::error(&format!("no such worker: {other}"));
            ExitCode::from(2)
        }
    }
}

struct Loaded {
    model: Option<PathBuf>,
    device: String,
    encoder: Encoder,
}

fn encode(loaded: &mut Option<Loaded>, request: Request) -> Result<Reply, String> {
    let Request { model, device, strobes } = request;
    if loaded.as_ref().is_none_or(|l| l.model != model || l.device != device) {
        let weights = match &model {
            Some(path) => std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?.into(),
            None => Model::shipped()?.weights,
        };
        let wanted = self::device(&device)?;
        let encoder = Encoder::load(&weights, wanted).map_err(|e| format!("{e:#}"))?;
        *loaded = Some(Loaded { model, device, encoder });
    }
    let Some(Loaded { encoder, .. }) = loaded else { return Err("no encoder".into()) };
    let images: Vec<&[u8]> = strobes.iter().map(Vec::as_slice).collect();
    let embedded = encoder.encode(&images).map_err(|e| format!("{e:#}"))?;
    let embedded = embedded.into_iter().map(|e| Embedded { latent: e.latent.to_vec(), genres: e.genres }).collect();
    Ok(Reply { embedded, device: encoder.device().to_string() })
}

/// A device by the name that the configuration and the command line use.
///
/// # Errors
/// When there is no such device.
pub fn device(name: &str) -> Result<Device, String> {
    match name {
        "auto" => Ok(Device::Auto),
        "cpu" => Ok(Device::Cpu),
        "cuda" => Ok(Device::Cuda),
        other => Err(format!("no such device: '{other}'; there are auto, cpu and cuda")),
    }
}
