//! The evaluation report on a next-track model, as data and as text.

use serde::{Deserialize, Serialize};

use crate::measure::Interval;
use crate::text::count;

/// Name of the model's own row in `Report::rows`.
pub const MODEL: &str = "model";
/// Number of transitions needed to train a model (docs/design.md, "Measures").
pub const FEWEST: usize = 300;
/// Number of held-out sessions needed: a bootstrap over fewer groups gives too narrow intervals.
pub const FEWEST_SESSIONS: usize = 10;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Time of publication in seconds since the Unix epoch; 0 before.
    pub at: u64,
    /// The generation of latents.
    pub generation: String,
    /// Number of transitions (preceding tracks and the one that followed) in sessions and
    /// playlists.
    pub transitions: usize,
    /// Number of plays with a latent.
    pub plays: usize,
    /// Number of sessions of at least two plays.
    pub sessions: usize,
    /// Number of playlists of at least two tracks.
    pub playlists: usize,
    /// Number of transitions used for training.
    pub trained: usize,
    /// Number of transitions held out.
    pub held_out: usize,
    /// Number of sessions held out.
    pub held_out_sessions: usize,
    /// Mean number of tracks that a target was ranked among, itself included.
    pub candidates: f64,
    /// Results of each ranking, the model's first.
    pub rows: Vec<Row>,
    /// The model's lead over each ranking that ignores order.
    pub differences: Vec<Difference>,
    /// Whether it is used.
    pub verdict: Verdict,
    /// Duration of training and evaluation in seconds.
    pub secs: f64,
}

/// Results of one ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the ranking.
    pub name: String,
    /// Mean reciprocal rank of the target.
    pub mrr: f64,
    /// Share of targets ranked among the first ten, 0 to 1.
    pub hits: f64,
}

/// The model's mean reciprocal rank minus that of another ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Name of the other ranking.
    pub to: String,
    /// Mean of the paired differences, with a bootstrap interval over sessions.
    pub mrr: Interval,
}

/// Whether a model is used, and why not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Too few transitions; no model was trained.
    #[default]
    FewTransitions,
    /// Too few sessions to hold out for an evaluation.
    FewSessions,
    /// The model is not significantly better than some other ranking.
    NoBetter {
        /// The ranking with the lowest lower bound of the difference.
        than: String,
    },
    /// The model is significantly better than every ranking that ignores order.
    Used,
}

impl Report {
    /// The mean reciprocal rank of a ranking.
    pub fn mrr(&self, name: &str) -> Option<f64> {
        self.rows.iter().find(|r| r.name == name).map(|r| r.mrr)
    }

    /// The verdict as a sentence.
    pub fn words(&self) -> String {
        let than = |name: &str| {
            let (own, other) = (self.mrr(MODEL).unwrap_or_default(), self.mrr(name).unwrap_or_default());
            format!("MRR {} against {}", decimals(own), decimals(other))
        };
        match &self.verdict {
            Verdict::FewTransitions => {
                format!("not used: {} so far, {FEWEST} are needed", count(self.transitions, "transition"))
            }
            Verdict::FewSessions => {
                let sessions = count(self.held_out_sessions, "session");
                format!("not used: {sessions} could be held out, {FEWEST_SESSIONS} are needed")
            }
            Verdict::NoBetter { than: name } => {
                let more = self.mrr(MODEL) > self.mrr(name);
                let found = if more { "it is not significantly better than" } else { "it is no better than" };
                format!("not used: {found} {} ({})", the(name), than(name))
            }
            Verdict::Used => {
                let best = self.differences.iter().min_by(|a, b| a.mrr.mean.total_cmp(&b.mrr.mean));
                let best = best.map_or(String::new(), |d| format!(" ({} of {})", than(&d.to), the(&d.to)));
                format!("used: it is better than what was just heard{best}")
            }
        }
    }

    /// The report as lines of plain text.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} in {}, {}: {}",
            count(self.plays, "play"),
            count(self.sessions, "session"),
            count(self.playlists, "playlist"),
            count(self.transitions, "transition")
        )];
        if !self.rows.is_empty() {
            lines.push(format!(
                "learned from {}; held out {} in the last {}, each ranked among {:.0} tracks",
                self.trained,
                self.held_out,
                count(self.held_out_sessions, "session"),
                self.candidates
            ));
            lines.push(format!("{:<14} {:>6} {:>7}   {}", "", "MRR", "hit@10", "the model's MRR more, 95 % interval"));
        }
        for row in &self.rows {
            let more = self.differences.iter().find(|d| d.to == row.name).map_or(String::new(), |d| {
                let range = d.mrr.range.map_or(String::new(), |[l, h]| format!(" ({l:+.3} to {h:+.3})"));
                format!("   {:+.3}{range}", d.mrr.mean)
            });
            lines.push(format!("{:<14} {:>6} {:>6.1}%{more}", row.name, decimals(row.mrr), 100.0 * row.hits));
        }
        lines.push(self.words());
        lines
    }
}

/// Three decimals without the leading zero: `.081`.
fn decimals(x: f64) -> String {
    format!("{x:.3}").trim_start_matches('0').to_owned()
}

/// A ranking's name in a sentence.
fn the(name: &str) -> String {
    format!("the {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_says_why() {
        let row = |name: &str, mrr| Row { name: name.into(), mrr, hits: 0.2 };
        let rows = vec![row(MODEL, 0.0812), row("last track", 0.0831), row("signature", 0.05)];
        let mrr = Interval { mean: 0.031, range: Some([-0.01, 0.07]), values: 10, groups: 10 };
        let difference = Difference { to: "signature".into(), mrr };
        let mut report = Report { rows, transitions: 41, differences: vec![difference], ..Report::default() };
        assert_eq!(report.words(), "not used: 41 transitions so far, 300 are needed");
        let one = Report { plays: 2, sessions: 1, transitions: 1, ..Report::default() };
        let lines =
            ["2 plays in 1 session, 0 playlists: 1 transition", "not used: 1 transition so far, 300 are needed"];
        assert_eq!(one.lines(), lines);
        report.verdict = Verdict::NoBetter { than: "last track".into() };
        assert_eq!(report.words(), "not used: it is no better than the last track (MRR .081 against .083)");
        report.verdict = Verdict::NoBetter { than: "signature".into() };
        assert!(report.words().contains("is not significantly better than the signature (MRR .081 against .050)"));
        assert!(report.lines()[5].ends_with("+0.031 (-0.010 to +0.070)"), "{:?}", report.lines());
        report.verdict = Verdict::Used;
        assert!(report.words().starts_with("used: it is better"));
        let back: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        assert_eq!(back.words(), report.words());
    }
}
