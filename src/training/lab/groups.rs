//! Saved runs by setting.

use super::arm::Experiment;
use super::record::{Record, Setting};

/// The runs of an experiment by setting, in order of the settings' names.
pub fn settings(experiment: Experiment, records: &[Record]) -> Vec<Vec<&Record>> {
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for record in records.iter().filter(|r| r.experiment() == Some(experiment)) {
        let name = record.setting.directory();
        match groups.iter_mut().find(|g| g[0].setting.directory() == name) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups.sort_by_key(|g| g[0].setting.directory());
    groups
}

/// The settings of which a run is finished, those that are closest to the paper's first: the widest networks, then the
/// most runs.
pub fn closest(experiment: Experiment, records: &[Record]) -> Vec<Vec<&Record>> {
    let finished = |group: &[&Record]| group.iter().filter(|r| r.finished && !r.is_pilot()).count();
    let mut groups: Vec<Vec<&Record>> = settings(experiment, records);
    groups.retain(|g| finished(g) > 0);
    // Of equal ones the last by name comes first.
    groups.reverse();
    groups.sort_by_key(|g| std::cmp::Reverse((g[0].setting.width, finished(g))));
    groups
}

/// A setting in a few words.
pub fn words(setting: &Setting) -> String {
    format!("{}, width {}, {}", setting.data, setting.width, setting.images)
}
