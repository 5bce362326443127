//! How it sounds: volume, gains, fades, the output, the sleep timer.

use std::sync::Arc;
use std::time::Duration;

use crate::audio::{Command, Device, Sounding, Standing};
use crate::library::Song;

use super::super::action::{Amount, Loudly, SleepAt, SoundAction};
use super::super::effect::Effect;
use super::super::state::model::{Model, Sleep, State};
use super::super::state::sounds::{Between, WAYS, follows};
use super::{modes, playback, signature};

/// Carries a command out.
pub(super) fn act(model: &mut Model, action: SoundAction, effects: &mut Vec<Effect>) -> Result<(), String> {
    match action {
        SoundAction::Volume(amount) => volume(model, amount, effects),
        SoundAction::ReplayGain(way) => {
            if let Some(way) = way {
                model.sounds.replaygain = way;
                regain(model, effects);
            }
            let way = WAYS.iter().find(|(_, way)| *way == model.sounds.replaygain).map_or("", |(name, _)| name);
            model.say(format!("replaygain: {way}"));
        }
        SoundAction::Crossfade(secs) => {
            if let Some(secs) = secs {
                model.sounds.crossfade = secs;
                // The follower is told anew, with the new fade; in the gap it has begun with the old one.
                if model.play.gap.is_none() {
                    model.play.following = None;
                }
            }
            model.say(match model.sounds.crossfade {
                0.0 => "crossfade: off; tracks join without a gap".to_string(),
                secs => format!("crossfade: {secs} s, but not between tracks of an album in its order"),
            });
        }
        SoundAction::Mono(on) => {
            model.sounds.mono = on.unwrap_or(!model.sounds.mono);
            model.say(if model.sounds.mono { "mono: the same on both sides" } else { "mono: off" });
            effects.push(shape(model));
        }
        SoundAction::Balance(to) => {
            if let Some(to) = to {
                model.sounds.balance = to;
                effects.push(shape(model));
            }
            model.say(match model.sounds.balance {
                0 => "balance: in the middle".to_string(),
                n if n < 0 => format!("balance: {} % to the left", -i32::from(n)),
                n => format!("balance: {n} % to the right"),
            });
        }
        SoundAction::Device(None) => {
            model.sounds.named = None;
            effects.push(Effect::Player(Command::Devices));
        }
        SoundAction::Device(Some(name)) => device(model, &name, effects)?,
        SoundAction::Spectrum(on) => {
            let on = on.unwrap_or(model.play.spectrum.is_none());
            model.play.spectrum = on.then(Default::default);
            effects.push(Effect::Player(Command::Spectrum(on)));
        }
        SoundAction::Sleep(at) => sleep(model, at),
    }
    Ok(())
}

/// What the player is told of volume, balance and fades.
pub(super) fn shape(model: &Model) -> Effect {
    Effect::Player(Command::Shape(model.sounds.shape(model.play.volume)))
}

fn volume(model: &mut Model, amount: Option<Loudly>, effects: &mut Vec<Effect>) {
    let old = i32::from(model.play.volume);
    let new = match amount {
        None => {
            // The volume is a cube: a third of the way is felt as a third.
            let db = if old == 0 {
                "silent".to_string()
            } else {
                format!("{:.1} dB", 60.0 * (f64::from(old) / 100.0).log10())
            };
            return model.say(format!("volume: {old} % ({db})"));
        }
        Some(Loudly::Percent(Amount::To(percent))) => percent,
        Some(Loudly::Percent(Amount::By(percent))) => old + percent,
        Some(Loudly::Decibels(by)) => {
            let exact = f64::from(old.max(1)) * 10f64.powf(by / 60.0);
            // A step is a step, also where a percent is more than it.
            if by > 0.0 { (exact.round() as i32).max(old + 1) } else { (exact.round() as i32).min(old - 1) }
        }
    };
    model.play.volume = new.clamp(0, 100) as u8;
    effects.push(shape(model));
}

/// Tells the player the gains of what plays and of what follows anew.
fn regain(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.queue.current().is_some() {
        let (sounding, _) = of_current(model);
        effects.push(Effect::Player(Command::Gain { token: model.play.current, gain: sounding.gain }));
    }
    if let Some((token, serial)) = model.play.following {
        let (sounding, in_order) = of_follower(model, serial);
        model.play.following_in_order = in_order;
        effects.push(Effect::Player(Command::Gain { token, gain: sounding.gain }));
    }
}

/// How the current track is to sound, and whether it is played in the order of its album.
pub(super) fn of_current(model: &mut Model) -> (Sounding, bool) {
    let after = modes::follower(model).and_then(|serial| song(model, serial));
    let now = model.playing().map(|i| i.song.clone());
    sound(model, now, Between { before: model.play.before.clone(), after })
}

/// The same of what follows it.
pub(super) fn of_follower(model: &Model, serial: u64) -> (Sounding, bool) {
    let after = modes::second(model, serial).and_then(|serial| song(model, serial));
    let before = model.playing().map(|i| i.song.clone());
    sound(model, song(model, serial), Between { before, after })
}

fn sound(model: &Model, song: Option<Arc<Song>>, between: Between) -> (Sounding, bool) {
    song.map_or_else(Default::default, |song| {
        (model.sounds.of(&song, &between, &model.catalog), between.in_order(&song))
    })
}

fn song(model: &Model, serial: u64) -> Option<Arc<Song>> {
    model.queue.get(serial).map(|i| i.song.clone())
}

/// Another song comes after the follower than when the player was told of it: that may change its gain. What plays keeps
/// its own, and what is measured meanwhile counts for later starts.
pub(super) fn renew(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((token, serial)) = model.play.following else { return };
    let (sounding, in_order) = of_follower(model, serial);
    if std::mem::replace(&mut model.play.following_in_order, in_order) != in_order {
        effects.push(Effect::Player(Command::Gain { token, gain: sounding.gain }));
    }
}

fn device(model: &mut Model, name: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let devices = &model.sounds.devices;
    let id = match (name, name.parse::<usize>()) {
        ("default", _) => None,
        (_, Ok(n)) => match n.checked_sub(1).and_then(|i| devices.get(i)) {
            Some(device) => Some(device.id.clone()),
            None if devices.is_empty() => return Err("device without a number lists the outputs first".into()),
            None => return Err(format!("there is no output {n}: they count from 1 to {}", devices.len())),
        },
        (name, _) if devices.iter().any(|device| device.id == name) => Some(name.to_string()),
        (name, _) => {
            // Whether there is such an output is known when they have been listed.
            model.sounds.named = Some(name.to_string());
            effects.push(Effect::Player(Command::Devices));
            return Ok(());
        }
    };
    effects.push(Effect::Player(Command::Device(id)));
    Ok(())
}

/// The outputs were listed.
pub(super) fn listed(
    model: &mut Model,
    devices: Result<Vec<Device>, String>,
    (chosen, standing): (Option<&str>, Standing),
    effects: &mut Vec<Effect>,
) {
    let named = model.sounds.named.take();
    let devices = match devices {
        Ok(devices) => devices,
        Err(why) => {
            let why = format!("the outputs cannot be listed: {why}");
            model.outcomes.outputs_came(Some(&why));
            return model.complain(why);
        }
    };
    if let Some(name) = named {
        let there = devices.iter().any(|device| device.id == name);
        model.sounds.devices = devices;
        if there {
            effects.push(Effect::Player(Command::Device(Some(name))));
            return model.outcomes.outputs_came(None);
        }
        let why = format!("there is no output '{}'; :device lists them", crate::text::sanitize(&name));
        model.outcomes.outputs_came(Some(&why));
        return model.complain(why);
    }
    model.outcomes.outputs_came(None);
    // What plays is marked, which may not be what was chosen.
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
    model.sounds.devices = devices;
    signature::told(model, "outputs", &lines, effects);
}

fn sleep(model: &mut Model, at: Option<SleepAt>) {
    model.sleep = match at {
        None => model.sleep,
        Some(SleepAt::Off) => None,
        Some(SleepAt::After(secs)) => Some(Sleep::At(model.now + Duration::from_secs_f64(secs))),
        Some(SleepAt::Track) => Some(Sleep::Track),
        Some(SleepAt::Album) => Some(Sleep::Album),
    };
    model.say(match model.sleep {
        None => "sleep: off".to_string(),
        Some(Sleep::At(then)) => {
            let left = then.saturating_sub(model.now).as_secs_f64();
            format!("sleep: the music holds in {}", crate::text::time(left))
        }
        Some(Sleep::Track) => "sleep: the music stops after this track".to_string(),
        Some(Sleep::Album) => "sleep: the music stops after this album".to_string(),
    });
}

/// Holds the music when its time has come; when nothing plays, nothing begins by itself any more.
pub(super) fn doze(model: &mut Model, effects: &mut Vec<Effect>) {
    if !matches!(model.sleep, Some(Sleep::At(then)) if model.now >= then) {
        return;
    }
    model.sleep = None;
    model.play.starved = false;
    if model.play.state == State::Playing {
        model.play.state = State::Paused;
        effects.push(Effect::Player(Command::Pause));
        model.say("good night; space goes on");
    }
}

/// The music goes on by hand: a timer that ran out meanwhile is over.
pub(super) fn woken(model: &mut Model) {
    if matches!(model.sleep, Some(Sleep::At(then)) if model.now >= then) {
        model.sleep = None;
    }
}

/// Whether the music stops after the current track.
pub(super) fn ends_here(model: &Model) -> bool {
    match model.sleep {
        Some(Sleep::Track) => true,
        Some(Sleep::Album) => {
            let next = model.queue.ahead().first();
            !model.playing().zip(next).is_some_and(|(now, next)| follows(&now.song, &next.song))
        }
        _ => false,
    }
}

/// The track after which the music was to stop is over.
pub(super) fn fall_asleep(model: &mut Model, effects: &mut Vec<Effect>) {
    model.sleep = None;
    modes::hold(model, effects);
    if model.play.state == State::Stopped {
        model.say("good night; space goes on");
    }
    playback::follow(model, effects);
}
