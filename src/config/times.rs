//! Times as users write them.

/// The longest time, in seconds.
const LONGEST: f64 = 86_400.0;

/// A length of time in seconds: `90m`, `1h30m`, `45s`, `45` (minutes); up to a day.
pub fn length(text: &str) -> Option<f64> {
    let (mut secs, mut digits) = (0.0, String::new());
    // A number without a unit is minutes.
    let unit = if text.ends_with(|c: char| c.is_ascii_digit()) { "m" } else { "" };
    for c in text.chars().chain(unit.chars()) {
        let factor = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'h' => 3600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        secs += factor * digits.parse::<f64>().ok()?;
        digits.clear();
    }
    (secs > 0.0 && secs <= LONGEST).then_some(secs)
}

/// A time of day in minutes after midnight: `23:30`, `7:05`.
pub fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>, below: u16| {
        let plain = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|n| plain && *n < below)
    };
    Some(60 * number(hour, 1..=2, 24)? + number(minute, 2..=2, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units() {
        let all = ["90m", "1h30m", "1h30", "90", "45s", "24h"].map(length);
        assert_eq!(all, [5400.0, 5400.0, 5400.0, 5400.0, 45.0, 86_400.0].map(Some));
        for bad in ["", "m", "0", "1x", "-5m", "25h", "1.5h", "5 m"] {
            assert_eq!(length(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_of_minutes() {
        assert_eq!(["23:30", "7:05", "0:00", "00:00"].map(clock), [1410, 425, 0, 0].map(Some));
        for bad in ["", "23", "24:00", "7:5", "7:60", "007:05", "+7:05", "7:05 ", ":30"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
