//! The words after `--only`, which ask for a part of an experiment's arms.

use super::arm::{Arm, CORNERS, Experiment, arms};
use super::factors::Factors;
use super::fault::LabError;

/// The authors' head and order, with each input, with and without normalisation.
const AUTHORS: [usize; 4] = [0b0000, 0b0010, 0b1000, 0b1010];
/// The arms of the ablation that one word stands for.
const GROUPS: [(&str, [usize; 4]); 2] = [("corners", CORNERS), ("authors", AUTHORS)];

/// The arms that `only` asks for: exact names, parts of names, or, of the ablation, `corners` or `authors`. If it is
/// empty, all but the long ones, which parts of names do not ask for either.
///
/// # Errors
/// A word that fits no arm, with the names that there are.
pub fn chosen(experiment: Experiment, only: &[String]) -> Result<Vec<Arm>, LabError> {
    let all = arms(experiment);
    if only.is_empty() {
        return Ok(all.into_iter().filter(|arm| arm.epochs.is_none()).collect());
    }
    let mut kept: Vec<&Arm> = Vec::new();
    for word in only {
        let group = GROUPS.into_iter().find(|(name, _)| experiment == Experiment::Ablation && name == word);
        let group = group.map(|(_, numbers)| numbers.map(|n| Factors::of(n).name()));
        let exact = all.iter().any(|arm| arm.name == *word);
        let fits = |arm: &&Arm| match &group {
            Some(names) => names.contains(&arm.name),
            None if exact => arm.name == *word,
            None => arm.epochs.is_none() && arm.name.contains(word.as_str()),
        };
        let found: Vec<&Arm> = all.iter().filter(fits).collect();
        if found.is_empty() {
            let names = all.iter().map(|arm| arm.name.clone()).collect();
            return Err(LabError::NoArm { wanted: word.clone(), names });
        }
        found.into_iter().for_each(|arm| {
            if !kept.iter().any(|k| k.name == arm.name) {
                kept.push(arm);
            }
        });
    }
    Ok(kept.into_iter().cloned().collect())
}

/// The words after `--only` that ask for arms of these names, in the order of the experiment: a group's if they are that.
/// `None` if they are more than half of the arms that are usually run: the rest is then better asked for with them.
pub fn asked_by(experiment: Experiment, names: &[&str]) -> Option<String> {
    let all = arms(experiment);
    let own: Vec<&str> = all.iter().map(|arm| arm.name.as_str()).filter(|name| names.contains(name)).collect();
    let usual = all.iter().filter(|arm| arm.epochs.is_none()).count();
    if own.is_empty() || 2 * own.len() > usual {
        return None;
    }
    let is_own =
        |numbers: &[usize; 4]| own.len() == 4 && numbers.iter().all(|n| own.contains(&Factors::of(*n).name().as_str()));
    let group = GROUPS.iter().find(|(_, numbers)| experiment == Experiment::Ablation && is_own(numbers));
    Some(group.map_or_else(|| own.join(","), |(word, _)| (*word).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_arms_is_asked_for_by_name() {
        let authors = AUTHORS.map(|n| Factors::of(n).name());
        let authors: Vec<&str> = authors.iter().map(String::as_str).collect();
        assert_eq!(asked_by(Experiment::Ablation, &authors).as_deref(), Some("authors"));
        assert_eq!(asked_by(Experiment::Ablation, &authors[..1]).as_deref(), Some("power-sigmoid-plain-fixed"));
        let random = asked_by(Experiment::Table4, &["paper-random", "paper"]);
        assert_eq!(random.as_deref(), Some("paper,paper-random"));
        assert_eq!(asked_by(Experiment::Transfer, &["scratch", "frozen"]), None);
        assert_eq!(asked_by(Experiment::Fig3, &[]), None);
    }

    #[test]
    fn arms_are_chosen_by_name_part_and_word() {
        let names = |experiment, only: &str| -> Result<Vec<String>, LabError> {
            let only: Vec<String> = only.split(',').filter(|w| !w.is_empty()).map(String::from).collect();
            Ok(chosen(experiment, &only)?.into_iter().map(|arm| arm.name).collect())
        };
        assert_eq!(names(Experiment::Fig3, "").unwrap().len(), 8);
        assert_eq!(names(Experiment::Fig3, "bn").unwrap(), ["bn"], "an exact name is that arm alone");
        assert_eq!(names(Experiment::Fig3, "batch").unwrap(), ["bn-batch8", "bn-batch64", "batch64"]);
        assert_eq!(names(Experiment::Fig3, "batch64").unwrap(), ["batch64"]);
        assert_eq!(names(Experiment::Fig3, "base").unwrap(), ["baseline"], "a long arm is asked for by its name");
        assert_eq!(names(Experiment::Fig3, "baseline-100,dropout-100").unwrap(), ["baseline-100", "dropout-100"]);
        assert_eq!(names(Experiment::Ablation, "corners").unwrap().len(), 4);
        assert_eq!(names(Experiment::Ablation, "corners,power-sigmoid").unwrap().len(), 6);
        let authors = ["power-sigmoid-plain-fixed", "power-sigmoid-bn-fixed"];
        let authors: Vec<&str> =
            authors.into_iter().chain(["log-sigmoid-plain-fixed", "log-sigmoid-bn-fixed"]).collect();
        assert_eq!(names(Experiment::Ablation, "authors").unwrap(), authors);
        assert!(names(Experiment::Fig3, "corners").unwrap_err().to_string().contains("baseline"));
        assert_eq!(names(Experiment::Table4, "paper").unwrap(), ["paper"]);
        assert_eq!(names(Experiment::Table4, "augmented").unwrap().len(), 6);
    }
}
