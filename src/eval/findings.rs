//! The results of an evaluation: plain numbers, shown as text, JSON and the report.

use serde::Serialize;

use super::alike::Alike;
use crate::measure::Interval;

/// All results of one evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The corpus that was measured.
    pub corpus: Facts,
    /// The settings of the evaluation.
    pub settings: Settings,
    /// Retrieval quality, one entry per row.
    pub retrieval: Vec<Retrieval>,
    /// The exact expectation for random ranking.
    pub chance: Chance,
    /// Whether neighbours sound more alike than their genre.
    pub alike: Alike,
    /// Hubness: how evenly tracks occur in neighbour lists.
    pub hubness: Vec<Hubs>,
    /// How well sets are recognised by their signatures.
    pub signatures: Signatures,
    /// How well the descriptors can be read off the latents.
    pub probes: Vec<Probe>,
    /// The row-to-row differences that are reported.
    pub differences: Vec<Difference>,
    /// The current encoder's distances within and between genres.
    pub distances: Distances,
    /// The current encoder's dead dimensions (almost no variance between tracks), counted from 1.
    pub dead: Vec<usize>,
    /// The current encoder's named dimensions against their concepts.
    pub axes: Option<Axes>,
    /// The current encoder's tag head against a teacher's labels.
    pub tag_head: Option<TagHead>,
    /// The current encoder's latents on rotated axes, for encoders whose dimensions keep their shares.
    pub turns: Vec<Turned>,
    /// Example tracks with their nearest neighbours.
    pub seeds: Vec<Seed>,
}

/// How well the named dimensions follow their concepts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Axes {
    /// The source of the tags that the concepts are built from.
    pub tags: String,
    /// Number of tracks with known tags.
    pub tracks: usize,
    /// Number of dimensions that follow their concept (correlation of at least 0.5).
    pub follow: usize,
    /// The mean correlation.
    pub mean: Option<f64>,
    /// One entry per named dimension.
    pub lines: Vec<AxisFound>,
}

/// One named dimension.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AxisFound {
    /// Dimension number, counted from 1.
    pub dim: usize,
    /// Its name.
    pub name: String,
    /// Label of the low end.
    pub low: String,
    /// Label of the high end.
    pub high: String,
    /// Its share of the latents' variance.
    pub share: f64,
    /// Pearson's correlation with its concept; `None` where the concept's tags are not known or do not vary.
    pub correlation: Option<f64>,
}

/// The tag head against a teacher.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TagHead {
    /// The teacher.
    pub teacher: String,
    /// Tracks for which both have output.
    pub tracks: usize,
    /// Mean AUC over the tags that are present.
    pub auc: f64,
    /// Mean absolute difference of the probabilities.
    pub off: f64,
    /// Each tag's AUC, the worst first.
    pub by_tag: Vec<(String, f64)>,
}

/// Results for the latents rotated onto other axes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turned {
    /// Name of the rotation.
    pub turn: String,
    /// Genre precision at 10, AF, by Euclidean distance, which no rotation changes.
    pub genre_p10: Option<Interval>,
    /// Genre precision at 10, AF, by the one-track signature of the query.
    pub genre_p10_of_one: Option<Interval>,
    /// Leave-one-out AUC of the signature.
    pub auc: Option<Interval>,
}

/// A track and its nearest neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Seed {
    /// The track.
    pub track: Near,
    /// Its nearest neighbours, nearest first.
    pub near: Vec<Near>,
}

/// A track and the words that describe it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Near {
    /// Artist and title.
    pub title: String,
    /// Its genre; "" when unknown.
    pub genre: String,
    /// The words that describe it.
    pub words: Vec<String>,
    /// Root mean square difference from the seed.
    pub distance: f32,
}

/// Settings of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Random seed.
    pub seed: u64,
    /// Number of bootstrap resamples.
    pub bootstrap: usize,
    /// Maximum number of query tracks, and maximum number of tracks ranked for hubness.
    pub queries: usize,
    /// Maximum number of held-out members over all sets.
    pub folds: usize,
    /// Number of random sets for testing the choice of dimensions.
    pub random_sets: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { seed: 1, bootstrap: 1000, queries: 2000, folds: 2000, random_sets: 400 }
    }
}

impl Settings {
    /// Faster settings with wider intervals.
    pub fn quick(self) -> Settings {
        Settings { bootstrap: self.bootstrap.min(200), queries: 300, folds: 300, random_sets: 100, ..self }
    }
}

/// Facts about the corpus.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Number of tracks.
    pub tracks: usize,
    /// Tracks whose artist is unknown, which the artist filter cannot remove.
    pub without_artist: usize,
    /// Number of known artists.
    pub artists: usize,
    /// Number of albums.
    pub albums: usize,
    /// Genres with their number of tracks, the most frequent first.
    pub genres: Vec<(String, usize)>,
    /// Tracks whose recording occurs more than once.
    pub repeats: usize,
    /// Number of query tracks.
    pub queries: usize,
    /// Caveats for the reader.
    pub notes: Vec<String>,
}

/// Retrieval results of one row. AF: with the artist filter (tracks by the query's artist are left out).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Retrieval {
    /// The row.
    pub row: String,
    /// Where its numbers come from, or why it has none.
    pub about: String,
    /// Genre precision at 10, AF.
    pub genre_p10: Option<Interval>,
    /// NDCG at 20 by genre, AF.
    pub genre_ndcg20: Option<Interval>,
    /// Accuracy of a genre vote of the 10 nearest, AF.
    pub genre_knn10: Option<Interval>,
    /// Genre precision at 10 without the artist filter.
    pub genre_p10_unfiltered: Option<Interval>,
    /// Genre precision at 10 without the artist filter minus with it.
    pub gap: Option<Interval>,
    /// R-precision for the artist's tracks on other albums; the query's own album is left out.
    pub artist_rp: Option<Interval>,
    /// Recall at 20 for the artist's tracks on other albums.
    pub artist_recall20: Option<Interval>,
    /// Recall at 20 for the query's album.
    pub album_recall20: Option<Interval>,
}

/// Expectation for random ranking: the mean share of relevant tracks among the candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Chance {
    /// Genre precision, AF.
    pub genre: Option<f64>,
    /// Genre precision without the artist filter.
    pub genre_unfiltered: Option<f64>,
    /// R-precision for the artist's other albums.
    pub artist: Option<f64>,
    /// Recall at 20 for the album.
    pub album_recall20: Option<f64>,
}

/// Hubness of one ranking.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hubs {
    /// The row.
    pub row: String,
    /// The ranking's distance.
    pub ranking: String,
    /// Number of tracks ranked against each other.
    pub tracks: usize,
    /// Skewness of the 10-occurrence.
    pub skewness: f64,
    /// The greatest 10-occurrence, divided by 10.
    pub max_hub: f64,
    /// Share of tracks that are in no list of 10 nearest.
    pub anti_hubs: f64,
    /// Robin Hood index: share of the list places that would have to be redistributed to be even.
    pub robin_hood: f64,
    /// Share of tracks that are in at least one list of 20 nearest.
    pub reachable: f64,
    /// Histogram of the 10-occurrence: bins of 0, 1–2, 3–5, 6–10, 11–20, 21–40, more.
    pub occurrence: [usize; 7],
}

/// How well sets are recognised by their other members.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Signatures {
    /// How many albums, artists and playlists of at least five tracks there were.
    pub sets: [usize; 3],
    /// Number of held-out members over all sets.
    pub folds: usize,
    /// One entry per scorer.
    pub lines: Vec<Scored>,
}

/// How well one scorer recognises sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Scored {
    /// The row whose vectors are used.
    pub row: String,
    /// How a track is scored against the other members of the set.
    pub scorer: String,
    /// Leave-one-out AUC: the mean over sets of the share of the library farther away than the held-out member.
    pub auc: Option<Interval>,
    /// The same AUC for albums, artists and playlists separately.
    pub auc_of: [Option<Interval>; 3],
    /// Share of held-out members among the 20 nearest.
    pub recall20: Option<Interval>,
    /// Share of held-out members among the 100 nearest.
    pub recall100: Option<Interval>,
    /// Statistics of the choice of dimensions, for signatures that choose.
    pub choosing: Option<Choosing>,
    /// Size and AUC of each set.
    pub by_size: Vec<(usize, f64)>,
}

/// How a signature chooses dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Choosing {
    /// Share of sets in which dimensions were chosen; in the others all take part, each by its evidence.
    pub chosen: f64,
    /// Mean number of dimensions where they were chosen.
    pub dims: Option<f64>,
    /// The same share for random sets of the same sizes; should be near 0.
    pub null: Option<f64>,
    /// Mean Jaccard index of the dimensions chosen on two random halves of a set of at least ten members. Sets with no
    /// dimension chosen on either half are left out.
    pub stability: Option<f64>,
}

/// How well one descriptor can be read off the latents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Probe {
    /// The descriptor; `cos` or `sin` is appended to circular ones.
    pub name: String,
    /// Number of tracks for which it is known.
    pub tracks: usize,
    /// The latent dimension that correlates most with it, counted from 1.
    pub dim: usize,
    /// Spearman's correlation with that dimension.
    pub spearman: f64,
    /// R² of ridge regression from all 32 dimensions, five-fold cross-validation grouped by artist.
    pub r_squared: Option<f64>,
}

/// The difference of two rows, on the same queries and bootstrap resamples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The row being tested.
    pub row: String,
    /// The row it is compared with.
    pub against: String,
    /// The measure.
    pub measure: String,
    /// row − against; `None` when it could not be measured.
    pub interval: Option<Interval>,
    /// The conclusion drawn from the interval.
    pub verdict: Verdict,
}

impl Difference {
    /// A difference, with the verdict derived from its interval.
    pub fn new(row: &str, against: &str, measure: &str, interval: Option<Interval>) -> Difference {
        let verdict = Verdict::of(interval.as_ref());
        Difference { row: row.into(), against: against.into(), measure: measure.into(), interval, verdict }
    }
}

/// The conclusion drawn from the interval of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval is above 0.
    Above,
    /// The whole interval is below 0.
    Below,
    /// The interval contains 0.
    NotToldApart,
    /// One of the two could not be measured, or there was only one group.
    NotMeasured,
}

impl Verdict {
    /// The verdict of an interval.
    pub fn of(interval: Option<&Interval>) -> Verdict {
        match interval.and_then(|i| i.range) {
            Some([low, _]) if low > 0.0 => Verdict::Above,
            Some([_, high]) if high < 0.0 => Verdict::Below,
            Some(_) => Verdict::NotToldApart,
            None => Verdict::NotMeasured,
        }
    }

    /// The verdict as text.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Above => "above",
            Verdict::Below => "below",
            Verdict::NotToldApart => "not distinguishable",
            Verdict::NotMeasured => "not measured",
        }
    }
}

/// Two histograms of the current encoder's distances between tracks of different artists, on common bins.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Distances {
    /// The bins' edges, one more than bins.
    pub edges: Vec<f64>,
    /// Share of the same-genre pairs in each bin.
    pub within: Vec<f64>,
    /// Share of the different-genre pairs in each bin.
    pub between: Vec<f64>,
    /// AUC: the probability that a same-genre pair is closer than a different-genre pair.
    pub auc: Option<f64>,
}
