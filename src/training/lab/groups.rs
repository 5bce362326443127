//! Saved runs by setting, and how close a setting is to the paper's.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::arm::{Experiment, arms};
use super::only::asked_by;
use super::record::{Record, Setting};

/// The data set of the paper, as `fma:` names it; `strobe:` has the name of its directory.
const DATA: &str = "FMA-small";
/// Passes over the clips below which a run says nothing of a claim.
const FEWEST: usize = 12;
/// Passes over the clips in the runs of the paper's Figure 3.
pub const EPOCHS: usize = 48;

/// The runs of an experiment by setting: those first of which most arms were run, and then in order of their names.
pub fn settings(experiment: Experiment, records: &[Record]) -> Vec<Vec<&Record>> {
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for record in records.iter().filter(|r| r.experiment() == Some(experiment)) {
        let name = record.setting.directory();
        match groups.iter_mut().find(|g| g[0].setting.directory() == name) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups.sort_by_key(|g| (Reverse(arms_run(g)), g[0].setting.directory()));
    groups
}

/// Number of arms of which there is a run.
pub fn arms_run(group: &[&Record]) -> usize {
    let arms: BTreeSet<&str> = group.iter().filter(|r| !r.is_pilot()).map(|r| r.arm.as_str()).collect();
    arms.len()
}

/// Whether the encoder that arms of an experiment begin from has heard the music of this name: `ear` learned from TAFFC-900
/// and the music of Debian's games, without genre labels, `strobe` the genres of FMA-small.
pub fn has_heard(experiment: Experiment, data: &str) -> bool {
    let heard: &[&str] = match experiment {
        Experiment::Transfer => &["taffc", "debian"],
        Experiment::Outlook => &["fma"],
        Experiment::Fig3 | Experiment::Ablation | Experiment::Table4 => &[],
    };
    let data = data.to_lowercase();
    heard.iter().any(|name| data.contains(name))
}

/// The settings of which a run is finished, those that are closest to the paper's first: music that no encoder at the start
/// has heard, FMA-small before other data, then the largest images, the most epochs, the widest networks and the most runs.
pub fn closest(experiment: Experiment, records: &[Record]) -> Vec<Vec<&Record>> {
    let finished = |group: &[&Record]| group.iter().filter(|r| r.finished && !r.is_pilot()).count();
    let mut groups: Vec<Vec<&Record>> = settings(experiment, records);
    groups.retain(|g| finished(g) > 0);
    // Of equal ones the last by name comes first.
    groups.reverse();
    groups.sort_by_key(|g| {
        let setting = &g[0].setting;
        let pixels = setting.size().map(|[bands, steps]| bands * steps);
        let unheard = !has_heard(experiment, &setting.data);
        Reverse((unheard, is_fma(setting), pixels, setting.epochs, setting.width, finished(g)))
    });
    groups
}

/// Those of them whose runs say something of a claim of the paper: on its data, unless the experiment is about what the paper
/// did not do, and not only begun.
pub fn telling(experiment: Experiment, records: &[Record]) -> Vec<Vec<&Record>> {
    let mut groups = closest(experiment, records);
    groups.retain(|g| (experiment.goes_beyond() || is_fma(&g[0].setting)) && g[0].setting.epochs >= FEWEST);
    groups
}

/// The command that repeats the runs of a setting, and the versions that they were made by.
pub fn command(experiment: Experiment, group: &[&Record]) -> String {
    let mut names: Vec<&str> = group.iter().filter(|r| !r.is_pilot()).map(|r| r.arm.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let only = asked_by(experiment, &names).map_or(String::new(), |words| format!(" --only {words}"));
    // Arms that are run only where their names are given.
    let mut long = arms(experiment);
    long.retain(|arm| arm.epochs.is_some() && only.is_empty() && names.contains(&arm.name.as_str()));
    let long: Vec<&str> = long.iter().map(|arm| arm.name.as_str()).collect();
    let long = if long.is_empty() { String::new() } else { format!(", and with `--only {}`", long.join(",")) };
    let mut versions: Vec<&str> = group.iter().map(|r| r.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    format!("Command: `{}{only}`{long}; version {}.\n", group[0].setting.command, versions.join(", "))
}

/// Whether the data is the paper's. Folders of music (`tree:`) never are, whatever they are called.
pub fn is_fma(setting: &Setting) -> bool {
    setting.data.eq_ignore_ascii_case(DATA) && !setting.command.contains("--data tree:")
}

/// A setting in a few words, for runs of so many epochs.
pub fn words(setting: &Setting, epochs: usize) -> String {
    format!("{}, {}, width {}, {epochs} epochs", setting.data, setting.images, setting.width)
}

/// What narrows a verdict on the authors' recipe in a setting, before its words, such as `at 12 of 48 epochs, scaled down: `.
pub fn narrowed(setting: &Setting, epochs: usize) -> String {
    let short = (epochs < EPOCHS).then(|| format!("at {epochs} of {EPOCHS} epochs"));
    let small = (!setting.is_wide() || !setting.is_whole()).then(|| "scaled down".to_string());
    let parts: Vec<String> = short.into_iter().chain(small).collect();
    if parts.is_empty() { String::new() } else { format!("{}: ", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::record;

    fn at(data: &str, images: &str, epochs: usize, width: usize) -> Record {
        let mut run = record("baseline", 1, &[0.5]);
        let setting = &mut run.setting;
        (setting.data, setting.images, setting.epochs, setting.width) = (data.into(), images.into(), epochs, width);
        run
    }

    #[test]
    fn a_setting_tells_what_narrows_it() {
        let words = |images: &str, epochs: usize, width: usize| {
            narrowed(&at("FMA-small", images, epochs, width).setting, epochs)
        };
        assert_eq!(words("powers, 128 × 1280", 48, 512), "");
        assert_eq!(words("powers, 128 × 1280", 15, 64), "at 15 of 48 epochs, scaled down: ");
        assert_eq!(words("powers, averaged to 64 × 64", 100, 512), "scaled down: ");
    }

    #[test]
    fn the_papers_data_counts_before_size_length_and_width() {
        let (small, whole) = ("relative powers, averaged to 64 × 64", "powers, 128 × 1280");
        // From the closest to the farthest.
        let runs = [
            at("FMA-small", whole, 12, 64),
            at("fma-small", small, 48, 32),
            at("fma-small", small, 12, 64),
            at("fma-small", small, 12, 32),
            at("fma-small", small, 1, 512),
            at("mine", whole, 48, 512),
        ];
        let mut mixed = runs.clone();
        mixed.reverse();
        let names = |groups: Vec<Vec<&Record>>| groups.iter().map(|g| g[0].setting.directory()).collect::<Vec<_>>();
        let expected: Vec<String> = runs.iter().map(|run| run.setting.directory()).collect();
        assert_eq!(names(closest(Experiment::Fig3, &mixed)), expected);
        assert_eq!(names(telling(Experiment::Fig3, &mixed)), expected[..4], "neither one epoch nor other music");
        let mut tree = at("fma-small", whole, 48, 512);
        tree.setting.command = "jukebox lab fig3 --data tree:DIR --width 512".into();
        assert!(telling(Experiment::Fig3, &[tree]).is_empty());
    }
}
