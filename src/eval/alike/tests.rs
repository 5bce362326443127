use super::*;
use crate::eval::corpus::Item;
use crate::eval::ranking::{Euclid, lots};
use crate::eval::retrieval::{self, LIST};
use crate::eval::row::Points;
use crate::latent::NamedValues;

const DRAW: Bootstrap = Bootstrap { rounds: 200, seed: 1 };
const UNKNOWN: NamedValues = [f32::NAN; NAMED.len()];

fn index(name: &str) -> usize {
    NAMED.iter().position(|n| n.name == name).unwrap()
}

fn row(points: Points) -> Row {
    Row::of(Kind::Current, "current encoder", "", points)
}

fn item(artist: usize, genre: &str) -> Item {
    Item { artist: format!("artist {artist}"), genre: (!genre.is_empty()).then(|| genre.into()), ..Item::default() }
}

/// Four genres of twelve artists with four tracks each. A latent is a random number, the descriptors are others, but for
/// the one that is to be the latent.
fn library(seed: u64, same: Option<usize>) -> (Corpus, Points) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut corpus = Corpus::default();
    let mut values = Vec::new();
    for track in 0..192 {
        let artist = track / 4;
        values.push(random.f64() as f32);
        let mut named: NamedValues = std::array::from_fn(|_| random.f64() as f32);
        if let Some(same) = same {
            named[same] = values[track];
        }
        corpus.items.push(item(artist, ["folk", "jazz", "pop", "rock"][artist % 4]));
        corpus.named.push(named);
    }
    (corpus, Points { dims: 1, values })
}

/// Measures the nearest by the latent, of every track.
fn measured(corpus: &Corpus, points: Points) -> (Alike, Option<Lead>) {
    let about = Relations::of(&corpus.items);
    let queries: Vec<usize> = (0..about.len()).collect();
    let ranking = Euclid { scored: points.clone() };
    let nearest = retrieval::ask(&ranking, &about, &queries, &lots(about.len(), 1)).nearest;
    of(corpus, &about, &queries, &[(&row(points), &nearest)], LIST, &DRAW)
}

fn has_zero(closeness: &Closeness) -> bool {
    closeness.closer.range.is_some_and(|[low, high]| low <= 0.0 && high >= 0.0)
}

#[test]
fn the_one_descriptor_that_neighbours_share_leads() {
    let (corpus, points) = library(38, Some(index(HEARD)));
    let (alike, lead) = measured(&corpus, points);
    assert_eq!((alike.queries, alike.missing, alike.descriptors.len()), (192, None, NAMED.len()));
    let (first, rest) = alike.descriptors.split_first().unwrap();
    assert!(first.name == HEARD && first.closer.range.unwrap()[0] > 0.9, "{first:?}");
    assert!(rest.iter().all(has_zero), "{rest:#?}");
    let lead = lead.unwrap();
    assert!(lead.against == rest[0].name && lead.interval.range.unwrap()[0] > 0.7, "{lead:?}");
    // One of thirteen is 95 % closer, the others are not: 7 % in the mean.
    let all = &alike.rows[0];
    assert!(all.name == "current encoder" && (all.closer.mean - 0.07).abs() < 0.02, "{all:?}");
    assert!(all.closer.range.unwrap()[0] > 0.0);
    assert_eq!((first.closer.values, first.closer.groups), (192, 48));
}

#[test]
fn in_noise_nothing_is_closer() {
    let (corpus, points) = library(38, None);
    let (alike, lead) = measured(&corpus, points);
    assert!(alike.descriptors.iter().chain(&alike.rows).all(has_zero), "{alike:#?}");
    let [low, high] = lead.unwrap().interval.range.unwrap();
    assert!(low < 0.0 && high > 0.0, "{low} {high}");
}

#[test]
fn intervals_are_as_wide_as_noise_varies() {
    // At 95 %, one interval of noise in twenty may leave 0 out. With draws of queries alone it is one in five.
    let wrong: usize = (1..=40)
        .map(|seed| {
            let (corpus, points) = library(seed, None);
            measured(&corpus, points).0.descriptors.iter().filter(|c| !has_zero(c)).count()
        })
        .sum();
    assert!((3..40).contains(&wrong), "{wrong} of {}", 40 * NAMED.len());
}

/// A track by artist 0 and another of hers, twelve by six others of the same genre, and one of another genre.
fn by_hand() -> Corpus {
    let mut corpus = Corpus::default();
    let (tempo, brightness) = (index("tempo"), index("brightness"));
    let mut add = |artist, genre, bright, turns| {
        let mut named = UNKNOWN;
        (named[brightness], named[tempo]) = (bright, turns);
        corpus.items.push(item(artist, genre));
        corpus.named.push(named);
    };
    add(0, "rock", 0.0, 0.95);
    add(0, "rock", 100.0, 0.2);
    (0..10).for_each(|i| add(1 + i / 2, "rock", 1.0, 0.05));
    add(6, "rock", 7.0, 0.45);
    add(6, "rock", 7.0, 0.45);
    add(7, "jazz", 50.0, 0.7);
    corpus
}

#[test]
fn differences_are_those_by_hand() {
    let near: Vec<Vec<usize>> = vec![(2..12).collect()];
    let ask = |corpus: &Corpus| {
        let about = Relations::of(&corpus.items);
        of(corpus, &about, &[0], &[(&row(Points::default()), &near)], LIST, &DRAW)
    };
    let mut corpus = by_hand();
    let (alike, lead) = ask(&corpus);
    assert_eq!((alike.queries, alike.without_genre, alike.without_others, lead), (1, 0, 0, None));
    let [brightness, tempo] = &alike.descriptors[..] else { panic!("{alike:#?}") };
    assert_eq!((brightness.name.as_str(), tempo.name.as_str()), ("brightness", "tempo"));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} instead of {b}");
    // Ten tracks are 1 away and two are 7: 2 in the mean.
    close(brightness.closer.mean, 0.5);
    // Round the circle, ten are 0.1 turns away and two half a turn.
    close(tempo.closer.mean, 1.0 - 0.1 / (2.0 / 12.0));
    close(brightness.genre / brightness.near, 2.0);
    let all = &alike.rows[0];
    close(all.near, (brightness.near + tempo.near) / 2.0);
    close(all.closer.mean, 1.0 - (brightness.near + tempo.near) / (brightness.genre + tempo.genre));

    // A missing value takes no part on either side.
    corpus.named[2][index("tempo")] = f32::NAN;
    let (alike, _) = ask(&corpus);
    let tempo = alike.descriptors.iter().find(|c| c.name == "tempo").unwrap();
    close(tempo.closer.mean, 1.0 - 0.1 / (1.9 / 11.0));
    corpus.named[0][index("tempo")] = f32::NAN;
    let (alike, _) = ask(&corpus);
    assert!(alike.descriptors.iter().all(|c| c.name != "tempo"), "{alike:#?}");
    close(alike.rows[0].closer.mean, 0.5);
}

#[test]
fn deviations_are_those_of_the_library() {
    let column = |name: &str, values: &[f32]| {
        let named = values.iter().map(|&value| {
            let mut named = UNKNOWN;
            named[index(name)] = value;
            named
        });
        Column::of(&Corpus { named: named.collect(), ..Corpus::default() }, index(name))
    };
    assert!((column("energy", &[0.0, 2.0, f32::NAN, 0.0, 2.0]).unwrap().deviation - 1.0).abs() < 1e-9);
    // Opposite ends of the circle are as far apart as it goes; a quarter of it has R = √½.
    assert!((column("key", &[0.0, 0.5]).unwrap().deviation - 2f64.sqrt()).abs() < 1e-6);
    assert!((column("key", &[0.0, 0.25]).unwrap().deviation - (2.0 - 2f64.sqrt()).sqrt()).abs() < 1e-6);
    assert!(column("energy", &[0.1; 20]).is_none() && column("key", &[]).is_none());
    assert!(column("energy", &[f32::NAN; 20]).is_none());
}

#[test]
fn what_cannot_be_compared_is_said() {
    let without = |change: &dyn Fn(usize, &mut Item)| {
        let (mut corpus, points) = library(38, None);
        corpus.items.iter_mut().enumerate().for_each(|(track, item)| change(track, item));
        measured(&corpus, points).0
    };
    let untagged = without(&|_, item| item.genre = None);
    assert!(untagged.missing.unwrap().starts_with("no track has a genre to compare with"));
    assert!(untagged.descriptors.is_empty() && untagged.rows.is_empty());
    // The first artist's tracks have no genre; the next four artists have genres that nobody else has.
    let some = without(&|track, item| match track {
        0..4 => item.genre = None,
        4..20 => item.genre = Some(format!("genre {}", track / 4)),
        _ => {}
    });
    assert_eq!((some.queries, some.without_genre, some.without_others), (172, 4, 16));
    // Three artists are too few when one of them asks.
    let few = without(&|track, item| item.genre = Some(format!("genre {}", track / 12)));
    assert_eq!((few.queries, few.without_others), (0, 192));
    assert!(few.missing.unwrap().contains("3 other artists in its genre"));
    // Tracks of unknown artists are as many artists.
    let unknown = without(&|_, item| item.artist.clear());
    assert_eq!((unknown.queries, unknown.rows[0].closer.groups), (192, 192));

    let (mut corpus, points) = library(38, None);
    corpus.named.fill(UNKNOWN);
    assert!(measured(&corpus, points).0.missing.unwrap().contains("no descriptor is known"));
    let (corpus, _) = library(38, None);
    let found = of(&corpus, &Relations::of(&corpus.items), &[0], &[], LIST, &DRAW).0;
    assert!(found.missing.unwrap().contains("no latents of these tracks"));
}
