//! Compares distances for lists from a single track of your library. `proximity_table [PREFIX]` prints, for plain,
//! mutual and locally scaled distances: hubness (skewness of the 10-occurrence, share of the library in any list of 20)
//! and genre precision at 10 without the artist's own tracks, by genre tags and by folder, with the paired difference
//! from the first row and its standard error over artists. With a prefix, only tracks whose path contains it are
//! queries and answers; the measurement covers the whole library.

mod support;

use std::collections::HashMap;
use std::process::ExitCode;

use jukebox::ask::answers::Answers;
use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::latent::{Choice, DIMS, Hit, Member, Prior, Proximity, Scorer, Signature, proximity};
use jukebox::library::Song;
use jukebox::paths::Paths;

/// The neighbour whose distance is the local scale (Schnitzer et al. 2012 use the 7th to the 10th).
const LOCAL: usize = 10;

/// The nearest rows to a given row: how many, and a filter.
type Nearest<'a> = dyn Fn(u32, usize, &dyn Fn(u32) -> bool) -> Vec<Hit> + 'a;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let part = std::env::args().nth(1).unwrap_or_default();
    let answers = Local::open(&Paths::from_env()?, &Config::default()).map_err(|e| e.to_string())?.answers();
    let library = Library::of(&answers, &part);
    let space = &answers.space;
    if library.rows.len() < 50 {
        return Err(format!("{} tracks are too few", library.rows.len()));
    }
    println!("{} of {} tracks, {} artists", library.rows.len(), space.len(), library.artists());
    println!(
        "{:<34} {:>6} {:>8} {:>9} {:>9} {:>16} {:>12} {:>16}",
        "distance", "S10", "max hub", "reach@20", "P@10 tag", "difference", "P@10 folder", "difference"
    );

    let euclid = |row: u32| Scorer::around(&space.point(row), 0..DIMS as u8);
    let signature = |row: u32| {
        let member = Member { row, group: 0 };
        Signature::of(space, &[member], &Choice::All, Prior::default()).map_or_else(|| euclid(row), |s| s.scorer())
    };
    let kinds: [(&str, &dyn Fn(u32) -> Scorer); 2] = [("signature of one", &signature), ("Euclid", &euclid)];
    let mut first = None;
    for (name, scorer) in kinds {
        let mut show = |name: &str, nearest: &Nearest| {
            let found = library.judge(nearest);
            library.print(name, &found, first.as_ref().unwrap_or(&found));
            first.get_or_insert(found);
        };
        show(name, &|row, k, keep| space.scan(&scorer(row), k, keep));
        let mutual = Proximity::fit(space, scorer, proximity::SAMPLE);
        show(&format!("{name}, mutual proximity"), &|row, k, keep| mutual.scan(space, &scorer(row), k, keep));
        // All pairs: acceptable for a table, too slow for a player.
        let all: Vec<Vec<f32>> = (0..space.len() as u32).map(|row| space.distances(&scorer(row))).collect();
        let incoming: Vec<Vec<f32>> =
            (0..all.len()).map(|row| (0..all.len()).filter(|&q| q != row).map(|q| all[q][row]).collect()).collect();
        let outgoing: Vec<Vec<f32>> =
            (0..all.len()).map(|row| (0..all.len()).filter(|&t| t != row).map(|t| all[row][t]).collect()).collect();
        let ratio = all.iter().flatten().all(|&d| d >= 0.0);
        let (to, from) = (places(incoming, ratio), places(outgoing, ratio));
        let label = if ratio { "local scaling" } else { "local shift" };
        show(&format!("{name}, {label}"), &|row, k, keep| {
            let mut hits: Vec<Hit> = (0..space.len() as u32)
                .filter(|&t| keep(t))
                .map(|t| {
                    let d = all[row as usize][t as usize];
                    let (a, b) = (from[row as usize], to[t as usize]);
                    Hit { row: t, distance: if ratio { d / (a * b).sqrt().max(1e-9) } else { d - 0.5 * (a + b) } }
                })
                .collect();
            hits.sort();
            hits.truncate(k);
            hits
        });
    }
    Ok(())
}

/// The local scale of each row: the distance of its [`LOCAL`]-th nearest; for distances below 0, the mean of those up
/// to it.
fn places(mut rows: Vec<Vec<f32>>, ratio: bool) -> Vec<f32> {
    rows.iter_mut()
        .map(|distances| {
            distances.sort_by(f32::total_cmp);
            let near = &distances[..LOCAL.min(distances.len())];
            if ratio {
                near.last().copied().unwrap_or(0.0)
            } else {
                near.iter().sum::<f32>() / near.len().max(1) as f32
            }
        })
        .collect()
}

/// Metadata of the rows that take part.
struct Library {
    rows: Vec<u32>,
    /// By row: artist, genre tag, folder; `None` for a row that is excluded.
    known: Vec<Option<[String; 3]>>,
}

impl Library {
    fn of(answers: &Answers, part: &str) -> Library {
        let space = &answers.space;
        let known: Vec<Option<[String; 3]>> = (0..space.len() as u32)
            .map(|row| {
                let song: &Song = answers.catalog.of_track(space.id(row)?)?;
                let folder = song.path.parent().map(|p| p.display().to_string()).unwrap_or_default();
                let genre = song.tags.genres.first().cloned().unwrap_or_default();
                song.path.to_string_lossy().contains(part).then(|| [song.artist().to_string(), genre, folder])
            })
            .collect();
        let rows = (0..).zip(&known).filter(|(_, k)| k.is_some()).map(|(row, _)| row).collect();
        Library { rows, known }
    }

    fn artists(&self) -> usize {
        let mut names: Vec<&str> = self.known.iter().flatten().map(|k| k[0].as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }

    fn judge(&self, nearest: &Nearest) -> Found {
        let mut found = Found {
            often: vec![0.0; self.known.len()],
            reached: vec![false; self.known.len()],
            precision: [Vec::new(), Vec::new()],
        };
        for &query in &self.rows {
            let takes_part = |row: u32| row != query && self.known[row as usize].is_some();
            for (i, hit) in nearest(query, 20, &takes_part).iter().enumerate() {
                found.reached[hit.row as usize] = true;
                if i < 10 {
                    found.often[hit.row as usize] += 1.0;
                }
            }
            let Some(own) = &self.known[query as usize] else { continue };
            let same = |row: u32, what: usize| self.known[row as usize].as_ref().is_some_and(|k| k[what] == own[what]);
            let others = nearest(query, 10, &|row| takes_part(row) && (own[0].is_empty() || !same(row, 0)));
            for (label, precision) in (1..).zip(&mut found.precision) {
                let right = others.iter().filter(|hit| same(hit.row, label)).count() as f64;
                precision.push((!own[label].is_empty()).then(|| right / others.len().max(1) as f64));
            }
        }
        found
    }

    fn print(&self, name: &str, found: &Found, first: &Found) {
        let n = self.rows.len() as f64;
        let often: Vec<f64> = self.rows.iter().map(|&row| found.often[row as usize]).collect();
        let mean = often.iter().sum::<f64>() / n;
        let moment = |power: i32| often.iter().map(|o| (o - mean).powi(power)).sum::<f64>() / n;
        let most = often.iter().copied().fold(0.0, f64::max);
        let reach = found.reached.iter().filter(|&&r| r).count() as f64 / n;
        print!("{name:<34} {:>6.2} {most:>8.0} {:>7.1} %", moment(3) / moment(2).powf(1.5), 100.0 * reach);
        for (precision, first) in found.precision.iter().zip(&first.precision) {
            let known: Vec<f64> = precision.iter().flatten().copied().collect();
            let (difference, error) = self.difference(precision, first);
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            print!(" {mean:>9.3}  {difference:>+7.3} ± {error:.3}   ");
        }
        println!();
    }

    /// The mean paired difference and its standard error, clustered by artist.
    fn difference(&self, ours: &[Option<f64>], theirs: &[Option<f64>]) -> (f64, f64) {
        let pairs = || ours.iter().zip(theirs).map(|(a, b)| Some(a.as_ref()? - b.as_ref()?));
        let n = pairs().flatten().count().max(1) as f64;
        let mean = pairs().flatten().sum::<f64>() / n;
        let mut artists: HashMap<&str, f64> = HashMap::new();
        for (&row, difference) in self.rows.iter().zip(pairs()) {
            if let (Some(known), Some(difference)) = (&self.known[row as usize], difference) {
                *artists.entry(known[0].as_str()).or_default() += difference - mean;
            }
        }
        (mean, artists.values().map(|sum| sum * sum).sum::<f64>().sqrt() / n)
    }
}

/// Results of the lists of one distance.
struct Found {
    /// By row: in how many lists of ten it occurs.
    often: Vec<f64>,
    /// By row: whether it occurs in any list of twenty.
    reached: Vec<bool>,
    /// By query: genre precision at 10, by tag and by folder; `None` without a tag.
    precision: [Vec<Option<f64>>; 2],
}
