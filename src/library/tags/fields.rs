//! Merges the texts of a file's tags into `Tags`; each field comes from the first tag that has
//! it.

use lofty::id3::v1::GENRES;
use lofty::tag::ItemKey;

use super::raw::Block;
use crate::text::sanitize;
use crate::track::{List, More, ReplayGain, Tags};

/// Maximum number of genres per file.
pub const MAX_GENRES: usize = 16;
/// Maximum length of a comment in characters.
pub(super) const MAX_COMMENT: usize = 160;
/// The keys of lyrics.
pub(super) const LYRICS: [ItemKey; 2] = [ItemKey::Lyrics, ItemKey::UnsyncLyrics];
/// Maximum number of texts considered per field.
const MAX_VALUES: usize = 64;

/// Merges tags, of which the first one that has a field provides it. For an `opus` file the R128
/// gains take precedence over ReplayGain's, as players and taggers agree on them there.
pub(super) fn collect(tags: &[Block], opus: bool) -> Tags {
    let values = |key: ItemKey| tags.iter().map(|tag| parts(tag, key)).find(|v| !v.is_empty()).unwrap_or_default();
    let all = |key: ItemKey| tags.iter().flat_map(|tag| parts(tag, key)).collect::<Vec<_>>();
    let text = |key| values(key).into_iter().next();
    // Some taggers write a joined text for display and also the separate artists.
    let or = |several: Vec<String>, one: &[String]| if several.is_empty() { one.to_vec() } else { several };
    let (shown, album_shown) = (values(ItemKey::TrackArtist), values(ItemKey::AlbumArtist));
    let artists = or(values(ItemKey::TrackArtists), &shown);
    let album_artists = or(values(ItemKey::AlbumArtists), &album_shown);
    let dates = [ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate, ItemKey::OriginalReleaseDate];
    let first_year = |key| all(key).iter().find_map(|v| year(v));
    let mbid = |key| all(key).iter().find_map(|id| id.parse().ok());
    let more = More {
        original_year: first_year(ItemKey::OriginalReleaseDate),
        composer: join(&values(ItemKey::Composer)).map(Into::into),
        comment: text(ItemKey::Comment).map(|c| short(&c).into()),
        mbid_track: mbid(ItemKey::MusicBrainzRecordingId),
        mbid_album: mbid(ItemKey::MusicBrainzReleaseId),
        mbid_artist: mbid(ItemKey::MusicBrainzArtistId),
    };
    let own_genres = tags.iter().map(|tag| genres(tag.strings(ItemKey::Genre))).find(|g| !g.is_empty());
    let tracks = all(ItemKey::TrackNumber);
    let disc = all(ItemKey::DiscNumber).iter().find_map(|v| disc(v));
    Tags {
        title: text(ItemKey::TrackTitle).map(Into::into),
        artist: join(if shown.is_empty() { &artists } else { &shown }).map(Into::into),
        artists: several(artists),
        album: text(ItemKey::AlbumTitle).map(Into::into),
        album_artist: join(if album_shown.is_empty() { &album_artists } else { &album_shown }).map(Into::into),
        album_artists: several(album_artists),
        compilation: text(ItemKey::FlagCompilation).is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("true")),
        genres: own_genres.unwrap_or_default().into(),
        year: dates.into_iter().find_map(first_year),
        track: tracks.iter().find_map(|v| number(v)),
        // Sides of a record in track numbers: "A1", "B2".
        disc: disc.or_else(|| tracks.iter().find_map(|v| side(v))),
        lyrics: tags.iter().any(|tag| LYRICS.iter().any(|key| tag.strings(*key).next().is_some())),
        art: tags.iter().any(|tag| !tag.pictures.is_empty()),
        replaygain: gains(&all, opus).map(Box::new),
        more: (more != More::default()).then(|| Box::new(more)),
    }
}

fn gains(all: &dyn Fn(ItemKey) -> Vec<String>, opus: bool) -> Option<ReplayGain> {
    let gain = |own: ItemKey, r128: ItemKey| {
        let own = || all(own).iter().find_map(|v| decibels(v));
        let r128 = || all(r128).iter().find_map(|v| opus_gain(v));
        if opus { r128().or_else(own) } else { own().or_else(r128) }
    };
    let peak = |key| all(key).iter().find_map(|v| peak(v));
    let gains = ReplayGain {
        track: gain(ItemKey::ReplayGainTrackGain, ItemKey::R128TrackGain),
        album: gain(ItemKey::ReplayGainAlbumGain, ItemKey::R128AlbumGain),
        track_peak: peak(ItemKey::ReplayGainTrackPeak),
        album_peak: peak(ItemKey::ReplayGainAlbumPeak),
    };
    (gains != ReplayGain::default()).then_some(gains)
}

/// The first date without a year, for a fault message; dates of zeros and punctuation only count as
/// absent.
pub(super) fn undated(tags: &[Block]) -> Option<String> {
    let mut dates = tags.iter().flat_map(|tag| parts(tag, ItemKey::RecordingDate));
    dates.find(|date| year(date).is_none() && date.chars().any(|c| c != '0' && c.is_alphanumeric()))
}

/// The beginning of a comment, as some taggers write a whole page.
fn short(comment: &str) -> String {
    sanitize(&comment.chars().take(MAX_COMMENT).collect::<String>())
}

/// The values of a field: split at NUL, sanitised, none empty.
fn parts(tag: &Block, key: ItemKey) -> Vec<String> {
    let values = tag.strings(key).take(MAX_VALUES).flat_map(|v| v.split('\0'));
    values.map(sanitize).filter(|v| !v.is_empty()).take(MAX_GENRES).collect()
}

/// The names if there are several. A single one is not stored twice, to save memory in large
/// libraries.
fn several(names: Vec<String>) -> List {
    if names.len() > 1 { names.into() } else { List::default() }
}

pub(super) fn join(artists: &[String]) -> Option<String> {
    // Sanitise again: sixteen long names may exceed the maximum length when joined.
    (!artists.is_empty()).then(|| sanitize(&artists.join(", ")))
}

/// The genres in some texts, without duplicates (ignoring case).
pub(super) fn genres<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = sanitize(name);
        let seen = out.iter().any(|g| g.to_lowercase() == name.to_lowercase());
        if !name.is_empty() && !seen && out.len() < MAX_GENRES {
            out.push(name);
        }
    };
    for value in values {
        for part in value.split(['\0', ';']).flat_map(|v| v.split(" / ")) {
            let mut rest = part.trim();
            // ID3v2.3 has references in parentheses first: "(51)(39)", "(4)Eurodisco", "(RX)"; "(("
            // is a literal parenthesis.
            while let Some((inside, behind)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                let Some(name) = referred(inside.trim()) else { break };
                // A name after the reference says the same or is more specific.
                if behind.trim().is_empty() || behind.starts_with('(') {
                    add(name);
                }
                rest = behind.trim();
            }
            let rest = rest.strip_prefix("((").map_or(rest.to_owned(), |rest| format!("({rest}"));
            add(referred(&rest).unwrap_or(&rest));
        }
    }
    out
}

/// The genre of an ID3v1 number, or of one of ID3v2's two abbreviations.
fn referred(text: &str) -> Option<&'static str> {
    match text {
        "RX" => Some("Remix"),
        "CR" => Some("Cover"),
        _ if text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit()) => {
            GENRES.get(text.parse::<usize>().ok()?).copied()
        }
        _ => None,
    }
}

/// The year of a date in any notation: the first group of four digits, or of eight digits that
/// starts ("20031224") or ends ("24122003") with a year.
pub(super) fn year(date: &str) -> Option<i32> {
    let possible = |digits: &str| digits.parse().ok().filter(|y| (1000..3000).contains(y));
    let groups = date.split(|c: char| !c.is_ascii_digit()).filter(|g| g.len() == 4 || g.len() == 8);
    let likely = |y: &i32| (1850..2100).contains(y);
    let mut first = None;
    for group in groups {
        let year = possible(&group[..4]);
        if group.len() == 8 && !year.is_some_and(|y| likely(&y)) {
            first = first.or(possible(&group[4..]).filter(likely));
        }
        first = first.or(year);
    }
    first
}

/// Parses "-6.50 dB" or "-6,50 dB"; values beyond ±60 dB are rejected as errors.
pub(super) fn decibels(text: &str) -> Option<f32> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    decimal(number).filter(|db| db.abs() <= 60.0)
}

/// Converts an R128 gain of Opus to ReplayGain, in dB. Its unit is 1/256 dB, relative to −23 LUFS
/// and on top of the header's output gain (RFC 7845 §5.2.1); ReplayGain's reference of −18 LUFS is
/// 5 dB higher.
fn opus_gain(text: &str) -> Option<f32> {
    text.trim().parse::<i16>().ok().map(|n| f32::from(n) / 256.0 + 5.0)
}

/// Parses a peak sample, where 1 is full scale; values of 100 and above are rejected as errors.
pub(super) fn peak(text: &str) -> Option<f32> {
    decimal(text.trim()).filter(|p| *p > 0.0 && *p < 100.0)
}

/// Parses a number with a decimal point, or with the comma or the Unicode minus sign of some
/// locales.
fn decimal(text: &str) -> Option<f32> {
    let text = text.replace('\u{2212}', "-");
    let text = if text.contains('.') { text } else { text.replacen(',', ".", 1) };
    text.parse::<f32>().ok().filter(|n| n.is_finite())
}

/// Parses the number in "3", "03", "3/12", "A3" or "Track 3"; zero means none.
pub(super) fn number(text: &str) -> Option<u32> {
    let text = text.trim_start_matches(|c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '#' | '.'));
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|n| *n > 0)
}

/// Parses a disc number, or a single letter for the side of a record, where "A" is 1.
pub(super) fn disc(text: &str) -> Option<u32> {
    number(text).or_else(|| match text.trim().as_bytes() {
        [letter] => side_number(*letter),
        _ => None,
    })
}

/// The side of a record in a track number: 2 for "B2".
fn side(track: &str) -> Option<u32> {
    match track.trim().as_bytes() {
        [letter, digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => side_number(*letter),
        _ => None,
    }
}

fn side_number(letter: u8) -> Option<u32> {
    let letter = letter.to_ascii_uppercase();
    letter.is_ascii_uppercase().then(|| u32::from(letter - b'A') + 1)
}
