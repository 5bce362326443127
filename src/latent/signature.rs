//! The signature of a set of tracks: in which dimensions of sound it agrees, around which centre and how closely.
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
use super::{Choice, DIMS, Dim, Latent, Prior};

/// The most dimensions that are chosen by test.
pub const MOST_DIMS: usize = 8;
/// With fewer chosen dimensions than this, all are used.
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
    /// The group that it shares one vote with, usually its artist: each group weighs as one.
    pub group: u64,
}

/// The signature of a set of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The tracks that it was computed from; from them it can be computed again in another space.
    pub members: Vec<TrackId>,
    /// Kish's effective number of members.
    pub n_eff: f64,
    /// Its dimensions, the most informative first: those that it agrees on by test, those that the user picked, or all.
    pub dims: Vec<Dim>,
    /// The dimensions that the distance is made of: with dimensions chosen by test all of the encoder's, each by its
    /// evidence, and those of `dims` that have names; else `dims`.
    pub scored: Vec<Dim>,
    /// Every dimension of which anything is known, used or not, in order: what comparisons need.
    pub profile: Vec<Dim>,
    /// True when all dimensions take part because too few were significant, or because all were asked for.
    pub soft: bool,
}

impl Signature {
    /// The signature of a set; members past the end of the space are left out and doubles count once. `None` when
    /// nothing remains, or no dimension (a `Choice::Dims` that names none of which anything is known).
    pub fn of(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Option<Signature> {
        Signature::beside(space, members, &[], choice, prior)
    }

    /// The same of a set that, where it is one track, has the other tracks of its album beside it (their rows): not
    /// members, but a hint at the centre.
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
            Choice::Dims(picks) => {
                let weigh = |d: &Dim| {
                    let pick = picks.iter().find(|p| p.dim == d.dim)?;
                    // What somebody asks for by name counts, however little tracks differ in it.
                    Some(Dim { weight: pick.weight, share: 1.0, ..*d })
                };
                (profile.iter().filter_map(weigh).collect(), false)
            }
            Choice::All => (softly(&profile, &[]), true),
            Choice::Auto => by_test(space, &profile, &[]),
            Choice::Without(left_out) => by_test(space, &profile, left_out),
        };
        if dims.is_empty() {
            return None;
        }
        sort(&mut dims);
        let mut scored = match choice {
            Choice::Auto => softly(&profile, &[]),
            Choice::Without(left_out) => softly(&profile, left_out),
            Choice::Dims(_) | Choice::All => Vec::new(),
        };
        scored.extend(dims.iter().filter(|d| !scored.iter().any(|s| s.dim == d.dim)).copied().collect::<Vec<_>>());
        sort(&mut scored);
        let members = rows.iter().filter_map(|&row| space.id(row)).collect();
        Some(Signature { members, n_eff: effective(weights.iter().copied()), dims, scored, profile, soft })
    }

    /// The same with every dimension's weight multiplied: what somebody makes of the dimensions counts beside what the set
    /// agrees on. Where the weights come from is decided above. Which dimensions were chosen stays.
    pub fn weighted(mut self, weights: &[f32; ALL_DIMS]) -> Signature {
        for dim in self.dims.iter_mut().chain(&mut self.scored).chain(&mut self.profile) {
            dim.weight *= weights.get(usize::from(dim.dim)).copied().unwrap_or(1.0);
        }
        self
    }

    /// What [`Signature::weighted`] multiplied each dimension by; 1 for one of which nothing is known.
    pub(super) fn weights(&self) -> [f32; ALL_DIMS] {
        // The weights that a user wrote are in `dims` only.
        let mut weights = [1.0; ALL_DIMS];
        for dim in &self.profile {
            if let Some(weight) = weights.get_mut(usize::from(dim.dim)) {
                *weight = dim.weight;
            }
        }
        weights
    }

    /// The signature distance as a scan takes it: Σ w·(ln[0.95·N(z; 0, 1) + 0.05·N(z; 0, 9)] − ln f(z)), f the mixture
    /// that is expected of the set; for circular dimensions the same with the densities around the circle. A missing value
    /// adds nothing. Scores count by their place, 0.025 wide and ending at ±3.2.
    ///
    /// A mixture over how closely the set may agree, in all dimensions, finds more members than one normal density in the few
    /// dimensions chosen by test: it weighs each dimension by the evidence instead of taking it or leaving it
    /// (`make signature-check` and `jukebox eval` show both).
    pub fn scorer(&self) -> Scorer {
        Scorer::signature(&self.scored)
    }

    /// The distance over the chosen dimensions alone ([`Signature::dims`]), for comparison.
    pub fn chosen_scorer(&self) -> Scorer {
        Scorer::signature(&self.dims)
    }

    /// One of its dimensions, or of those it does not use, counted from 0.
    pub fn dim(&self, dim: u8) -> Option<&Dim> {
        self.profile.iter().find(|d| d.dim == dim)
    }

    /// The encoder's dimensions (counted from 0) in which the set agrees more than chance, used or not.
    pub fn agreed(&self) -> Vec<u8> {
        let own: Vec<Dim> = self.profile.iter().filter(|d| usize::from(d.dim) < DIMS).copied().collect();
        significant(&own).iter().map(|d| d.dim).collect()
    }

    /// The signature as a report, with the confidence that [`super::confidence`] found.
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

/// The most informative first, where tracks differ much before where they hardly do.
fn sort(dims: &mut [Dim]) {
    let says = |d: &Dim| d.share * d.info;
    dims.sort_by(|a, b| says(b).total_cmp(&says(a)).then(a.dim.cmp(&b.dim)));
}

/// The encoder's dimensions without those left out. The named ones are used only where a set agrees on them: otherwise they
/// would repeat what the encoder heard.
fn softly(profile: &[Dim], left_out: &[u8]) -> Vec<Dim> {
    let allowed = profile.iter().filter(|d| !left_out.contains(&d.dim));
    let own: Vec<Dim> = allowed.clone().filter(|d| usize::from(d.dim) < DIMS).copied().collect();
    if own.is_empty() { allowed.copied().collect() } else { own }
}

/// The dimensions that the set agrees on, or all when they are fewer than [`FEWEST_DIMS`].
fn by_test(space: &Space, profile: &[Dim], left_out: &[u8]) -> (Vec<Dim>, bool) {
    let allowed: Vec<Dim> = profile.iter().filter(|d| !left_out.contains(&d.dim)).copied().collect();
    let mut found = significant(&allowed);
    sort(&mut found);
    let chosen = choose(space, found);
    if chosen.len() < FEWEST_DIMS { (softly(profile, left_out), true) } else { (chosen, false) }
}

/// Each group weighs as one track.
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

/// The most informative first, none that repeats one already chosen, at most [`MOST_DIMS`].
fn choose(space: &Space, ordered: Vec<Dim>) -> Vec<Dim> {
    let mut chosen: Vec<Dim> = Vec::with_capacity(MOST_DIMS);
    for dim in ordered {
        if chosen.len() == MOST_DIMS {
            break;
        }
        if chosen.iter().all(|c| space.correlation(c.dim, dim.dim) <= SAME_AGAIN) {
            chosen.push(dim);
        }
    }
    chosen
}
