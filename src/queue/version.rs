//! Which tracks are versions of one song: same artist, and titles equal once "(2011 Remaster)", "- Live" or "feat. X"
//! are off.

use crate::library::Song;

/// Words that make a bracket or a tail behind a dash the name of a version, not a part of the song's name.
const VERSION_WORDS: [&str; 31] = [
    "remaster",
    "remastered",
    "remastering",
    "live",
    "version",
    "edit",
    "mix",
    "remix",
    "demo",
    "acoustic",
    "mono",
    "stereo",
    "feat",
    "ft",
    "featuring",
    "bonus",
    "instrumental",
    "radio",
    "deluxe",
    "explicit",
    "alternate",
    "alternative",
    "extended",
    "session",
    "sessions",
    "rehearsal",
    "outtake",
    "unplugged",
    "karaoke",
    "single",
    "anniversary",
];

/// What two versions of one song share. `None` when artist or title is unknown: then nothing can be said.
pub fn song_key(song: &Song) -> Option<(String, String)> {
    let artist = plain(song.artist());
    let title = song_title(song.tags.title.as_deref()?);
    (!artist.is_empty() && !title.is_empty()).then_some((artist, title))
}

/// A title without the names of versions, lower case, letters and digits only. A title that is nothing but such a name
/// ("Live") stays.
fn song_title(title: &str) -> String {
    let lower = title.to_lowercase();
    let mut kept = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while let Some(open) = rest.find(['(', '[', '{']) {
        let (before, bracket) = rest.split_at(open);
        let Some(close) = bracket.find([')', ']', '}']) else { break };
        kept.push_str(before);
        if !names_version(&bracket[1..close]) {
            kept.push_str(&bracket[..=close]);
        }
        // Closing brackets are one byte each.
        rest = &bracket[close + 1..];
    }
    kept.push_str(rest);
    // "Song - Live at X", "Song – 2011 Remaster": the first dash whose tail names a version ends the title.
    let dash = [" - ", " – ", " — "]
        .iter()
        .flat_map(|dash| kept.match_indices(dash).map(|(i, d)| (i, i + d.len())))
        .filter(|&(_, tail)| names_version(&kept[tail..]))
        .map(|(i, _)| i)
        .min();
    kept.truncate(dash.unwrap_or(kept.len()));
    for guest in [" feat. ", " feat ", " ft. ", " ft ", " featuring "] {
        if let Some(at) = kept.find(guest) {
            kept.truncate(at);
        }
    }
    let name = plain(&kept);
    if name.is_empty() { plain(title) } else { name }
}

fn names_version(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| VERSION_WORDS.contains(&word))
}

/// Lower case, letters and digits, one space between words.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_share_a_title() {
        for version in [
            "Heroes",
            "Heroes (2017 Remaster)",
            "Heroes - 2017 Remaster",
            "Heroes – Live in Berlin",
            "\"Heroes\" [Single Version]",
            "HEROES (feat. Someone)",
            "Heroes ft. Someone Else",
            "Heroes (Live) [Mono]",
        ] {
            assert_eq!(song_title(version), "heroes", "{version}");
        }
    }

    #[test]
    fn songs_stay_apart() {
        assert_eq!(song_title("Symphony No. 5 - II. Andante"), "symphony no 5 ii andante");
        assert_eq!(song_title("Heroes (Part 2)"), "heroes part 2");
        assert_eq!(song_title("Live"), "live");
        assert_eq!(song_title("(Live)"), "live");
        assert_eq!(song_title("Open (bracket"), "open bracket");
        assert_eq!(song_title("日本語（ライブ）"), "日本語 ライブ");
        assert_eq!(song_title("Don't"), song_title("Don’t"));
        assert_eq!(song_title("Alive and Mixed Up"), "alive and mixed up");
    }
}
