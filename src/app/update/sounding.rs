//! Volume, balance and fades as sent to the player, and the list of outputs.

use crate::audio::output::OutputError;
use crate::audio::{Command, Device, Standing};

use super::super::effect::Effect;
use super::super::refusal::Refusal;
use super::super::state::playback::Playback;
use super::super::state::sounds::Sounds;

/// The effect that sends volume, balance and fades to the player.
pub(in crate::app) fn shape(sounds: &Sounds, play: &Playback) -> Effect {
    Effect::Player(Command::Shape(sounds.shape(play.volume)))
}

/// Takes the list of outputs. Returns the lines that show it, or none if an output had been asked for by name.
pub(in crate::app) fn listed(
    sounds: &mut Sounds,
    found: Result<Vec<Device>, OutputError>,
    chosen: Option<&str>,
    standing: Standing,
    effects: &mut Vec<Effect>,
) -> Result<Vec<String>, Refusal> {
    let named = sounds.named.take();
    sounds.devices = found.map_err(Refusal::Outputs)?;
    let devices = &sounds.devices;
    if let Some(name) = named {
        if devices.iter().any(|device| device.id == name) {
            effects.push(Effect::Player(Command::Device(Some(name))));
            return Ok(Vec::new());
        }
        let what = format!("there is no output '{}'", crate::text::sanitize(&name));
        return Err(Refusal::unknown(what, "; :device lists them"));
    }
    // Marks the output in use, which may not be the chosen one.
    let (plays, away) = match standing {
        Standing::Plays => (Some(chosen), None),
        Standing::StoodIn => (Some(None), chosen),
        Standing::Missing => (None, chosen),
    };
    let mark = |id: Option<&str>| if plays == Some(id) { "*" } else { " " };
    let mut lines = vec![format!("{}   default  what the system has chosen", mark(None))];
    for (i, device) in devices.iter().enumerate() {
        let (n, id, about) = (i + 1, device.id.as_str(), &device.about);
        let waits = if away == Some(id) { "; chosen, but it does not open: it is waited for" } else { "" };
        lines.push(format!("{} {n:>2}  {id}  {about}{waits}", mark(Some(id))));
    }
    if let Some(id) = away.filter(|id| devices.iter().all(|d| d.id != *id)) {
        lines.push(format!("     {id}  chosen, but it is not there: it is waited for"));
    } else if plays.is_none() && away.is_none() {
        lines.push("nothing plays: the default does not open, it is waited for".into());
    }
    lines.push(":device N plays to one of them; player.device in config.toml keeps it".into());
    Ok(lines)
}
