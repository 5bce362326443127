//! The table of signatures: every scorer on every row whose vectors form a latent space, with the differences from the
//! baselines.

use crate::latent::Space;
use crate::measure::Bootstrap;

use super::corpus::{Corpus, Relations};
use super::findings::{Difference, Findings, Scored, Settings};
use super::row::{Kind, Row};
use super::sets::{self, Origin, Set};
use super::signatures::{self, Answers, Library, Scorer};

/// Inputs shared by all lines.
struct Bench<'a> {
    about: &'a Relations,
    sets: &'a [Set],
    groups: Vec<u32>,
    draw: &'a Bootstrap,
    settings: Settings,
}

impl Bench<'_> {
    fn measure(&self, row: &str, space: &Space, scorer: Scorer, suffix: &str) -> (Answers, Scored) {
        let library = Library::new(space, self.about);
        let answers = signatures::ask(&library, self.sets, scorer);
        let name = format!("{}{suffix}", scorer.name());
        let mut line = signatures::line(row, &name, &answers, self.sets, self.draw);
        line.choosing = (scorer == Scorer::Auto).then(|| signatures::choosing(&library, self.sets, &self.settings));
        (answers, line)
    }
}

/// Adds the table and the differences to the findings; returns the sets that were measured.
pub(super) fn add(out: &mut Findings, corpus: &Corpus, about: &Relations, rows: &[Row], draw: &Bootstrap) -> Vec<Set> {
    let sets = some(sets::of(corpus, about), &out.settings);
    let count = |origin: Origin| sets.iter().filter(|s| s.origin == origin).count();
    out.signatures.sets = [count(Origin::Album), count(Origin::Artist), count(Origin::Playlist)];
    out.signatures.folds = sets.iter().map(|s| s.members.len()).sum();
    if sets.is_empty() {
        return sets;
    }
    let groups = sets.iter().map(|s| s.group).collect();
    let bench = Bench { about, sets: &sets, groups, draw, settings: out.settings };
    let described = corpus.named.iter().flatten().any(|v| v.is_finite());
    for row in rows.iter().filter(|r| matches!(r.kind, Kind::Current | Kind::External)) {
        let Some(space) = row.space(None) else { continue };
        let mut measured: Vec<(Answers, Scored)> =
            [Scorer::Mean, Scorer::InverseVariance, Scorer::Auto, Scorer::Chosen]
                .into_iter()
                .map(|scorer| bench.measure(&row.name, &space, scorer, ""))
                .collect();
        if let Some(space) = row.space(Some(&corpus.named)).filter(|_| described && row.kind == Kind::Current) {
            measured.push(bench.measure(&row.name, &space, Scorer::Auto, " with named"));
            measured.push(bench.measure(&row.name, &space, Scorer::All, " with named"));
        }
        if row.kind == Kind::Current {
            // The plain signature against both baselines, then the gain from the named dimensions.
            for (of, against) in [(2, 0), (2, 1), (4, 2)] {
                let (Some((a, line)), Some((b, other))) = (measured.get(of), measured.get(against)) else { continue };
                let interval = draw.paired(&a.auc, &b.auc, &bench.groups);
                out.differences.push(Difference::new(&line.scorer, &other.scorer, "leave-one-out AUC", interval));
            }
        }
        out.signatures.lines.extend(measured.into_iter().map(|(_, line)| line));
    }
    sets
}

/// A random selection of sets, in their original order, with at most `settings.folds` members in
/// total.
fn some(sets: Vec<Set>, settings: &Settings) -> Vec<Set> {
    let mut order: Vec<usize> = (0..sets.len()).collect();
    fastrand::Rng::with_seed(settings.seed).shuffle(&mut order);
    let mut left = settings.folds;
    let mut kept = vec![false; sets.len()];
    for i in order {
        let size = sets[i].members.len();
        if size <= left {
            (left, kept[i]) = (left - size, true);
        }
    }
    sets.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(set, _)| set).collect()
}
