//! The decoder's guesses in docs/paper.md: the picture that one of the outlook's runs left beside its record.

use std::path::{Path, PathBuf};

use super::arm::Experiment;
use super::groups::closest;
use super::outlook::DECODER;
use super::record::{self, Record};
use crate::training::reconstructions;

/// The name of the picture beside the page.
pub const FILE: &str = "paper/reconstructions.svg";

/// The run whose picture the page has: of the decoder at full weight, in the setting that is closest to the paper's, the one
/// that guesses best in the epoch of the picture, which for some seeds is one of the first; of equal ones the first seed.
pub fn run(records: &[Record]) -> Option<&Record> {
    let ended = |run: &&Record| run.arm == DECODER && run.finished && !run.diverged;
    let error = |run: &Record| run.outcome.as_ref().and_then(|o| o.reconstruction).unwrap_or(f64::INFINITY);
    let better = |a: &&Record, b: &&Record| error(a).total_cmp(&error(b)).then(a.seed.cmp(&b.seed));
    let groups = closest(Experiment::Outlook, records);
    groups.iter().find_map(|group| group.iter().copied().filter(ended).min_by(better))
}

/// The picture that a run left below the lab's directory; it may not be there.
pub fn left(root: &Path, run: &Record) -> PathBuf {
    record::directory(root, &run.setting, &run.arm, run.seed).join(reconstructions::FILE)
}

/// What the page says of it, below the outlook's table.
pub fn words() -> String {
    format!(
        "\n![Coarse images of validation tracks, and below each what the decoder guesses of it]({FILE})\n\n\
         `{DECODER}`, of its seeds the one that guesses best in the epoch that is best for genres, which is the one shown: the coarse \
         image of a validation track, and below it what the decoder guesses of it from the 32 numbers. Blue is quieter than the band's \
         mean over the training tracks, red louder.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::{ended, record};

    #[test]
    fn the_seed_that_guesses_best_is_shown() {
        let half = Record { finished: false, ..record(DECODER, 1, &[0.5]) };
        let lost = Record { diverged: true, ..ended(DECODER, 2, 0.5) };
        let all = [half, ended(DECODER, 4, 0.5), lost, ended(DECODER, 3, 0.5), ended("described-decoder", 1, 0.5)];
        assert_eq!(run(&all).map(|run| (run.arm.as_str(), run.seed)), Some((DECODER, 3)));
        assert_eq!(run(&all[..1]), None);
        let mut guessed = all.clone();
        guessed[1].outcome.as_mut().unwrap().reconstruction = Some(0.5);
        assert_eq!(run(&guessed).map(|run| run.seed), Some(4));
        let place = left(Path::new("lab"), &all[3]);
        assert!(place.starts_with("lab") && place.ends_with("decoder-1-s3/reconstructions.svg"), "{place:?}");
        assert!(words().contains("](paper/reconstructions.svg)\n\n`decoder-1`, "));
    }
}
