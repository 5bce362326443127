//! Scrobbles of Last.fm as the usual exporters write them. CSV has a line of headings (`uts,utc_time,artist,artist_mbid,
//! album,album_mbid,track,track_mbid`, or others with the same words), or none and the columns artist, album, title and
//! date. JSON has the tracks of `user.getRecentTracks` or plainer objects, at any depth.

use csv::{ReaderBuilder, StringRecord};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Deserializer, Map, Value};

use super::error::ContentError;
use super::listen::{History, Listen, moment, number, said};

/// The names of the columns and fields, the best first.
const ARTIST: [&str; 3] = ["artist", "artist_name", "artist name"];
const TITLE: [&str; 5] = ["track", "name", "title", "track_name", "track name"];
const ALBUM: [&str; 3] = ["album", "album_name", "album name"];
const TIME: [&str; 6] = ["uts", "timestamp", "date", "time", "utc_time", "datetime"];
const RECORDING: [&str; 3] = ["track_mbid", "recording_mbid", "mbid"];
/// The forms of written dates, in UTC.
const DATES: [&str; 4] = ["%d %b %Y, %H:%M", "%d %b %Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];

/// Reads the scrobbles of a text.
///
/// # Errors
/// It is neither JSON nor CSV with a column for artist, title and time.
pub(super) fn parse(text: &str) -> Result<History, ContentError> {
    if text.trim_start().starts_with(['[', '{']) { of_json(text) } else { of_csv(text) }
}

fn of_json(text: &str) -> Result<History, ContentError> {
    let mut history = History::default();
    for (nth, value) in Deserializer::from_str(text).into_iter::<Value>().enumerate() {
        match value {
            Ok(value) => gather(&value, &mut history),
            Err(e) if nth == 0 => return Err(ContentError::NotJson(e)),
            // Cut off: what was read before counts.
            Err(_) => history.unread += 1,
        }
    }
    Ok(history)
}

/// Adds the scrobbles at any depth of a value.
fn gather(value: &Value, history: &mut History) {
    match value {
        Value::Array(all) => all.iter().for_each(|value| gather(value, history)),
        Value::Object(fields) => match (name(fields, &ARTIST), name(fields, &TITLE)) {
            (Some(artist), Some(title)) => {
                // What plays at the moment of the export has no time, and will be a scrobble later.
                let plays = fields.get("@attr").is_some_and(|about| about.get("nowplaying").is_some());
                if !plays {
                    history.add(scrobble(fields, artist, title));
                }
            }
            _ => fields.values().for_each(|value| gather(value, history)),
        },
        _ => {}
    }
}

fn scrobble(fields: &Map<String, Value>, artist: String, title: String) -> Option<Listen> {
    let time = TIME.iter().find_map(|name| fields.get(*name))?;
    let at = match time {
        Value::Object(date) => number(date.get("uts")?).and_then(moment),
        Value::String(text) => written(text),
        value => number(value).and_then(moment),
    };
    let id = RECORDING.iter().find_map(|name| fields.get(*name)?.as_str()?.parse().ok());
    let album = name(fields, &ALBUM).unwrap_or_default();
    Some(Listen { at: at?, artist, title, album, recordings: id.into_iter().collect(), ..Listen::default() })
}

/// The text of a field, or of the name in it.
fn name(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match fields.get(*name)? {
        Value::String(text) => said(text),
        Value::Object(inner) => said(inner.get("#text").or_else(|| inner.get("name"))?.as_str()?),
        _ => None,
    })
}

/// The columns of a table.
struct Columns {
    artist: usize,
    title: usize,
    album: Option<usize>,
    times: Vec<usize>,
    recording: Option<usize>,
}

impl Columns {
    /// By a line of headings; `None` if it is none. What follows a `#` in a heading is not part of it.
    fn of(line: &StringRecord) -> Option<Columns> {
        let heads: Vec<String> =
            line.iter().map(|head| head.split('#').next().unwrap_or_default().trim().to_lowercase()).collect();
        let at = |name: &&str| heads.iter().position(|head| head == name);
        let first = |names: &[&str]| names.iter().find_map(at);
        Some(Columns {
            artist: first(&ARTIST)?,
            title: first(&TITLE)?,
            album: first(&ALBUM),
            times: TIME.iter().filter_map(at).collect(),
            recording: first(&RECORDING),
        })
    }

    /// Those of a table without headings.
    fn bare() -> Columns {
        Columns { artist: 0, album: Some(1), title: 2, times: vec![3], recording: None }
    }

    fn listen(&self, line: &StringRecord) -> Option<Listen> {
        let text = |at: usize| said(line.get(at)?);
        Some(Listen {
            at: self.times.iter().find_map(|at| written(line.get(*at)?))?,
            artist: text(self.artist)?,
            title: text(self.title)?,
            album: self.album.and_then(text).unwrap_or_default(),
            recordings: self.recording.and_then(|at| line.get(at)?.parse().ok()).into_iter().collect(),
            ..Listen::default()
        })
    }
}

fn of_csv(text: &str) -> Result<History, ContentError> {
    let first = text.lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let delimiter = match (count(','), count(';'), count('\t')) {
        (commas, semicolons, tabs) if semicolons > commas.max(tabs) => b';',
        (commas, _, tabs) if tabs > commas => b'\t',
        _ => b',',
    };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut history = History::default();
    let mut columns = None;
    for line in reader.records() {
        let Ok(line) = line else {
            history.unread += 1;
            continue;
        };
        let columns = match &columns {
            Some(columns) => columns,
            None => match Columns::of(&line) {
                Some(headed) => {
                    columns = Some(headed);
                    continue;
                }
                None => &*columns.insert(Columns::bare()),
            },
        };
        history.add(columns.listen(&line));
    }
    if history.listens.is_empty() {
        return Err(ContentError::NoLine);
    }
    Ok(history)
}

/// A time as seconds, milliseconds, or a written date, in UTC unless it says otherwise.
fn written(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return moment(number);
    }
    // With a "T", and "Z" or how far it is from UTC.
    if let Ok(at) = text.parse::<Timestamp>() {
        return moment(at.as_second() as f64);
    }
    // No English month has a capital T inside.
    let plain = text.trim_end_matches("UTC").trim_end_matches('Z').replace('T', " ");
    let plain = plain.trim();
    let date = DATES.iter().find_map(|form| DateTime::strptime(form, plain).ok())?;
    let at = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    moment(at as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";

    fn wanted(at: u64, album: &str, id: bool) -> Listen {
        Listen {
            at,
            artist: "Can, the".into(),
            title: "Halleluhwah".into(),
            album: album.into(),
            recordings: if id { vec![ID.parse().unwrap()] } else { Vec::new() },
            ..Listen::default()
        }
    }

    #[test]
    fn tables_of_several_exporters_are_read() {
        let full = format!(
            "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n\
             \"1700000000\",\"14 Nov 2023, 22:13\",\"Can, the\",\"\",\"Tago Mago\",\"\",\"Halleluhwah\",\"{ID}\"\n"
        );
        let one = |text: &str| parse(text).unwrap();
        assert_eq!(one(&full).listens, [wanted(1_700_000_000, "Tago Mago", true)]);
        // Without seconds of the epoch the written date counts: 20 seconds before.
        let written = full.replace("1700000000", "");
        assert_eq!(one(&written).listens, [wanted(1_699_999_980, "Tago Mago", true)]);
        let bare = "\"Can, the\",Tago Mago,Halleluhwah,14 Nov 2023 22:13\nCan,,Vitamin C,\n";
        let read = one(bare);
        assert_eq!((read.listens, read.unread), (vec![wanted(1_699_999_980, "Tago Mago", false)], 1));
        let stats = "Artist;Album;AlbumId;Track;Date#me\n\"Can, the\";\"\";\"\";\"Halleluhwah\";\"1700000000123\"\n";
        assert_eq!(one(stats).listens, [wanted(1_700_000_000, "", false)]);
        let iso = "artist\ttrack\ttimestamp\nCan, the\tHalleluhwah\t2023-11-14T22:13:20Z\n";
        assert_eq!(one(iso).listens, [wanted(1_700_000_000, "", false)]);
        for time in ["2023-11-14T22:13:20.500Z", "2023-11-14T22:13:20+00:00", "2023-11-14T23:13:20+01:00"] {
            let other = iso.replace("2023-11-14T22:13:20Z", time);
            assert_eq!(one(&other).listens, [wanted(1_700_000_000, "", false)], "{time}");
        }
        assert!(parse("").is_err() && parse("a,b\nc,d\n").is_err());
    }

    #[test]
    fn pages_and_plain_objects_are_read() {
        let now = "{\"artist\":{\"#text\":\"Can\"},\"name\":\"Moonshake\",\"@attr\":{\"nowplaying\":\"true\"}}";
        let track = format!(
            "{{\"artist\":{{\"mbid\":\"\",\"#text\":\"Can, the\"}},\"album\":{{\"mbid\":\"\",\"#text\":\"Tago Mago\"}},\
             \"name\":\"Halleluhwah\",\"mbid\":\"{ID}\",\"date\":{{\"uts\":\"1700000000\",\"#text\":\"14 Nov\"}}}}"
        );
        let pages = format!("[{{\"recenttracks\":{{\"track\":[{now},{track}],\"@attr\":{{\"page\":\"1\"}}}}}}]");
        let expected = History { listens: vec![wanted(1_700_000_000, "Tago Mago", true)], unread: 0 };
        assert_eq!(parse(&pages).unwrap(), expected);
        assert_eq!(parse(&format!("[[{track}]]")).unwrap(), expected);
        let plain = "{\"username\":\"me\",\"scrobbles\":[{\"track\":\"Halleluhwah\",\"artist\":\"Can, the\",\
                     \"album\":\"\",\"date\":1700000000123},{\"track\":\"b\",\"artist\":\"a\"}]}";
        let read = parse(plain).unwrap();
        assert_eq!((read.listens, read.unread), (vec![wanted(1_700_000_000, "", false)], 1));
        assert!(parse("{\"a\":").is_err());
        assert_eq!(parse("{\"a\": 1}").unwrap(), History::default());
    }
}
