//! Listens in the JSON of ListenBrainz: an array, the answer or the request of its interface (`payload`), or one listen
//! a line. A listen has `listened_at` (Unix seconds) and `track_metadata` with `artist_name`, `track_name`,
//! `release_name`, `additional_info` and `mbid_mapping`, which ListenBrainz found by the names.

use serde::Deserialize;
use serde_json::Value;

use super::error::ContentError;
use super::listen::{History, Listen, moment, number, said};

/// The longest duration of a track in seconds, a day: more is damage.
const LONGEST: f64 = 86_400.0;

/// Leaves are of any type, so that an unusual value spoils one listen instead of the file.
#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(default, alias = "timestamp")]
    listened_at: Value,
    #[serde(default)]
    track_metadata: Option<Metadata>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    artist_name: Value,
    track_name: Value,
    release_name: Value,
    additional_info: Option<Info>,
    mbid_mapping: Option<Mapping>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    recording_mbid: Value,
    duration: Value,
    duration_ms: Value,
    duration_played: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mapping {
    recording_mbid: Value,
}

#[derive(Debug, Deserialize)]
struct Wrapped {
    payload: Payload,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Payload {
    Answer { listens: Vec<Raw> },
    Request(Vec<Raw>),
}

/// Reads the listens of a text.
///
/// # Errors
/// It is an array of something else.
pub(super) fn parse(text: &str) -> Result<History, ContentError> {
    let mut history = History::default();
    if text.trim_start().starts_with('[') {
        let all: Vec<Raw> = serde_json::from_str(text).map_err(ContentError::NoListens)?;
        all.into_iter().for_each(|raw| history.add(listen(raw)));
        return Ok(history);
    }
    if let Ok(Wrapped { payload: Payload::Answer { listens } | Payload::Request(listens) }) = serde_json::from_str(text)
    {
        listens.into_iter().for_each(|raw| history.add(listen(raw)));
        return Ok(history);
    }
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        history.add(serde_json::from_str(line).ok().and_then(listen));
    }
    Ok(history)
}

fn listen(raw: Raw) -> Option<Listen> {
    let Metadata { artist_name, track_name, release_name, additional_info, mbid_mapping } = raw.track_metadata?;
    let (info, mapping) = (additional_info.unwrap_or_default(), mbid_mapping.unwrap_or_default());
    let text = |value: &Value| said(value.as_str()?);
    let ids = [&info.recording_mbid, &mapping.recording_mbid];
    let mut recordings: Vec<_> = ids.into_iter().filter_map(|id| id.as_str()?.parse().ok()).collect();
    recordings.dedup();
    let positive = |secs: f64| (secs > 0.0 && secs <= LONGEST).then_some(secs);
    Some(Listen {
        at: moment(number(&raw.listened_at)?)?,
        artist: text(&artist_name)?,
        title: text(&track_name)?,
        album: text(&release_name).unwrap_or_default(),
        recordings,
        secs: number(&info.duration_ms).map(|ms| ms / 1000.0).or_else(|| number(&info.duration)).and_then(positive),
        heard: number(&info.duration_played).and_then(positive),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
    const FOUND: &str = "5465ca86-3881-4349-81b2-6efbd3a59451";

    fn line(at: &str) -> String {
        format!(
            r#"{{"inserted_at":1700000300,"listened_at":{at},"track_metadata":{{"artist_name":"Sigur Rós","track_name":
            "Svefn-g-englar","release_name":"Ágætis byrjun","mbid_mapping":{{"recording_mbid":"{FOUND}","artists":[]}},
            "additional_info":{{"recording_mbid":"{SENT}","duration_ms":604000,"tracknumber":"2"}}}},"recording_msid":"x"}}"#
        )
        .replace('\n', "")
    }

    fn wanted(at: u64) -> Listen {
        Listen {
            at,
            artist: "Sigur Rós".into(),
            title: "Svefn-g-englar".into(),
            album: "Ágætis byrjun".into(),
            recordings: vec![SENT.parse().unwrap(), FOUND.parse().unwrap()],
            secs: Some(604.0),
            heard: None,
        }
    }

    #[test]
    fn every_form_of_an_export_is_read() {
        let (a, b) = (line("1700000000"), line("\"1700000999\""));
        let both = [wanted(1_700_000_000), wanted(1_700_000_999)];
        for text in [
            format!("{a}\n\n{b}\n"),
            format!(" [{a},{b}]"),
            format!("{{\"payload\":{{\"count\":2,\"listens\":[{a},{b}]}}}}"),
            format!("{{\"listen_type\":\"import\",\"payload\":[{a},{b}]}}"),
        ] {
            assert_eq!(parse(&text).unwrap(), History { listens: both.to_vec(), unread: 0 }, "{text}");
        }
    }

    #[test]
    fn what_is_no_listen_is_counted_and_the_rest_is_read() {
        let text = format!(
            "{}\nnot json\n{{\"listened_at\":5}}\n{}\n",
            line("1700000000"),
            r#"{"listened_at":1700000000,"track_metadata":{"artist_name":7,"track_name":"b"}}"#
        );
        let read = parse(&text).unwrap();
        assert_eq!((read.listens.len(), read.unread), (1, 3));
        let least = r#"{"listened_at":12,"track_metadata":{"artist_name":"a","track_name":"b","mbid_mapping":null}}"#;
        let least = parse(least).unwrap().listens;
        assert_eq!(least, [Listen { at: 12, artist: "a".into(), title: "b".into(), ..Listen::default() }]);
        let endless = r#"{"listened_at":12,"track_metadata":{"artist_name":"a","track_name":"b",
            "additional_info":{"duration_ms":1e300,"duration_played":86401}}}"#;
        assert_eq!(parse(&endless.replace('\n', "")).unwrap().listens, least, "no track lasts longer than a day");
        assert!(parse("[1, 2]").is_err() && parse("[").is_err());
        assert_eq!(parse("").unwrap(), History::default());
    }
}
