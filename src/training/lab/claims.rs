//! What the paper claims, section by section, and what tests it here.

mod approach;
mod outlook;
mod results;

use super::claim::{Claim, Ours};

/// All claims, in the order of the paper.
pub fn all() -> impl Iterator<Item = &'static Claim> {
    approach::CLAIMS.iter().chain(results::CLAIMS).chain(outlook::CLAIMS)
}

/// The numbers in the words of claims that other pages answer, each with its page as seen from docs/paper.md.
pub fn cited() -> impl Iterator<Item = (&'static str, &'static str)> {
    all()
        .filter_map(|claim| match claim.ours {
            Ours::Measured { words, page, .. } => Some(numbers(words).map(move |number| (page, number))),
            _ => None,
        })
        .flatten()
}

/// The numbers in a text, as they are written: `.922`, `22.3`, `1,495,240`; not those in a word, such as `paper-1d`.
pub fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let belongs = |c: char| c.is_alphanumeric() || c == '.' || c == ',';
    let words = text.split(move |c| !belongs(c)).map(|word| word.trim_end_matches(['.', ',']).trim_start_matches(','));
    words.filter(|word| {
        word.contains(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::arm::arms;

    #[test]
    fn numbers_are_found_as_they_are_written() {
        let text = "AUC .922 (.872–.957), P@10 72.9 %, +.020, 1,495,240 in `paper-1d`, −3.8; 20, 17 and 10 of 20.";
        let expected = [".922", ".872", ".957", "10", "72.9", ".020", "1,495,240", "3.8", "20", "17", "10", "20"];
        assert_eq!(numbers(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_claim_names_arms_that_there_are_and_figures_of_the_page_that_it_cites() {
        for claim in all() {
            match &claim.ours {
                Ours::Arms(comparison) => {
                    let all = arms(comparison.experiment);
                    assert!(comparison.names().all(|name| all.iter().any(|arm| arm.name == name)), "{}", claim.words);
                    assert!((1..=2).contains(&comparison.pairs.len()), "{}", claim.words);
                }
                Ours::Open(why) => assert!(!why.is_empty(), "{}", claim.words),
                Ours::Measured { words, .. } => assert!(numbers(words).count() > 1, "{words}"),
                _ => {}
            }
            let cells = [claim.place, claim.words, claim.theirs];
            assert!(cells.iter().all(|cell| !cell.is_empty() && !cell.contains(['|', '\n'])), "{}", claim.words);
        }
        assert!(cited().count() > 40 && all().filter(|claim| claim.headline).count() < 9);
    }
}
