//! Queues in generated libraries with known structure.

use std::sync::Arc;

use super::drift::{Anchor, Trail};
use super::findings::Totals;
use super::listener::Listener;
use super::makers::Workshop;
use super::measures::Walk;
use super::*;
use crate::config;
use crate::eval::corpus::{Corpus, Item};
use crate::eval::row::{Kind, Points, Row};
use crate::latent::{DIMS, Latent, NAMED, NamedValues, Space};
use crate::library::{Catalog, Song};
use crate::track::{Tags, TrackId};

/// One generated track.
struct Made {
    title: String,
    artist: String,
    genre: usize,
    latent: Latent,
    named: NamedValues,
}

/// Generates `artists` with five tracks each, in four genres that are separated in eight dimensions. The named
/// dimension brightness depends on the genre; tempo and key are random.
fn made(artists: usize) -> Vec<Made> {
    let mut random = fastrand::Rng::with_seed(11);
    let normal = |random: &mut fastrand::Rng| (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
    let centres: Vec<Vec<f32>> = (0..4).map(|_| (0..8).map(|_| 1.5 * normal(&mut random)).collect()).collect();
    let mut out = Vec::new();
    for artist in 0..artists {
        let genre = artist % 4;
        let own: Vec<f32> = (0..8).map(|_| 0.4 * normal(&mut random)).collect();
        for track in 0..5 {
            let mut latent = [0.0; DIMS];
            for (d, value) in latent.iter_mut().enumerate() {
                *value = normal(&mut random) + if d < 8 { centres[genre][d] + own[d] } else { 0.0 };
            }
            let mut named = [f32::NAN; NAMED.len()];
            (named[0], named[1], named[2]) = (random.f32(), random.u8(..12) as f32 / 12.0, normal(&mut random));
            (named[3], named[11]) = (genre as f32 + 0.5 * normal(&mut random), -14.0 + normal(&mut random));
            out.push(Made {
                title: format!("song {artist} {track}"),
                artist: format!("artist {artist}"),
                genre,
                latent,
                named,
            });
        }
    }
    out
}

fn id(n: usize) -> TrackId {
    TrackId((n as u128).to_be_bytes())
}

fn corpus(made: &[Made]) -> Corpus {
    let item = |(n, m): (usize, &Made)| Item {
        track: Some(id(n)),
        path: format!("/m/{n:04}.ogg").into(),
        title: m.title.clone(),
        artist: m.artist.clone(),
        album: format!("album of {}", m.artist),
        genre: Some(format!("genre {}", m.genre)),
    };
    Corpus {
        name: "made".into(),
        items: made.iter().enumerate().map(item).collect(),
        named: made.iter().map(|m| m.named).collect(),
        ..Corpus::default()
    }
}

/// Builds the library; row i is track i. `other` adds the vectors of a second system, which are the first eight
/// dimensions.
fn library(made: &[Made], other: bool) -> Library {
    let song = |(n, m): (usize, &Made)| {
        let tags = Tags {
            title: Some(m.title.as_str().into()),
            artist: Some(m.artist.as_str().into()),
            album: Some(format!("album of {}", m.artist).into()),
            ..Tags::default()
        };
        Arc::new(Song { tags: tags.into(), secs: 60.0 + 7.0 * n as f64, ..Song::bare(format!("/m/{n:04}.ogg"), id(n)) })
    };
    let catalog = Catalog::new(made.iter().enumerate().map(song).collect());
    let latents = made.iter().enumerate().map(|(n, m)| (id(n), m.latent)).collect();
    let named: Vec<NamedValues> = made.iter().map(|m| m.named).collect();
    let space = Space::build("made".into(), Arc::default(), latents)
        .with_named(|track| named.get(u128::from_be_bytes(track.0) as usize).copied());
    let values = made.iter().flat_map(|m| m.latent[..8].to_vec()).collect();
    let row = Row::of(Kind::External, "other", "", Points { dims: 8, values });
    let rows = if other { vec![row] } else { Vec::new() };
    Library::of(&corpus(made), catalog, space, &rows, 1).unwrap()
}

fn setup() -> Setup {
    Setup { queue: config::Queue::default(), length: 40, seed: 1 }
}

fn settings() -> Settings {
    Settings { bootstrap: 200, ..Settings::default() }
}

fn measured(made: &[Made], other: bool, plan: Plan) -> Findings {
    let corpus = corpus(made);
    let facts = crate::eval::facts(&corpus, &crate::eval::Relations::of(&corpus.items), plan.seeds);
    run(&library(made, other), facts, &setup(), &settings(), plan, &mut |_| ())
}

#[test]
fn good_queues_are_told_from_chance_and_the_same_seed_finds_the_same() {
    let made = made(48);
    let plan = Plan { seeds: 24, ablate: false };
    let found = measured(&made, true, plan);
    assert_eq!(found, measured(&made, true, plan));
    assert_eq!(found.parts.len(), 2);
    let names: Vec<&str> = found.parts[0].lines.iter().map(|l| l.maker.as_str()).collect();
    assert_eq!(names, ["player", "signature scan", "nearest", "chain", "nearest, other", "chain, other", "random"]);
    for part in &found.parts {
        let value = |maker: &str, measure: &str| {
            let column = found.measures.iter().position(|c| c.name == measure).unwrap();
            part.lines.iter().find(|l| l.maker == maker).unwrap().values[column].unwrap().mean
        };
        // In the space that made the queue, and in two others.
        for space in ["coherence", "in descriptors", "in other"] {
            assert!((value("random", space) - 1.0).abs() < 0.05, "{space}: {}", value("random", space));
            assert!(value("player", space) < value("random", space) - 0.02, "{space}");
        }
        assert!(value("random", "genre") < 0.35 && value("player", "genre") > 0.5, "{}", value("player", "genre"));
        // The policy limits runs that the scan alone permits.
        assert!(part.lines[0].totals.longest_run <= part.lines[1].totals.longest_run);
        assert!(value("player", "agreeing") > value("random", "agreeing"));
        assert!(value("player", "tightest 4") < value("random", "tightest 4"));
        assert!(value("chain", "step") < value("random", "step"));
        assert!((0.4..0.6).contains(&value("random", "harsh")), "half of random pairs are over the median");
        // Expected by chance: a quarter of an octave; three fifths plus half a change of mode.
        assert!((value("random", "tempo step") - 0.25).abs() < 0.03 && (value("random", "key step") - 3.5).abs() < 0.3);
        assert_eq!(value("signature scan", "drift"), 0.0, "in order, nothing better is ever left");
        let random = part.lines.last().unwrap();
        assert!(random.distance.len() == 40 && random.distance.iter().all(|d| d.abs() < 1.0));
        assert!(part.lines[0].distance[0] < -1.0 && part.lines[0].best[39] > part.lines[0].best[0]);
        assert_eq!(part.lines[0].totals.versions, 0);
        for line in &part.lines[1..] {
            assert_eq!((line.totals.repeats, line.totals.versions), (0, 0), "{}", line.maker);
        }
        assert!(part.floors.iter().all(|f| f.met.is_some()), "{:?}", part.floors);
        let against_chance = part.floors.last().unwrap();
        assert_eq!((against_chance.met, against_chance.found.as_str()), (Some(true), "in 3 of 3"));
    }
    let printed = text::lines(&found);
    assert!(printed.iter().all(|l| crate::text::width(l) <= 100), "too wide:\n{}", printed.join("\n"));
    assert!(printed.iter().any(|l| l.starts_with("The paper's observation")), "{}", printed.join("\n"));
    let page = page::html(&found);
    assert!(!page.contains("<script") && !page.contains("NaN") && page.matches("<svg").count() == 2);
    assert!(serde_json::to_string(&found).is_ok());
}

#[test]
fn a_planted_drift_is_found_and_missed() {
    let library = library(&made(48), false);
    let seed = Seed::of(&library, vec![7]);
    let anchor = Anchor::of(&library, &seed).unwrap();
    let setup = setup();
    let ranked = Workshop::new(&library, &Setup { length: 200, ..setup }).make(Maker::Scan, &seed);
    let drift = |rows: &[u32]| Trail::of(&library, &anchor, &seed, rows).drift().unwrap();
    assert!(drift(&ranked[..40]).abs() < 1e-9);
    // Every fifth track of the ranking: more and more nearer tracks are left out.
    let walking: Vec<u32> = ranked.iter().step_by(5).copied().collect();
    assert!(drift(&walking) > STEEPEST, "{}", drift(&walking));
    // A constant distance from the seed is not drift, however large.
    let away: Vec<u32> = (0..40).map(|i| ranked[if i % 2 == 0 { 150 + i } else { 190 - i }]).collect();
    assert!(drift(&away).abs() < STEEPEST, "{}", drift(&away));
    let measures = Measure::all(&library);
    let part = |rows: &[u32]| {
        let walk = Walk::of(&library, &seed, Some(&anchor), rows);
        let of = |m: &Measure| Bootstrap { rounds: 50, seed: 1 }.mean(&[m.of(&walk); 4], &[1, 2, 3, 4]);
        Part { lines: vec![Line { values: measures.iter().map(of).collect(), ..Line::default() }], ..Part::default() }
    };
    assert_eq!(floors(&part(&walking), &measures)[0].met, Some(false));
    assert_eq!(floors(&part(&ranked[..40]), &measures)[0].met, Some(true));
    assert_eq!(floors(&Part { lines: vec![Line::default()], ..Part::default() }, &measures)[0].met, None);
}

#[test]
fn copies_versions_and_runs_are_caught() {
    let mut made = made(24);
    // Track 1 is a live version of track 0, and track 2 sounds identical to track 50 under another
    // name.
    made[1].title = format!("{} (Live)", made[0].title);
    made[2].latent = made[50].latent;
    let library = library(&made, false);
    let seed = Seed::of(&library, vec![60]);
    let walk = |rows: &'static [u32]| Walk::of(&library, &seed, None, rows);
    // Two versions, a duplicate sound, a repeated track, and the seed itself.
    let bad = walk(&[0, 1, 2, 50, 0, 60]);
    assert_eq!((bad.versions(), bad.repeats()), (3, 2), "the second 0 is a version of 1, too");
    assert_eq!((walk(&[0, 5, 10]).versions(), walk(&[0, 5, 10]).repeats()), (0, 0));
    // Four more tracks by the seed's artist, then alternating artists.
    assert_eq!((walk(&[61, 62, 63, 0]).longest_run(), walk(&[61, 0, 62, 1]).longest_run()), (4, 2));
    let totals = |t: Totals| Part { lines: vec![Line { totals: t, ..Line::default() }], seeds: 9, ..Part::default() };
    let met = |t: Totals| -> Vec<Option<bool>> { floors(&totals(t), &[]).iter().map(|f| f.met).collect() };
    let run = Totals { longest_run: 4, long_runs: 2, ..Totals::default() };
    assert_eq!(met(run)[1..4], [Some(false), Some(true), Some(true)]);
    assert_eq!(
        met(Totals { longest_run: 3, repeats: 1, versions: 1, ..Totals::default() })[1..4],
        [Some(true), Some(false), Some(false)]
    );
    let missed = floors(&totals(run), &[]);
    assert!(text::held(&missed[1]).starts_with("MISSED: no run of more than 3"), "{}", text::held(&missed[1]));
    // No maker queues a barred track.
    let setup = setup();
    let mut workshop = Workshop::new(&library, &setup);
    for maker in Maker::all(&library) {
        for own in [0, 50] {
            let seed = Seed::of(&library, vec![own]);
            let rows = workshop.make(maker, &seed);
            let walk = Walk::of(&library, &seed, None, &rows);
            assert_eq!((walk.versions(), rows.len()), (0, 40), "{maker:?} after {own}");
            assert!(maker == Maker::Player || walk.repeats() == 0, "{maker:?} after {own}");
        }
    }
}

#[test]
fn measures_are_what_they_say() {
    let mut made = made(24);
    for (n, m) in made.iter_mut().enumerate() {
        // Successive tracks differ by half an octave, a fifth with a change of mode, and 2 LU.
        let odd = (n % 2) as f32;
        (m.named[0], m.named[1], m.named[2]) = (0.25 + 0.5 * odd, (n % 12) as f32 / 12.0, 0.5 - odd);
        m.named[11] = -14.0 + 2.0 * odd;
    }
    let library = library(&made, false);
    let seed = Seed::of(&library, vec![0]);
    let rows: Vec<u32> = (1..40).collect();
    let value = |m: Measure| m.of(&Walk::of(&library, &seed, None, &rows));
    assert!((value(Measure::Tempo).unwrap() - 0.5).abs() < 1e-6);
    assert!((value(Measure::Key).unwrap() - 2.0).abs() < 1e-5);
    assert!((value(Measure::Loudness).unwrap() - 2.0).abs() < 1e-5);
    // Tracks 1 to 39 are by eight artists; of the 35 by artists other than the seed's, five have its genre.
    assert_eq!(value(Measure::Artists), Some(8.0 / 39.0));
    assert_eq!(value(Measure::Albums), Some(8.0 / 39.0));
    assert_eq!(value(Measure::Genre), Some(5.0 / 35.0));
    assert_eq!((value(Measure::Drift), value(Measure::Distance)), (None, None));
    let none = Walk::of(&library, &seed, None, &[]);
    assert!(Measure::all(&library).into_iter().all(|m| m.of(&none).is_none()));
    // A repeated track counts once for coherence.
    let again = [5, 80, 5, 5, 5];
    let (again, once) = (Walk::of(&library, &seed, None, &again), Walk::of(&library, &seed, None, &again[..2]));
    assert_eq!(Measure::Coherence(0).of(&again), Measure::Coherence(0).of(&once));
    assert_eq!((again.repeats(), again.once.len()), (3, 2));
}

#[test]
fn engines_are_measured_side_by_side_and_one_that_fails_is_told_from_the_one_that_stands_in() {
    let made = made(24);
    let (library, corpus) = (library(&made, false), corpus(&made));
    let facts = || crate::eval::facts(&corpus, &crate::eval::Relations::of(&corpus.items), 8);
    let engines = ["signature", "radio", "nonesuch"].map(String::from).to_vec();
    let asked = engines::Asked { engines, dirs: Vec::new(), find: Default::default() };
    let found = engines::run(&library, facts(), &setup(), &settings(), 8, &asked, &mut |_| ());
    let player = run(&library, facts(), &setup(), &settings(), Plan { seeds: 8, ablate: false }, &mut |_| ());
    let [own, radio, none] = found.engines.as_slice() else { panic!("{found:?}") };
    assert_eq!((own.failed, radio.failed, radio.why.as_str()), (0, 0, ""));
    assert_eq!((&own.values, own.totals), (&player.parts[0].lines[0].values, player.parts[0].lines[0].totals));
    assert_eq!((&none.values, none.failed > 0), (&own.values, true), "the default engine answers in its place");
    assert!(none.why.contains("nonesuch") && none.why.contains("using signature instead"), "{}", none.why);
    let lines = engines::lines(&found, &library);
    assert!(lines.iter().all(|line| line.chars().count() <= 110), "{lines:?}");
    for engine in ["signature ", "radio ", "nonesuch "] {
        assert!(lines.iter().any(|line| line.starts_with(engine)), "{engine}: {lines:?}");
    }
    assert!(lines.last().is_some_and(|line| line.contains("instead")), "{lines:?}");
    let shipped = engines::shipped();
    assert_eq!(shipped[..2], ["signature", "albums"]);
    assert!(shipped.contains(&"radio".into()) && shipped.contains(&"radio | no-repeat".into()), "{shipped:?}");
}

#[test]
fn a_spent_library_is_said() {
    let found = measured(&made(5), false, Plan { seeds: 5, ablate: false });
    let part = &found.parts[0];
    let totals = |maker: &str| part.lines.iter().find(|l| l.maker == maker).unwrap().totals;
    // Twenty-four other tracks cannot fill forty places: the baselines stop, and the player repeats tracks.
    assert_eq!((totals("nearest").short, totals("nearest").repeats, totals("chain").short), (5, 0, 5));
    assert!(totals("player").short + totals("player").repeats > 0);
    let missed = part.floors.iter().find(|f| f.what == "no track twice").unwrap();
    assert_eq!(missed.met, Some(totals("player").repeats == 0));
    assert!(totals("nearest").coverage == 1.0);
}

#[test]
fn of_a_simulated_listener_s_taste_the_journal_knows_a_part() {
    let library = library(&made(24), false);
    let listener = Listener::of(&library, 3);
    let all: Vec<u32> = (0..library.len() as u32).collect();
    assert!(listener.liking(&all).unwrap().abs() < 1e-9 && listener.liking(&[]).is_none());
    let plays = |listener: &Listener, row: u32| listener.tallies().of(id(row as usize)).plays;
    let of =
        |often: bool| -> Vec<u32> { all.iter().copied().filter(|row| (plays(&listener, *row) > 0) == often).collect() };
    let (often, seldom) = (of(true), of(false));
    assert!(often.len() > 5 && seldom.len() > 5, "{} {}", often.len(), seldom.len());
    assert!(listener.liking(&often) > listener.liking(&seldom));
    let same = |other: &Listener| all.iter().all(|row| plays(other, *row) == plays(&listener, *row));
    assert!(same(&Listener::of(&library, 3)) && !same(&Listener::of(&library, 4)));
}

#[test]
fn weights_are_tried_one_by_one() {
    let found = measured(&made(24), false, Plan { seeds: 8, ablate: true });
    let names: Vec<(&str, f32)> = found.ablation.iter().map(|v| (v.weight.as_str(), v.value)).collect();
    assert_eq!(names.len(), 22);
    assert_eq!(names[19..], [("liked", 0.0), ("liked", 0.125), ("liked", 0.5)]);
    // To the simulated listener, of whose taste the journal knows something, a weight on it brings something.
    let liking = |n: usize| found.ablation[n].liking.unwrap().mean;
    assert!(liking(21) > liking(19), "{} {}", liking(21), liking(19));
    assert!(found.ablation[0].liking_change.is_some_and(|change| change.mean == 0.0));
    assert_eq!(names[..4], [("", 0.0), ("fit", 0.0), ("fit", 0.5), ("fit", 2.0)]);
    assert_eq!(names[16], ("heard_half_life", 1.0));
    let artists = found.measures.iter().position(|c| c.name == "artists").unwrap();
    let without_run = found.ablation.iter().find(|v| v.weight == "run" && v.value == 0.0).unwrap();
    assert!(without_run.change[artists].unwrap().mean < 0.0, "{:?}", without_run.change[artists]);
    assert!(found.ablation[0].change.iter().flatten().all(|i| i.mean == 0.0));
    let forgetful = found.ablation.iter().find(|v| v.weight == "heard" && v.value == 0.0).unwrap();
    assert!(forgetful.totals.repeats > found.ablation[0].totals.repeats, "{:?}", forgetful.totals);
    let printed = text::lines(&found);
    assert!(printed.iter().all(|l| crate::text::width(l) <= 100), "too wide:\n{}", printed.join("\n"));
    assert!(page::html(&found).contains("heard_half_life 80"));
    assert!(printed.iter().any(|line| line.starts_with("liked 0.5 ")), "{}", printed.join("\n"));
}
