use super::*;
use crate::latent::{Latent, NamedValues};
use crate::track::{Tags, TrackId};
use fastrand::Rng;
use std::sync::Arc;

fn id(n: u32) -> TrackId {
    let mut bytes = [1; 16];
    bytes[1..5].copy_from_slice(&n.to_be_bytes());
    TrackId(bytes)
}

fn song(n: u32, genre: &str) -> Arc<Song> {
    let genres = [genre].into_iter().filter(|genre| !genre.is_empty()).map(String::from).collect();
    let tags = Tags { title: Some(format!("T{n}").into()), artist: Some("A".into()), genres, ..Tags::default() };
    Arc::new(Song { tags: tags.into(), secs: 1.0, ..Song::bare(format!("/m/{n}"), id(n)) })
}

/// Noise everywhere but: dimension 1 falls with brightness, 2 is higher in electronic, 3 is dead, 4 is zero in 60 %, 5
/// follows the tempo round its circle, 6 is faintly bright.
fn library(n: u32, seed: u64) -> (Space, Catalog, Vec<NamedValues>) {
    let mut rng = Rng::with_seed(seed);
    let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
    let mut named = Vec::new();
    let mut latents: Vec<(TrackId, Latent)> = Vec::new();
    let mut songs = Vec::new();
    for i in 0..n {
        let electronic = i % 5 == 0;
        let mut values = [f32::NAN; NAMED.len()];
        let bright = noise();
        values[3] = 1000.0 * (bright + 4.0);
        values[0] = (noise() * 0.3 + 0.9).rem_euclid(1.0);
        if i % 2 == 0 {
            values[11] = noise() * 5.0 - 14.0;
        }
        let mut z: Latent = std::array::from_fn(|_| noise());
        z[0] = -bright + 0.3 * noise();
        z[1] += if electronic { 1.5 } else { 0.0 };
        z[2] = 7.0;
        z[3] = if i % 5 < 3 { 0.0 } else { 1.0 + noise().abs() };
        z[4] = (values[0] * std::f32::consts::TAU).cos() + 0.2 * noise();
        z[5] += 0.1 * bright;
        latents.push((id(i), z));
        named.push(values);
        let genre = if electronic { ["Electronic", "electronic"][i as usize % 2] } else { "" };
        songs.push(song(i, genre));
    }
    let space = Space::build("test".into(), Arc::default(), latents);
    (space, Catalog::new(songs), named)
}

fn cards(n: u32) -> Cards {
    let (space, catalog, named) = library(n, 4);
    let at = |track: TrackId| Some(named[u32::from_be_bytes(track.0[1..5].try_into().ok()?) as usize]);
    Cards::of(&space.with_named(at), &catalog)
}

#[test]
fn meanings_are_what_the_dimensions_were_made_of() {
    let cards = cards(600);
    assert_eq!((cards.cards.len(), cards.tracks), (ALL_DIMS, 600));
    let first = &cards.cards[0];
    assert!(first.meaning.starts_with("bright ↔ dark (brightness -0.9"), "{}", first.meaning);
    assert_eq!((first.word(-1.0), first.word(0.2), first.word(1.0)), (Some("bright"), None, Some("dark")));
    assert_eq!((first.short(), cards.cards[4].short()), ("bright ↔ dark", "follows tempo"));
    let second = &cards.cards[1];
    assert!(second.meaning.starts_with("more in ") && second.meaning.contains("lectronic (+0."), "{}", second.meaning);
    assert!(second.word(1.0).is_some_and(|w| w.starts_with("like ")) && second.word(-1.0).is_none());
    assert!(cards.cards[2].dead && cards.cards[2].meaning.contains("does not vary") && !cards.cards[1].dead);
    assert!((cards.cards[3].ties - 0.6).abs() < 0.01, "{}", cards.cards[3].ties);
    assert!(cards.cards[4].meaning.starts_with("follows tempo (0.9"), "{}", cards.cards[4].meaning);
    for dim in 5..DIMS {
        assert_eq!(cards.cards[dim].meaning, UNCLEAR, "dimension {}", dim + 1);
    }
}

#[test]
fn named_dimensions_have_cards_too() {
    let cards = cards(600);
    let bright = cards.card(35).unwrap();
    assert_eq!((bright.name.as_str(), bright.missing), ("brightness", 0.0));
    assert!(bright.meaning.starts_with("dark ↔ bright: ") && bright.correlates.is_empty());
    let values: Vec<f32> = bright.lowest.iter().chain(bright.highest.iter().rev()).map(|e| e.value).collect();
    assert!(values.len() == 10 && values.is_sorted() && values[0] > 0.0, "{values:?}");
    assert!((cards.card(43).unwrap().missing - 0.5).abs() < 0.01);
    assert!(cards.card(34).unwrap().meaning.ends_with("(not measured yet)"));
    let tempo = cards.card(32).unwrap();
    assert!(tempo.lowest.is_empty() && tempo.highest.is_empty());
    assert_eq!(cards.card(99), None);
}

#[test]
fn the_ends_are_the_library_s_own_tracks() {
    let cards = cards(600);
    let (space, catalog, _) = library(600, 4);
    let mut all: Vec<f32> = (0..600).map(|row| space.z(row)[0]).collect();
    all.sort_by(f32::total_cmp);
    let card = &cards.cards[0];
    assert_eq!(card.lowest.iter().map(|e| e.value).collect::<Vec<_>>(), all[..5]);
    assert_eq!(card.highest.iter().rev().map(|e| e.value).collect::<Vec<_>>(), all[595..]);
    assert!(card.lowest.iter().all(|e| catalog.songs().iter().any(|s| s.title() == e.title)));
}

#[test]
fn chance_is_not_meaning() {
    // Few tracks: the strongest of dozens of chance correlations is over 0.25, and must not be shown.
    for seed in 0..8 {
        let mut rng = Rng::with_seed(seed);
        let latents = (0..40).map(|n| (id(n), std::array::from_fn(|_| rng.f32()))).collect();
        let named: Vec<NamedValues> = (0..40).map(|_| std::array::from_fn(|_| rng.f32())).collect();
        let space = Space::build("x".into(), Arc::default(), latents)
            .with_named(|t| Some(named[u32::from_be_bytes(t.0[1..5].try_into().ok()?) as usize]));
        let catalog = Catalog::new((0..40).map(|n| song(n, ["a", "b"][n as usize % 2])).collect());
        let cards = Cards::of(&space, &catalog);
        let told = cards.cards[..DIMS].iter().filter(|c| c.meaning != UNCLEAR).count();
        assert!(told <= 4, "seed {seed}: {told} of 32 dimensions of noise were given a meaning");
    }
}

#[test]
fn an_empty_space_and_a_missing_catalog_are_survived() {
    assert!(Cards::of(&Space::default(), &Catalog::default()).cards.is_empty());
    let (space, ..) = library(3, 1);
    let cards = Cards::of(&space, &Catalog::default());
    assert!(cards.cards.len() == ALL_DIMS && cards.cards[0].lowest.is_empty());
}

#[test]
fn a_hundred_thousand_tracks_have_cards() {
    let (space, catalog, named) = library(100_000, 9);
    let at = |track: TrackId| Some(named[u32::from_be_bytes(track.0[1..5].try_into().ok()?) as usize]);
    let space = space.with_named(at);
    let cards = Cards::of(&space, &catalog);
    assert!(cards.cards[0].meaning.starts_with("bright ↔ dark"));
}

#[test]
fn named_axes_speak_for_themselves_and_unnamed_ones_through_two_tracks() {
    use crate::latent::{Axis, Reference, Words};
    let axis = |name: &str, low: &str, high: &str| Axis { name: name.into(), low: low.into(), high: high.into() };
    let axes = vec![axis("driving", "calm", "driving"), axis("jazz", "not jazzy", "jazz")];
    let words = Words { axes, ..Words::default() };
    let (_, catalog, _) = library(600, 4);
    let mut rng = Rng::with_seed(2);
    let latents = (0..600).map(|n| (id(n), std::array::from_fn(|_| rng.f32()))).collect();
    let space = Space::build("x".into(), Arc::new(Reference { words, ..Reference::default() }), latents);
    let own = [("7".to_string(), "twang".to_string())].into();
    let cards = Cards::of(&space, &catalog).with_names(&Names::of(&space, &own));
    let (driving, jazz) = (&cards.cards[0], &cards.cards[1]);
    assert_eq!(
        (driving.name.as_str(), driving.meaning.as_str(), driving.short()),
        ("driving", "calm ↔ driving", "calm ↔ driving")
    );
    assert_eq!((driving.word(-1.0), jazz.word(-1.0), jazz.word(1.0)), (Some("calm"), None, Some("jazz")));
    assert_eq!((cards.cards[6].name.as_str(), cards.cards[7].name.as_str()), ("twang", "8"));
    let unnamed = &cards.cards[7];
    let (low, high) = (&unnamed.lowest[0].title, &unnamed.highest[0].title);
    assert_eq!(unnamed.meaning, format!("from {low} to {high}"));
}
