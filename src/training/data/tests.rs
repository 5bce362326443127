//! Tests of folders, FMA and the library: how files become clips with a genre and a part, and the notes on those left
//! out. The listener used here reads a line of text from each file instead of audio.

mod described;
mod of_library;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use super::library::{SNAPSHOT, export};
use super::*;
use crate::library::{Catalog, Song};
use crate::store::ImageCache;
use crate::track::{Probe, Tags, TrackId};
use crate::training::split::Part;

/// Parses files of the form `artist|album artist|album|title|clips`; any other content cannot be
/// decoded.
#[derive(Default)]
struct Reader {
    listened: usize,
    described: usize,
    /// Whether files can be described; if not said, those that are not named `deaf` can.
    hears: Option<bool>,
}

fn identity(path: &Path) -> TrackId {
    TrackId::from_parts("x", 1, 1, 1, path.to_string_lossy().as_bytes(), b"")
}

fn tags(line: &str) -> Option<(Tags, usize)> {
    let fields: Vec<&str> = line.split('|').collect();
    let &[artist, album_artist, album, title, clips] = &fields[..] else { return None };
    let some = |t: &str| (!t.is_empty()).then(|| t.into());
    let (artist, album_artist, album) = (some(artist), some(album_artist), some(album));
    let title = (!title.is_empty()).then(|| title.into());
    Some((Tags { artist, album_artist, album, title, ..Tags::default() }, clips.parse().ok()?))
}

impl Listener for Reader {
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, Unheard>>, ListenError> {
        let probe = |file: &PathBuf| {
            let (tags, clips) = fs::read_to_string(file)
                .ok()
                .and_then(|l| tags(&l))
                .ok_or_else(|| Unheard::Refused("not audio".into()))?;
            let (track, codec) = (identity(file), "mp3");
            Ok(Probe {
                track,
                former: track,
                secs: clips as f64,
                rate: 1,
                channels: 1,
                codec,
                tags: tags.into(),
                tag_fault: None,
            })
        };
        Ok(files.iter().map(probe).collect())
    }

    fn listen(&mut self, files: &[(PathBuf, f64)], image: Input, each: &mut Each<'_>) -> Result<(), ListenError> {
        // Results arrive out of order, as they do from workers.
        for (place, (_, clips)) in files.iter().enumerate().rev() {
            self.listened += 1;
            let images = (0..*clips as usize).map(|clip| vec![(16 * place + clip) as u8; image.bytes()]).collect();
            each(place, Ok(images))?;
        }
        Ok(())
    }

    fn views(&mut self, files: &[(PathBuf, f64)], pitched: bool, each: &mut Each<'_>) -> Result<(), ListenError> {
        for (place, _) in files.iter().enumerate().rev() {
            self.listened += 1;
            let image = |view: usize| vec![(16 * place + view) as u8; Input::Strobe.bytes()];
            each(place, Ok((0..crate::sound::views::count(pitched)).map(image).collect()))?;
        }
        Ok(())
    }

    fn describe(&mut self, files: &[(PathBuf, f64)], each: &mut EachSound<'_>) -> Result<(), ListenError> {
        for (place, (file, clips)) in files.iter().enumerate().rev() {
            self.described += 1;
            let hears = self.hears.unwrap_or(file.file_stem().is_some_and(|stem| stem != "deaf"));
            each(
                place,
                if hears { Ok(described::sound(*clips)) } else { Err(Unheard::Refused("not to be described".into())) },
            )?;
        }
        Ok(())
    }
}

struct Place {
    dir: tempfile::TempDir,
    reader: Reader,
    genres: Genres,
    least: Option<Least>,
    image: Input,
    describe: bool,
}

impl Place {
    fn new() -> Place {
        let (dir, genres) = (tempfile::tempdir().unwrap(), Genres::new(&BTreeMap::new()).unwrap());
        let reader = Reader::default();
        Place { dir, reader, genres, least: None, image: Input::Strobe, describe: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn gather(&mut self, kind: &str) -> Result<DataSet, DataError> {
        let data = if kind == "library" { kind.to_string() } else { format!("{kind}:{}", self.path("in").display()) };
        self.read(|reading| DataSet::gather(&data, reading))
    }

    fn views(&mut self, pitched: bool) -> Result<DataSet, DataError> {
        let data = format!("tree:{}", self.path("in").display());
        self.read(|reading| DataSet::views(&data, pitched, reading))
    }

    fn read<T>(&mut self, read: impl FnOnce(&mut Reading<'_>) -> T) -> T {
        let (cache, snapshot, strobes) = (self.path("cache"), self.path(SNAPSHOT), self.path("strobes.bin"));
        read(&mut Reading {
            image: self.image,
            genres: &self.genres,
            least: self.least,
            cache: &cache,
            library: Some((&snapshot, &strobes)),
            teacher: None,
            describe: self.describe,
            listener: &mut self.reader,
        })
    }

    #[track_caller]
    fn refuses(&mut self, kind: &str, what: &str) {
        let said = self.gather(kind).expect_err(what).to_string();
        assert!(said.contains(what), "`{said}` does not say `{what}`");
    }
}

/// A line per track with its artist, album and genres, sorted.
fn told(set: &DataSet) -> Vec<String> {
    let mut told: Vec<String> = (0..set.tracks.len())
        .map(|i| {
            let Source { artist, album, name } = &set.tracks[i];
            let genres: Vec<&str> = set.labels[i].iter().map(|g| set.genres[usize::from(*g)].as_str()).collect();
            format!("{name}: {artist}, {album}, {}", genres.join("+"))
        })
        .collect();
    told.sort();
    told
}

#[test]
fn folders_name_genres() {
    let mut place = Place::new();
    place.write("in/hip hop/a.mp3", "Ann|||One|2");
    place.write("in/hip hop/The ANN/b.ogg", "|The ANN|Disc|Two|1");
    place.write("in/electronica/x/y/c.flac", "|Various Artists|Mix|Three|3");
    place.write("in/electronica/d.wav", "||||1");
    place.write("in/audiobook/e.wav", "Ann|||Five|1");
    place.write("in/electronica/broken.mp3", "noise");
    place.write("in/electronica/silent.mp3", "Ann|||Silent|0");
    place.write("in/electronica/cover.jpg", "Ann|||Cover|1");
    place.write("in/.hidden/f.mp3", "Ann|||Six|1");
    place.write("in/loose.mp3", "Ann|||Seven|1");
    let set = place.gather("tree").unwrap();
    assert_eq!(set.genres, ["Electronic", "Hip-Hop"]);
    let tracks = ["One: The ANN, , Hip-Hop", "Three: electronica/x/y, Mix, Electronic", "Two: The ANN, Disc, Hip-Hop"];
    assert_eq!(told(&set)[..3], tracks);
    assert_eq!(told(&set)[3], "d: electronica/d.wav, , Electronic");
    // Clips stay with their track, and all tracks by an artist are in one part.
    assert_eq!(set.clips.strobes.len(), 7 * Input::Strobe.bytes());
    assert_eq!((set.track.len(), set.split.0.len(), set.clips.genres.len(), set.clips.targets.len()), (7, 7, 7, 0));
    for (clip, track) in set.track.iter().enumerate() {
        let first = set.track.iter().position(|t| t == track).unwrap();
        let image = set.clips.strobes[clip * Input::Strobe.bytes()];
        assert_eq!(usize::from(image % 16), clip - first, "clips are in the track's order");
        let artist = &set.tracks[*track as usize].artist;
        let part = Part::of_artist(&crate::training::artist_key(artist));
        assert!(artist != "The ANN" || set.split.0[clip] == part);
    }
    let notes = set.notes.join("\n");
    for said in [
        "1 files are in no folder",
        "2 of 7 files cannot be used and are left out (broken.mp3: not audio; silent.mp3: silent",
        "1 files are in folders that the genre table leaves out",
        "2 of 4 tracks name no artist",
    ] {
        assert!(notes.contains(said), "`{notes}` does not say `{said}`");
    }
    assert!(Part::ALL.map(|p| set.tracks_of(p).len()).iter().sum::<usize>() == 7);
    place.refuses("tree-of-nothing", "names no data: write distil:DIR, strobe:DIR, tree:DIR");
}

#[test]
fn what_was_heard_is_not_heard_again() {
    let mut place = Place::new();
    for i in 0..4 {
        place.write(&format!("in/jazz/{i}.mp3"), &format!("Ann|||{i}|2"));
    }
    let first = place.gather("tree").unwrap();
    assert_eq!(place.reader.listened, 4);
    place.write("in/jazz/4.mp3", "Ann|||4|1");
    fs::remove_file(place.path("in/jazz/0.mp3")).unwrap();
    let second = place.gather("tree").unwrap();
    assert_eq!((place.reader.listened, first.tracks.len(), second.tracks.len()), (5, 4, 4));
    let of = |set: &DataSet| set.clips.strobes[..set.clips.strobes.len() / 2].to_vec();
    assert_ne!(of(&first), of(&second));
    // Another kind of image has another cache.
    place.image = Input::Mel;
    let full = place.gather("tree").unwrap();
    assert_eq!((place.reader.listened, full.clips.steps), (9, 1280));
    assert_eq!(full.clips.strobes.len(), 7 * 81_920);
    assert_eq!(Part::ALL.map(|p| full.part(p).strobes.len() / 81_920).iter().sum::<usize>(), 7);
    assert_eq!(place.gather("tree").unwrap(), full);
    assert_eq!(place.reader.listened, 9);
    place.image = Input::Patch;
    let patches = place.gather("tree").unwrap();
    assert_eq!((patches.clips.bands, patches.clips.steps, patches.clips.strobes.len()), (96, 186, 7 * 8928));
    assert_eq!(place.gather("tree").unwrap(), patches);
    assert_eq!(place.reader.listened, 13);
    // Another process holds the cache.
    place.image = Input::Mel;
    let _held = ImageCache::open(&place.path("cache/full.bin"), 8192).unwrap();
    place.refuses("tree", "another jukebox is analysing into it");
}

#[test]
fn the_views_of_a_track_are_its_clips() {
    let mut place = Place::new();
    for i in 0..5 {
        place.write(&format!("in/{}/{i}.mp3", if i < 3 { "jazz" } else { "rock" }), &format!("Ann {i}|||{i}|2"));
    }
    place.write("in/jazz/broken.mp3", "noise");
    let set = place.views(false).unwrap();
    assert_eq!((set.tracks.len(), set.clips.len(), place.reader.listened), (5, 15, 5));
    assert_eq!((set.image, set.clips.steps), (Input::Strobe, 128));
    let view = |set: &DataSet, clip: usize| set.clips.image(clip)[0] % 16;
    assert!((0..15).all(|clip| usize::from(view(&set, clip)) == clip % 3 && set.track[clip] as usize == clip / 3));
    let kept: Vec<String> = fs::read_dir(place.path("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".bin"))
        .collect();
    assert_eq!(kept, [format!("views-{:08x}.bin", crate::sound::views::version())], "others would have another cache");
    // More views are drawn anew, and fewer are taken from those.
    let pitched = place.views(true).unwrap();
    assert_eq!((pitched.clips.len(), place.reader.listened), (35, 10));
    assert!((0..35).all(|clip| usize::from(view(&pitched, clip)) == clip % 7));
    assert_eq!((place.views(false).unwrap(), place.reader.listened), (set, 10));
    let refused = place.read(|reading| DataSet::views("strobe:x", false, reading)).unwrap_err().to_string();
    assert!(refused.contains("--data strobe:x") && refused.contains("use tree:DIR"), "{refused}");
}

/// Writes a genre of `count` artists with `tracks` tracks each.
fn fill(place: &Place, genre: &str, count: usize, tracks: usize) {
    for artist in 0..count {
        for track in 0..tracks {
            let name = format!("{genre}{artist}");
            place.write(&format!("in/{genre}/{name}-{track}.mp3"), &format!("{name}|||{track}|1"));
        }
    }
}

#[test]
fn genres_with_too_little_are_folded_or_left_out() {
    let mut place = Place::new();
    place.least = Some(Least { artists: 5, tracks: 20 });
    fill(&place, "Rock", 12, 3);
    fill(&place, "Black Metal", 3, 2);
    fill(&place, "Metal", 1, 30);
    fill(&place, "Techno", 14, 2);
    fill(&place, "Zeuhl", 4, 9);
    let set = place.gather("tree").unwrap();
    assert_eq!(set.genres, ["Rock", "Techno"]);
    let summary = set.summary();
    assert_eq!(summary.genres[0].all, Amount { tracks: 36 + 6 + 30, clips: 72, artists: 16 });
    assert_eq!(summary.genres[1].tracks.iter().sum::<usize>(), 28);
    let notes = [
        "Black Metal counts as Metal: 3 artists, 6 tracks; 5 artists and 20 tracks are needed",
        "Metal counts as Rock: 4 artists, 36 tracks; 5 artists and 20 tracks are needed",
        "Zeuhl is left out: 4 artists, 36 tracks; 5 artists and 20 tracks are needed",
    ];
    assert_eq!(summary.notes, notes);
    summary.can_teach().unwrap();
    insta::assert_snapshot!(summary.table());
    // For evaluation, all genres are kept as they are.
    place.least = None;
    assert_eq!(place.gather("tree").unwrap().genres.len(), 5);
}

const FMA_HEAD: &str = ",album,album,artist,artist,set,set,track,track\n,id,title,id,name,split,subset,genre_top,title\n\
                        track_id,,,,,,,,\n";

#[test]
fn fma_keeps_its_own_split() {
    let mut place = Place::new();
    let rows = "2,1,AWOL,1,AWOL,training,small,Hip-Hop,\"Food,\nwith \"\"lines\"\"\"\n\
                5,1,AWOL,1,AWOL,validation,small,Hip-Hop,Fine\n\
                1140,6,Night,7,,test,small,Rock,\n\
                98565,6,Night,8,Ben,training,small,Rock,Short\n\
                141,6,Night,7,Cat,training,medium,Rock,Elsewhere\n\
                142,6,Night,7,Cat,training,small,,No genre\n\
                143,6,Night,7,Cat,training,small,Rock,Gone\n\
                144,6,Night,7,Cat,training,small,Rock,Noise\n";
    place.write("in/fma_metadata/tracks.csv", &format!("{FMA_HEAD}{rows}"));
    place.refuses("fma", "contains no fma_small");
    for (file, line) in [("000/000002", "||||1"), ("000/000005", "||||1"), ("001/001140", "||||1"), ("000/000144", "x")]
    {
        place.write(&format!("in/fma_small/{file}.mp3"), line);
    }
    let set = place.gather("fma").unwrap();
    assert_eq!((set.name.as_str(), &set.genres[..]), ("FMA-small", &["Hip-Hop".to_string(), "Rock".into()][..]));
    assert_eq!(set.split.0, [Part::Training, Part::Validation, Part::Test]);
    assert_eq!(
        told(&set),
        ["1140: artist 7, Night, Rock", "Fine: AWOL, AWOL, Hip-Hop", "Food, with \"lines\": AWOL, AWOL, Hip-Hop"]
    );
    let notes = set.notes.join("\n");
    for said in [
        "1 tracks of the small subset have no top genre",
        "1 clips are known to be broken",
        "1 clips are listed but not there",
        "000143.mp3",
        "1 of 4 files cannot be used and are left out (000144.mp3: not audio)",
    ] {
        assert!(notes.contains(said), "`{notes}` does not say `{said}`");
    }
}

#[test]
fn an_fma_table_that_is_none_is_named() {
    let mut place = Place::new();
    place.write("in/fma_small/000/000002.mp3", "||||1");
    place.refuses("fma", "tracks.csv: cannot be read");
    place.write("in/fma_metadata/tracks.csv", "track_id,title\n");
    place.refuses("fma", "three header lines");
    place.write("in/fma_metadata/tracks.csv", &FMA_HEAD.replace("genre_top", "genre"));
    place.refuses("fma", "no column ('track', 'genre_top')");
    let line = |text: &str| format!("{FMA_HEAD}{text}\n");
    place.write("in/fma_metadata/tracks.csv", &line("x,1,A,1,A,training,small,Rock,T"));
    place.refuses("fma", "line 4: `x` is not a track id");
    place.write("in/fma_metadata/tracks.csv", &line("2,1,A,1,A,home,small,Rock,T"));
    place.refuses("fma", "line 4: split `home`");
    place.write("in/fma_metadata/tracks.csv", &line("3,1,A,1,A,training,small,Rock,T"));
    place.refuses("fma", "none of the 1 clips");
    place.write("in/fma_metadata/tracks.csv", &line("3,1,A,1,A,training,large,Rock,T"));
    place.refuses("fma", "no track of the small subset has a genre");
}

fn song(path: &str, line: &str, genres: &[&str]) -> Song {
    let (tags, _) = tags(line).unwrap();
    let genres = genres.iter().map(ToString::to_string).collect();
    Song { tags: Tags { genres, ..tags }.into(), secs: 1.0, ..Song::bare(path, identity(Path::new(path))) }
}

fn library(place: &Place, songs: Vec<Song>, heard: usize) {
    let mut cache = ImageCache::open(&place.path("strobes.bin"), 8192).unwrap();
    for (i, song) in songs.iter().take(heard).enumerate() {
        cache.put(song.track, &[[i as u8; 8192], [i as u8 + 100; 8192]]).unwrap();
    }
    let catalog = Catalog::new(songs.into_iter().map(Into::into).collect());
    let written = export(&catalog, &place.path(SNAPSHOT), &|_| None).unwrap();
    assert_eq!(written, catalog.tracks().count());
    assert!(!fs::read_to_string(place.path(SNAPSHOT)).unwrap().contains("descriptors"));
}
