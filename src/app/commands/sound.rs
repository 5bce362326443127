//! Volume, gains, fades, output device and sleep timer.

use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::order::{Order, Sleep};
use crate::app::state::playback::Playback;
use crate::app::state::sounds::{ReplayGain, Sounds, WAYS};
use crate::app::update::sounding::shape;
use crate::audio::Command;
use crate::config::times;
use crate::library::Catalog;
use crate::queue::Queue;
use std::time::Duration;

use super::row::{Args, Completion, Row, SWITCH, free, row};
use super::words::{Amount, ON_OFF, one_of, signed, some};

/// What the commands of this family ask for; `None` shows or toggles.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundAction {
    /// The volume.
    Volume(Option<Loudly>),
    /// The ReplayGain mode.
    ReplayGain(Option<ReplayGain>),
    /// The length of crossfades in seconds.
    Crossfade(Option<f32>),
    /// Whether both channels play their mean.
    Mono(Option<bool>),
    /// −100 (left) to 100 (right).
    Balance(Option<i8>),
    /// The output, by number, id, or "default".
    Device(Option<String>),
    /// Whether the spectrum is shown.
    Spectrum(Option<bool>),
    /// When to stop.
    Sleep(Option<SleepAt>),
}

/// A change of the volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loudly {
    /// To a percentage, or by percentage points.
    Percent(Amount<i32>),
    /// By dB.
    Decibels(f64),
}

/// When the sleep timer is to stop playback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SleepAt {
    /// Never.
    Off,
    /// After this many seconds.
    After(f64),
    /// After the current track.
    Track,
    /// After the current album.
    Album,
}

use SoundAction::*;

/// The commands.
pub const ROWS: &[Row<SoundAction>] = &[
    row("volume", free("[PERCENT]"), "set or change the volume: 80, +5, -5, +2dB, -2dB", |t| {
        Ok(Volume(volume(t.rest)?))
    })
    .or(&["vol"]),
    row(
        "replaygain",
        Args::Words("[off|track|album|smart]", &["off", "track", "album", "smart"]),
        "play everything about equally loud; alone: how it is",
        |t| Ok(SoundAction::ReplayGain(one_of(t, &WAYS)?)),
    ),
    row(
        "crossfade",
        Args::Words("[SECONDS|off]", &["off", "4"]),
        "tracks fade into each other; not those of an album in order",
        |t| Ok(Crossfade(crossfade(t.rest)?)),
    ),
    row("mono", SWITCH, "the same on both sides", |t| Ok(Mono(one_of(t, &ON_OFF)?))),
    row("balance", free("[-100…100]"), "more of the left (-30) or of the right (30)", |t| {
        Ok(Balance(balance(t.rest)?))
    }),
    row("device", Args::Typed("[N|ID|default]", outputs), "play to another output; alone: which there are", |t| {
        Ok(Device(some(t.rest)))
    })
    .or(&["output"]),
    row("spectrum", SWITCH, "show how loud the low and the high notes are", |t| Ok(Spectrum(one_of(t, &ON_OFF)?))),
    row(
        "sleep",
        Args::Words("[TIME|track|album|off]", &["45m", "track", "album", "off"]),
        "stop after a time (45m), this track or this album",
        |t| Ok(Sleep(bedtime(t.rest)?)),
    ),
];

fn outputs(_: &str, model: &Model) -> Vec<Completion> {
    let known = model.sounds.devices.iter().map(|d| Completion::new(&d.id, &d.about));
    [Completion::new("default", "what the system has chosen")].into_iter().chain(known).collect()
}

fn number(text: &str, low: f32, high: f32) -> Option<f32> {
    text.parse::<f32>().ok().filter(|n| (low..=high).contains(n))
}

fn crossfade(text: &str) -> Result<Option<f32>, Refusal> {
    match text {
        "" => Ok(None),
        "off" => Ok(Some(0.0)),
        _ => Ok(Some(number(text, 0.0, 15.0).ok_or_else(|| Refusal::wants("crossfade", "seconds, 0 to 15, or off"))?)),
    }
}

fn balance(text: &str) -> Result<Option<i8>, Refusal> {
    match text {
        "" => Ok(None),
        _ => {
            let side =
                number(text, -100.0, 100.0).ok_or_else(|| Refusal::wants("balance", "-100 (left) to 100 (right)"))?;
            Ok(Some(side.round() as i8))
        }
    }
}

fn volume(text: &str) -> Result<Option<Loudly>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let wants = || Refusal::wants("volume", "a percentage like 80, +5 or -5, or a step like +2dB");
    let (sign, digits) = signed(text.trim_end_matches('%'));
    if let Some(db) = digits.to_ascii_lowercase().strip_suffix("db") {
        let db = db.trim().parse::<f64>().ok().filter(|db| *db > 0.0 && *db <= 60.0);
        let (sign, db) = sign.zip(db).ok_or_else(wants)?;
        return Ok(Some(Loudly::Decibels(sign * db)));
    }
    let amount = digits.parse::<u8>().ok().filter(|n| *n <= 100).map(i32::from).ok_or_else(wants)?;
    Ok(Some(Loudly::Percent(sign.map_or(Amount::To(amount), |s| Amount::By(s as i32 * amount)))))
}

/// `45m`, `1h30m`, `90s`, `45` (minutes), `track`, `album`, `off`.
fn bedtime(text: &str) -> Result<Option<SleepAt>, Refusal> {
    match text {
        "" => Ok(None),
        "off" => Ok(Some(SleepAt::Off)),
        "track" => Ok(Some(SleepAt::Track)),
        "album" => Ok(Some(SleepAt::Album)),
        time => match times::length(time) {
            Some(secs) => Ok(Some(SleepAt::After(secs))),
            None => Err(Refusal::wants("sleep", "a time like 45m or 1h30m, track, album or off")),
        },
    }
}

/// Carries a command out; what to say.
pub(super) fn act(
    model: &mut Model,
    action: SoundAction,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let Model { sounds, play, order, queue, catalog, sound_view, .. } = model;
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
                regain(sounds, play, order, queue, catalog, effects);
            }
            let way = WAYS.iter().find(|(_, way)| *way == sounds.replaygain).map_or("", |(name, _)| name);
            format!("replaygain: {way}")
        }
        SoundAction::Crossfade(secs) => {
            if let Some(secs) = secs {
                sounds.crossfade = secs;
                // Sends the follower again with the new fade, except in the gap, where it has started with the old one.
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
            effects.push(Effect::Player(Command::Spectrum(on || sound_view.shown)));
            return Ok(None);
        }
        SoundAction::Sleep(at) => sleep(order, model.now, at),
    }))
}

fn loudness(volume: u8) -> String {
    // The amplitude is the cube of the volume, so that equal steps sound about equal.
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
            // A step smaller than a percent still changes the volume by one.
            if by > 0.0 { exact.max(old + 1) } else { exact.min(old - 1) }
        }
    };
    new.clamp(0, 100) as u8
}

/// Sends the gains of the current track and of its follower to the player again.
fn regain(
    sounds: &Sounds,
    play: &mut Playback,
    order: &mut Order,
    queue: &Queue,
    catalog: &Catalog,
    effects: &mut Vec<Effect>,
) {
    if let Some(item) = queue.playing() {
        let between = order.around_current(queue, play.before.as_deref());
        let gain = sounds.of(&item.song, between, catalog).gain;
        play.gain = gain;
        effects.push(Effect::Player(Command::Gain { token: play.current, gain }));
    }
    if let Some(follower) = &mut play.following
        && let Some(item) = queue.get(follower.serial)
    {
        let between = order.around_follower(queue, follower.serial);
        follower.in_order = between.in_order(&item.song);
        follower.gain = sounds.of(&item.song, between, catalog).gain;
        effects.push(Effect::Player(Command::Gain { token: follower.token, gain: follower.gain }));
    }
}

fn device(sounds: &mut Sounds, name: Option<String>, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    let devices = &sounds.devices;
    let numbered = name.as_ref().and_then(|name| name.parse::<usize>().ok());
    let id = match (name, numbered) {
        (Some(name), _) if name == "default" => None,
        (_, Some(n)) => match n.checked_sub(1).and_then(|i| devices.get(i)) {
            Some(device) => Some(device.id.clone()),
            None if devices.is_empty() => {
                return Err(Refusal::NotYet("device without a number lists the outputs first".into()));
            }
            None => {
                let count = format!(": they count from 1 to {}", devices.len());
                return Err(Refusal::unknown(format!("there is no output {n}"), count));
            }
        },
        (Some(name), _) if devices.iter().any(|device| device.id == name) => Some(name),
        // An unknown name is looked up once the outputs have been listed.
        (name, _) => {
            sounds.named = name;
            effects.push(Effect::Player(Command::Devices));
            return Ok(());
        }
    };
    effects.push(Effect::Player(Command::Device(id)));
    Ok(())
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
