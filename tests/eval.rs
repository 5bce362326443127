//! `jukebox eval`: it ranks good rows above bad ones; its output; and messages about invalid input.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use jukebox::eval::alike::{Alike, Closeness};
use jukebox::eval::findings::{Facts, Hubs, Retrieval, Scored, Signatures, Verdict};
use jukebox::eval::{Corpus, Findings, Item, Kind, Points, Row, Settings, report, run, text};
use jukebox::latent::{DIMS, NAMED};
use jukebox::measure::Interval;
use support::Home;

const GENRES: usize = 4;
const ARTISTS: usize = 40;
const TRACKS: usize = 6;

/// Four genres of 10 artists, each with an album of 6 tracks; artist and genre shift the vectors.
fn planted() -> (Corpus, Vec<Row>) {
    let mut random = fastrand::Rng::with_seed(7);
    let mut normal = move || (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
    let centres: Vec<Vec<f32>> = (0..GENRES).map(|_| (0..8).map(|_| normal()).collect()).collect();
    let mut corpus = Corpus { name: "planted".into(), ..Corpus::default() };
    let (mut learned, mut weak, mut noise) = (Vec::new(), Vec::new(), Vec::new());
    for artist in 0..ARTISTS {
        let genre = artist % GENRES;
        let own: Vec<f32> = (0..8).map(|_| 0.7 * normal()).collect();
        for track in 0..TRACKS {
            for d in 0..DIMS {
                let meaning = if d < 8 { centres[genre][d] + own[d] } else { 0.0 };
                // Unused dimensions are zero, not noise.
                learned.push(if d < 8 { meaning + 0.5 * normal() } else { 0.0 });
                weak.push(0.25 * meaning + normal());
                noise.push(normal());
            }
            corpus.items.push(Item {
                track: None,
                path: format!("/m/{artist}/{track}.ogg").into(),
                title: format!("song {track}"),
                artist: format!("artist {artist}"),
                album: format!("album {artist}"),
                genre: Some(format!("genre {genre}")),
            });
            let mut named = [f32::NAN; NAMED.len()];
            named[3] = centres[genre][0] + normal();
            corpus.named.push(named);
        }
    }
    let points = |values| Points { dims: DIMS, values };
    let rows = vec![
        Row::random(),
        Row::tags(),
        Row::descriptors(&corpus),
        Row::of(Kind::Untrained, "random weights", "", points(noise)),
        Row::of(Kind::Current, "current encoder", "", points(learned)),
        Row::of(Kind::External, "other", "", points(weak)),
    ];
    (corpus, rows)
}

#[test]
fn a_good_encoder_is_told_from_a_bad_one() {
    let (corpus, rows) = planted();
    let settings = Settings { bootstrap: 300, random_sets: 100, ..Settings::default() };
    let found = run(&corpus, &rows, &settings).unwrap();
    let p10 = |row: usize| found.retrieval[row].genre_p10.unwrap().mean;
    // 9 of the 39 other artists share the genre.
    assert!((found.chance.genre.unwrap() - 9.0 / 39.0).abs() < 1e-9);
    assert!((p10(0) - 9.0 / 39.0).abs() < 0.03 && p10(1) == 1.0 && (p10(3) - 9.0 / 39.0).abs() < 0.04);
    assert!(p10(4) > 0.6 && p10(4) > p10(5) && p10(2) > p10(0), "{} {} {}", p10(4), p10(5), p10(2));
    // The learned row also encodes artists, so without the filter it looks better than it is.
    assert!(found.retrieval[4].gap.unwrap().mean > 0.0);
    assert!(found.retrieval[4].album_recall20.unwrap().mean > 0.7);
    let verdict = |row: &str, against: &str| {
        found.differences.iter().find(|d| d.row == row && d.against == against).unwrap().verdict
    };
    for against in ["descriptors only", "random weights", "other"] {
        assert_eq!(verdict("current encoder", against), Verdict::Above, "{against}");
    }
    assert_ne!(verdict("signature", "Euclid to the mean"), Verdict::NotMeasured);
    assert_eq!(found.signatures.sets, [ARTISTS, 0, 0]);
    let line = |scorer: &str| found.signatures.lines.iter().find(|l| l.scorer == scorer).unwrap();
    let choosing = line("signature").choosing.unwrap();
    assert!(choosing.null.unwrap() <= 0.05, "{choosing:?}");
    assert!(line("signature with named").auc.is_some());
    assert_eq!(found.probes[0].name, "brightness");
    assert!(found.distances.auc.unwrap() > 0.7);
    // Only the brightness is known: those near in it are close, and random tracks of the genre are as far as the genre is.
    let alike = &found.alike;
    assert_eq!((alike.queries, alike.descriptors.len(), alike.descriptors[0].name.as_str()), (240, 1, "brightness"));
    let closer = |row: &str| alike.rows.iter().find(|c| c.name == row).unwrap().closer.mean;
    assert!(closer("descriptors only") > 0.7 && closer("tags only").abs() < 0.1, "{alike:?}");
    assert_eq!((closer("current encoder"), alike.rows.len()), (alike.descriptors[0].closer.mean, 6));
    let few = Settings { bootstrap: 30, random_sets: 10, ..settings };
    let once = || run(&corpus, &rows, &few).unwrap();
    assert_eq!(once(), once(), "the same seed finds the same");

    let printed = text::lines(&found);
    assert!(printed.iter().all(|l| jukebox::text::width(l) <= 100), "too wide:\n{}", printed.join("\n"));
    assert!(
        printed
            .iter()
            .any(|l| l.starts_with("current encoder − random weights, genre P@10: +") && l.ends_with("above"))
    );
    let page = report::html(&found);
    assert!(!page.contains("<script") && !page.contains("NaN") && page.matches("<svg").count() == 4);
}

#[test]
fn without_genres_the_reports_say_what_is_missing() {
    let (mut corpus, rows) = planted();
    corpus.items.iter_mut().for_each(|item| item.genre = None);
    let found = run(&corpus, &rows, &Settings { random_sets: 10, folds: 20, ..Settings::default().quick() }).unwrap();
    assert!(found.alike.descriptors.is_empty() && found.alike.rows.is_empty());
    let printed = text::lines(&found);
    let at = printed.iter().position(|l| l == "NEIGHBOURS: SOUND").unwrap();
    assert!(
        printed[at + 1].starts_with("Not measured: no track has a genre to compare with; tag the files"),
        "{printed:?}"
    );
    assert!(printed.iter().all(|l| jukebox::text::width(l) <= 100));
    assert!(report::html(&found).contains("Not measured: no track has a genre to compare with"));
}

#[test]
fn swapped_rows_are_below_and_equal_ones_not_told_apart() {
    let (corpus, rows) = planted();
    let (learned, noise) = (rows[4].points.clone().unwrap(), rows[3].points.clone().unwrap());
    let rows = [
        Row::of(Kind::Untrained, "random weights", "", learned),
        Row::of(Kind::Current, "current encoder", "", noise.clone()),
        Row::of(Kind::External, "the same", "", noise),
    ];
    // What is compared here are neighbours: few signatures do.
    let settings = Settings { random_sets: 10, folds: 20, ..Settings::default().quick() };
    let found = run(&corpus, &rows, &settings).unwrap();
    let verdicts: Vec<Verdict> = found.differences.iter().take(2).map(|d| d.verdict).collect();
    assert_eq!(verdicts, [Verdict::Below, Verdict::NotToldApart]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (corpus, mut rows) = planted();
    rows[4].points = Some(Points { dims: 2, values: vec![0.0; 6] });
    let why = run(&corpus, &rows, &Settings::default()).unwrap_err().to_string();
    assert_eq!(why, "current encoder: not one vector for each of 240 tracks");
    let few = corpus.only(&[0, 1, 2]);
    let why = run(&few, &[Row::random()], &Settings::default()).unwrap_err().to_string();
    assert!(why.contains("3 analysed tracks; at least 12"), "{why}");
}

#[test]
fn the_text_is_this() {
    let value = |mean| Some(Interval { mean, range: Some([mean - 0.05, mean + 0.05]), values: 40, groups: 9 });
    let closeness =
        |name: &str, near, genre, mean| Closeness { name: name.into(), near, genre, closer: value(mean).unwrap() };
    let row = |name: &str, about: &str, mean: Option<f64>| Retrieval {
        row: name.into(),
        about: about.into(),
        genre_p10: mean.and_then(value),
        ..Retrieval::default()
    };
    let found = Findings {
        corpus: Facts {
            name: "tiny".into(),
            tracks: 40,
            artists: 9,
            albums: 4,
            genres: vec![("rock".into(), 30), ("jazz".into(), 10)],
            queries: 40,
            notes: vec!["genre: the first folder".into()],
            ..Facts::default()
        },
        retrieval: vec![
            row("descriptors only", "no track has descriptors yet", None),
            row("current encoder", "", Some(0.5)),
        ],
        alike: Alike {
            queries: 30,
            without_genre: 10,
            descriptors: vec![closeness("percussiveness", 0.6, 0.8, 0.25), closeness("brightness", 0.9, 0.9, 0.0)],
            rows: vec![closeness("current encoder", 0.75, 0.85, 0.118)],
            ..Alike::default()
        },
        hubness: vec![Hubs {
            row: "current encoder".into(),
            ranking: "Euclid".into(),
            skewness: 1.25,
            max_hub: 4.2,
            anti_hubs: 0.05,
            robin_hood: 0.3,
            reachable: 0.995,
            ..Hubs::default()
        }],
        signatures: Signatures {
            sets: [4, 1, 0],
            folds: 31,
            lines: vec![Scored {
                row: "current encoder".into(),
                scorer: "signature".into(),
                auc: value(0.8),
                auc_of: [value(0.8), None, None],
                recall20: value(0.25),
                ..Scored::default()
            }],
        },
        ..Findings::default()
    };
    let printed = text::lines(&found);
    let mut rest = printed.iter();
    for line in [
        "tiny: 40 tracks, 9 artists, 4 albums",
        "genres: rock 30, jazz 10",
        "genre: the first folder",
        "row descriptors only: no track has descriptors yet",
        "NEIGHBOURS: GENRE",
        "descriptors only  –               –               –               –               –",
        "current encoder   50.0 45.0–55.0  –               –               –               –",
        "NEIGHBOURS: SOUND",
        "                      nearest  genre  closer, %             queries",
        "percussiveness        0.60     0.80   +25.0 [+20.0, +30.0]  40",
        "brightness            0.90     0.90   +0.00 [-5.0, +5.0]    40",
        "all: current encoder  0.75     0.85   +11.8 [+6.8, +16.8]   40",
        "HUBNESS",
        "current encoder   Euclid                           1.25      4.2      5.0 %        0.30   99.5 %",
        "SETS, ONE MEMBER LEFT OUT",
        "current encoder   signature                  0.800 0.750–0.850   0.800       –      –    25     –",
        "nothing to probe: too few tracks have descriptors",
        "DIFFERENCES",
    ] {
        assert!(rest.any(|l| l == line), "not there or not in order: {line}\n{}", printed.join("\n"));
    }
}

/// A library of tones and noises, with `each` of both.
fn library(each: u32) -> Home {
    Home::with_songs(&[("tones/t", "tone"), ("noises/n", "noise")], each, 8.0)
}

#[test]
fn a_tree_is_measured_with_the_vectors_of_another_system() {
    let home = library(7);
    let csv = home.dir.path().join("other.csv");
    let line =
        |folder: &str, name: &str, n: u32, x: u32| format!("{}/{folder}/{name}{n}.wav,{x},{n}\n", home.music.display());
    let lines: String = (0..7).flat_map(|n| [line("tones", "t", n, 0), line("noises", "n", n, 1)]).skip(1).collect();
    std::fs::write(&csv, format!("path,a,b\n{lines}")).unwrap();
    let data = format!("tree:{}", home.music.display());
    let page = home.dir.path().join("page");
    let args =
        ["eval", "--data", &data, "--external", csv.to_str().unwrap(), "--quick", "--report", page.to_str().unwrap()];
    let ran = home.run(&args).code(0);
    assert!(ran.out.contains("other: vectors for 13 of 14 tracks"), "{}", ran.out);
    assert!(
        ran.out.contains("genre: the first folder") && ran.out.contains("genres: noises 7, tones 6"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("current encoder − other, genre P@10: "), "{}", ran.out);
    assert!(ran.out.lines().any(|l| l.starts_with("all: current encoder  ")), "{}", ran.out);
    assert!(std::fs::read_to_string(page.join("report.html")).unwrap().contains("<svg"));
    let json = home.run(&["eval", "--data", &data, "--quick", "--json"]).code(0);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(found["corpus"]["tracks"], 14);
    assert_eq!(found["alike"]["queries"], 14);
    let rows: Vec<&str> = found["retrieval"].as_array().unwrap().iter().map(|r| r["row"].as_str().unwrap()).collect();
    assert_eq!(rows, ["random", "tags only", "descriptors only", "random weights", "current encoder"]);
}

#[test]
fn queues_are_measured_on_a_tree() {
    let home = library(7);
    let data = format!("tree:{}", home.music.display());
    let page = home.dir.path().join("page");
    let asked = ["eval", "--data", &data, "--queues", "--quick", "--seeds", "6"];
    let ran = home.run(&[&asked[..], &["--report", page.to_str().unwrap()]].concat()).code(0);
    for line in ["QUEUES FROM ONE TRACK", "LIMITS FOR THE PLAYER", "met: no other version of a track: 0"] {
        assert!(ran.out.lines().any(|l| l == line), "{line}\n{}", ran.out);
    }
    assert!(ran.out.contains("6 seeds × 40 tracks") && ran.out.contains("The paper's observation"), "{}", ran.out);
    // Thirteen other tracks cannot fill forty places.
    assert!(ran.out.contains("MISSED: no track twice") || ran.out.contains("ran out of tracks in 6"), "{}", ran.out);
    assert!(std::fs::read_to_string(page.join("report.html")).unwrap().contains("<svg"));
    let json = home.run(&[&asked[..], &["--ablate", "--json"]].concat()).code(0);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(found["parts"][0]["lines"][0]["maker"], "player");
    assert_eq!(found["ablation"].as_array().unwrap().len(), 22);
    home.run(&["eval", "--ablate"]).code(2);
}

#[test]
fn the_first_minutes_are_simulated_on_a_tree() {
    let home = library(7);
    let data = format!("tree:{}", home.music.display());
    let asked = ["eval", "--data", &data, "--first-minutes", "--quick", "--seeds", "4"];
    let ran = home.run(&[&asked[..], &["--speed", "2"]].concat()).code(0);
    assert!(ran.out.lines().any(|l| l == "PLAYED IN THE FIRST MINUTES"), "{}", ran.out);
    assert!(ran.out.contains("4 seeds. A session of 5 minutes"), "{}", ran.out);
    let json = home.run(&[&asked[..], &["--json"]].concat()).code(0);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let names: Vec<&str> = found["lines"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["everything analysed", "analysed meanwhile", "chance"]);
    let played = found["lines"][0]["played"].as_u64().unwrap();
    assert!((4..=16).contains(&played), "at 60 s a track, four picks at most begin in each session: {played}");
    home.run(&["eval", "--speed", "2"]).code(2);
    home.run(&["eval", "--seeds", "4"]).code(2);
    home.run(&["eval", "--first-minutes", "--queues"]).code(2);
    home.run(&["eval", "--first-minutes", "--speed", "fast"]).code(2);
}

#[test]
fn bad_input_is_explained() {
    let home = library(1);
    let none = home.run(&["eval"]).code(1);
    assert!(none.err.contains("there is no library yet"), "{}", none.err);
    let missing = home.run(&["eval", "--data", "tree:/nonexistent/music"]).code(1);
    assert!(missing.err.contains("/nonexistent/music: no such directory"), "{}", missing.err);
    let strange = home.run(&["eval", "--data", "tracks"]).code(1);
    assert!(strange.err.contains("unknown data `tracks`: use library or tree:DIR"), "{}", strange.err);
    let csv = home.dir.path().join("broken.csv");
    std::fs::write(&csv, "path,a\n/x,1\n/y,one\n").unwrap();
    let broken = home.run(&["eval", "--external", csv.to_str().unwrap()]).code(1);
    assert!(broken.err.contains("broken.csv: line 3: 'one' is not a number"), "{}", broken.err);
    let absent = home.run(&["eval", "--external", "/nonexistent.csv"]).code(1);
    assert!(absent.err.contains("/nonexistent.csv: cannot be read"), "{}", absent.err);
    let data = format!("tree:{}", home.music.display());
    let few = home.run(&["eval", "--data", &data]).code(1);
    assert!(few.err.contains("2 analysed tracks; at least 12"), "{}", few.err);
    std::fs::write(&csv, "/x,1\n").unwrap();
    let nowhere = home.run(&["eval", "--data", &data, "--external", csv.to_str().unwrap()]).code(1);
    assert!(nowhere.err.contains("broken: none of its 1 paths is a track in"), "{}", nowhere.err);
    home.run(&["eval", "--genre", "mood"]).code(2);
    for engine in ["nonesuch", "radio | nonesuch"] {
        let ran = home.run(&["eval", "--data", &data, "--queues", "--engine", engine]).code(1);
        assert!(ran.err.contains("--engine: no engine 'nonesuch'; there are: signature, albums, "), "{}", ran.err);
    }
}
