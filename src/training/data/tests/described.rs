//! Descriptors of a data set's clips: where they come from, where they are unknown, and where there are none.

use super::*;
use crate::latent::named::{NAMED, NamedValues};
use crate::sound::{Descriptors, Tempo};

/// What the reader says of a file: its brightness in hundreds of its clips, and 120 beats a minute.
pub(super) fn sound(clips: f64) -> Descriptors {
    let tempo = Some(Tempo { bpm: 120.0, confidence: 1.0 });
    Descriptors { tempo, brightness: Some(100.0 * clips as f32), ..Descriptors::default() }
}

/// The descriptors of the clips of a track by its name, a row each.
fn rows<'a>(set: &'a DataSet, name: &str) -> Vec<&'a [f32]> {
    let wide = set.clips.descriptor_names.len();
    let track = set.tracks.iter().position(|t| t.name == name).unwrap() as u32;
    let clips = (0..set.track.len()).filter(|i| set.track[*i] == track);
    clips.map(|i| &set.clips.descriptors[wide * i..wide * (i + 1)]).collect()
}

#[test]
fn audio_is_described_once_if_that_is_asked_for() {
    let mut place = Place::new();
    fill(&place, "Rock", 100, 1);
    for (file, line) in [("one", "Ann|||One|2"), ("deaf", "Ann|||Deaf|1")] {
        place.write(&format!("in/Jazz/{file}.mp3"), line);
    }
    assert!(place.gather("tree").unwrap().clips.descriptors.is_empty());
    assert_eq!(place.reader.described, 0);
    place.describe = true;
    let set = place.gather("tree").unwrap();
    assert_eq!(set.clips.descriptor_names, ["tempo (cosine)", "tempo (sine)", "brightness"], "what any track has");
    assert_eq!(set.clips.descriptors.len(), 3 * set.clips.len());
    // Twice 60 beats a minute is a whole octave; both clips of the track have what it has.
    for row in rows(&set, "One") {
        assert!((row[0] - 1.0).abs() < 1e-6 && row[1].abs() < 1e-6 && row[2] == 200.0, "{row:?}");
    }
    assert_eq!(rows(&set, "One").len(), 2);
    assert!(rows(&set, "Deaf")[0].iter().all(|x| x.is_nan()), "it could not be described");
    let notes = set.notes.join("\n");
    assert!(notes.contains("101 of 102 tracks have descriptors: tempo (cosine), tempo (sine), brightness"), "{notes}");
    for part in Part::ALL {
        let clips = set.part(part);
        assert_eq!((clips.descriptors.len(), clips.descriptor_names.len()), (3 * clips.len(), 3));
    }
    // Nothing is tried again, so that a resumed run learns from the same: not even what could not be described, though
    // it could be now.
    assert_eq!(place.reader.described, 102);
    place.reader.hears = Some(true);
    let again = place.gather("tree").unwrap();
    assert_eq!(place.reader.described, 102);
    let bits = |set: &DataSet| set.clips.descriptors.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
    assert_eq!((bits(&again), &again.clips.descriptor_names), (bits(&set), &set.clips.descriptor_names));
    assert_eq!(place.reader.listened, 102, "images are made once");
}

/// Rows of `tracks.csv` and files of five tracks: two to train on, two to validate on, one to test on.
fn fma(place: &Place) {
    let parts = ["training", "training", "validation", "validation", "test"];
    let row = |(i, part): (usize, &&str)| format!("{},1,A,{i},Artist {i},{part},small,Rock,Track {i}\n", 10 + i);
    let rows: String = parts.iter().enumerate().map(row).collect();
    place.write("in/fma_metadata/tracks.csv", &format!("{FMA_HEAD}{rows}"));
    (0..5).for_each(|i| place.write(&format!("in/fma_small/000/0000{}.mp3", 10 + i), "||||1"));
}

const ECHONEST: &str = "\
,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest
,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,metadata
,acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence,album_name
track_id,,,,,,,,,
";

#[test]
fn fma_has_those_of_its_echonest_table() {
    let mut place = Place::new();
    fma(&place);
    place.describe = true;
    let row = |id: u32, energy: f32| format!("{id},0.5,0.5,{energy},0.5,0.5,0.5,128,0.5,Album\n");
    let rows: String = [row(10, 0.1), row(11, 0.2), row(12, 0.3), row(13, 0.4), row(999, 0.9)].concat();
    place.write("in/fma_metadata/echonest.csv", &format!("{ECHONEST}{rows}"));
    let set = place.gather("fma").unwrap();
    assert_eq!((set.clips.descriptor_names.len(), set.clips.descriptor_names[6].as_str()), (8, "tempo"));
    assert_eq!(rows_of(&set, 0), [0.5, 0.5, 0.1, 0.5, 0.5, 0.5, 7.0, 0.5]);
    assert_eq!(rows_of(&set, 3)[2], 0.4);
    assert!(rows_of(&set, 4).iter().all(|x| x.is_nan()), "a track that the table lacks");
    assert!(set.notes.join("\n").contains("4 of 5 tracks have descriptors: acousticness, danceability"));
    assert_eq!(place.reader.described, 0, "nothing is measured");
    // A table that says too little of these clips.
    place.write("in/fma_metadata/echonest.csv", &format!("{ECHONEST}{}", row(10, 0.1)));
    place.refuses("fma", "of 1 tracks to train on and 0 to validate on");
    place.refuses("fma", "without echonest.csv");
    place.write("in/fma_metadata/echonest.csv", "track_id,energy\n");
    place.refuses("fma", "echonest.csv: expected three header lines");
    // Without a table the clips are described here.
    fs::remove_file(place.path("in/fma_metadata/echonest.csv")).unwrap();
    let set = place.gather("fma").unwrap();
    assert_eq!((set.clips.descriptor_names.len(), place.reader.described), (3, 5));
    // Where that fails, a table that is not there is not to blame.
    let mut place = Place::new();
    fma(&place);
    (place.describe, place.reader.hears) = (true, Some(false));
    let said = place.gather("fma").unwrap_err().to_string();
    assert!(said.contains("FMA-small has descriptors of 0 tracks") && said.contains("can be decoded"), "{said}");
    assert!(!said.contains("echonest"), "{said}");
}

fn rows_of(set: &DataSet, track: usize) -> Vec<f32> {
    rows(set, &format!("Track {track}"))[0].to_vec()
}

#[test]
fn the_library_has_what_its_snapshot_says() {
    let mut place = Place::new();
    let songs: Vec<Song> =
        (0..100).map(|i| song(&format!("/m/{i}.mp3"), &format!("Artist {i}|||{i}|1"), &["Rock"])).collect();
    library(&place, songs.clone(), 100);
    place.describe = true;
    place.refuses("library", "--describe: library has descriptors of 0 tracks to train on");
    place.refuses("library", "`jukebox scan` measures them");
    let catalog = Catalog::new(songs.iter().cloned().map(Into::into).collect());
    let first = songs[0].track;
    let sound = |track: TrackId| -> Option<NamedValues> {
        let mut values = [f32::NAN; NAMED.len()];
        (values[1], values[11]) = (0.25, -14.5);
        (track != first).then_some(values)
    };
    export(&catalog, &place.path(SNAPSHOT), &sound).unwrap();
    let set = place.gather("library").unwrap();
    assert_eq!(set.clips.descriptor_names, ["key (cosine)", "key (sine)", "loudness"]);
    let [one, two] = rows(&set, "1")[..] else { panic!("two clips") };
    assert_eq!(one, two);
    assert!(one[0].abs() < 1e-6 && (one[1] - 1.0).abs() < 1e-6 && one[2] == -14.5, "{one:?}");
    assert!(rows(&set, "0")[0].iter().all(|x| x.is_nan()));
    // What is in the snapshot is not used unless it is asked for.
    place.describe = false;
    assert!(place.gather("library").unwrap().clips.descriptors.is_empty());
}

#[test]
fn data_without_sound_is_refused() {
    let mut place = Place::new();
    place.describe = true;
    for kind in ["strobe", "distil"] {
        place.refuses(kind, "use --data library, tree:DIR or fma:DIR, or leave --describe out");
    }
}
