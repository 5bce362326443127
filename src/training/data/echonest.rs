//! `echonest.csv` of FMA's metadata: what The Echo Nest said of the sound of some 13,000 of its tracks.
//!
//! Three header lines name the columns: `echonest`, then the group, then the field. A line with the name of the first
//! column, `track_id`, may follow.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

use super::{LineError, TableError, table};
use crate::files;
use crate::text;

/// The fields that are read, of the group `audio_features`; all but the tempo lie in 0 to 1.
pub(super) const FEATURES: [&str; 8] =
    ["acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "tempo", "valence"];
const GROUP: &str = "audio_features";

/// The features of each track of the file by its number, NaN where the file has none, the tempo as log₂ of the beats a
/// minute; `None` without such a file.
pub(super) fn read(path: &Path) -> Result<Option<HashMap<u32, [f32; FEATURES.len()]>>, TableError> {
    let file = match files::open(path) {
        Ok((file, _)) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(TableError::Unreadable { path: path.to_owned(), cause, how: "" }),
    };
    let (records, [_, above, below]) = table::records(path, file)?;
    let column = |field| table::column(path, [&above, &below], GROUP, field);
    let columns = FEATURES.map(column).into_iter().collect::<Result<Vec<usize>, _>>()?;
    let mut known: HashMap<u32, [f32; FEATURES.len()]> = HashMap::new();
    for (number, record) in records.enumerate() {
        let record = record.map_err(TableError::csv(path))?;
        let field = |at: usize| record.get(at).unwrap_or_default();
        if number == 0 && field(0) == "track_id" {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let fault = |fault| TableError::line(path, line, fault);
        let id = field(0).parse::<u32>().ok().filter(|id| !known.contains_key(id));
        let id = id.ok_or_else(|| fault(LineError::Track(text::sanitize(field(0)))))?;
        let mut values = [f32::NAN; FEATURES.len()];
        for ((value, feature), at) in values.iter_mut().zip(FEATURES).zip(&columns) {
            let text = field(*at);
            if text.is_empty() {
                continue;
            }
            let number = text.parse::<f32>();
            let number = number.map_err(|_| fault(LineError::Number { feature, found: text::sanitize(text) }))?;
            // A tempo of 0 means that there is none.
            *value = if feature == "tempo" { number.log2() } else { number };
        }
        known.insert(id, values.map(|v| if v.is_finite() { v } else { f32::NAN }));
    }
    Ok(Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "\
,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest
,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,metadata,social_features,temporal_features
,acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence,album_name,artist_hotttnesss,000
";

    fn of(text: &str) -> Result<Option<HashMap<u32, [f32; 8]>>, TableError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("echonest.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn the_official_layout_is_read() {
        let rows = "track_id,,,,,,,,,,,\n\
                    2,0.4166752327,0.6758939853,0.6344762684,0.0106280683,0.1776465712,0.1593100648,128,0.5766609880,\"a, b\",0.4,0.1\n\
                    144,0.5,,0.25,0.75,0.1,0.2,0,0.3,,,\n";
        let known = of(&format!("{HEAD}{rows}")).unwrap().unwrap();
        assert_eq!(known.len(), 2);
        assert_eq!(known[&2][..2], [0.416_675_24, 0.675_893_96]);
        assert_eq!((known[&2][6], known[&2][7]), (7.0, 0.576_661));
        let [acousticness, danceability, energy, .., tempo, valence] = known[&144];
        assert_eq!((acousticness, energy, valence), (0.5, 0.25, 0.3));
        assert!(danceability.is_nan() && tempo.is_nan(), "empty, and without a tempo");
        // The line with the index's name is not always there.
        assert_eq!(of(&format!("{HEAD}2,0,0,0,0,0,0,64,0,,,\n")).unwrap().unwrap()[&2][6], 6.0);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(read(Path::new("/nowhere/echonest.csv")).unwrap(), None);
        let refused = |text: &str, why: &str| {
            let said = of(text).unwrap_err().to_string();
            assert!(said.contains("echonest.csv") && said.contains(why), "{said}");
        };
        refused(",echonest\n,audio_features\n", "three header lines");
        refused(&HEAD.replace("valence", "mood"), "no column ('audio_features', 'valence')");
        refused(
            &HEAD.replace(",audio_features,metadata", ",ranks,metadata"),
            "no column ('audio_features', 'valence')",
        );
        refused(&format!("{HEAD}x,0,0,0,0,0,0,64,0,,,\n"), "line 4: `x` is not a track id");
        let twice = "2,0,0,0,0,0,0,64,0,,,\n".repeat(2);
        refused(&format!("{HEAD}{twice}"), "line 5: `2` is not a track id, or is repeated");
        refused(&format!("{HEAD}2,0,loud,0,0,0,0,64,0,,,\n"), "line 4: danceability `loud` is no number");
    }
}
