//! The answer to a claim that compares arms, from the closest setting that has all of them.

use super::answer::{Answer, Judgement, Predicts, Verdict};
use super::arm::Experiment;
use super::claim::Comparison;
use super::effects::Arms;
use super::estimate::Estimate;
use super::groups::{narrowed, telling, words};
use super::measures::Measure;
use super::music;
use super::record::Record;
use crate::text::thousands;

/// The difference of arms.
pub fn compared(comparison: &Comparison, records: &[Record]) -> Judgement {
    let groups = telling(comparison.experiment, records);
    let found = music::judged(comparison.experiment, &groups, |group| in_setting(comparison, group));
    found.unwrap_or_else(|| {
        let names: Vec<&str> = comparison.names().collect();
        let once = comparison.measure.needs_seeds() && groups.iter().any(|group| has_run(comparison, group));
        Judgement::missing(&comparison.experiment.command(), &names, once)
    })
}

/// Whether all arms have a finished run in a setting.
fn has_run(comparison: &Comparison, group: &[&Record]) -> bool {
    let arms = Arms::by(group, comparison.measure);
    comparison.names().all(|name| arms.mean(name).is_some())
}

/// The same in one setting; `None` if one of the arms is not there.
fn in_setting(comparison: &Comparison, group: &[&Record]) -> Option<Judgement> {
    let runs = |name: &str| group.iter().copied().filter(|r| r.arm == name).collect::<Vec<_>>();
    let first: Vec<&Record> = comparison.names().map(|name| runs(name).into_iter().next()).collect::<Option<_>>()?;
    let epochs = first.first()?.config.epochs;
    // What few epochs come to says nothing of how much many would vary.
    let group: Vec<&Record> = group.iter().copied().filter(|r| r.config.epochs == epochs).collect();
    let arms = Arms::by(&group, comparison.measure);
    if comparison.measure.needs_seeds() && !arms.between_seeds() {
        return None;
    }
    let setting = &first.first()?.setting;
    let setting_words = words(setting, epochs);
    let lost = |name: &&str| arms.mean(name).is_none();
    let lost: Vec<&str> = comparison.names().filter(lost).collect();
    if !lost.is_empty() {
        let all = lost.iter().all(|name| arms.has_diverged(name));
        let figures = format!("`{}` diverged", lost.join("` and `"));
        let verdict = Verdict::new(Answer::Diverged, "");
        return all.then(|| Judgement::of(figures, setting_words, String::new(), verdict));
    }
    let difference = between(comparison, &arms)?;
    let mut points = comparison.measure.told(difference);
    let late = (comparison.measure == Measure::Best).then(|| Arms::by(&group, Measure::Late));
    let late = late.and_then(|late| between(comparison, &late));
    if let Some(late) = late {
        points = format!("{points} in the best epoch, {} in the last three", late.points());
    }
    let predicts = comparison.predicts;
    let verdict = late.map_or_else(|| predicts.verdict(difference), |late| predicts.lasting(difference, late));
    let (figures, mut verdict) = match (comparison.measure, comparison.pairs) {
        (Measure::Fall, &[[one, other]]) => fall(&arms, [one, other], difference, predicts)?,
        (_, &[[one, other], [beside, from]]) => (format!("({one} − {other}) − ({beside} − {from}): {points}"), verdict),
        _ => (points, verdict),
    };
    if comparison.measure.needs_seeds() && verdict.answer == Answer::Unclear {
        verdict = Verdict::new(Answer::Unclear, &format!(" (95 %: ± {:.2})", difference.half()));
    }
    let more = sizes(&first).unwrap_or_default();
    let narrow = !more.is_empty() && !setting.is_wide() && first.iter().any(|r| r.config.arch.is_paper());
    let before = match comparison.experiment {
        Experiment::Fig3 | Experiment::Ablation => narrowed(setting, epochs),
        Experiment::Table4 if narrow => "scaled down: ".into(),
        Experiment::Table4 | Experiment::Outlook | Experiment::Transfer => String::new(),
    };
    let verdict = verdict.narrowed(&before);
    Some(Judgement::of(figures, setting_words, more, verdict))
}

/// The difference that a comparison is about.
fn between(comparison: &Comparison, arms: &Arms) -> Option<Estimate> {
    let pairs = comparison.pairs.iter().map(|[one, other]| arms.against(one, other));
    pairs.collect::<Option<Vec<_>>>()?.into_iter().reduce(Estimate::minus)
}

/// How far two arms fall, and whether the first keeps from it what happens to the second.
fn fall(arms: &Arms, names: [&str; 2], difference: Estimate, predicts: Predicts) -> Option<(String, Verdict)> {
    let [one, other] = names;
    let (kept, fallen) = (arms.mean(one)?, arms.mean(other)?);
    let figures = format!(
        "the last epochs against the best: {} points in `{one}`, {} in `{other}`, difference {}",
        kept.points(),
        fallen.points(),
        difference.points()
    );
    let verdict = match fallen.sign() {
        -1 => predicts.verdict(difference),
        _ => Verdict { answer: Answer::Unclear, words: format!("nothing to prevent: `{other}` does not fall") },
    };
    Some((figures, verdict))
}

/// The parameters of the two networks that are compared, if these are not the same.
fn sizes(runs: &[&Record]) -> Option<String> {
    let one = runs.first()?;
    let other = runs.iter().find(|run| run.config.arch != one.config.arch)?;
    Some(format!("networks of {} and {} parameters", thousands(one.parameters()?), thousands(other.parameters()?)))
}
