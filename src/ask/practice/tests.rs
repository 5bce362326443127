//! The engines that ship, and those of docs/plugins.md as they are printed, on the made-up library.

use std::collections::HashSet;
use std::path::Path;

use super::*;
use crate::queue::plugin::{Kind, Script, Setup, Source, list, options};
use crate::queue::{Director, Proposal};

/// What an engine picks, and the lines that it leaves in the log; it must not fail.
fn picks(director: &mut Director, context: &Context, engine: &str, want: usize) -> (Vec<usize>, Vec<Proposal>) {
    let (picks, note) = director.picks(context, engine, want);
    assert_eq!(note, None, "{engine}");
    let numbers = picks.iter().map(|pick| number(pick.id).unwrap()).collect();
    (numbers, picks)
}

/// The lines for the log, except how long calls took: that depends on the machine.
fn lines(director: &mut Director) -> Vec<String> {
    director.take_lines().into_iter().filter(|line| !line.contains(" ms for a call")).collect()
}

fn picked(engine: &str, want: usize) -> Vec<usize> {
    let answers = answers();
    picks(&mut Director::new(Vec::new()), &context(&answers, 1), engine, want).0
}

/// The share of tracks of a genre.
fn share(numbers: &[usize], genre: usize) -> f64 {
    numbers.iter().filter(|n| **n / GENRE == genre).count() as f64 / numbers.len() as f64
}

const JAZZ: usize = 2;
const ROCK: usize = 3;

#[test]
fn every_engine_that_ships_keeps_to_the_rules() {
    let answers = answers();
    let context = context(&answers, 1);
    let (infos, faults) = list(&[]);
    assert_eq!((infos.len(), faults.len()), (12, 0));
    for info in &infos {
        let manifest = crate::queue::plugin::source::source(&info.name, &[]).unwrap().manifest().unwrap();
        assert!(manifest.name == info.name && !manifest.author.is_empty() && !manifest.licence.is_empty());
        assert!(manifest.options.values().all(|option| !option.description.is_empty()), "{}", info.name);
        let engine = if info.name == "journey" { "journey to=genre=rock" } else { &info.name };
        let mut director = Director::new(Vec::new());
        let (numbers, found) = picks(&mut director, &context, engine, 10);
        assert!(!numbers.is_empty(), "{engine}");
        let distinct: HashSet<usize> = numbers.iter().copied().collect();
        assert_eq!(distinct.len(), numbers.len(), "{engine}");
        assert!(info.kind == Some(Kind::Filter) || found.iter().all(|pick| !pick.why.text.is_empty()), "{engine}");
        let lines = lines(&mut director);
        assert!(lines.iter().all(|line| line.contains("left out")), "{engine}: {lines:?}");
        // The same session gives the same picks.
        assert_eq!(picks(&mut Director::new(Vec::new()), &context, engine, 10).0, numbers, "{engine}");
    }
}

#[test]
fn near_engines_stay_near() {
    for engine in ["radio", "drift pull=0.3", "alchemy", "rediscover days=30"] {
        assert!(share(&picked(engine, 8), JAZZ) > 0.5, "{engine}: {:?}", picked(engine, 8));
    }
    let library = answers();
    let known = library.tallies.clone();
    let forgotten = |n: &usize| known.of(track(*n)).last_played.is_some_and(|at| at < NOW.unix - 30 * DAY);
    assert!(picked("rediscover days=30", 8).iter().all(forgotten));
    let less = picked("alchemy less=genre=jazz strength=2", 8);
    assert!(share(&less, JAZZ) < 0.5, "{less:?}");
}

#[test]
fn a_walk_takes_another_way_with_another_seed() {
    let answers = answers();
    let walk = |seed| picks(&mut Director::new(Vec::new()), &context(&answers, seed), "drift", 8).0;
    assert_ne!(walk(1), walk(2));
}

#[test]
fn a_journey_arrives_and_goes_on_where_the_queue_ends() {
    let answers = answers();
    let mut context = context(&answers, 1);
    let mut director = Director::new(Vec::new());
    let engine = "journey to=genre=rock steps=8";
    let (first, found) = picks(&mut director, &context, engine, 5);
    assert_eq!(found[0].why.text, "step 1 of 8 to genre=rock");
    context.situation.ahead = first.iter().map(|n| track(*n)).collect();
    let (second, found) = picks(&mut director, &context, engine, 5);
    assert_eq!(found[0].why.text, "step 6 of 8 to genre=rock");
    assert_eq!((share(&second[2..], ROCK), found[4].why.text.as_str()), (1.0, "arrived at genre=rock"));
}

#[test]
fn a_direction_rises_and_falls() {
    let answers = answers();
    let energy = |n: usize| f64::from(sound(n)[NAMED.iter().position(|dim| dim.name == "energy").unwrap()]);
    let context = context(&answers, 1);
    let now = number(context.situation.playing.unwrap()).unwrap();
    for (engine, sign) in [("direction", 1.0), ("direction down=true", -1.0)] {
        let mut way = vec![now];
        way.extend(picks(&mut Director::new(Vec::new()), &context, engine, 8).0);
        assert!(way.windows(2).all(|pair| (energy(pair[1]) - energy(pair[0])) * sign >= 0.0), "{engine}: {way:?}");
    }
}

#[test]
fn a_direction_says_each_value_with_its_unit() {
    let told: [(f32, &str); NAMED.len()] = [
        (0.25, "tempo 143 bpm"),
        (0.4567, "key 0.46"),
        (-0.4567, "mode -0.46"),
        (1234.1, "brightness 1234 Hz"),
        (0.4, "noisiness 0.40"),
        (0.4567, "bass 46 %"),
        (7.3, "dynamics 7 dB"),
        (0.4, "percussiveness 40 %"),
        (3.04, "onsets 3.0/s"),
        (0.3333, "danceability 0.33"),
        (0.05, "energy 0.05"),
        (-9.96, "loudness -10.0 LUFS"),
        (5.0, "range 5.0 LU"),
    ];
    let mut context = context(&answers(), 1);
    // Tracks differ by less than is shown.
    let values = |n: u8| told.map(|(value, _)| value * (1.0 + 1e-6 * f32::from(n)));
    context.space = Arc::new((*context.space).clone().with_named(|id| Some(values(id.0[15]))));
    for (dim, (_, words)) in NAMED.iter().zip(told) {
        let engine = format!("direction of={}", dim.name);
        let (_, found) = picks(&mut Director::new(Vec::new()), &context, &engine, 4);
        assert!(
            !found.is_empty() && found.iter().all(|pick| pick.why.text == words),
            "{words}: {:?}",
            found[0].why.text
        );
    }
}

#[test]
fn an_evening_ends() {
    let answers = answers();
    let mut context = context(&answers, 1);
    let mut director = Director::new(Vec::new());
    let engine = "evening minutes=30";
    let secs = |tracks: &[usize]| tracks.iter().map(|n| song(*n).secs).sum::<f64>();
    let (numbers, found) = picks(&mut director, &context, engine, 20);
    let playing = song(number(context.situation.playing.unwrap()).unwrap()).secs;
    assert!(secs(&numbers) + playing <= 31.0 * 60.0 && secs(&numbers) > 15.0 * 60.0, "{numbers:?}");
    assert_eq!(found[0].why.text, "the evening ends at 22:43");
    context.situation.ahead = numbers.iter().map(|n| track(*n)).collect();
    let (rest, _) = picks(&mut director, &context, engine, 20);
    assert!(secs(&rest) <= 31.0 * 60.0 - secs(&numbers), "{rest:?}");
    // Long after its end it begins anew.
    context.situation.ahead.clear();
    context.time.unix += 3600;
    assert!(!picks(&mut director, &context, engine, 20).0.is_empty());
}

#[test]
fn filters_keep_what_they_say() {
    let genres = picked("genre-gate", 12);
    assert_eq!((genres.len(), share(&genres, JAZZ)), (12, 1.0));
    let rock = picked("radio | genre-gate genre=roc", 6);
    assert_eq!((rock.len(), share(&rock, ROCK)), (6, 1.0));
    let short = picked("length most=200 least=160", 8);
    assert!(short.len() == 8 && short.iter().all(|n| (160.0..=200.0).contains(&song(*n).secs)), "{short:?}");
    let fresh = picked("no-repeat days=60", 8);
    let library = answers();
    let rested = |n: &usize| library.tallies.of(track(*n)).last_played.is_none_or(|at| at <= NOW.unix - 60 * DAY);
    assert!(fresh.iter().all(rested), "{fresh:?}");
    let context = context(&library, 1);
    let artist = |id: TrackId| number(id).unwrap() / ARTIST;
    assert!(fresh.iter().all(|n| n / ARTIST != artist(context.situation.playing.unwrap())), "{fresh:?}");
}

#[test]
fn like_me_follows_what_is_loved() {
    let answers = answers();
    let of = |seed| picks(&mut Director::new(Vec::new()), &context(&answers, seed), "like-me tracks=5", 8).0;
    assert_ne!(of(1), of(2), "another handful");
    let bare = Context { tallies: Default::default(), ..context(&answers, 1) };
    // The filter knows the journal by itself.
    assert!(Director::new(Vec::new()).picks(&bare, "daypart", 5).0.len() == 5);
}

/// The fenced blocks of the page, with their languages.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let page = include_str!("../../../docs/plugins.md");
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("\n```") {
        let Some((language, body)) = after.split_once('\n') else { break };
        let Some((body, after)) = body.split_once("\n```\n") else { break };
        blocks.push((language, body));
        rest = after;
    }
    blocks
}

#[test]
fn the_engines_of_the_page_work_as_they_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    let answers = answers();
    let context = context(&answers, 1);
    let put = |folder: &Path, file: &str, text: &str| {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(file), text).unwrap();
    };
    let mut ran = Vec::new();
    for (language, body) in blocks() {
        match language {
            "toml" => {
                let table: toml::Table = body.parse().unwrap();
                ran.push(table["name"].as_str().unwrap().to_string());
                put(&dir.path().join(ran.last().unwrap()), "plugin.toml", body);
            }
            "luau" => {
                let name = ran.last().unwrap();
                let folder = dir.path().join(name);
                if body.starts_with("-- test.luau") {
                    let source = Source::in_folder(&folder).unwrap();
                    let manifest = source.manifest().unwrap();
                    let settings = options::settle(name, &manifest.options, None, &[]).unwrap();
                    let setup = Setup { name: name.clone(), script: source.script, settings, ..Setup::default() };
                    let results = Script::load(&setup).unwrap().test(&context, body).unwrap();
                    assert!(!results.is_empty() && results.iter().all(|(_, fault)| fault.is_none()), "{results:?}");
                    continue;
                }
                put(&folder, "main.luau", body);
                let mut director = Director::new(vec![dir.path().into()]);
                let (numbers, found) = picks(&mut director, &context, name, 10);
                assert!(
                    numbers.len() == 10 && found.iter().all(|pick| pick.why.engine == *name),
                    "{name}: {numbers:?}"
                );
                assert_eq!(lines(&mut director), Vec::<String>::new(), "{name}");
                if name == "best-albums" {
                    assert!(numbers[..5].windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
                    assert!(numbers.iter().all(|n| (n / ALBUM) % 5 == 4), "{numbers:?}");
                }
            }
            _ => {}
        }
    }
    assert_eq!(ran, ["patient", "best-albums"]);
}
