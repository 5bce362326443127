//! The times of LRC: `[mm:ss]`, `[mm:ss.xx]`, `[mm:ss.xxx]`, `[h:mm:ss.xx]`, and the same between `<` and `>`.

/// The longest time in bytes, with its brackets.
const LONGEST: usize = 24;

/// Parses the time at the beginning of a text, and returns it in milliseconds with its length in bytes. In `[a:b:c]`, `c`
/// is seconds, or hundredths if `hundredths` is set.
pub(super) fn leading(text: &str, hundredths: bool) -> Option<(u32, usize)> {
    let close = match text.as_bytes().first()? {
        b'[' => b']',
        b'<' => b'>',
        _ => return None,
    };
    let end = text.bytes().take(LONGEST).position(|byte| byte == close)?;
    Some((time(text.get(1..end)?, hundredths)?, end + 1))
}

/// Whether some `[a:b:c]` in a text cannot be hours, minutes and seconds, so that `c` is hundredths of a second everywhere,
/// as some old programs wrote them.
pub(super) fn has_hundredths(text: &str) -> bool {
    let last = |line: &str| -> Option<u64> {
        let inside = line.trim_start().strip_prefix('[')?.split_once(']')?.0;
        let mut parts = inside.trim().split(':');
        let (_, _, last) = (number(parts.next()?, 3)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        parts.next().is_none().then_some(last)
    };
    text.lines().filter_map(last).any(|last| last >= 60)
}

fn time(text: &str, hundredths: bool) -> Option<u32> {
    let (whole, fraction) = match text.trim().split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(millis(fraction)?)),
        None => (text.trim(), None),
    };
    let mut parts = whole.split(':');
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let (minutes, seconds, ms) = match (c, fraction) {
        (None, fraction) => (number(a, 5)?, number(b, 2)?, fraction.unwrap_or(0)),
        (Some(c), None) if hundredths => (number(a, 5)?, number(b, 2)?, number(c, 2)? * 10),
        (Some(c), fraction) => {
            let minutes = number(b, 2).filter(|minutes| *minutes < 60)?;
            (number(a, 3)? * 60 + minutes, number(c, 2)?, fraction.unwrap_or(0))
        }
    };
    let ms = (seconds < 60).then_some(minutes * 60_000 + seconds * 1000 + ms)?;
    u32::try_from(ms).ok()
}

/// The milliseconds of a fraction of a second; digits after the third are ignored.
fn millis(fraction: &str) -> Option<u64> {
    let digits = fraction.get(..fraction.len().min(3))?;
    number(fraction, 9)?;
    Some(number(digits, 3)? * [100u64, 10, 1].get(digits.len() - 1)?)
}

/// A number of at most `most` digits.
fn number(text: &str, most: usize) -> Option<u64> {
    let good = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<u32> {
        leading(text, false).filter(|(_, length)| *length == text.len()).map(|(ms, _)| ms)
    }

    #[test]
    fn times_are_read_in_every_form() {
        for (text, ms) in [
            ("[00:00]", 0),
            ("[01:02]", 62_000),
            ("[01:02.5]", 62_500),
            ("[01:02.50]", 62_500),
            ("[01:02,503]", 62_503),
            ("[01:02.503999]", 62_503),
            ("[ 1:02.05 ]", 62_050),
            ("<00:09.90>", 9_900),
            ("[1:02:03.40]", 3_723_400),
            ("[1:02:03]", 3_723_000),
            ("[100:00]", 6_000_000),
        ] {
            assert_eq!(of(text), Some(ms), "{text}");
        }
        assert_eq!(leading("[01:02]la [01:03]", false), Some((62_000, 7)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        let bad = [
            "",
            "[",
            "[]",
            "[:]",
            "[00:60]",
            "[1]",
            "[1:2:3:4]",
            "[-1:00]",
            "[00:+1]",
            "[aa:bb]",
            "[00:01",
            "[00:01>",
            "<00:01]",
            "[00:01.]",
            "[00:01.x]",
            "[1:60:00]",
            "[123456:00]",
            "[00:001]",
            "[ar:name]",
            "[00:01.1234567890]",
            "[0０:01]",
        ];
        for text in bad {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of("[99999:59.999]"), None, "more than 49 days do not fit");
    }

    #[test]
    fn hundredths_behind_a_colon_are_told_by_the_whole_text() {
        assert!(has_hundredths("[00:10:20]a\n[00:12:75]b") && !has_hundredths("[00:10:20]a\n[00:12:59]b"));
        assert!(!has_hundredths("[00:12.75]a") && !has_hundredths("[a:b:99]"));
        assert_eq!(
            (leading("[00:12:05]", true), leading("[00:12:05]", false)),
            (Some((12_050, 10)), Some((725_000, 10)))
        );
    }
}
