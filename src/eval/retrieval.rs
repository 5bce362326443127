//! Retrieval quality: genre, artist and album of the nearest neighbours, with and without the artist filter (Pampalk, Flexer
//! and Widmer, ISMIR 2005).

use crate::measure::{self, Bootstrap, ndcg_at, precision_at, r_precision, recall_at};

use super::corpus::Relations;
use super::findings::{Chance, Retrieval};
use super::precision::Precision;
use super::ranking::{Ranking, nearest};
use super::row::Row;

/// One row's value of each measure for each query; `None` where the measure does not apply to the
/// query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Genre precision at 10 with the artist filter.
    genre_p10: Vec<Option<f64>>,
    genre_ndcg20: Vec<Option<f64>>,
    genre_knn10: Vec<Option<f64>>,
    genre_p10_unfiltered: Vec<Option<f64>>,
    artist_rp: Vec<Option<f64>>,
    /// Recall at 20 of the artist's tracks on other albums.
    pub artist_recall20: Vec<Option<f64>>,
    /// Recall at 20 of the same album's tracks.
    pub album_recall20: Vec<Option<f64>>,
    /// The [`LIST`] nearest with the artist filter, those that `genre_p10` looks at; fewer where there are no more.
    pub nearest: Vec<Vec<usize>>,
    /// `genre_p10` by track, of which intervals are made.
    pub precision: Precision,
}

/// Length of a list of neighbours.
pub const LIST: usize = 10;

/// Measures a ranking's neighbours of each query.
pub fn ask(ranking: &dyn Ranking, about: &Relations, queries: &[usize], lot: &[u32]) -> Answers {
    let mut out = Answers::default();
    for &q in queries {
        let order = nearest(&ranking.distances(q), lot, |t| t != q && !about.same_song(t, q));
        let order: Vec<usize> = order.into_iter().map(|t| t as usize).collect();
        let found = |may: &dyn Fn(usize) -> bool, is: &dyn Fn(usize) -> bool| -> Vec<bool> {
            order.iter().copied().filter(|&t| may(t)).map(is).collect()
        };
        let count = |found: &[bool]| found.iter().filter(|&&f| f).count();

        let other_artist = |t: usize| about.artist[t] != about.artist[q];
        let has_genre = |t: usize| about.genre[t].is_some();
        let same_genre = |t: usize| about.genre[t] == about.genre[q];
        let filtered = found(&|t| has_genre(t) && other_artist(t), &same_genre);
        let unfiltered = found(&has_genre, &same_genre);
        out.nearest.push(order.iter().copied().filter(|&t| has_genre(t) && other_artist(t)).take(LIST).collect());
        let asked = about.genre[q].filter(|_| !filtered.is_empty());
        out.genre_p10.push(asked.map(|_| precision_at(LIST, filtered.iter().copied())));
        out.genre_p10_unfiltered.push(asked.map(|_| precision_at(LIST, unfiltered.iter().copied())));
        out.genre_ndcg20.push(asked.and_then(|_| ndcg_at(20, filtered.iter().copied(), count(&filtered))));
        out.genre_knn10.push(asked.and_then(|genre| {
            let labels = order.iter().filter(|&&t| other_artist(t)).filter_map(|&t| about.genre[t]);
            measure::vote(10, labels).map(|voted| f64::from(u8::from(voted == genre)))
        }));

        let album = about.album[q];
        let other_album = |t: usize| about.album[t].is_some() && about.album[t] != album;
        let own = album.filter(|_| about.artist_known[q]);
        let elsewhere = found(&other_album, &|t| own.is_some() && !other_artist(t));
        out.artist_rp.push(r_precision(elsewhere.iter().copied(), count(&elsewhere)));
        out.artist_recall20.push(recall_at(20, elsewhere.iter().copied(), count(&elsewhere)));
        let together = found(&|_| true, &|t| album.is_some() && about.album[t] == album);
        out.album_recall20.push(recall_at(20, together.iter().copied(), count(&together)));
    }
    out.precision = Precision::of(about, queries, &out.genre_p10, &out.nearest);
    out
}

/// The expected values of a random ranking over the same queries.
pub fn chance(about: &Relations, queries: &[usize]) -> Chance {
    let mean = |of: &dyn Fn(usize) -> Option<f64>| {
        let known: Vec<f64> = queries.iter().filter_map(|&q| of(q)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let others = |q: usize| (0..about.len()).filter(move |&t| t != q && !about.same_song(t, q));
    let share = |may: usize, is: usize| (may > 0).then(|| is as f64 / may as f64);
    let genre = |filter: bool| {
        mean(&|q| {
            about.genre[q]?;
            let may =
                || others(q).filter(|&t| about.genre[t].is_some() && !(filter && about.artist[t] == about.artist[q]));
            share(may().count(), may().filter(|&t| about.genre[t] == about.genre[q]).count())
        })
    };
    Chance {
        genre: genre(true),
        genre_unfiltered: genre(false),
        artist: mean(&|q| {
            let album = about.album[q].filter(|_| about.artist_known[q])?;
            let may = || others(q).filter(|&t| about.album[t].is_some_and(|a| a != album));
            share(may().count(), may().filter(|&t| about.artist[t] == about.artist[q]).count()).filter(|&s| s > 0.0)
        }),
        album_recall20: mean(&|q| {
            let album = about.album[q]?;
            others(q).find(|&t| about.album[t] == Some(album))?;
            share(others(q).count(), 20).map(|s| s.min(1.0))
        }),
    }
}

/// A row's line of the table, with intervals over artists.
pub fn line(row: &Row, answers: Option<&Answers>, groups: &[u32], draw: &Bootstrap) -> Retrieval {
    let name = || Retrieval { row: row.name.clone(), about: row.about.clone(), ..Retrieval::default() };
    let Some(a) = answers else { return name() };
    let mean = |values: &[Option<f64>]| draw.mean(values, groups);
    Retrieval {
        genre_p10: a.precision.mean(draw),
        genre_ndcg20: mean(&a.genre_ndcg20),
        genre_knn10: mean(&a.genre_knn10),
        genre_p10_unfiltered: mean(&a.genre_p10_unfiltered),
        gap: draw.paired(&a.genre_p10_unfiltered, &a.genre_p10, groups),
        artist_rp: mean(&a.artist_rp),
        artist_recall20: mean(&a.artist_recall20),
        album_recall20: mean(&a.album_recall20),
        ..name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use crate::eval::ranking::{Euclid, lots};
    use crate::eval::row::Points;

    /// Measures tracks on a line, given as (position, artist, album, genre, title).
    fn ask_line(tracks: &[(f32, &str, &str, &str, &str)]) -> (Answers, Relations) {
        let items: Vec<Item> = tracks
            .iter()
            .map(|&(_, artist, album, genre, title)| Item {
                title: title.into(),
                artist: artist.into(),
                album: album.into(),
                genre: (!genre.is_empty()).then(|| genre.into()),
                ..Item::default()
            })
            .collect();
        let about = Relations::of(&items);
        let ranking = Euclid { scored: Points { dims: 1, values: tracks.iter().map(|t| t.0).collect() } };
        let queries: Vec<usize> = (0..tracks.len()).collect();
        (ask(&ranking, &about, &queries, &lots(tracks.len(), 1)), about)
    }

    #[test]
    fn the_artist_filter_takes_the_artist_away() {
        let (a, about) = ask_line(&[
            (0.0, "Ann", "A1", "rock", "t0"),
            (1.0, "Ann", "A1", "rock", "t1"),
            (2.0, "Ann", "A2", "rock", "t2"),
            (3.0, "Bob", "B1", "rock", "t3"),
            (9.0, "Cid", "C1", "jazz", "t4"),
            (9.5, "Ann", "A1", "rock", "T0"),
        ]);
        // From t0: Ann's own tracks are filtered out, and her second copy of t0 never counts; Bob is rock, Cid is not.
        assert_eq!((a.genre_p10[0], a.genre_p10_unfiltered[0]), (Some(0.1), Some(0.3)));
        assert_eq!((&a.nearest[0][..], &a.nearest[3][..]), (&[3, 4][..], &[2, 1, 0, 4, 5][..]));
        assert_eq!((a.genre_ndcg20[0], a.genre_ndcg20[4]), (Some(1.0), None));
        // Bob and Cid have one vote each; Bob is nearer and wins.
        assert_eq!((a.genre_knn10[0], a.genre_knn10[4]), (Some(1.0), Some(0.0)));
        // t0's relevant track is t2, on another album; t3 is ranked after it.
        assert_eq!((a.artist_rp[0], a.artist_rp[3]), (Some(1.0), None));
        // The relevant tracks of t2 are t0, t1 and the copy of t0; the nearest three among Bob, Cid and these are t1,
        // t3 and t0.
        assert_eq!((a.artist_rp[2], a.artist_recall20[2]), (Some(2.0 / 3.0), Some(1.0)));
        assert_eq!((a.album_recall20[0], a.album_recall20[2]), (Some(1.0), None));
        let c = chance(&about, &[0]);
        assert_eq!((c.genre, c.genre_unfiltered), (Some(0.5), Some(0.75)));
        // One of t2, t3 and t4 is Ann's.
        assert_eq!((c.artist, c.album_recall20), (Some(1.0 / 3.0), Some(1.0)));
    }

    #[test]
    fn the_unknown_are_not_asked() {
        let (a, about) = ask_line(&[(0.0, "", "", "", "x"), (1.0, "", "", "", "y"), (2.0, "", "", "", "x")]);
        assert!(a.genre_p10.iter().chain(&a.artist_rp).chain(&a.album_recall20).all(Option::is_none));
        assert_eq!(chance(&about, &[0, 1, 2]), Chance::default());
        let line = line(&Row::tags(), None, &[], &Bootstrap { rounds: 10, seed: 1 });
        assert_eq!((line.row.as_str(), line.genre_p10), ("tags only", None));
    }
}
