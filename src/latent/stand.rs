//! Changes of a choice one dimension at a time.

use super::choice::{Choice, ChoiceError, Pick};
use super::named::{self, ALL_DIMS};

/// What a choice says of one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stand {
    /// Nothing: the tracks decide.
    ByTest,
    /// It is used, with this weight.
    Used(f32),
    /// It is left out.
    Never,
    /// It is not in the list of those to use exactly.
    Unlisted,
}

impl Choice {
    /// What the choice says of a 0-based dimension.
    pub fn stand(&self, dim: u8) -> Stand {
        let used = |picks: &[Pick]| picks.iter().find(|pick| pick.dim == dim).map(|pick| Stand::Used(pick.weight));
        let left_out = |dims: &[u8]| dims.contains(&dim).then_some(Stand::Never);
        match self {
            Choice::Auto | Choice::All => Stand::ByTest,
            Choice::Dims(picks) => used(picks).unwrap_or(Stand::Unlisted),
            Choice::Without(dims) => left_out(dims).unwrap_or(Stand::ByTest),
            Choice::Tuned { used: picks, never } => used(picks).or_else(|| left_out(never)).unwrap_or(Stand::ByTest),
        }
    }

    /// The choice with another word about a 0-based dimension. In an exact list `Never` and `Unlisted` take the dimension
    /// out of the list; `ByTest` keeps the others of the list and leaves all the rest to the test.
    ///
    /// # Errors
    /// When no dimension would be left.
    pub fn with(&self, dim: u8, stand: Stand) -> Result<Choice, ChoiceError> {
        let (mut used, mut never) = match self {
            Choice::Auto | Choice::All => (Vec::new(), Vec::new()),
            Choice::Dims(picks) => (picks.clone(), Vec::new()),
            Choice::Without(dims) => (Vec::new(), dims.clone()),
            Choice::Tuned { used, never } => (used.clone(), never.clone()),
        };
        used.retain(|pick| pick.dim != dim);
        never.retain(|other| *other != dim);
        let exact = matches!(self, Choice::Dims(_)) && stand != Stand::ByTest;
        match stand {
            Stand::Used(weight) => used.push(Pick { dim, weight }),
            Stand::Never | Stand::Unlisted if exact && used.is_empty() => {
                return Err(ChoiceError::Only(named::label(dim)));
            }
            Stand::Never | Stand::Unlisted if !exact => never.push(dim),
            Stand::ByTest if *self == Choice::All => return Ok(Choice::All),
            Stand::ByTest | Stand::Never | Stand::Unlisted => {}
        }
        if never.len() == ALL_DIMS {
            return Err(ChoiceError::Nothing);
        }
        if exact {
            used.sort_by_key(|pick| pick.dim);
            return Ok(Choice::Dims(used));
        }
        Ok(Choice::tuned(used, never))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The choice after a change, in the user's notation.
    fn changed(choice: &str, dim: u8, stand: Stand) -> String {
        let choice: Choice = choice.parse().unwrap();
        choice.with(dim, stand).map_or_else(String::from, |choice| choice.to_string())
    }

    #[test]
    fn a_choice_by_test_takes_words_about_single_dimensions() {
        assert_eq!(changed("auto", 2, Stand::Used(1.0)), "auto,3");
        assert_eq!(changed("auto,3", 2, Stand::Used(1.5)), "auto,3*1.5");
        assert_eq!(changed("auto,3", 4, Stand::Never), "auto,3,-5");
        assert_eq!(changed("auto,3,-5", 2, Stand::Never), "-3,-5");
        assert_eq!(changed("auto,3,-5", 4, Stand::Used(2.0)), "auto,3,5*2");
        assert_eq!(changed("auto,3,-5", 2, Stand::ByTest), "-5");
        assert_eq!(changed("-5", 4, Stand::ByTest), "auto");
        assert_eq!(changed("off", 4, Stand::Never), "-5");
        assert_eq!(changed("off", 4, Stand::ByTest), "off");
    }

    #[test]
    fn an_exact_list_stays_exact_until_the_tracks_are_to_decide() {
        assert_eq!(changed("3,7", 0, Stand::Used(1.0)), "1,3,7");
        assert_eq!(changed("3,7", 2, Stand::Never), "7");
        assert_eq!(changed("3,7", 2, Stand::Unlisted), "7");
        assert_eq!(changed("3,7*2", 2, Stand::ByTest), "auto,7*2");
        assert!(changed("3", 2, Stand::Never).contains("the only dimension"));
    }

    #[test]
    fn what_is_said_is_what_stands() {
        let stand = |choice: &str, dim| choice.parse::<Choice>().unwrap().stand(dim);
        assert_eq!((stand("auto", 2), stand("off", 2)), (Stand::ByTest, Stand::ByTest));
        assert_eq!((stand("3*2", 2), stand("3*2", 3)), (Stand::Used(2.0), Stand::Unlisted));
        assert_eq!((stand("-3", 2), stand("-3", 3)), (Stand::Never, Stand::ByTest));
        let tuned = [2, 4, 6].map(|dim| stand("auto,3,-5", dim));
        assert_eq!(tuned, [Stand::Used(1.0), Stand::Never, Stand::ByTest]);
    }

    #[test]
    fn any_sequence_of_changes_leaves_a_choice_that_can_be_written_and_read() {
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..50 {
            let mut choice = Choice::Auto;
            for _ in 0..40 {
                let dim = rng.u8(..ALL_DIMS as u8);
                let stand = [Stand::ByTest, Stand::Used(0.5 * f32::from(rng.u8(1..8))), Stand::Never][rng.usize(..3)];
                let Ok(next) = choice.with(dim, stand) else { continue };
                assert_eq!(next.to_string().parse::<Choice>(), Ok(next.clone()));
                assert_eq!(next.stand(dim), stand, "{choice} {dim}");
                choice = next;
            }
        }
    }
}
