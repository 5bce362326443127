//! What is wrong with settings that are valid TOML of the right types.

use super::error::{LimitError, SettingError, SettingFault};
use super::{Config, LimitSet};

/// What is wrong with settings that have the right types, each with the names on the way to it; `told` is what was
/// found before.
pub(super) fn contradictions(config: &Config, told: &[SettingError]) -> Vec<(Vec<String>, SettingFault)> {
    let modes = ["off", "track", "album", "smart"];
    let devices = ["auto", "cpu", "cuda"];
    // Where one of the two numbers was left out, the other one is not compared with a default.
    let is_length = |one: &SettingError| matches!(&one.cause, SettingFault::Range { key, .. } if ["queue.ahead", "queue.refill"].contains(key));
    let lengths_known = !told.iter().any(is_length);
    let plain = [
        (!modes.contains(&config.player.replaygain.as_str()), "player.replaygain", SettingFault::ReplayGain),
        (lengths_known && config.queue.refill > config.queue.ahead, "queue.refill", SettingFault::Refill),
        (!devices.contains(&config.analysis.device.as_str()), "analysis.device", SettingFault::Device),
        (config.limits.contains_key("off"), "limits.off", SettingFault::LimitsOff),
    ];
    let plain = plain.into_iter().filter(|(wrong, ..)| *wrong);
    let plain = plain.map(|(_, key, fault)| (key.split('.').map(str::to_string).collect(), fault));
    let of_set = |(set, limits): (&String, &LimitSet)| {
        let of_key = |cause: LimitError| {
            let path = vec!["limits".to_string(), set.clone(), cause.key().to_string()];
            (path, SettingFault::Limits { set: set.clone(), cause })
        };
        limits.faults().into_iter().map(of_key).collect::<Vec<_>>()
    };
    plain.chain(config.limits.iter().flat_map(of_set)).collect()
}
