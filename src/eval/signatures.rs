//! How well a set's members are found from the others: leave-one-out over real sets, for signatures and their
//! baselines. The prior of a set's variance is fitted without albums that share a track with the set.

use crate::latent::{Choice, Member, Prior, Signature, Space, simulation};
use crate::measure::{self, Bootstrap};

use super::corpus::Relations;
use super::findings::{Choosing, Scored, Settings};
use super::sets::{Origin, Set};

/// How a track is scored against the other members of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scorer {
    /// Euclidean distance to the mean of the members' points.
    Mean,
    /// The mean with each dimension divided by the set's population variance plus 1e-6 (bliss).
    InverseVariance,
    /// The signature distance as the player uses it.
    Auto,
    /// The signature distance over the dimensions chosen by test only (all where none are).
    Chosen,
    /// The signature distance over all dimensions, including the named ones.
    All,
}

impl Scorer {
    /// Its name for the tables.
    pub fn name(self) -> &'static str {
        match self {
            Scorer::Mean => "Euclid to the mean",
            Scorer::InverseVariance => "inverse variance",
            Scorer::Auto => "signature",
            Scorer::Chosen => "signature, chosen alone",
            Scorer::All => "signature, all",
        }
    }

    fn choice(self) -> Option<Choice> {
        match self {
            Scorer::Auto | Scorer::Chosen => Some(Choice::Auto),
            Scorer::All => Some(Choice::All),
            Scorer::Mean | Scorer::InverseVariance => None,
        }
    }
}

/// The data shared by all sets.
pub struct Library<'a> {
    /// The space; row i is track i.
    pub space: &'a Space,
    /// Artists, albums and songs of the tracks.
    pub about: &'a Relations,
    /// The tracks of each album.
    pub albums: Vec<Vec<u32>>,
}

impl<'a> Library<'a> {
    /// A library of tracks.
    pub fn new(space: &'a Space, about: &'a Relations) -> Library<'a> {
        let count = about.album.iter().flatten().max().map_or(0, |&last| last as usize + 1);
        let mut albums = vec![Vec::new(); count];
        for (track, album) in about.album.iter().enumerate() {
            if let Some(album) = album {
                albums[*album as usize].push(track as u32);
            }
        }
        Library { space, about, albums }
    }

    /// The prior from all albums but those that share a track with the set.
    pub fn prior(&self, without: &[usize]) -> Prior {
        let shares = |album: &&Vec<u32>| !album.iter().any(|t| without.contains(&(*t as usize)));
        let albums: Vec<Vec<u32>> = self.albums.iter().filter(shares).cloned().collect();
        Prior::fit(self.space, &albums)
    }

    fn members(&self, tracks: &[usize]) -> Vec<Member> {
        tracks.iter().map(|&t| Member { row: t as u32, group: u64::from(self.about.artist[t]) }).collect()
    }

    /// The distances of all tracks to a set; `None` when the set has no signature.
    fn distances(&self, scorer: Scorer, rest: &[usize], prior: Prior) -> Option<Vec<f32>> {
        if let Some(choice) = scorer.choice() {
            let signature = Signature::of(self.space, &self.members(rest), &choice, prior)?;
            let chosen = scorer == Scorer::Chosen;
            return Some(self.space.distances(&if chosen { signature.chosen_scorer() } else { signature.scorer() }));
        }
        let rows: Vec<u32> = rest.iter().map(|&t| t as u32).collect();
        Some(self.space.distances(&match scorer {
            Scorer::InverseVariance => simulation::inverse_variance(self.space, &rows),
            _ => simulation::to_the_mean(self.space, &rows),
        }))
    }
}

/// One scorer's results for each set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Mean leave-one-out AUC of each set.
    pub auc: Vec<Option<f64>>,
    recall20: Vec<Option<f64>>,
    recall100: Vec<Option<f64>>,
}

/// Leaves out each member of each set in turn. Copies of a member's recording are not negatives.
pub fn ask(library: &Library, sets: &[Set], scorer: Scorer) -> Answers {
    let mut out = Answers::default();
    for set in sets {
        let prior = library.prior(&set.members);
        let songs: Vec<u32> = set.members.iter().map(|&m| library.about.song[m]).collect();
        let others: Vec<usize> =
            (0..library.about.len()).filter(|&t| !songs.contains(&library.about.song[t])).collect();
        let mut folds = Vec::with_capacity(set.members.len());
        for &left_out in &set.members {
            let rest: Vec<usize> = set.members.iter().copied().filter(|&m| m != left_out).collect();
            let Some(distances) = library.distances(scorer, &rest, prior) else { continue };
            let own = distances[left_out];
            let negatives: Vec<f32> = others.iter().map(|&t| distances[t]).collect();
            let nearer = negatives.iter().filter(|&&d| d < own).count();
            folds.extend(measure::auc(&[own], &negatives).map(|auc| (auc, nearer)));
        }
        let n = folds.len() as f64;
        let mean = |of: &dyn Fn(&(f64, usize)) -> f64| (n > 0.0).then(|| folds.iter().map(of).sum::<f64>() / n);
        out.auc.push(mean(&|f| f.0));
        out.recall20.push(mean(&|f| f64::from(u8::from(f.1 < 20))));
        out.recall100.push(mean(&|f| f64::from(u8::from(f.1 < 100))));
    }
    out
}

/// How the signature chooses dimensions: on the sets, on random ones, and on their halves.
pub fn choosing(library: &Library, sets: &[Set], settings: &Settings) -> Choosing {
    let mut random = fastrand::Rng::with_seed(settings.seed);
    let chosen = |tracks: &[usize], prior: Prior| -> Vec<u8> {
        let signature = Signature::of(library.space, &library.members(tracks), &Choice::Auto, prior);
        signature.filter(|s| !s.soft).map_or_else(Vec::new, |s| s.dims.iter().map(|d| d.dim).collect())
    };
    let (mut counts, mut agreements) = (Vec::new(), Vec::new());
    for set in sets {
        let prior = library.prior(&set.members);
        counts.push(chosen(&set.members, prior).len());
        if set.members.len() >= 10 {
            let mut shuffled = set.members.clone();
            random.shuffle(&mut shuffled);
            let (a, b) = shuffled.split_at(shuffled.len() / 2);
            let (a, b) = (chosen(a, prior), chosen(b, prior));
            if !a.is_empty() || !b.is_empty() {
                agreements.push(measure::jaccard(&a, &b));
            }
        }
    }
    let everything = library.prior(&[]);
    let drawn = if sets.is_empty() { 0 } else { settings.random_sets };
    let mistaken = (0..drawn)
        .filter(|i| {
            let size = sets[i % sets.len()].members.len();
            let tracks = random.choose_multiple(0..library.about.len(), size);
            !chosen(&tracks, everything).is_empty()
        })
        .count();
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let some: Vec<f64> = counts.iter().filter(|&&c| c > 0).map(|&c| c as f64).collect();
    Choosing {
        chosen: some.len() as f64 / counts.len().max(1) as f64,
        dims: mean(&some),
        null: (drawn > 0).then(|| mistaken as f64 / drawn as f64),
        stability: mean(&agreements),
    }
}

/// A scorer's line, with intervals over artists.
pub fn line(row: &str, scorer: &str, answers: &Answers, sets: &[Set], draw: &Bootstrap) -> Scored {
    let groups: Vec<u32> = sets.iter().map(|s| s.group).collect();
    let of = |origin: Origin| {
        let only: Vec<Option<f64>> =
            sets.iter().zip(&answers.auc).map(|(s, auc)| auc.filter(|_| s.origin == origin)).collect();
        draw.mean(&only, &groups)
    };
    Scored {
        row: row.into(),
        scorer: scorer.into(),
        auc: draw.mean(&answers.auc, &groups),
        auc_of: [of(Origin::Album), of(Origin::Artist), of(Origin::Playlist)],
        recall20: draw.mean(&answers.recall20, &groups),
        recall100: draw.mean(&answers.recall100, &groups),
        choosing: None,
        by_size: sets.iter().zip(&answers.auc).filter_map(|(s, auc)| Some((s.members.len(), (*auc)?))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use crate::eval::row::Points;
    use crate::latent::DIMS;

    /// 300 random tracks; the first 12 agree in the first four dimensions.
    fn library() -> (Space, Relations, Vec<Set>) {
        let mut random = fastrand::Rng::with_seed(3);
        let normal = |random: &mut fastrand::Rng| (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
        let mut values = Vec::new();
        for track in 0..300 {
            for d in 0..DIMS {
                let x = normal(&mut random);
                values.push(if track < 12 && d < 4 { 1.0 + 0.3 * x } else { x });
            }
        }
        let items: Vec<Item> =
            (0..300).map(|i| Item { artist: format!("a{i}"), title: "t".into(), ..Item::default() }).collect();
        let sets = vec![Set { origin: Origin::Playlist, members: (0..12).collect(), group: 1 }];
        (Points { dims: DIMS, values }.space(false, None).unwrap(), Relations::of(&items), sets)
    }

    #[test]
    fn a_planted_set_is_recognised_best_by_its_signature() {
        let (space, about, sets) = library();
        let library = Library::new(&space, &about);
        let auc = |scorer| ask(&library, &sets, scorer).auc[0].unwrap();
        let (mean, inverse, auto) = (auc(Scorer::Mean), auc(Scorer::InverseVariance), auc(Scorer::Auto));
        assert!(auto > 0.9 && auto > mean + 0.1 && auto > inverse, "{mean} {inverse} {auto}");
        assert!(auc(Scorer::Chosen) > mean && auc(Scorer::All) > mean);
        let settings = Settings { random_sets: 100, ..Settings::default() };
        let chosen = choosing(&library, &sets, &settings);
        assert!(chosen.chosen == 1.0 && chosen.dims.unwrap() >= 3.0 && chosen.null.unwrap() <= 0.06, "{chosen:?}");
        assert!(chosen.stability.is_none_or(|s| (0.0..=1.0).contains(&s)), "{chosen:?}");
        let line =
            line("row", "signature", &ask(&library, &sets, Scorer::Auto), &sets, &Bootstrap { rounds: 10, seed: 1 });
        assert_eq!((line.auc, line.auc_of[0], line.by_size.len()), (line.auc_of[2], None, 1));
        assert!(line.recall20.unwrap().mean > 0.3 && line.recall100.unwrap().mean > 0.9);
    }

    #[test]
    fn copies_of_a_member_are_no_negatives() {
        let (space, mut about, sets) = library();
        // Twenty more tracks are copies of the first member.
        (12..32).for_each(|t| about.song[t] = about.song[0]);
        let library = Library::new(&space, &about);
        let answers = ask(&library, &sets, Scorer::Mean);
        assert!(answers.recall100[0].is_some());
        assert!(ask(&library, &[], Scorer::Auto).auc.is_empty());
        assert_eq!(choosing(&library, &[], &Settings::default()), Choosing::default());
    }
}
