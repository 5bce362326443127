//! Finds cycles in the graph of files that use each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::reader::Use;

/// The files that each file uses, with one of the uses for each pair.
pub struct Graph<'a>(BTreeMap<&'a Path, BTreeMap<&'a Path, &'a Use>>);

impl<'a> Graph<'a> {
    pub fn new(uses: impl Iterator<Item = &'a Use>) -> Graph<'a> {
        let mut graph: BTreeMap<&Path, BTreeMap<&Path, &Use>> = BTreeMap::new();
        for one in uses {
            graph.entry(&one.from).or_default().entry(&one.to).or_insert(one);
        }
        Graph(graph)
    }

    /// The shortest chain of uses from `file` back to itself.
    fn circle(&self, file: &'a Path) -> Option<Vec<&'a Use>> {
        let mut reached: BTreeMap<&Path, &Use> = BTreeMap::new();
        let mut waiting = VecDeque::from([file]);
        while let Some(at) = waiting.pop_front() {
            for (&to, &one) in self.0.get(at).into_iter().flatten() {
                if reached.contains_key(to) {
                    continue;
                }
                reached.insert(to, one);
                waiting.push_back(to);
            }
            if reached.contains_key(file) {
                break;
            }
        }
        let mut chain = vec![*reached.get(file)?];
        while let Some(last) = chain.last()
            && last.from != file
        {
            chain.push(reached[last.from.as_path()]);
        }
        chain.reverse();
        Some(chain)
    }

    /// The shortest cycle through each file that is on one, without duplicates.
    pub fn circles(&self) -> Vec<Vec<&'a Use>> {
        let mut seen: BTreeSet<Vec<&Path>> = BTreeSet::new();
        let chains = self.0.keys().filter_map(|file| self.circle(file));
        chains
            .filter(|chain| {
                let mut files: Vec<&Path> = chain.iter().map(|one| one.from.as_path()).collect();
                files.sort();
                seen.insert(files)
            })
            .collect()
    }

    /// The cycles, merged where they share files.
    pub fn knots(&self) -> Vec<(BTreeSet<PathBuf>, Vec<Vec<&'a Use>>)> {
        let mut knots: Vec<(BTreeSet<PathBuf>, Vec<Vec<&Use>>)> = Vec::new();
        for chain in self.circles() {
            let mut files: BTreeSet<PathBuf> = chain.iter().map(|one| one.from.clone()).collect();
            let mut chains = vec![chain];
            knots.retain_mut(|(others, more)| {
                let apart = files.is_disjoint(others);
                if !apart {
                    files.append(others);
                    chains.append(more);
                }
                apart
            });
            knots.push((files, chains));
        }
        knots
    }
}

/// Formats a cycle: a line for each use, with its position.
pub fn text(chain: &[&Use]) -> String {
    let lines = chain
        .iter()
        .map(|one| format!("    {}:{} uses {} of {}", one.from.display(), one.line, one.name, one.to.display()));
    lines.collect::<Vec<_>>().join("\n")
}
