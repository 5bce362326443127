//! The library as a data set: by its tags, or by what a teacher says.

use super::*;

#[test]
fn the_library_is_learned_by_its_tags() {
    let mut place = Place::new();
    let mut copy = song("/m/b/copy.ogg", "Copy|||Copy|1", &["Pop"]);
    let songs = vec![
        song("/m/a.mp3", "Ann|Various Artists|Mix|One|1", &["Rock", "Techno"]),
        song("/m/b.mp3", "Ben feat. Cat|Ben|Disc|Two|1", &["(17)"]),
        song("/m/c.mp3", "|||Three|1", &["rock & roll"]),
        song("/m/d.mp3", "Dan|||Four|1", &["Audiobook"]),
        song("/m/e.mp3", "Eve|||Five|1", &[]),
        song("/m/f.mp3", "Fay|||Six|1", &["Pop"]),
    ];
    copy.track = songs[0].track;
    library(&place, [songs, vec![copy]].concat(), 5);
    let set = place.gather("library").unwrap();
    assert_eq!(set.genres, ["Rock", "Techno"]);
    let three = format!("Three: {}, , Rock", identity(Path::new("/m/c.mp3")));
    assert_eq!(told(&set), ["One: Ann, Mix, Rock+Techno", three.as_str(), "Two: Ben, Disc, Rock"]);
    assert_eq!(set.clips.targets, [0.5, 0.5, 0.5, 0.5, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    assert_eq!(set.clips.genres, [0; 6]);
    assert!(set.clips.strobes[..8192] == [0; 8192] && set.clips.strobes[8192..16_384] == [100; 8192]);
    for part in Part::ALL {
        let clips = set.part(part);
        assert_eq!(clips.targets.len(), 2 * clips.genres.len());
    }
    let summary = set.summary();
    assert_eq!((summary.genres[0].all.tracks, summary.genres[1].all.tracks, summary.all.tracks), (3, 1, 3));
    let notes = [
        "1 of 6 tracks have no genre tag and are left out",
        "1 of 6 tracks are left out by their genre (audiobooks and what [train.genres] maps to \"\")",
        "1 of 6 tracks have a genre but no images yet and are left out; `jukebox scan` listens to them",
        "1 of 6 tracks have no artist; the album, or the track, counts as one",
    ];
    assert_eq!(set.notes, notes);
    place.image = Input::Mel;
    place.refuses("library", "no full mels, which this encoder needs");
    // Patches are in another cache; this file holds images of another kind.
    place.image = Input::Patch;
    place.refuses("library", "not a cache of such images");
}

#[test]
fn a_library_without_genres_is_learned_by_what_a_teacher_says() {
    use jukebox_encoder::{Device, Encoder};
    let place = Place::new();
    let songs: Vec<Song> =
        (0..60).map(|i| song(&format!("/m/{i}.mp3"), &format!("Artist {}||Disc|{i}|1", i / 2), &[])).collect();
    let mut cache = ImageCache::open(&place.path("patches.bin"), Input::Patch.bytes()).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut image = || -> Vec<u8> { (0..Input::Patch.bytes()).map(|_| random.u8(..)).collect() };
    let images: Vec<[Vec<u8>; 2]> = (0..60).map(|_| [image(), image()]).collect();
    for (song, own) in songs.iter().zip(&images).skip(1) {
        cache.put(song.track, &[&own[0][..], &own[1]]).unwrap();
    }
    let catalog = Catalog::new(songs.into_iter().map(Into::into).collect());
    export(&catalog, &place.path(SNAPSHOT), &|_| None).unwrap();
    // Any encoder with a teacher head serves as the tagger.
    let shipped = include_bytes!("../../../../models/ear.safetensors");
    let encoder = || Encoder::load(shipped, Device::Cpu).unwrap();
    let gather_with = |encoders: Option<Vec<Encoder>>, image: Input, describe: bool| {
        let mut last = 0;
        let told: &mut dyn FnMut(usize, usize) = &mut |_, total| last = total;
        let teacher = encoders.map(|encoders| Teacher { name: "T".into(), encoders, told });
        let (snapshot, patches, cache) = (place.path(SNAPSHOT), place.path("patches.bin"), place.path("cache"));
        let reading = &mut Reading {
            image,
            genres: &place.genres,
            least: None,
            cache: &cache,
            library: Some((&snapshot, &patches)),
            teacher,
            describe,
            listener: &mut Reader::default(),
        };
        let set = DataSet::gather("taught:T", reading);
        (set, last)
    };
    let gather = |encoders, image| gather_with(encoders, image, false);
    let (set, last) = gather(Some(vec![encoder(), encoder()]), Input::Patch);
    let set = set.unwrap();
    assert_eq!((set.tracks.len(), set.track.len(), set.tags.len(), last), (59, 118, 50, 118));
    assert_eq!(set.notes, ["1 of 60 tracks have no images yet and are left out; `jukebox scan` listens to them"]);
    // Every patch has the teacher's output for it, whichever thread computed it.
    let at = 77;
    let guess = &encoder().guess(&[set.clips.image(at)]).unwrap()[0];
    assert_eq!(&set.clips.logits[50 * at..50 * (at + 1)], &guess.logits[..]);
    assert_eq!(set.clips.teacher.len(), 118 * guess.vector.len());
    // An artist's tracks are in one part, and no part is empty.
    for part in Part::ALL {
        assert!(set.split.of(part).next().is_some());
    }
    let artist = |i: usize| &set.tracks[set.track[i] as usize].artist;
    assert!((0..117).all(|i| artist(i) != artist(i + 1) || set.split.0[i] == set.split.0[i + 1]));
    assert!(set.can_judge() && set.summary().can_teach().is_ok());
    assert!(set.said_of(&[3, 5]).iter().all(|said| said.len() == guess.vector.len()));
    assert!(gather(None, Input::Patch).0.unwrap_err().to_string().contains("jukebox model import"));
    assert!(gather(Some(vec![encoder()]), Input::Strobe).0.unwrap_err().to_string().contains("add --encoder ear"));
    // The tagger is not asked about tracks that have no descriptors.
    let (refused, asked) = gather_with(Some(vec![encoder()]), Input::Patch, true);
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("--describe: library, labelled by T has descriptors of 0 tracks to train on"), "{said}");
    assert_eq!(asked, 0);
}

#[test]
fn a_library_that_cannot_teach_is_told_what_it_lacks() {
    let mut place = Place::new();
    place.refuses("library", "snapshot of the library cannot be read");
    fs::write(place.path(SNAPSHOT), "").unwrap();
    place.refuses("library", "`jukebox scan DIR` first");
    fs::write(place.path(SNAPSHOT), "{\"track\":\"xyz\"}\n").unwrap();
    place.refuses("library", "line 1: not a track");

    let songs = |genres: &[&str]| (0..3).map(|i| song(&format!("/m/{i}"), "Ann|||T|1", genres)).collect::<Vec<_>>();
    let untagged = Place::new();
    library(&untagged, songs(&[]), 3);
    let mut place = untagged;
    place.refuses("library", "none of its 3 tracks has a genre tag");
    place.refuses("library", "--data tree:DIR");
    let mut place = Place::new();
    library(&place, songs(&["Rock"]), 0);
    place.refuses("library", "no images are kept of them");
    fs::remove_file(place.path("strobes.bin")).unwrap();
    place.refuses("library", "`jukebox scan`");
    fs::write(place.path("strobes.bin"), "something else").unwrap();
    place.refuses("library", "not a cache of such images");

    let mut place = Place::new();
    place.least = Some(Least::default());
    library(&place, songs(&["Rock"]), 3);
    let set = place.gather("library").unwrap();
    assert!(set.genres.is_empty() && set.clips.is_empty());
    let said = set.summary().can_teach().unwrap_err().to_string();
    for what in
        ["no genre has enough", "Rock is left out: 1 artist, 3 tracks", "[train.genres]", "jukebox scan", "tree:DIR"]
    {
        assert!(said.contains(what), "`{said}` does not say `{what}`");
    }
}

#[test]
fn an_artist_stays_in_its_part_whatever_else_there_is() {
    let mut parts: HashMap<String, Part> = HashMap::new();
    for count in [6, 30] {
        let mut place = Place::new();
        fill(&place, "Rock", count, 1);
        fill(&place, "Jazz", count / 2, 2);
        let set = place.gather("tree").unwrap();
        for (clip, track) in set.track.iter().enumerate() {
            let artist = set.tracks[*track as usize].artist.clone();
            let part = *parts.entry(artist).or_insert(set.split.0[clip]);
            assert_eq!(part, set.split.0[clip]);
        }
    }
    assert!(Part::ALL.iter().all(|p| parts.values().any(|q| q == p)), "{parts:?}");
}
