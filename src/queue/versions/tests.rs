use std::sync::Arc;

use fastrand::Rng;

use super::*;
use crate::latent::DIMS;
use crate::track::Tags;

fn id(n: u32) -> TrackId {
    let mut bytes = [0; 16];
    bytes[0] = TrackId::VERSION;
    bytes[1..5].copy_from_slice(&n.to_le_bytes());
    TrackId(bytes)
}

/// A library of generated songs whose latents are independent and normal.
struct Made {
    rng: Rng,
    songs: Vec<Song>,
    latents: Vec<(TrackId, Latent)>,
}

impl Made {
    /// `n` songs with distinct names, ten to an artist's album.
    fn new(n: u32) -> Made {
        let mut made = Made { rng: Rng::with_seed(5), songs: Vec::new(), latents: Vec::new() };
        for i in 0..n {
            let secs = 150.0 + 150.0 * made.rng.f64();
            made.add(&format!("Artist {}", i / 10), &format!("Name {i}"), &format!("Album {}", i / 10), secs);
        }
        made
    }

    /// Adds a song with a random sound; returns its index.
    fn add(&mut self, artist: &str, title: &str, album: &str, secs: f64) -> u32 {
        let latent = std::array::from_fn(|_| self.normal());
        self.put(artist, title, album, secs, latent)
    }

    /// Adds a song that sounds like another up to some noise; returns its index.
    fn copy(&mut self, of: u32, noise: f32, artist: &str, title: &str, secs: f64) -> u32 {
        let mut latent = self.latents[of as usize].1;
        latent.iter_mut().for_each(|v| *v += noise * self.normal());
        self.put(artist, title, "", secs, latent)
    }

    fn put(&mut self, artist: &str, title: &str, album: &str, secs: f64, latent: Latent) -> u32 {
        let n = self.songs.len() as u32;
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let title = (!title.is_empty()).then(|| title.into());
        let tags = Tags { title, artist: some(artist), album: some(album), ..Tags::default() };
        let path = format!("/music/{album}/{n}.flac");
        self.songs.push(Song { tags: tags.into(), secs, ..Song::bare(path, id(n)) });
        self.latents.push((id(n), latent));
        n
    }

    fn secs(&self, n: u32) -> f64 {
        self.songs[n as usize].secs
    }

    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.rng.f32()).sum::<f32>() - 6.0
    }

    fn found(self) -> Found {
        let songs: Vec<Arc<Song>> = self.songs.into_iter().map(Arc::new).collect();
        let catalog = Catalog::new(songs.clone());
        let space = Space::build("test".into(), Arc::default(), self.latents);
        Found { versions: Versions::of(&catalog, &space), space, songs }
    }
}

struct Found {
    versions: Versions,
    space: Space,
    songs: Vec<Arc<Song>>,
}

impl Found {
    fn one(&self, a: u32, b: u32) -> bool {
        self.versions.group(id(a)).is_some_and(|group| self.versions.group(id(b)) == Some(group))
    }

    fn tie(&self, a: u32, b: u32) -> Option<Tie> {
        let (a, b) = (&self.songs[a as usize], &self.songs[b as usize]);
        self.versions.likeness(&self.space, a, b).map(|likeness| likeness.tie)
    }
}

#[test]
fn the_same_recording_is_found_whatever_it_is_called() {
    let mut made = Made::new(300);
    let secs = made.secs(7);
    let renamed = made.copy(7, 0.08, "Somebody", "Something", secs + 0.1);
    let untagged = made.copy(7, 0.08, "", "Track 07", secs);
    let trimmed = made.copy(7, 0.1, "Artist 0", "Name 7", secs - 4.0);
    let lasting = made.copy(8, 0.0, "Somebody", "Something long", made.secs(8) + 60.0);
    let found = made.found();
    for copy in [renamed, untagged, trimmed] {
        assert!(found.one(7, copy), "{copy}");
        assert_eq!(found.tie(7, copy), Some(Tie::Recording), "{copy}");
    }
    assert!(!found.one(8, lasting), "a minute longer is no copy");
    assert_eq!(found.versions.groups().len(), 1, "{:?}", found.versions.groups());
}

#[test]
fn versions_are_found_by_name_and_say_which() {
    let mut made = Made::new(100);
    let remaster = made.copy(3, 0.4, "Artist 0", "Name 3 (Remastered 2011)", 200.0);
    let edit = made.copy(3, 0.5, "The Artist 0", "Name 3 - Radio Edit", 120.0);
    let live = made.add("Artist 0", "Name 3 [Live at the Forum]", "Live", 260.0);
    let remix = made.add("Artist 0 feat. Somebody", "Name 3 (Somebody Remix)", "", 320.0);
    let cover = made.add("Somebody else", "Name 3", "", made.secs(3));
    let found = made.found();
    for (version, tie) in [(remaster, Tie::Remaster), (edit, Tie::Edit), (live, Tie::Live), (remix, Tie::Remix)] {
        assert!(found.one(3, version), "{tie:?}");
        assert_eq!(found.tie(3, version), Some(tie));
    }
    assert!(!found.one(3, cover), "another artist's song of that name is another song");
}

#[test]
fn names_that_say_little_make_no_versions() {
    let mut made = Made::new(100);
    let intros = [made.add("Artist 1", "Intro", "One", 60.0), made.add("Artist 1", "Intro", "Two", 61.0)];
    let parts = [made.add("Artist 1", "Road, Pt. 1", "One", 200.0), made.add("Artist 1", "Road, Pt. 2", "One", 200.0)];
    let movements = [
        made.add("Artist 1", "Sonata - I. Allegro", "One", 200.0),
        made.add("Artist 1", "Sonata - II. Adagio", "One", 200.0),
    ];
    let twice = [made.add("Artist 2", "Lament", "One", 200.0), made.add("Artist 2", "Lament", "One", 90.0)];
    let copied = [made.add("Artist 3", "Outro", "One", 50.0), 0];
    let copied = [copied[0], made.copy(copied[0], 0.05, "Artist 3", "Outro", 50.0)];
    let found = made.found();
    for [a, b] in [intros, parts, movements, twice] {
        assert!(!found.one(a, b), "{} and {}", found.songs[a as usize].title(), found.songs[b as usize].title());
    }
    assert!(found.one(copied[0], copied[1]), "the same outro twice is");
}

#[test]
fn what_was_not_heard_yet_goes_by_its_name() {
    let mut made = Made::new(60);
    let live = made.add("Artist 0", "Name 3 - Live", "", 220.0);
    let file = made.add("", "", "", 220.0);
    made.songs[file as usize].path = std::path::Path::new("/m/Name 3 - Artist 0.mp3").into();
    made.latents.truncate(60);
    let found = made.found();
    assert!(found.one(3, live) && found.one(3, file));
    assert_eq!(found.tie(3, live), Some(Tie::Live));
}

#[test]
fn songs_that_differ_by_a_number_are_no_versions() {
    let mut made = Made::new(60);
    let mut put = |artist: &str, title: &str, file: &str| {
        let n = made.add(artist, title, "", 200.0);
        if !file.is_empty() {
            made.songs[n as usize].path = std::path::Path::new(&format!("/m/{file}.mp3")).into();
        }
        n
    };
    let untagged = [
        ("Nena", "99 Luftballons", "Luftballons"),
        ("Youssou N'Dour", "7 Seconds", "Seconds"),
        ("Prince", "Prince - 1999", "Prince - 2000"),
        ("", "Taylor Swift - 22", "Taylor Swift - 15"),
        ("Taylor Swift", "22 - Taylor Swift", "15 - Taylor Swift"),
        ("", "50 Cent - 21 Questions", "50 Cent - 17 Questions"),
    ];
    let mut apart: Vec<[u32; 2]> = untagged.map(|(artist, a, b)| [put(artist, "", a), put(artist, "", b)]).to_vec();
    let tagged = [
        ("Prince", "1999", "2000"),
        ("Charli XCX", "Charli XCX - 1999", "Charli XCX - 2099"),
        ("Bryan Adams", "Summer of '69", "Summer of '71"),
        ("blink-182", "Song 1", "Song 2"),
    ];
    apart.extend(tagged.map(|(artist, a, b)| [put(artist, a, ""), put(artist, b, "")]));
    let versions = [put("David Bowie", "Heroes", ""), put("David Bowie", "", "03 Heroes (2017 Remaster)")];
    made.latents.truncate(60);
    let found = made.found();
    for [a, b] in apart {
        let [x, y] = [a, b].map(|n| &found.songs[n as usize]);
        assert!(!found.one(a, b), "{} {} and {} {}", x.path.display(), x.title(), y.path.display(), y.title());
    }
    assert!(found.one(versions[0], versions[1]));
}

#[test]
fn a_chain_of_likenesses_makes_no_group() {
    let mut made = Made::new(300);
    // Each track sounds a little less like the first; all have the same duration and a generic
    // title.
    let mut last = made.add("", "Track 1", "", 200.0);
    let first = last;
    let step: Latent = std::array::from_fn(|_| 0.2);
    for _ in 0..12 {
        let latent = std::array::from_fn(|d| made.latents[last as usize].1[d] + step[d]);
        last = made.put("", "Track 1", "", 200.0, latent);
    }
    let found = made.found();
    assert!(found.one(first, first + 1) || found.one(first + 1, first + 2));
    assert!(!found.one(first, last), "twelve steps away is another track");
}

#[test]
fn copies_are_found_among_a_hundred_thousand_by_comparing_few_pairs() {
    let n = 100_000;
    let mut made = Made::new(n);
    let copies: Vec<(u32, u32)> = (0..200)
        .map(|i| {
            let (of, noise) = (i * 491, 0.02 + 0.001 * (i % 60) as f32);
            let secs = made.secs(of) - f64::from(i % 5);
            (of, made.copy(of, noise, "Somebody", &format!("Something {i}"), secs))
        })
        .collect();
    let songs: Vec<Arc<Song>> = made.songs.into_iter().map(Arc::new).collect();
    let catalog = Catalog::new(songs);
    let space = Space::build("test".into(), Arc::default(), made.latents);
    let versions = Versions::of(&catalog, &space);
    let group = |n: u32| versions.group(id(n));
    let hits = copies.iter().filter(|(a, b)| group(*a).is_some() && group(*a) == group(*b)).count();
    assert!(hits >= 198, "{hits} of 200");
    assert!(versions.groups().len() <= 202, "{} groups", versions.groups().len());
    // Comparing all pairs would take five thousand million comparisons.
    let each = versions.compared() / u64::from(n);
    assert!((1..4000).contains(&each), "each track was compared with {each}");
    assert_eq!(versions.tracks(), n as usize + 200);
    assert_eq!(space.z(0).len(), DIMS);
}
