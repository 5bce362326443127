//! What came of a claim, and the rules by which a difference answers one.

use super::estimate::Estimate;

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so here.
    Held,
    /// It is not so here.
    Failed,
    /// What was seen agrees with it, and does not show it.
    Consistent,
    /// In one place it is so, in another it is not.
    Mixed,
    /// A difference was looked for, and cannot be told from none.
    Unclear,
    /// Training failed, so that there is nothing to compare.
    Diverged,
    /// What it was found on differs too much.
    Incomparable,
    /// Nothing was done about it yet.
    Open,
}

impl Answer {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Answer::Held => "held",
            Answer::Failed => "did not hold",
            Answer::Consistent => "consistent",
            Answer::Mixed => "mixed",
            Answer::Unclear => "no difference found",
            Answer::Diverged => "diverged",
            Answer::Incomparable => "not comparable",
            Answer::Open => "not tested",
        }
    }
}

/// An answer, and the words of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// Its words, with what narrows it.
    pub words: String,
}

impl Verdict {
    /// An answer with what follows its words, such as `, in simulation`.
    pub fn new(answer: Answer, more: &str) -> Verdict {
        Verdict { answer, words: format!("{}{more}", answer.words()) }
    }

    /// The same after what narrows it.
    pub fn narrowed(self, before: &str) -> Verdict {
        Verdict { words: format!("{before}{}", self.words), ..self }
    }

    /// Whether nothing narrows it.
    pub fn is_plain(&self) -> bool {
        self.words == self.answer.words()
    }
}

/// What came of a claim, with the figures.
pub struct Judgement {
    /// The figures of runs, if there are any.
    pub figures: String,
    /// The setting that they are of.
    pub setting: Option<String>,
    /// What is to be said of them, or stands in their place; may be empty.
    pub more: String,
    /// What other music says, each as a cell of its own with its verdict.
    pub others: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Judgement {
    /// What the runs of a setting say. `more` may be empty.
    pub fn of(figures: String, setting: String, more: String, verdict: Verdict) -> Judgement {
        Judgement { figures, setting: Some(setting), more, others: Vec::new(), verdict }
    }

    /// A claim of which nothing is known yet.
    pub fn open(more: &str) -> Judgement {
        let verdict = Verdict::new(Answer::Open, "");
        Judgement { figures: String::new(), setting: None, more: more.into(), others: Vec::new(), verdict }
    }

    /// A claim that these arms would test, with the command that runs them. `once`: they have run, but with one seed, which
    /// does not tell how far their numbers are to be trusted.
    pub fn missing(command: &str, arms: &[&str], once: bool) -> Judgement {
        let (what, seeds) = if once { ("needs two seeds", " --seeds 2") } else { ("not run", "") };
        Judgement::open(&format!("{what}: `{command} --only {}{seeds}`", arms.join(",")))
    }

    /// What was found here, as a cell.
    pub fn ours(&self) -> String {
        let own = match &self.setting {
            Some(setting) if self.more.is_empty() => format!("{} ({setting})", self.figures),
            Some(setting) => format!("{} ({setting}; {})", self.figures, self.more),
            None if self.more.is_empty() => "–".into(),
            None => self.more.clone(),
        };
        std::iter::once(own).chain(self.others.iter().cloned()).collect::<Vec<_>>().join("; ")
    }
}

/// What a claim says of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicts {
    /// It is above 0.
    Higher,
    /// It is below 0.
    Lower,
    /// It is far below 0.
    MuchLower,
    /// There is none.
    Same,
}

/// The most that a difference of no consequence comes to.
const SAME: f64 = 0.05;
/// The least that much comes to.
const MUCH: f64 = 0.10;

impl Predicts {
    /// What a difference of accuracies says. It is a difference if its 95 % interval leaves 0 out; that there is none is shown
    /// only if that interval lies within five points of 0.
    pub fn verdict(self, found: Estimate) -> Verdict {
        let half = found.half();
        match (self, found.sign()) {
            (Predicts::Same, 0) if found.value.abs() + half <= SAME => Verdict::new(Answer::Held, ""),
            (_, 0) => Verdict::new(Answer::Unclear, &format!(" (95 %: ± {:.1} points)", 100.0 * half)),
            (Predicts::MuchLower, -1) if found.value > -MUCH => Verdict::new(Answer::Mixed, ": it hurts, not severely"),
            (Predicts::Higher, 1) | (Predicts::Lower | Predicts::MuchLower, -1) => Verdict::new(Answer::Held, ""),
            _ => Verdict::new(Answer::Failed, ""),
        }
    }

    /// The same of a difference in the best epoch, if that in the last ones does not say otherwise.
    pub fn lasting(self, best: Estimate, late: Estimate) -> Verdict {
        if best.sign() == late.sign() {
            self.verdict(best)
        } else {
            Verdict::new(Answer::Mixed, ": depends on the epoch")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_answers_by_its_sign_and_size() {
        let told = |predicts: Predicts, value: f64, error: f64| {
            let verdict = predicts.verdict(Estimate { value, error, freedom: f64::INFINITY, n: 1 });
            (verdict.answer, verdict.words)
        };
        let is = |answer: Answer, words: &str| (answer, words.to_string());
        assert_eq!(told(Predicts::Higher, 0.05, 0.02), is(Answer::Held, "held"));
        assert_eq!(told(Predicts::Higher, -0.05, 0.02), is(Answer::Failed, "did not hold"));
        assert_eq!(told(Predicts::Lower, -0.01, 0.001), is(Answer::Held, "held"));
        assert_eq!(told(Predicts::Higher, 0.05, 0.03), is(Answer::Unclear, "no difference found (95 %: ± 5.9 points)"));
        assert_eq!(told(Predicts::MuchLower, -0.101, 0.01), is(Answer::Held, "held"));
        let slight = "mixed: it hurts, not severely";
        assert_eq!(told(Predicts::MuchLower, -0.099, 0.01), is(Answer::Mixed, slight));
        assert_eq!(told(Predicts::MuchLower, 0.2, 0.01), is(Answer::Failed, "did not hold"));
        // That there is no difference needs more than not to have found one.
        assert_eq!(told(Predicts::Same, 0.009, 0.02), is(Answer::Held, "held"));
        assert_eq!(told(Predicts::Same, 0.011, 0.02), is(Answer::Unclear, "no difference found (95 %: ± 3.9 points)"));
        assert_eq!(told(Predicts::Same, -0.03, 0.01), is(Answer::Failed, "did not hold"));
        // Of six degrees of freedom 2.3 standard errors are none.
        let few = Predicts::Higher.verdict(Estimate { value: 0.062, error: 0.027, freedom: 6.0, n: 1 });
        assert_eq!(few.words, "no difference found (95 %: ± 6.6 points)");
        assert!(Verdict::new(Answer::Held, "").is_plain() && !Verdict::new(Answer::Held, ", once").is_plain());
    }
}
