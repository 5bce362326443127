//! The results of an evaluation: plain numbers, shown as text, JSON and the report.

use serde::Serialize;

use crate::measure::Interval;

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// What was measured on.
    pub corpus: Facts,
    /// How.
    pub settings: Settings,
    /// How good neighbours are, a line a row.
    pub retrieval: Vec<Retrieval>,
    /// What drawing lots would give, exactly.
    pub chance: Chance,
    /// How evenly the tracks are named as neighbours.
    pub hubness: Vec<Hubs>,
    /// How well sets are recognised.
    pub signatures: Signatures,
    /// What the encoder knows of the descriptors.
    pub probes: Vec<Probe>,
    /// The differences that matter.
    pub differences: Vec<Difference>,
    /// The current encoder's distances within and between genres.
    pub distances: Distances,
    /// Its dimensions, counted from 1, in which tracks hardly differ.
    pub dead: Vec<usize>,
    /// Its named dimensions against their concepts.
    pub axes: Option<Axes>,
    /// Its tag head against a teacher's labels.
    pub tag_head: Option<TagHead>,
    /// Its latents on other axes, where dimensions keep their shares.
    pub turns: Vec<Turned>,
    /// Some tracks with their nearest.
    pub seeds: Vec<Seed>,
}

/// The named dimensions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Axes {
    /// Whose tags the concepts are made of.
    pub tags: String,
    /// Tracks whose tags are known.
    pub tracks: usize,
    /// How many follow their concept: a correlation of 0.5 and more.
    pub follow: usize,
    /// The mean correlation.
    pub mean: Option<f64>,
    /// One line a named dimension.
    pub lines: Vec<AxisFound>,
}

/// A named dimension.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AxisFound {
    /// Which one, counted from 1.
    pub dim: usize,
    /// Its name.
    pub name: String,
    /// The end of small values.
    pub low: String,
    /// The end of large values.
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
    /// Tracks that both have heard.
    pub tracks: usize,
    /// Mean AUC over the tags that are present.
    pub auc: f64,
    /// Mean absolute difference of the probabilities.
    pub off: f64,
    /// Each tag's AUC, the worst first.
    pub by_tag: Vec<(String, f64)>,
}

/// The same latents on other axes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turned {
    /// Which axes.
    pub turn: String,
    /// Share of the 10 nearest of the query's genre, AF, by Euclid: the same on all axes.
    pub genre_p10: Option<Interval>,
    /// The same by the signature of the query alone.
    pub genre_p10_of_one: Option<Interval>,
    /// Leave-one-out AUC of the signature.
    pub auc: Option<Interval>,
}

/// A track with its nearest.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Seed {
    /// The track.
    pub track: Near,
    /// Its nearest, the nearest first.
    pub near: Vec<Near>,
}

/// A track with its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Near {
    /// Artist and title.
    pub title: String,
    /// Its genre; "" when unknown.
    pub genre: String,
    /// What is said of it.
    pub words: Vec<String>,
    /// How far it is from the seed: the root mean square difference.
    pub distance: f32,
}

/// How an evaluation is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Random seed.
    pub seed: u64,
    /// Rounds of the bootstrap.
    pub bootstrap: usize,
    /// The most tracks that are asked for their neighbours, and the most that are ranked for hubness.
    pub queries: usize,
    /// The most members that are left out, over all sets.
    pub folds: usize,
    /// How many random sets test the choice of dimensions.
    pub random_sets: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { seed: 1, bootstrap: 1000, queries: 2000, folds: 2000, random_sets: 400 }
    }
}

impl Settings {
    /// Rougher and faster.
    pub fn quick(self) -> Settings {
        Settings { bootstrap: self.bootstrap.min(200), queries: 300, folds: 300, random_sets: 100, ..self }
    }
}

/// What is known of the corpus.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Tracks.
    pub tracks: usize,
    /// Tracks whose artist is unknown: the artist filter cannot see them.
    pub without_artist: usize,
    /// Known artists.
    pub artists: usize,
    /// Albums.
    pub albums: usize,
    /// Genres with their number of tracks, the most frequent first.
    pub genres: Vec<(String, usize)>,
    /// Tracks whose recording is there more than once.
    pub repeats: usize,
    /// Tracks that were asked for their neighbours.
    pub queries: usize,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// One row's neighbours. AF: tracks by the query's artist are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Retrieval {
    /// The row.
    pub row: String,
    /// Where its numbers come from, or why it has none.
    pub about: String,
    /// Share of the 10 nearest of the query's genre, AF.
    pub genre_p10: Option<Interval>,
    /// NDCG of the 20 nearest by genre, AF.
    pub genre_ndcg20: Option<Interval>,
    /// Share of queries whose genre the 10 nearest vote for, AF.
    pub genre_knn10: Option<Interval>,
    /// Genre precision at 10 without the artist filter.
    pub genre_p10_unfiltered: Option<Interval>,
    /// What the artist filter takes away.
    pub gap: Option<Interval>,
    /// R-precision of finding the artist's tracks on other albums, the query's own album left out.
    pub artist_rp: Option<Interval>,
    /// Recall of the same among the 20 nearest.
    pub artist_recall20: Option<Interval>,
    /// Recall of the query's album among the 20 nearest.
    pub album_recall20: Option<Interval>,
}

/// What drawing lots gives: the mean share of relevant tracks among those that may be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Chance {
    /// Genre, AF.
    pub genre: Option<f64>,
    /// Genre, without the filter.
    pub genre_unfiltered: Option<f64>,
    /// The artist's other albums: R-precision.
    pub artist: Option<f64>,
    /// Album: recall of 20.
    pub album_recall20: Option<f64>,
}

/// One ranking's hubness.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hubs {
    /// The row.
    pub row: String,
    /// How neighbours are ranked.
    pub ranking: String,
    /// Tracks ranked among themselves.
    pub tracks: usize,
    /// Skewness of the 10-occurrence.
    pub skewness: f64,
    /// The greatest 10-occurrence, divided by 10.
    pub max_hub: f64,
    /// Share of tracks in nobody's 10 nearest.
    pub anti_hubs: f64,
    /// Share of places that would have to change hands to be even.
    pub robin_hood: f64,
    /// Share of tracks in anybody's 20 nearest.
    pub reachable: f64,
    /// How many tracks are in how many lists of ten: bins of 0, 1–2, 3–5, 6–10, 11–20, 21–40, more.
    pub occurrence: [usize; 7],
}

/// How well sets are recognised by their other members.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Signatures {
    /// How many albums, artists and playlists of at least five tracks there were.
    pub sets: [usize; 3],
    /// Members left out, over all sets.
    pub folds: usize,
    /// One line a scorer.
    pub lines: Vec<Scored>,
}

/// One scorer's recognition of sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Scored {
    /// Whose vectors.
    pub row: String,
    /// How a track is measured against the others of the set.
    pub scorer: String,
    /// Leave-one-out AUC: the mean over sets of the share of the library that lies farther than the member left out.
    pub auc: Option<Interval>,
    /// The same for albums, artists and playlists alone.
    pub auc_of: [Option<Interval>; 3],
    /// Share of members left out that come among the 20 nearest.
    pub recall20: Option<Interval>,
    /// … among the 100 nearest.
    pub recall100: Option<Interval>,
    /// Of a signature that chooses: how it chooses.
    pub choosing: Option<Choosing>,
    /// Each set's size and AUC.
    pub by_size: Vec<(usize, f64)>,
}

/// How a signature chooses dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Choosing {
    /// Share of sets in which dimensions were chosen; the others take all softly.
    pub chosen: f64,
    /// Mean number of dimensions where they were chosen.
    pub dims: Option<f64>,
    /// Share of random sets of the same sizes in which dimensions were chosen: should be near 0.
    pub null: Option<f64>,
    /// Mean Jaccard index of the dimensions chosen on two random halves of a set of at least ten (none chosen on either
    /// half: left out).
    pub stability: Option<f64>,
}

/// What the latent knows of one named dimension.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Probe {
    /// The named dimension; `cos` and `sin` where it goes round.
    pub name: String,
    /// Tracks for which it is known.
    pub tracks: usize,
    /// The latent dimension that follows it most, counted from 1.
    pub dim: usize,
    /// Spearman's correlation with it.
    pub spearman: f64,
    /// R² of ridge regression from all 32, five folds by artist.
    pub r_squared: Option<f64>,
}

/// The difference of two rows on the same queries and the same resamples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The row that is asked about.
    pub row: String,
    /// What it is compared with.
    pub against: String,
    /// What was measured.
    pub measure: String,
    /// row − against; `None` when it could not be measured.
    pub interval: Option<Interval>,
    /// What that says.
    pub verdict: Verdict,
}

impl Difference {
    /// A difference with the verdict that its interval allows.
    pub fn new(row: &str, against: &str, measure: &str, interval: Option<Interval>) -> Difference {
        let verdict = Verdict::of(interval.as_ref());
        Difference { row: row.into(), against: against.into(), measure: measure.into(), interval, verdict }
    }
}

/// What an interval of a difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval is above 0.
    Above,
    /// The whole interval is below 0.
    Below,
    /// The interval contains 0.
    NotToldApart,
    /// One of the two could not be measured, or there was one group alone.
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

    /// In words.
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
    /// Share of the pairs of one genre in each bin.
    pub within: Vec<f64>,
    /// Share of the pairs of two genres in each bin.
    pub between: Vec<f64>,
    /// AUC: the probability that a pair of one genre is nearer than a pair of two.
    pub auc: Option<f64>,
}
