//! The signature of a set of tracks: the dimensions in which it agrees, around which centre and how closely.
//! Definitions: docs/design.md, "Signature".

use std::collections::HashMap;

use crate::track::TrackId;

use super::agreement::Members;
use super::distribution::benjamini_hochberg;
use super::moments::effective;
use super::named::ALL_DIMS;
use super::report::{DimReport, SignatureReport};
use super::scorer::Scorer;
use super::space::Space;
use super::{Choice, DIMS, Dim, Latent, Pick, Prior};

/// The maximum number of dimensions chosen by test.
pub const MOST_DIMS: usize = 8;
/// When fewer dimensions than this pass the test, all are used.
pub const FEWEST_DIMS: usize = 3;
/// False discovery rate of the agreement test.
pub const FALSE_DISCOVERIES: f64 = 0.1;
/// A dimension that correlates more than this with one already chosen is redundant.
pub const SAME_AGAIN: f32 = 0.5;

/// A member of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its row in the space.
    pub row: u32,
    /// The group, usually the artist, that it shares one vote with: each group has total weight 1.
    pub group: u64,
}

/// The signature of a set of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The tracks that it was computed from; it can be recomputed from them in another space.
    pub members: Vec<TrackId>,
    /// Kish's effective number of members.
    pub n_eff: f64,
    /// Its dimensions, the most informative first: those that it agrees on by test, those that the user picked, or all.
    pub dims: Vec<Dim>,
    /// The dimensions that the distance uses: with dimensions chosen by test, all of the encoder's, weighted by their
    /// evidence, and the named ones in `dims`; else `dims`.
    pub scored: Vec<Dim>,
    /// Every dimension with data, used or not, in order; comparisons need it.
    pub profile: Vec<Dim>,
    /// True when all dimensions take part because too few were significant, or because all were asked for.
    pub soft: bool,
}

impl Signature {
    /// The signature of a set; members past the end of the space are left out and duplicates count once. `None` when no
    /// member or no dimension remains (a `Choice::Dims` that names only dimensions without data).
    pub fn of(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Option<Signature> {
        Signature::beside(space, members, &[], choice, prior)
    }

    /// Like [`Signature::of`], but for a single-track set `mates` (rows of its album's other tracks) are evidence about
    /// the centre without being members.
    pub fn beside(
        space: &Space,
        members: &[Member],
        mates: &[u32],
        choice: &Choice,
        prior: Prior,
    ) -> Option<Signature> {
        let mut members: Vec<Member> = members.iter().copied().filter(|m| (m.row as usize) < space.len()).collect();
        members.sort_by_key(|m| m.row);
        members.dedup_by_key(|m| m.row);
        if members.is_empty() {
            return None;
        }
        let weights = weights(&members);
        let rows: Vec<u32> = members.iter().map(|m| m.row).collect();
        let points: Vec<Latent> = rows.iter().map(|&row| space.z(row)).collect();
        let set = Members { space, rows: &rows, points: &points, weights: &weights, prior, mates };
        let profile: Vec<Dim> = (0..ALL_DIMS).filter_map(|dim| set.dim(dim)).collect();
        let (mut dims, soft) = match choice {
            Choice::Dims(picks) => (asked(&profile, picks), false),
            Choice::All => (softly(&profile, &[]), true),
            Choice::Auto => by_test(space, &profile, Vec::new(), &[]),
            Choice::Without(left_out) => by_test(space, &profile, Vec::new(), left_out),
            Choice::Tuned { used, never } => by_test(space, &profile, asked(&profile, used), never),
        };
        if dims.is_empty() {
            return None;
        }
        sort(&mut dims);
        let mut scored = match choice {
            Choice::Auto => softly(&profile, &[]),
            Choice::Without(left_out) => softly(&profile, left_out),
            Choice::Tuned { used, never } => with(softly(&profile, never), &asked(&profile, used)),
            Choice::Dims(_) | Choice::All => Vec::new(),
        };
        scored.extend(dims.iter().filter(|d| !scored.iter().any(|s| s.dim == d.dim)).copied().collect::<Vec<_>>());
        sort(&mut scored);
        let members = rows.iter().filter_map(|&row| space.id(row)).collect();
        Some(Signature { members, n_eff: effective(weights.iter().copied()), dims, scored, profile, soft })
    }

    /// The same with every dimension's weight multiplied by a factor, such as the user's learned taste. The choice of
    /// dimensions stays.
    pub fn weighted(mut self, weights: &[f32; ALL_DIMS]) -> Signature {
        for dim in self.dims.iter_mut().chain(&mut self.scored).chain(&mut self.profile) {
            dim.weight *= weights.get(usize::from(dim.dim)).copied().unwrap_or(1.0);
        }
        self
    }

    /// The factors that [`Signature::weighted`] applied; 1 for dimensions without data.
    pub(super) fn weights(&self) -> [f32; ALL_DIMS] {
        // Weights that the user wrote are in `dims` only.
        let mut weights = [1.0; ALL_DIMS];
        for dim in &self.profile {
            if let Some(weight) = weights.get_mut(usize::from(dim.dim)) {
                *weight = dim.weight;
            }
        }
        weights
    }

    /// The signature distance as a scorer: Σ w·(ln[0.95·N(z; 0, 1) + 0.05·N(z; 0, 9)] − ln f(z)), f being the set's
    /// predictive mixture; for circular dimensions the same with densities around the circle. Missing values add
    /// nothing. Scores are quantised to places, 0.025 wide and ending at ±3.2.
    ///
    /// A mixture over how closely the set may agree, in all dimensions, finds more members than one normal density in
    /// the few dimensions chosen by test, because it weights each dimension by the evidence instead of including or
    /// dropping it (`make signature-check` and `jukebox eval` show both).
    pub fn scorer(&self) -> Scorer {
        Scorer::signature(&self.scored)
    }

    /// The distance over [`Signature::dims`] alone, for comparison.
    pub fn chosen_scorer(&self) -> Scorer {
        Scorer::signature(&self.dims)
    }

    /// A 0-based dimension of the profile, used or not.
    pub fn dim(&self, dim: u8) -> Option<&Dim> {
        self.profile.iter().find(|d| d.dim == dim)
    }

    /// The encoder's dimensions (0-based) in which the set agrees by more than chance, used or not.
    pub fn agreed(&self) -> Vec<u8> {
        let own: Vec<Dim> = self.profile.iter().filter(|d| usize::from(d.dim) < DIMS).copied().collect();
        significant(&own).iter().map(|d| d.dim).collect()
    }

    /// The dimensions (0-based) that the set agrees on by test, whatever the user chose; none where these are too few.
    pub fn tested(&self, space: &Space) -> Vec<u8> {
        let (dims, soft) = by_test(space, &self.profile, Vec::new(), &[]);
        if soft { Vec::new() } else { dims.iter().map(|d| d.dim).collect() }
    }

    /// The signature as a report; `confidence` is from [`super::confidence`].
    pub fn report(&self, confidence: Option<f64>) -> SignatureReport {
        SignatureReport {
            members: self.members.len(),
            effective: self.n_eff,
            soft: self.soft,
            confidence,
            dims: self.dims.iter().map(DimReport::of).collect(),
            ..SignatureReport::default()
        }
    }
}

/// Sorts by share × information, descending.
fn sort(dims: &mut [Dim]) {
    let says = |d: &Dim| d.share * d.info;
    dims.sort_by(|a, b| says(b).total_cmp(&says(a)).then(a.dim.cmp(&b.dim)));
}

/// The encoder's dimensions except those left out. Named dimensions are used only where a set agrees on them: otherwise
/// they would duplicate what the encoder heard.
fn softly(profile: &[Dim], left_out: &[u8]) -> Vec<Dim> {
    let allowed = profile.iter().filter(|d| !left_out.contains(&d.dim));
    let own: Vec<Dim> = allowed.clone().filter(|d| usize::from(d.dim) < DIMS).copied().collect();
    if own.is_empty() { allowed.copied().collect() } else { own }
}

/// The dimensions of the profile that the user picked, with their weights.
fn asked(profile: &[Dim], picks: &[Pick]) -> Vec<Dim> {
    let weigh = |d: &Dim| {
        let pick = picks.iter().find(|p| p.dim == d.dim)?;
        // A dimension that is asked for by name counts in full, however little tracks differ in it.
        Some(Dim { weight: pick.weight, share: 1.0, ..*d })
    };
    profile.iter().filter_map(weigh).collect()
}

/// Dimensions with those that were asked for in place of their own kind.
fn with(mut dims: Vec<Dim>, asked: &[Dim]) -> Vec<Dim> {
    dims.retain(|d| asked.iter().all(|a| a.dim != d.dim));
    dims.extend_from_slice(asked);
    dims
}

/// The dimensions that were asked for and those that the set agrees on, or all when they are fewer than
/// [`FEWEST_DIMS`].
fn by_test(space: &Space, profile: &[Dim], asked: Vec<Dim>, left_out: &[u8]) -> (Vec<Dim>, bool) {
    let free = |d: &&Dim| !left_out.contains(&d.dim) && asked.iter().all(|a| a.dim != d.dim);
    let allowed: Vec<Dim> = profile.iter().filter(free).copied().collect();
    let mut found = significant(&allowed);
    sort(&mut found);
    let chosen = choose(space, asked.clone(), found);
    if chosen.len() < FEWEST_DIMS { (with(softly(profile, left_out), &asked), true) } else { (chosen, false) }
}

/// Weights that sum to 1 within each group.
fn weights(members: &[Member]) -> Vec<f64> {
    let mut sizes: HashMap<u64, f64> = HashMap::new();
    members.iter().for_each(|m| *sizes.entry(m.group).or_default() += 1.0);
    members.iter().map(|m| 1.0 / sizes.get(&m.group).copied().unwrap_or(1.0)).collect()
}

/// The dimensions that agree more than chance: Benjamini–Hochberg at [`FALSE_DISCOVERIES`].
pub(super) fn significant(all: &[Dim]) -> Vec<Dim> {
    let p_values: Vec<f64> = all.iter().map(|d| f64::from(d.p_value)).collect();
    let found = benjamini_hochberg(&p_values, FALSE_DISCOVERIES);
    all.iter().zip(found).filter(|&(_, found)| found).map(|(d, _)| *d).collect()
}

/// Adds dimensions in the given order to those already chosen, skipping any that repeats one of them, up to
/// [`MOST_DIMS`].
fn choose(space: &Space, mut chosen: Vec<Dim>, ordered: Vec<Dim>) -> Vec<Dim> {
    for dim in ordered {
        if chosen.len() >= MOST_DIMS {
            break;
        }
        if chosen.iter().all(|c| space.correlation(c.dim, dim.dim) <= SAME_AGAIN) {
            chosen.push(dim);
        }
    }
    chosen
}
