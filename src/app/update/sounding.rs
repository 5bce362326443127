//! Volume, gains, crossfade, balance, outputs and the sleep timer.

use std::time::Duration;

use crate::audio::{Command, Device, Standing};

use super::super::action::{Amount, Loudly, SleepAt, SoundAction};
use super::super::effect::Effect;
use super::super::state::model::Model;
use super::super::state::order::{Order, Sleep};
use super::super::state::playback::Playback;
use super::super::state::sounds::{Sounds, WAYS};

/// Carries a command out; what to say.
pub(super) fn act(model: &mut Model, action: SoundAction, effects: &mut Vec<Effect>) -> Result<Option<String>, String> {
    let Model { sounds, play, order, .. } = model;
    Ok(Some(match action {
        SoundAction::Volume(None) => loudness(play.volume),
        SoundAction::Volume(Some(change)) => {
            play.volume = changed(play.volume, change);
            effects.push(shape(sounds, play));
            return Ok(None);
        }
        SoundAction::ReplayGain(way) => {
            if let Some(way) = way {
                sounds.replaygain = way;
                regain(model, effects);
            }
            let way = WAYS.iter().find(|(_, way)| *way == model.sounds.replaygain).map_or("", |(name, _)| name);
            format!("replaygain: {way}")
        }
        SoundAction::Crossfade(secs) => {
            if let Some(secs) = secs {
                sounds.crossfade = secs;
                // The player is told of the follower again, with the new fade; in the gap it has begun with the old one.
                if play.gap.is_none() {
                    play.following = None;
                }
            }
            match sounds.crossfade {
                0.0 => "crossfade: off; tracks join without a gap".into(),
                secs => format!("crossfade: {secs} s, but not between tracks of an album in its order"),
            }
        }
        SoundAction::Mono(on) => {
            sounds.mono = on.unwrap_or(!sounds.mono);
            effects.push(shape(sounds, play));
            if sounds.mono { "mono: the same on both sides".into() } else { "mono: off".into() }
        }
        SoundAction::Balance(to) => {
            if let Some(to) = to {
                sounds.balance = to;
                effects.push(shape(sounds, play));
            }
            match sounds.balance {
                0 => "balance: in the middle".into(),
                n if n < 0 => format!("balance: {} % to the left", -i32::from(n)),
                n => format!("balance: {n} % to the right"),
            }
        }
        SoundAction::Device(name) => {
            device(sounds, name, effects)?;
            return Ok(None);
        }
        SoundAction::Spectrum(on) => {
            let on = on.unwrap_or(play.spectrum.is_none());
            play.spectrum = on.then(Default::default);
            effects.push(Effect::Player(Command::Spectrum(on)));
            return Ok(None);
        }
        SoundAction::Sleep(at) => sleep(order, model.now, at),
    }))
}

/// What the player is told of volume, balance and fades.
pub(super) fn shape(sounds: &Sounds, play: &Playback) -> Effect {
    Effect::Player(Command::Shape(sounds.shape(play.volume)))
}

fn loudness(volume: u8) -> String {
    // The volume is a cube: a third of the way is felt as a third.
    let db = match volume {
        0 => "silent".to_string(),
        volume => format!("{:.1} dB", 60.0 * (f64::from(volume) / 100.0).log10()),
    };
    format!("volume: {volume} % ({db})")
}

fn changed(volume: u8, change: Loudly) -> u8 {
    let old = i32::from(volume);
    let new = match change {
        Loudly::Percent(Amount::To(percent)) => percent,
        Loudly::Percent(Amount::By(percent)) => old + percent,
        Loudly::Decibels(by) => {
            let exact = (f64::from(old.max(1)) * 10f64.powf(by / 60.0)).round() as i32;
            // Each step changes something, even where it is less than a percent.
            if by > 0.0 { exact.max(old + 1) } else { exact.min(old - 1) }
        }
    };
    new.clamp(0, 100) as u8
}

/// Tells the player the gains of the current track and of its follower again.
fn regain(model: &mut Model, effects: &mut Vec<Effect>) {
    let Model { sounds, play, order, queue, catalog, .. } = model;
    if let Some(item) = queue.playing() {
        let between = order.around_current(queue, play.before.as_deref());
        let gain = sounds.of(&item.song, between, catalog).gain;
        effects.push(Effect::Player(Command::Gain { token: play.current, gain }));
    }
    if let Some(follower) = &mut play.following
        && let Some(item) = queue.get(follower.serial)
    {
        let between = order.around_follower(queue, follower.serial);
        follower.in_order = between.in_order(&item.song);
        let gain = sounds.of(&item.song, between, catalog).gain;
        effects.push(Effect::Player(Command::Gain { token: follower.token, gain }));
    }
}

fn device(sounds: &mut Sounds, name: Option<String>, effects: &mut Vec<Effect>) -> Result<(), String> {
    let devices = &sounds.devices;
    let numbered = name.as_ref().and_then(|name| name.parse::<usize>().ok());
    let id = match (name, numbered) {
        (Some(name), _) if name == "default" => None,
        (_, Some(n)) => match n.checked_sub(1).and_then(|i| devices.get(i)) {
            Some(device) => Some(device.id.clone()),
            None if devices.is_empty() => return Err("device without a number lists the outputs first".into()),
            None => return Err(format!("there is no output {n}: they count from 1 to {}", devices.len())),
        },
        (Some(name), _) if devices.iter().any(|device| device.id == name) => Some(name),
        // Whether there is an output of this name is known once they have been listed.
        (name, _) => {
            sounds.named = name;
            effects.push(Effect::Player(Command::Devices));
            return Ok(());
        }
    };
    effects.push(Effect::Player(Command::Device(id)));
    Ok(())
}

/// The outputs were listed: the lines that show them, or none when one of them had been asked for by name.
pub(super) fn listed(
    sounds: &mut Sounds,
    found: Result<Vec<Device>, String>,
    chosen: Option<&str>,
    standing: Standing,
    effects: &mut Vec<Effect>,
) -> Result<Vec<String>, String> {
    let named = sounds.named.take();
    sounds.devices = found.map_err(|why| format!("the outputs cannot be listed: {why}"))?;
    let devices = &sounds.devices;
    if let Some(name) = named {
        if devices.iter().any(|device| device.id == name) {
            effects.push(Effect::Player(Command::Device(Some(name))));
            return Ok(Vec::new());
        }
        return Err(format!("there is no output '{}'; :device lists them", crate::text::sanitize(&name)));
    }
    // The output that plays is marked, which may not be the chosen one.
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

fn sleep(order: &mut Order, now: Duration, at: Option<SleepAt>) -> String {
    match at {
        None => {}
        Some(SleepAt::Off) => order.sleep = None,
        Some(SleepAt::After(secs)) => order.sleep = Some(Sleep::At(now + Duration::from_secs_f64(secs))),
        Some(SleepAt::Track) => order.sleep = Some(Sleep::Track),
        Some(SleepAt::Album) => order.sleep = Some(Sleep::Album),
    }
    match order.sleep {
        None => "sleep: off".into(),
        Some(Sleep::At(then)) => {
            let left = then.saturating_sub(now).as_secs_f64();
            format!("sleep: the music holds in {}", crate::text::time(left))
        }
        Some(Sleep::Track) => "sleep: the music stops after this track".into(),
        Some(Sleep::Album) => "sleep: the music stops after this album".into(),
    }
}
