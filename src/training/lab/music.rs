//! A judgement of all music that an experiment was run on.

use super::answer::{Answer, Judgement, Verdict};
use super::arm::Experiment;
use super::groups::has_heard;
use super::record::Record;

/// What runs say of a claim, settings in order of what they count. Of an experiment on any music the first music that has an
/// answer gives it, and what each other says stands beside; of the others the first setting alone.
pub fn judged<'a>(
    experiment: Experiment,
    groups: &[Vec<&'a Record>],
    judge: impl Fn(&[&'a Record]) -> Option<Judgement>,
) -> Option<Judgement> {
    let mut found: Vec<(&str, Judgement)> = Vec::new();
    for group in groups {
        let data = group[0].setting.data.as_str();
        let more = found.is_empty() || experiment.goes_beyond();
        if more && found.iter().all(|(other, _)| *other != data) {
            found.extend(judge(group).map(|own| (data, heard(own, experiment, data))));
        }
    }
    let mut found = found.into_iter();
    let (name, mut first) = found.next()?;
    for (data, other) in found {
        let pair = [first.verdict.answer, other.verdict.answer];
        first.others.push(format!("{}: {}", other.ours(), other.verdict.words));
        let opposed = pair == [Answer::Held, Answer::Failed] || pair == [Answer::Failed, Answer::Held];
        if opposed && !has_heard(experiment, data) {
            let both = format!(": {} on {name}, {} on {data}", first.verdict.words, other.verdict.words);
            first.verdict = Verdict::new(Answer::Mixed, &both);
        }
    }
    Some(first)
}

/// A judgement that says so if the encoder that arms begin from has heard the music.
fn heard(judgement: Judgement, experiment: Experiment, data: &str) -> Judgement {
    if !has_heard(experiment, data) {
        return judgement;
    }
    let note = "music that the encoder at the start has heard";
    let more = if judgement.more.is_empty() { note.into() } else { format!("{}; {note}", judgement.more) };
    Judgement { more, ..judgement }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::ended;
    use crate::training::lab::verdicts::table;

    fn on(data: &str, frozen: f64) -> [Record; 2] {
        [ended("frozen", 1, frozen), ended("scratch", 1, 0.5)].map(|mut run| {
            (run.setting.data, run.setting.clips) = (data.into(), data.into());
            run
        })
    }

    fn row(records: &[Record]) -> String {
        table(records).lines().find(|l| l.contains("a new head on a frozen encoder")).unwrap().to_string()
    }

    #[test]
    fn music_that_the_start_has_heard_comes_last_and_all_is_told() {
        let both = row(&[on("emotify", 0.5), on("taffc", 0.9)].concat());
        let told = "| +0.0 ± 7.1 points on validation and test tracks (emotify, patches of 3 s, 96 × 186, width 32, 20 epochs); \
                    +40.0 ± 5.8 points on validation and test tracks (taffc, patches of \
                    3 s, 96 × 186, width 32, 20 epochs; music that the encoder at the start has heard): did not hold | no difference";
        assert!(both.contains(told), "{both}");
        let alone = row(&on("TAFFC-900", 0.9));
        assert!(alone.contains("; music that the encoder at the start has heard) | did not hold |"), "{alone}");
    }

    #[test]
    fn music_that_says_the_opposite_makes_a_claim_mixed() {
        let wide = |data: &str, frozen: f64| {
            on(data, frozen).map(|mut run| {
                (run.setting.counts, run.setting.epochs) = ([40_000, 10_000], if data == "one" { 40 } else { 20 });
                run
            })
        };
        let opposed = row(&[wide("one", 0.5), wide("two", 0.9)].concat());
        assert!(opposed.ends_with("| mixed: held on one, did not hold on two |"), "{opposed}");
        let alike = row(&[wide("one", 0.9), wide("two", 0.9)].concat());
        assert!(alike.ends_with("): did not hold | did not hold |"), "{alike}");
    }
}
