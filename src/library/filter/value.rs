//! Numbers, times and dates in filters.

use std::fmt;

use super::field::Kind;

const DAY: f64 = 86_400.0;

/// A value as written by the user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number, or a time in seconds.
    Plain(f64),
    /// This many seconds ago.
    Ago(f64),
    /// A year, with an optional month and day.
    Date(i16, Option<i8>, Option<i8>),
    /// A number on the Camelot wheel, and whether the key is major; both keys of the number if that is left open.
    Key(u8, Option<bool>),
}

impl Value {
    /// Parses a value of a kind; `None` if it is invalid, or for text.
    pub(super) fn parse(word: &str, kind: Kind) -> Option<Value> {
        match kind {
            Kind::Text => None,
            Kind::Number => number(word.trim_end_matches('%')).filter(|n| *n >= 0.0).map(Value::Plain),
            Kind::Signed => number(word).map(Value::Plain),
            Kind::Time => time(word).map(Value::Plain),
            Kind::Date => match word.strip_prefix('-') {
                Some(ago) => time(ago).map(Value::Ago),
                None => date(word),
            },
            Kind::Key => key(word),
        }
    }

    /// Start and end (exclusive) in the field's unit; both are equal unless it is a date. `now` is
    /// Unix seconds.
    pub(super) fn bounds(self, now: f64) -> (f64, f64) {
        match self {
            Value::Plain(n) => (n, n),
            Value::Ago(secs) => (now - secs, now - secs),
            Value::Date(year, month, day) => {
                let start = days(year, month.unwrap_or(1), day.unwrap_or(1));
                let end = match (month, day) {
                    (_, Some(_)) => start + 1.0,
                    (Some(12), None) | (None, None) => days(year + 1, 1, 1),
                    (Some(month), None) => days(year, month + 1, 1),
                };
                (start * DAY, end * DAY)
            }
            Value::Key(number, major) => {
                let first = 2.0 * f64::from(number);
                match major {
                    Some(major) => (first + f64::from(u8::from(major)), first + f64::from(u8::from(major))),
                    None => (first, first + 2.0),
                }
            }
        }
    }

    /// Whether this one begins only after another has ended, whenever that is asked: between a date and a time ago that
    /// depends on the day, and is false.
    pub(super) fn is_after(self, other: Value) -> bool {
        let (begins, ends) = (self.bounds(0.0).0, other.bounds(0.0).1);
        match (self, other) {
            (Value::Plain(_), Value::Plain(_)) | (Value::Ago(_), Value::Ago(_)) => begins > ends,
            // The end of a date is the beginning of the next one.
            (Value::Date(..), Value::Date(..)) => begins >= ends,
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Plain(n) => write!(f, "{n}"),
            Value::Ago(secs) => write!(f, "-{secs}s"),
            Value::Date(year, Some(month), Some(day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            Value::Date(year, Some(month), None) => write!(f, "{year:04}-{month:02}"),
            Value::Date(year, ..) => write!(f, "{year:04}"),
            Value::Key(number, None) => write!(f, "{number}"),
            Value::Key(number, Some(major)) => write!(f, "{number}{}", if *major { 'B' } else { 'A' }),
        }
    }
}

/// What values of a kind look like, for error messages.
pub(super) fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text like jazz or \"two words\"",
        Kind::Number => "a number like 80, or a range like 118-126",
        Kind::Signed => "a number like -14, or a range like -20..-14",
        Kind::Time => "a time like 10:00, 90s or 1h, or a range",
        Kind::Date => "a date like 2024 or 2024-03-01, or how long ago, like -7d",
        Kind::Key => "a key like Am, F#m, Bb or 8A, or a number of the Camelot wheel, 1 to 12",
    }
}

/// Parses a key by its name (`Am`, `F#m`, `Bb`, `Cmaj`) or by its place on the Camelot wheel (`8A`, `8` for both keys there).
fn key(word: &str) -> Option<Value> {
    let word = word.to_lowercase();
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = word[..digits].parse::<u8>().ok().filter(|number| (1..=12).contains(number))?;
        return match &word[digits..] {
            "" => Some(Value::Key(number, None)),
            "a" => Some(Value::Key(number, Some(false))),
            "b" => Some(Value::Key(number, Some(true))),
            _ => None,
        };
    }
    let letter = word.chars().next()?;
    let natural = [('c', 0), ('d', 2), ('e', 4), ('f', 5), ('g', 7), ('a', 9), ('b', 11)];
    let (_, natural) = natural.into_iter().find(|(name, _)| *name == letter)?;
    let rest = &word[1..];
    let (tonic, rest) = if let Some(rest) = rest.strip_prefix(['#', '♯']) {
        (natural + 1, rest)
    } else if let Some(rest) = rest.strip_prefix(['b', '♭']) {
        (natural + 11, rest)
    } else {
        (natural, rest)
    };
    let major = match rest {
        "" | "maj" | "major" => true,
        "m" | "min" | "minor" => false,
        _ => return None,
    };
    // The relative major is three semitones above, and every fifth is one further on the wheel; C is 8.
    let relative: u8 = if major { tonic } else { tonic + 3 };
    Some(Value::Key((relative * 7 + 7) % 12 + 1, Some(major)))
}

/// Parses a plain decimal number, without an exponent, below 10^15 in magnitude.
fn number(word: &str) -> Option<f64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    word.parse::<f64>().ok().filter(|n| plain && n.is_finite() && n.abs() < 1e15)
}

/// Parses a duration to seconds: `600`, `10:00`, `1:02:03`, `90s`, `10min`, `2h`, `7d`, `2w`, `3m`,
/// `1y`.
fn time(word: &str) -> Option<f64> {
    if word.contains(':') {
        let mut secs = 0.0;
        for part in word.split(':') {
            secs = secs * 60.0 + number(part).filter(|n| *n >= 0.0)?;
        }
        return Some(secs);
    }
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &word[digits.len()..] {
        "" | "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => DAY,
        "w" => 7.0 * DAY,
        "m" => 30.44 * DAY,
        "y" => 365.25 * DAY,
        _ => return None,
    };
    number(digits).filter(|n| *n >= 0.0).map(|n| n * unit)
}

/// Parses `2024`, `2024-03` or `2024-03-01`.
fn date(word: &str) -> Option<Value> {
    let mut parts = word.split('-');
    let mut next = |digits: usize| match parts.next() {
        None => Some(None),
        Some(p) if p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()) => p.parse::<i16>().ok().map(Some),
        Some(_) => None,
    };
    let (year, month, day) = (next(4)??, next(2)?, next(2)?);
    let month = month.map(|m| i8::try_from(m).ok().filter(|m| (1..=12).contains(m)).ok_or(())).transpose().ok()?;
    let last = |month: i8| days(year + i16::from(month == 12), month % 12 + 1, 1) - days(year, month, 1);
    let day = match (day, month) {
        (None, _) => None,
        (Some(day), Some(month)) if day >= 1 && f64::from(day) <= last(month) => i8::try_from(day).ok(),
        _ => return None,
    };
    parts.next().is_none().then_some(Value::Date(year, month, day))
}

/// Days from 1 January 1970 to a date of the Gregorian calendar. Years start in March here, so that
/// the leap day is their last.
fn days(year: i16, month: i8, day: i8) -> f64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let since_march = (i64::from(month) + 9) % 12;
    let of_year = (153 * since_march + 2) / 5 + i64::from(day) - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (365 * year + leaps + of_year - 719_468) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (date, wanted) in [
            ((1970, 1, 1), 0.0),
            ((1969, 12, 31), -1.0),
            ((2000, 2, 29), 11_016.0),
            ((2000, 3, 1), 11_017.0),
            ((2024, 12, 31), 20_088.0),
            ((1900, 3, 1), -25_508.0),
        ] {
            assert_eq!(days(date.0, date.1, date.2), wanted, "{date:?}");
        }
    }

    #[test]
    fn values_are_read_as_they_are_meant() {
        let time = |word| Value::parse(word, Kind::Time);
        assert_eq!((time("10:00"), time("1:02:03"), time("90s")), (plain(600.0), plain(3723.0), plain(90.0)));
        assert_eq!((time("2h"), time("x"), time(""), time("-5")), (plain(7200.0), None, None, None));
        let when = |word| Value::parse(word, Kind::Date);
        assert_eq!(when("-7d"), Some(Value::Ago(7.0 * DAY)));
        assert_eq!(when("2024-02-29"), Some(Value::Date(2024, Some(2), Some(29))));
        assert_eq!(
            (when("2023-02-29"), when("2024-13"), when("24-1-1"), when("2024-01-01-01")),
            (None, None, None, None)
        );
        assert_eq!(Value::parse("80%", Kind::Number), plain(80.0));
        assert_eq!((Value::parse("-1", Kind::Number), Value::parse("-14.5", Kind::Signed)), (None, plain(-14.5)));
        for bad in ["inf", "nan", "1e9", "+3", "", "-", "."] {
            assert_eq!(Value::parse(bad, Kind::Signed), None, "{bad}");
        }
    }

    fn plain(n: f64) -> Option<Value> {
        Some(Value::Plain(n))
    }

    #[test]
    fn keys_are_read_by_both_names() {
        let key = |word: &str| Value::parse(word, Kind::Key);
        for (name, camelot) in [
            ("C", "8B"),
            ("Am", "8a"),
            ("F#m", "11A"),
            ("gbminor", "11A"),
            ("Bb", "6B"),
            ("Ebmin", "2A"),
            ("B", "1B"),
            ("bm", "10A"),
            ("C♭", "1B"),
            ("g#m", "1A"),
        ] {
            assert!(key(name).is_some() && key(name) == key(camelot), "{name} {:?}", key(name));
            assert_eq!(key(&key(name).unwrap().to_string()), key(name), "as it is written back");
        }
        for bad in ["", "0A", "13", "8C", "H", "Amen", "C##", "-1", "ü"] {
            assert_eq!(key(bad), None, "{bad}");
        }
        let bounds = |word: &str| key(word).unwrap().bounds(0.0);
        assert_eq!((bounds("8A"), bounds("8B"), bounds("8")), ((16.0, 16.0), (17.0, 17.0), (16.0, 18.0)));
    }

    #[test]
    fn a_year_is_all_of_it() {
        let (from, until) = Value::Date(2024, None, None).bounds(0.0);
        assert_eq!((until - from) / DAY, 366.0);
        let (from, until) = Value::Date(2024, Some(12), None).bounds(0.0);
        assert_eq!((until - from) / DAY, 31.0);
        assert_eq!(Value::Ago(10.0).bounds(100.0), (90.0, 90.0));
    }
}
