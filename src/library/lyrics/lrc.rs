//! The parser of LRC, which also takes plain text. It is lenient: what is not understood is text.

use super::stamps;
use super::text::{Line, Lyrics, Word};
use crate::text::sanitize;

/// The most lines kept; a line that is repeated counts each time.
const MOST_LINES: usize = 2_000;
/// The most bytes kept: a line of many times repeats its text. The view lays them all out for every key.
const MOST_BYTES: usize = 256 << 10;
/// The most times at the beginning of a line.
const MOST_TIMES: usize = 64;
/// The most words of a line that have times.
const MOST_WORDS: usize = 256;
/// The longest line in bytes.
const LONGEST: usize = 4096;
/// The largest offset, in milliseconds.
const FARTHEST: i64 = 3_600_000;
/// The keys of lines that describe the file. Any other text in brackets belongs to the song: `[Chorus: all]`.
const KEYS: [&str; 19] = [
    "ar", "ti", "al", "au", "by", "la", "lr", "re", "ve", "id", "tool", "length", "offset", "hash", "sign", "qq",
    "total", "encoding", "#",
];

/// Reads lyrics from a text. If any line has a time, the lines are sorted by time, and one without a time belongs to the
/// line before it. `[offset:+500]` lets all of them begin 500 ms sooner. Every text is sanitised.
pub fn parse(text: &str) -> Lyrics {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let hundredths = stamps::has_hundredths(&text);
    let (mut offset, mut bytes, mut before) = (0, 0, 0);
    let (mut timed, mut cut) = (false, false);
    // Each line, and whether it has a time of its own.
    let mut lines: Vec<(Line, bool)> = Vec::new();
    'lines: for raw in text.lines() {
        if let Some((key, value)) = metadata(raw) {
            if key == "offset" {
                offset = value.parse().map_or(offset, |ms: i64| ms.clamp(-FARTHEST, FARTHEST));
            }
            continue;
        }
        let (mut times, rest) = times(raw, hundredths);
        let (text, words) = words(rest, hundredths);
        if times.is_empty() {
            // Only the words have times.
            times.extend(words.first().map(|word| word.at));
        }
        let own = !times.is_empty();
        timed |= own;
        let first = times.first().copied();
        if !own {
            times.push(before);
        }
        before = first.unwrap_or(before);
        for at in times {
            bytes += text.len() + words.len() * size_of::<Word>() + size_of::<Line>();
            if lines.len() == MOST_LINES || bytes > MOST_BYTES {
                cut = true;
                break 'lines;
            }
            // The words of a repeated line are timed in its first place.
            let shifted = |word: &Word| Word { at: word.at.saturating_add(at).saturating_sub(before), ..*word };
            let words = words.iter().map(shifted).collect();
            lines.push((Line { at, text: text.clone(), words }, own));
        }
    }
    if timed {
        // A blank line without a time is layout; one with a time ends the line before it.
        lines.retain(|(line, own)| *own || !line.text.is_empty());
    } else {
        while lines.last().is_some_and(|(line, _)| line.text.is_empty()) {
            lines.pop();
        }
        let blank = lines.iter().take_while(|(line, _)| line.text.is_empty()).count();
        lines.drain(..blank);
    }
    let mut lines: Vec<Line> = lines.into_iter().map(|(line, _)| line).collect();
    if timed {
        order(&mut lines, offset);
    }
    Lyrics { lines, timed, cut, from: String::new() }
}

/// Moves all times by `offset` milliseconds and sorts the lines. Lines of the same time stay in their order.
fn order(lines: &mut [Line], offset: i64) {
    let moved = |at: u32| u32::try_from((i64::from(at) - offset).max(0)).unwrap_or(u32::MAX);
    for line in &mut *lines {
        line.at = moved(line.at);
        line.words.iter_mut().for_each(|word| word.at = moved(word.at));
    }
    lines.sort_by_key(|line| line.at);
}

/// The key and the value of a line that describes the file, such as `[ar: Nina Simone]`.
fn metadata(line: &str) -> Option<(&'static str, &str)> {
    let inside = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (key, value) = inside.split_once(':')?;
    let known = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key.trim()))?;
    Some((*known, value.trim().trim_start_matches('+')))
}

/// The times at the beginning of a line, and what follows them.
fn times(mut line: &str, hundredths: bool) -> (Vec<u32>, &str) {
    let mut times = Vec::new();
    while times.len() < MOST_TIMES {
        let rest = line.trim_start();
        let Some((at, length)) = stamps::leading(rest, hundredths).filter(|_| rest.starts_with('[')) else { break };
        times.push(at);
        line = rest.get(length..).unwrap_or_default();
    }
    (times, line)
}

/// The text of a line without the times inside it, and when its words begin.
fn words(rest: &str, hundredths: bool) -> (String, Vec<Word>) {
    let (mut text, mut words) = (String::new(), Vec::new());
    let (mut done, mut at) = (0, 0);
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find(['<', '['])).filter(|_| words.len() < MOST_WORDS) {
        at += found;
        let Some((ms, length)) = stamps::leading(&rest[at..], hundredths) else {
            at += 1;
            continue;
        };
        add(&mut text, &rest[done..at]);
        words.push(Word { at: ms, from: text.len() as u32 });
        at += length;
        done = at;
    }
    add(&mut text, &rest[done..]);
    text.truncate(text.trim_end().len());
    let end = text.len() as u32;
    words.iter_mut().for_each(|word| word.from = word.from.min(end));
    (text, words)
}

/// Adds a part of a line, keeping one space between words that have one.
fn add(text: &mut String, part: &str) {
    let clean = sanitize(part);
    if text.len() + clean.len() > LONGEST {
        return;
    }
    let space = |text: &mut String| {
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    };
    if part.starts_with(char::is_whitespace) {
        space(text);
    }
    text.push_str(&clean);
    if part.ends_with(char::is_whitespace) && !clean.is_empty() {
        space(text);
    }
}
