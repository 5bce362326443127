//! The ranges of the numbers in the configuration.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::SettingFault;
use super::limits::{MOST_DAYS, WIDEST};

/// Maximum number of decoding workers, each of which is a process.
pub const MOST_WORKERS: u16 = 256;

/// Dotted key, minimum, maximum and unit.
const RANGES: &[(&str, f64, f64, &str)] = &[
    ("library.poll", 1.0, 86_400.0, " seconds"),
    ("player.volume", 0.0, 100.0, " percent"),
    ("player.preamp", -20.0, 20.0, " dB"),
    ("player.crossfade", 0.0, 15.0, " seconds"),
    ("player.fade", 0.0, 2.0, " seconds"),
    ("player.balance", -100.0, 100.0, ""),
    ("queue.ahead", 1.0, 200.0, " tracks"),
    ("queue.refill", 0.0, 200.0, " tracks"),
    ("queue.artist_spacing", 0.0, WIDEST as f64, " tracks"),
    ("queue.album_spacing", 0.0, WIDEST as f64, " tracks"),
    ("queue.title_spacing", 0.0, WIDEST as f64, " tracks"),
    ("queue.not_heard_days", 0.0, MOST_DAYS as f64, " days"),
    ("queue.weights.fit", 0.0, 100.0, ""),
    ("queue.weights.closeness", 0.0, 100.0, ""),
    ("queue.weights.run", 0.0, 100.0, ""),
    ("queue.weights.album", 0.0, 100.0, ""),
    ("queue.weights.heard", 0.0, 100.0, ""),
    ("queue.weights.heard_half_life", 1.0, 10_000.0, " tracks"),
    ("queue.weights.liked", 0.0, 100.0, ""),
    ("queue.weights.next", 0.0, 100.0, ""),
    ("queue.weights.course", 0.0, 100.0, ""),
    ("analysis.workers", 0.0, MOST_WORKERS as f64, ""),
    ("train.least_artists", 2.0, 1000.0, ""),
    ("train.least_tracks", 2.0, 100_000.0, ""),
];

/// The numbers out of range with their spans, found before a text is deserialized, so that 300 percent is reported as out
/// of range, not as too large for a byte. Values that are not numbers are left to the deserializer.
pub(super) fn faults(table: &DeTable<'_>) -> Vec<(Range<usize>, SettingFault)> {
    let mut faults = Vec::new();
    for &(key, least, most, unit) in RANGES {
        let Some(value) = find(table, key) else { continue };
        let (number, found) = match value.get_ref() {
            // More digits than an `i64` holds: out of any range here.
            DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
                Ok(n) => (n as f64, n.to_string()),
                Err(_) => (f64::INFINITY, n.as_str().to_string()),
            },
            DeValue::Float(n) => (n.as_str().parse().unwrap_or(f64::NAN), n.as_str().to_string()),
            _ => continue,
        };
        if !(least..=most).contains(&number) {
            faults.push((value.span(), SettingFault::Range { key, found, least, most, unit }));
        }
    }
    faults
}

/// The value at a dotted key.
pub(super) fn find<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    match key.split_once('.') {
        None => table.get(key),
        Some((outer, inner)) => find(table.get(outer)?.get_ref().as_table()?, inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, DEFAULT};

    /// The shipped configuration with one value replaced.
    fn with(key: &str, value: &str) -> String {
        let (table, name) = key.rsplit_once('.').unwrap();
        let mut inside = false;
        let change = |line: &str| {
            if line.starts_with('[') {
                inside = line == format!("[{table}]");
            }
            let named = line.split_once('=').is_some_and(|(own, _)| own.trim() == name);
            if inside && named { format!("{name} = {value}\n") } else { format!("{line}\n") }
        };
        DEFAULT.lines().map(change).collect()
    }

    #[test]
    fn every_number_of_the_shipped_file_has_a_range() {
        fn numbers(table: &toml::Table, under: &str, out: &mut Vec<String>) {
            for (name, value) in table {
                let key = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
                match value {
                    toml::Value::Table(inner) => numbers(inner, &key, out),
                    toml::Value::Integer(_) | toml::Value::Float(_) => out.push(key),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        numbers(&DEFAULT.parse().unwrap(), "", &mut found);
        let mut known: Vec<&str> = RANGES.iter().map(|(key, ..)| *key).collect();
        found.sort();
        known.sort_unstable();
        assert_eq!(found, known);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_with_line_key_and_bounds() {
        for (key, least, most, unit) in RANGES {
            let (below, above) = (format!("{}", least - 1.0), format!("{}", most + 1.0));
            for value in [below.as_str(), &above, "100000000", "99999999999999999999", "inf", "nan"] {
                let text = with(key, value);
                let said = Config::parse(&text).unwrap_err().to_string();
                let line: usize = said.strip_prefix("line ").unwrap().split(':').next().unwrap().parse().unwrap();
                assert!(text.lines().nth(line - 1).unwrap().ends_with(value), "{said}");
                assert!(said.ends_with(&format!("{key} is {value}; it must be {least} to {most}{unit}")), "{said}");
            }
        }
        assert_eq!(Config::parse(&with("analysis.workers", "256")).unwrap().analysis.workers, 256);
        assert!(
            Config::parse("[analysis]\nworkers = \"many\"")
                .unwrap_err()
                .to_string()
                .starts_with("line 2: invalid type")
        );
        assert!(Config::parse("[analysis\nworkers = 1").is_err());
    }
}
