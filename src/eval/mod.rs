//! `jukebox eval`: the quality of neighbours, signatures and the encoder on a library, measured without listeners.
//!
//! The core is pure: a [`Corpus`] (tracks with tags), [`Row`]s (vectors to compare) and [`Settings`] go into [`run`],
//! [`Findings`] come out; text, JSON and the report are views of them. What is measured: docs/design.md, "Measures".

pub mod alike;
pub mod corpus;
mod error;
pub mod external;
mod figures;
pub mod findings;
pub mod gather;
pub mod hubs;
pub mod minutes;
pub mod precision;
pub mod probes;
pub mod queues;
pub mod ranking;
mod recognition;
pub mod report;
pub mod retrieval;
mod ridge;
pub mod row;
pub mod seeds;
pub mod sets;
pub mod signatures;
mod tables;
pub mod teacher;
pub mod text;
mod turns;
pub mod untrained;
pub mod words;

use std::collections::HashMap;

pub use corpus::{Corpus, Item, Playlist, Relations};
pub use error::{EvalError, UntrainedError};
pub use findings::{Findings, Settings};
pub use row::{Kind, Points, Row};

use crate::latent::{DIMS, Latent};
use crate::measure::{self, Bootstrap};
use findings::{Difference, Distances, Facts};
use ranking::{Measure, Near, Ranking};
use signatures::Library;
use teacher::Teacher;
use words::{Heard, Tagged};

/// The minimum number of tracks for an evaluation.
pub const FEWEST_TRACKS: usize = 12;

/// Evaluates rows on a corpus.
///
/// # Errors
/// When there are too few tracks, or a row does not have one vector per track.
pub fn run(corpus: &Corpus, rows: &[Row], settings: &Settings) -> Result<Findings, EvalError> {
    enough(corpus)?;
    let n = corpus.items.len();
    if let Some(row) = rows.iter().find(|r| r.points.as_ref().is_some_and(|p| p.len() != n)) {
        return Err(EvalError::Vectors { row: row.name.clone(), tracks: n });
    }
    let about = Relations::of(&corpus.items);
    let draw = Bootstrap { rounds: settings.bootstrap, seed: settings.seed };
    let mut queries: Vec<usize> = fastrand::Rng::with_seed(settings.seed).choose_multiple(0..n, settings.queries);
    queries.sort_unstable();
    let lot = ranking::lots(n, settings.seed);
    let groups: Vec<u32> = queries.iter().map(|&q| about.artist[q]).collect();

    let mut out = Findings { corpus: facts(corpus, &about, queries.len()), settings: *settings, ..Findings::default() };
    out.chance = retrieval::chance(&about, &queries);
    let mut neighbours: Vec<(&Row, Option<retrieval::Answers>)> = Vec::new();
    for row in rows {
        let ranking = ranking::of_row(row, &about.genre, settings.seed);
        let answers = ranking.as_deref().map(|r| retrieval::ask(r, &about, &queries, &lot));
        out.retrieval.push(retrieval::line(row, answers.as_ref(), &groups, &draw));
        if let Some(ranking) = ranking.as_deref().filter(|_| row.kind != Kind::Tags) {
            let name = if row.kind == Kind::Random { "drawn" } else { "Euclid" };
            out.hubness.push(hubs::of(&row.name, name, ranking, &about, &queries, &lot));
        }
        neighbours.push((row, answers));
    }
    let current = rows.iter().find(|r| r.kind == Kind::Current);
    if let Some((row, points)) = current.and_then(|r| Some((r, r.points.as_ref()?))) {
        if let Some(space) = row.space(None) {
            let one = Measure::One(Library::new(&space, &about).prior(&[]));
            for (name, near) in [
                ("Euclid, mutual proximity", Near::mutual(&space, Measure::Euclid)),
                ("signature of one", Near::new(&space, one)),
                ("signature, mutual prox.", Near::mutual(&space, one)),
            ] {
                out.hubness.push(hubs::of(&row.name, name, &near, &about, &queries, &lot));
            }
        }
        out.dead = dead(points);
        out.probes = probes::of(corpus, &about, &points.scored(), settings.seed);
        if let Some(scored) = row.compared() {
            out.distances = distances(&ranking::Euclid { scored }, &about, &queries);
        }
    }
    let nearest = neighbours.iter().filter_map(|(row, answers)| Some((*row, answers.as_ref()?.nearest.as_slice())));
    let (alike, lead) = alike::of(corpus, &about, &queries, &nearest.collect::<Vec<_>>(), retrieval::LIST, &draw);
    out.alike = alike;
    differ(&mut out.differences, &neighbours, &draw);
    out.differences.extend(
        lead.map(|l| Difference::new(alike::HEARD, &l.against, "how much closer neighbours are", Some(l.interval))),
    );
    let sets = recognition::add(&mut out, corpus, &about, rows, &draw);
    if let Some(row) = current {
        out.turns = turns::of(row, &about, &queries, &sets, &draw);
    }
    Ok(out)
}

/// Adds the results about the words of the encoder in use: its named dimensions (by a teacher's labels if there are
/// any, otherwise by its own tags), its tag head, and `count` tracks with their nearest neighbours.
pub fn spoken(
    out: &mut Findings,
    corpus: &Corpus,
    rows: &[Row],
    heard: &Heard,
    teacher: Option<&Teacher>,
    count: usize,
) {
    let Some(row) = rows.iter().find(|r| r.kind == Kind::Current) else { return };
    let Some(points) = &row.points else { return };
    let logits = |t: &Teacher| t.of(corpus).into_iter().map(|row| row.map(<[f32]>::to_vec)).collect();
    let teacher = teacher.map(|t| Tagged { whose: &t.name, names: &t.tags, logits: logits(t) });
    out.axes = words::axes(&heard.axes, points, teacher.as_ref().unwrap_or(&heard.tagged()));
    out.tag_head = teacher.as_ref().and_then(|teacher| words::tag_head(heard, teacher));
    out.seeds = seeds::of(corpus, &Relations::of(&corpus.items), row, heard, count, out.settings.seed);
}

/// The dead dimensions (almost no variance between tracks), counted from 1.
fn dead(points: &Points) -> Vec<usize> {
    let latents: Vec<Latent> = points.values.chunks_exact(DIMS).filter_map(|row| row.try_into().ok()).collect();
    if points.dims != DIMS {
        return Vec::new();
    }
    measure::dimensions::dead(&measure::dimensions::covariance(&latents)).into_iter().map(|dim| dim + 1).collect()
}

/// Whether a corpus has enough tracks, for checking before its rows are made.
///
/// # Errors
/// When there are fewer than [`FEWEST_TRACKS`].
pub fn enough(corpus: &Corpus) -> Result<(), EvalError> {
    match corpus.items.len() {
        FEWEST_TRACKS.. => Ok(()),
        tracks => Err(EvalError::TooFew { corpus: corpus.name.clone(), tracks, fewest: FEWEST_TRACKS }),
    }
}

/// Facts about a corpus.
pub fn facts(corpus: &Corpus, about: &Relations, queries: usize) -> Facts {
    let mut counts = vec![0; about.genres.len()];
    about.genre.iter().flatten().for_each(|&g| counts[g as usize] += 1);
    let mut genres: Vec<(String, usize)> = about.genres.iter().cloned().zip(counts).collect();
    genres.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let distinct = |values: &mut dyn Iterator<Item = u32>| values.collect::<std::collections::HashSet<u32>>().len();
    let known = about.artist.iter().zip(&about.artist_known).filter(|&(_, &known)| known);
    let mut songs: HashMap<u32, usize> = HashMap::new();
    about.song.iter().for_each(|&s| *songs.entry(s).or_default() += 1);
    Facts {
        name: corpus.name.clone(),
        tracks: about.len(),
        without_artist: about.artist_known.iter().filter(|&&known| !known).count(),
        artists: distinct(&mut known.map(|(&a, _)| a)),
        albums: distinct(&mut about.album.iter().flatten().copied()),
        genres,
        repeats: songs.values().filter(|&&count| count > 1).sum(),
        queries,
        notes: corpus.notes.clone(),
    }
}

/// The differences of neighbours that matter: the current encoder against one that learned nothing, against
/// descriptors, and against every other system.
fn differ(out: &mut Vec<Difference>, rows: &[(&Row, Option<retrieval::Answers>)], draw: &Bootstrap) {
    let Some((current, answers)) = rows.iter().find(|(r, _)| r.kind == Kind::Current) else { return };
    for (row, other) in rows {
        if !matches!(row.kind, Kind::Untrained | Kind::Descriptors | Kind::External) {
            continue;
        }
        let interval = match (answers, other) {
            (Some(a), Some(b)) => a.precision.less(&b.precision, draw),
            _ => None,
        };
        out.push(Difference::new(&current.name, &row.name, "genre P@10", interval));
    }
}

/// Bins of the histograms of distances.
const DISTANCE_BINS: usize = 40;
/// Number of queries in the histograms.
const DISTANCE_QUERIES: usize = 400;

/// Distances between tracks of different artists, within and between genres.
fn distances(ranking: &dyn Ranking, about: &Relations, queries: &[usize]) -> Distances {
    let (mut within, mut between) = (Vec::new(), Vec::new());
    let step = queries.len().div_ceil(DISTANCE_QUERIES).max(1);
    for &q in queries.iter().step_by(step) {
        let Some(genre) = about.genre[q] else { continue };
        for (t, distance) in ranking.distances(q).into_iter().enumerate() {
            match about.genre[t] {
                Some(other) if about.artist[t] != about.artist[q] && !about.same_song(t, q) => {
                    if other == genre {
                        within.push(distance)
                    } else {
                        between.push(distance)
                    }
                }
                _ => {}
            }
        }
    }
    let top = within.iter().chain(&between).copied().fold(0.0, f32::max);
    if within.is_empty() || between.is_empty() || top <= 0.0 {
        return Distances::default();
    }
    let histogram = |values: &[f32]| {
        let mut bins = vec![0.0; DISTANCE_BINS];
        for v in values {
            let bin = (v / top * DISTANCE_BINS as f32) as usize;
            bins[bin.min(DISTANCE_BINS - 1)] += 1.0 / values.len() as f64;
        }
        bins
    };
    Distances {
        edges: (0..=DISTANCE_BINS).map(|i| f64::from(top) * i as f64 / DISTANCE_BINS as f64).collect(),
        within: histogram(&within),
        between: histogram(&between),
        auc: measure::auc(&within, &between),
    }
}
