//! Measures how much the signature of a single track gains from the spread of its segments and from its album: `cargo
//! run --example one_track -- DIR…` on directories that `jukebox scan DIR` has analysed.
//!
//! Every track is a seed once. The measures are the precision at 10 for tracks of its genre by other artists, and the
//! recall at 20 for its artist's tracks on other albums, as differences from the track alone, with intervals over
//! artists.

use std::path::Path;

use jukebox::eval::gather::{self, GenreFrom};
use jukebox::eval::ranking::{Ranking, lots};
use jukebox::eval::signatures::Library;
use jukebox::eval::{Relations, retrieval};
use jukebox::latent::{Choice, Member, Prior, Scorer, Signature, Space};
use jukebox::measure::{Bootstrap, Interval};
use jukebox::paths::Paths;

/// Ranks tracks by the signature of a single track, in the order of the corpus.
struct One<'a> {
    space: &'a Space,
    /// The row of each track of the corpus.
    rows: &'a [u32],
    mates: Vec<Vec<u32>>,
    prior: Prior,
}

impl Ranking for One<'_> {
    fn distances(&self, query: usize) -> Vec<f32> {
        let row = self.rows[query];
        let member = Member { row, group: 0 };
        let signature = Signature::beside(self.space, &[member], &self.mates[query], &Choice::Auto, self.prior);
        let scorer = signature.map_or_else(|| Scorer::around(&self.space.point(row), 0..32), |s| s.scorer());
        let distances = self.space.distances(&scorer);
        self.rows.iter().map(|&row| distances[row as usize]).collect()
    }
}

fn main() -> Result<(), String> {
    let dirs: Vec<String> = std::env::args().skip(1).collect();
    if dirs.is_empty() {
        return Err("name directories that `jukebox scan` has analysed".into());
    }
    let paths = Paths::from_env()?;
    for dir in &dirs {
        let root = Path::new(dir).canonicalize().map_err(|e| format!("{dir}: {e}"))?;
        let gathered = gather::read(&paths, Some(&root), dir, GenreFrom::Auto).map_err(|e| e.to_string())?;
        let about = Relations::of(&gathered.corpus.items);
        let rows: Vec<u32> = gathered
            .corpus
            .items
            .iter()
            .map(|i| i.track.and_then(|t| gathered.space.row(t)).ok_or("a track has no latent"))
            .collect::<Result<_, _>>()?;
        let queries: Vec<usize> = (0..about.len()).collect();
        let groups: Vec<u32> = queries.iter().map(|&q| about.artist[q]).collect();
        let lot = lots(about.len(), 1);
        let prior = Library::new(&gathered.space, &about).prior(&[]);
        let plain = gathered.space.clone().with_spread(|_| None);
        let none = vec![Vec::new(); about.len()];
        let of_album = |q: usize| -> Vec<u32> {
            let same = |t: &usize| about.album[q].is_some() && about.album[*t] == about.album[q] && *t != q;
            queries.iter().filter(|t| same(t)).map(|&t| rows[t]).collect()
        };
        let albums: Vec<Vec<u32>> = queries.iter().map(|&q| of_album(q)).collect();
        let draw = Bootstrap { rounds: 1000, seed: 1 };
        println!("{dir}: {} tracks", about.len());
        let ask = |space, mates| retrieval::ask(&One { space, rows: &rows, mates, prior }, &about, &queries, &lot);
        let alone = ask(&plain, none.clone());
        for (name, answers) in [
            ("alone", alone.clone()),
            ("with its spread", ask(&gathered.space, none)),
            ("with its album", ask(&plain, albums.clone())),
            ("with both", ask(&gathered.space, albums)),
        ] {
            let show = |mean: Option<Interval>, gain: Option<Interval>| {
                let range = gain.and_then(|g| g.range).unwrap_or_default();
                format!(
                    "{:5.1} ({:+.1}, {:+.1} to {:+.1})",
                    100.0 * mean.map_or(f64::NAN, |i| i.mean),
                    100.0 * gain.map_or(f64::NAN, |g| g.mean),
                    100.0 * range[0],
                    100.0 * range[1]
                )
            };
            let recall = |values: &[Option<f64>], base: &[Option<f64>]| {
                show(draw.mean(values, &groups), draw.paired(values, base, &groups))
            };
            let (precision, base) = (&answers.precision, &alone.precision);
            println!(
                "  {name:16} genre P@10 {}   artist, other album R@20 {}   same album R@20 {}",
                show(precision.mean(&draw), precision.less(base, &draw)),
                recall(&answers.artist_recall20, &alone.artist_recall20),
                recall(&answers.album_recall20, &alone.album_recall20)
            );
        }
    }
    Ok(())
}
