use std::sync::Arc;

use super::*;
use crate::latent::tags::encode;
use crate::latent::{DIMS, NAMED, Reference, Space, Words};
use crate::library::Song;
use crate::library::signatures::Signatures;
use crate::track::{Tags, TrackId};

const TAGS: [&str; 7] = ["Mellow", "electronic", "instrumental", "jazz", "metal", "acoustic", "80s"];

fn id(n: u8) -> TrackId {
    TrackId([n; 16])
}

/// Title, genre, year, probabilities of the tags, beats a minute, energy.
type Track = (&'static str, &'static str, Option<i32>, [f32; 7], f32, f32);

const LIBRARY: [Track; 6] = [
    ("Half Moon", "", Some(1984), [0.7, 0.02, 0.1, 0.1, 0.01, 0.6, 0.2], 84.0, 0.1),
    ("Night Drive", "Electronic", Some(2010), [0.1, 0.8, 0.7, 0.02, 0.02, 0.02, 0.1], 150.0, 0.8),
    ("Neon", "", None, [0.1, 0.8, 0.05, 0.02, 0.02, 0.02, 0.5], 150.0, 0.8),
    ("Blue", "Jazz", Some(1961), [0.4, 0.02, 0.6, 0.8, 0.01, 0.2, 0.02], 100.0, 0.3),
    ("Anvil", "Metal", Some(1986), [0.01, 0.05, 0.05, 0.01, 0.9, 0.01, 0.1], 140.0, 0.95),
    ("Piano Concerto", "Klezmer", None, [0.3, 0.01, 0.5, 0.1, 0.01, 0.5, 0.02], 90.0, 0.2),
];

fn answers(tags: &[&str]) -> Answers {
    let songs = (0u8..).zip(LIBRARY).map(|(n, (title, genre, year, ..))| {
        let genres = [genre].into_iter().filter(|genre| !genre.is_empty()).map(String::from).collect();
        let own = Tags { title: Some(title.into()), year, genres, ..Tags::default() };
        Arc::new(Song { tags: own.into(), secs: 200.0, ..Song::bare(format!("/m/{n}.mp3"), id(n)) })
    });
    let catalog = Catalog::new(songs.collect());
    let words = Words { tags: tags.iter().map(|t| (*t).to_string()).collect(), ..Words::default() };
    let latents = (0..6).map(|n| (id(n), [f32::from(n); DIMS])).collect();
    let reference = Reference { words, ..Reference::default() };
    let codes: Vec<Box<[u8]>> = LIBRARY.iter().map(|track| encode(&track.3)).collect();
    let named = |track: TrackId| {
        let (.., bpm, energy) = LIBRARY[usize::from(track.0[0])];
        let mut values = [f32::NAN; NAMED.len()];
        (values[0], values[10]) = (crate::latent::named::turns_of_tempo(bpm), energy);
        Some(values)
    };
    let space = Space::build("x".into(), Arc::new(reference), latents).with_named(named);
    let known = !tags.is_empty();
    let space = space.with_tags(|track| known.then(|| &*codes[usize::from(track.0[0])]));
    Answers::new(catalog.into(), space.into(), Signatures::in_dir("/nonexistent".into()))
}

fn found(question: &str) -> Finding {
    answers(&TAGS).find(question, 3).unwrap_or_else(|why| panic!("{question}: {why}"))
}

fn first(question: &str) -> String {
    found(question).matches[0].file.title.clone()
}

#[test]
fn the_track_that_was_asked_for_comes_first() {
    assert_eq!(first("fast electronic, no singing"), "Night Drive");
    assert_eq!(first("fast electronic with singing"), "Neon");
    assert_eq!(first("calm acoustic"), "Half Moon");
    assert_eq!(first("jazz"), "Blue");
    assert_eq!(first("eighties"), "Half Moon");
    assert_eq!(first("80s, not mellow"), "Anvil");
    assert_eq!(first("140 bpm"), "Anvil");
    assert_eq!(first("klezmer"), "Piano Concerto", "a genre of the files' own tags");
    assert_eq!(first("\"half moon\""), "Half Moon");
    assert_eq!(first("energetic -metal, instrumental"), "Night Drive");
}

#[test]
fn every_match_has_its_reason() {
    let finding = found("fast electronic, no singing");
    assert_eq!(finding.understood, ["fast", "electronic", "no singing"]);
    let best = &finding.matches[0];
    assert!(best.reason.contains("150 bpm") && best.reason.contains("electronic 8"), "{}", best.reason);
    assert!(best.reason.contains("instrumental 7") && best.score > 0.6, "{best:?}");
    assert!(finding.matches.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!(finding.lines()[0].starts_with("understood: fast") && finding.notes.is_empty());
}

#[test]
fn what_is_not_known_is_said() {
    let piano = found("calm piano");
    assert_eq!(piano.notes.len(), 1);
    assert!(
        piano.notes[0].contains("do not know 'piano'; used in its place: acoustic, instrumental"),
        "{:?}",
        piano.notes
    );
    assert!(piano.notes[0].contains("looked for in titles"), "{:?}", piano.notes);
    assert_eq!(first("piano"), "Piano Concerto", "it stands in its title");
    let nonsense = found("jazz qwrtz");
    assert_eq!(nonsense.notes, ["I do not know 'qwrtz'"]);
    let typo = answers(&TAGS).find("jaez", 3).unwrap_err().to_string();
    assert!(typo.contains("do not know 'jaez'; the nearest words: jazz"), "{typo}");
    for empty in ["", "  ", "the music", "no"] {
        assert_eq!(answers(&TAGS).find(empty, 3).unwrap_err(), QuestionError::NoWords, "{empty}");
    }
}

#[test]
fn an_encoder_without_words_says_so_and_finds_by_the_rest() {
    let answers = answers(&[]);
    let finding = answers.find("fast mellow", 3).unwrap();
    assert!(finding.notes.iter().any(|note| note.contains("has no words")), "{:?}", finding.notes);
    assert_eq!(finding.understood, ["fast"]);
    assert!(["Night Drive", "Neon"].contains(&finding.matches[0].file.title.as_str()));
    assert!(answers.find("jazz", 3).unwrap().matches[0].file.title == "Blue", "a genre of the files");
}

#[test]
fn a_question_is_a_filter_and_a_smart_playlist() {
    assert_eq!(
        (typed("find: calm"), typed(" FIND:x "), typed("find calm"), typed("é")),
        (Some("calm"), Some("x"), None, None)
    );
    let answers = answers(&TAGS);
    let shown = answers.filtered(&as_filter("jazz")).unwrap();
    assert!(shown.is_ranked() && shown.songs()[0].title() == "Blue" && shown.len() < 6);
    assert!(answers.filtered("find: qwrtz").unwrap_err().to_string().contains("do not know"));
    assert_eq!(answers.not_understood(&as_filter("jazz qwrtz")), ["I do not know 'qwrtz'"]);
    for plain in ["find: jazz", "genre=qwrtz", "qwrtz"] {
        assert!(answers.not_understood(plain).is_empty(), "{plain}");
    }
    let (said, wrong) = (answers.filtered("sounds:jazz").unwrap(), answers.filtered("tag:jaz"));
    assert_eq!(said.songs().iter().map(|s| s.title()).collect::<Vec<_>>(), ["Blue"]);
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.contains("did you mean jazz? the tags are: mellow, metal, electronic"), "{wrong}");
    let likely = answers.filtered("tag:electronic>0.5 !sounds:instrumental").unwrap();
    assert_eq!(likely.songs().iter().map(|s| s.title()).collect::<Vec<_>>(), ["Neon"]);
    assert!(self::answers(&[]).filtered("tag:jazz").unwrap_err().to_string().contains("has no words"));
}
