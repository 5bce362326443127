//! State on disk after a power failure. The system calls of a writer are recorded with strace. Then every state that a
//! file system may leave after a power failure at any point is created and opened: synced data is there, data being
//! written is old or new, and nothing else appears. A weak file system is assumed: names reach the disk in order, but
//! only syncing the directory makes them permanent; contents are independent of names, with any part of what was
//! written since the file's own sync.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jukebox::library::journal::{Entry, Event, Journal};
use jukebox::store::private;
use jukebox::track::TrackId;

const ROLE: &str = "JUKEBOX_TEST_POWER";

fn entry(n: u32) -> Entry {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    Entry { at: n.into(), event: Event::Played { track: TrackId(id), secs: f64::from(n), whole: true } }
}

fn version(n: u32) -> String {
    format!("version {n} ").repeat(1 + n as usize % 40)
}

/// Puts a mark into the recording by opening a file that does not exist.
fn mark(text: &str) {
    let _ = fs::File::open(format!("/mark/{text}"));
}

/// Writes entries, compacts at intervals, and replaces a file by new versions, marking what is safe.
#[test]
fn writer() {
    let Ok(dir) = std::env::var(ROLE).map(PathBuf::from) else { return };
    let (mut journal, _, _) = Journal::open(&dir.join("journal.jsonl")).unwrap();
    let mut first = 0;
    for n in 0..60 {
        journal.append(&entry(n)).unwrap();
        if n % 3 == 2 {
            journal.sync().unwrap();
            mark(&format!("entries/{}", n + 1));
        }
        if n % 20 == 19 {
            first += 10;
            mark(&format!("first/{first}"));
            journal.compact(&(first..=n).map(entry).collect::<Vec<_>>()).unwrap();
            mark(&format!("entries/{}", n + 1));
        }
        if n % 4 == 0 {
            mark(&format!("begun/{n}"));
            private::replace(&dir.join("current"), version(n).as_bytes()).unwrap();
            mark(&format!("version/{n}"));
        }
    }
}

/// The recorded system calls.
#[derive(Debug, Clone)]
enum Call {
    Open { name: PathBuf, truncate: bool },
    Write { name: PathBuf, bytes: Vec<u8> },
    Cut { name: PathBuf, len: usize },
    Sync { name: PathBuf },
    Rename { from: PathBuf, to: PathBuf },
    Remove { name: PathBuf },
    Mark { what: String, n: u32 },
}

/// Decodes a quoted string of strace's `-xx`, or the path that `-y` appends to a descriptor.
fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|h| u8::from_str_radix(&h[..2], 16).unwrap()).collect()
}

fn path(text: &str) -> PathBuf {
    String::from_utf8(unhex(text)).unwrap().into()
}

/// Parses a line of the recording; `None` unless it concerns `dir` and succeeded.
fn parse(line: &str, dir: &Path) -> Option<Call> {
    let line = line.split_once(' ')?.1.trim_start();
    let (name, rest) = line.split_once('(')?;
    assert!(!line.contains("unfinished"), "{line}");
    let texts: Vec<&str> = rest.split('"').skip(1).step_by(2).collect();
    let descriptor = || rest.split_once('<').and_then(|(_, r)| r.split_once('>')).map(|(inside, _)| path(inside));
    if name == "openat" {
        let asked = path(texts.first()?);
        if let Ok(mark) = asked.strip_prefix("/mark") {
            let (what, n) = mark.to_str()?.split_once('/')?;
            return Some(Call::Mark { what: what.to_owned(), n: n.parse().unwrap() });
        }
    }
    if rest.contains(") = -1") {
        return None;
    }
    let call = match name {
        "openat" if rest.contains("O_CREAT") => {
            Call::Open { name: path(texts.first()?), truncate: rest.contains("O_TRUNC") }
        }
        "write" => Call::Write { name: descriptor()?, bytes: unhex(texts.first()?) },
        "fsync" | "fdatasync" => Call::Sync { name: descriptor()? },
        "ftruncate" => {
            let len = rest.split(", ").nth(1)?.split(')').next()?.trim().parse().unwrap();
            Call::Cut { name: descriptor()?, len }
        }
        "rename" => Call::Rename { from: path(texts[0]), to: path(texts[1]) },
        "unlink" => Call::Remove { name: path(texts[0]) },
        _ => return None,
    };
    let about = match &call {
        Call::Open { name, .. } | Call::Write { name, .. } | Call::Cut { name, .. } => name,
        Call::Sync { name } | Call::Remove { name } => name,
        Call::Rename { from, .. } => from,
        Call::Mark { .. } => return Some(call),
    };
    about.starts_with(dir).then_some(call)
}

/// All relevant system calls of the writer, in order; `None` if strace is missing or not permitted.
fn record(dir: &Path) -> Option<Vec<Call>> {
    let log = dir.with_extension("log");
    let child = std::env::current_exe().unwrap();
    let traced = "trace=openat,write,fsync,fdatasync,ftruncate,rename,unlink,pwrite64,writev,renameat,renameat2";
    let mut command = Command::new("strace");
    command.args(["-f", "-xx", "-y", "-s", "1000000", "-e", traced, "-e", "signal=none", "-o"]).arg(&log);
    command.arg(child).args(["writer", "--exact", "--test-threads=1"]).env(ROLE, dir);
    let ran = command.output().ok().filter(|ran| ran.status.success());
    let Some(text) = ran.and_then(|_| fs::read_to_string(&log).ok()) else {
        eprintln!("SKIPPED: strace is missing, or may not trace here");
        return None;
    };
    Some(text.lines().filter_map(|line| parse(line, dir)).collect())
}

/// A file's contents: those guaranteed to be on disk, and the changes since.
#[derive(Debug, Clone, Default)]
struct Inode {
    safe: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Append(Vec<u8>),
    Cut(usize),
}

impl Inode {
    /// The contents after the first `count` changes, with only the share `part` of the last one's
    /// bytes.
    fn after(&self, count: usize, part: f64) -> Vec<u8> {
        let mut out = self.safe.clone();
        for (i, change) in self.pending[..count].iter().enumerate() {
            match change {
                Change::Append(bytes) if i + 1 == count => {
                    out.extend(&bytes[..(bytes.len() as f64 * part) as usize]);
                }
                Change::Append(bytes) => out.extend(bytes),
                Change::Cut(len) => out.truncate(*len),
            }
        }
        out
    }
}

type Names = BTreeMap<PathBuf, usize>;

/// The disk: files, the guaranteed names, and every later state of the names.
#[derive(Debug, Default)]
struct Disk {
    inodes: Vec<Inode>,
    safe: Names,
    later: Vec<Names>,
}

impl Disk {
    fn names(&self) -> Names {
        self.later.last().unwrap_or(&self.safe).clone()
    }

    fn rename(&mut self, change: impl FnOnce(&mut Names)) {
        let mut names = self.names();
        change(&mut names);
        self.later.push(names);
    }

    fn inode(&mut self, name: &Path) -> &mut Inode {
        let at = self.names()[name];
        &mut self.inodes[at]
    }

    fn apply(&mut self, call: &Call, dir: &Path) {
        match call {
            Call::Open { name, truncate } => {
                if !self.names().contains_key(name) {
                    self.inodes.push(Inode::default());
                    let at = self.inodes.len() - 1;
                    self.rename(|names| _ = names.insert(name.clone(), at));
                } else if *truncate {
                    self.inode(name).pending.push(Change::Cut(0));
                }
            }
            Call::Write { name, bytes } => self.inode(name).pending.push(Change::Append(bytes.clone())),
            Call::Cut { name, len } => self.inode(name).pending.push(Change::Cut(*len)),
            Call::Sync { name } if name == dir => {
                self.safe = self.names();
                self.later.clear();
            }
            Call::Sync { name } => {
                let inode = self.inode(name);
                inode.safe = inode.after(inode.pending.len(), 1.0);
                inode.pending.clear();
            }
            Call::Rename { from, to } => self.rename(|names| {
                let at = names.remove(from).unwrap();
                names.insert(to.clone(), at);
            }),
            Call::Remove { name } => self.rename(|names| _ = names.remove(name)),
            Call::Mark { .. } => {}
        }
    }

    /// Every state that a power failure may leave: one state of the names, with any number of each
    /// file's changes.
    fn after_a_cut(&self) -> BTreeSet<Vec<(PathBuf, Vec<u8>)>> {
        let mut out = BTreeSet::new();
        for names in std::iter::once(&self.safe).chain(&self.later) {
            let mut states = vec![Vec::new()];
            for (name, at) in names {
                let inode = &self.inodes[*at];
                let mut contents = BTreeSet::from([inode.after(0, 1.0)]);
                for count in 1..=inode.pending.len() {
                    contents.extend([0.0, 0.3, 0.99, 1.0].map(|part| inode.after(count, part)));
                }
                states = (states.iter())
                    .flat_map(|state: &Vec<_>| {
                        contents.iter().map(move |c| [&state[..], &[(name.clone(), c.clone())]].concat())
                    })
                    .collect();
            }
            out.extend(states);
        }
        out
    }
}

#[test]
fn what_was_synced_survives_a_power_cut_at_any_point() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("written");
    fs::create_dir(&dir).unwrap();
    let Some(calls) = record(&dir) else { return };
    assert!(calls.len() > 200, "only {} calls were recorded", calls.len());
    let mut marks: BTreeMap<&str, u32> = BTreeMap::new();
    let mut disk = Disk::default();
    let mut tried = 0;
    let mut seen = BTreeSet::new();
    for (at, call) in calls.iter().enumerate() {
        disk.apply(call, &dir);
        if let Call::Mark { what, n } = call {
            marks.insert(what, *n);
        }
        let marked = |what: &str| marks.get(what).copied();
        for state in disk.after_a_cut() {
            // The same state can occur at two points, of which the later guarantees more.
            if !seen.insert((marks.clone(), state.clone())) {
                continue;
            }
            tried += 1;
            let case = tmp.path().join("case");
            fs::create_dir(&case).unwrap();
            let mut picture = format!("after call {at}, {marks:?}:");
            for (name, bytes) in &state {
                let name = name.strip_prefix(&dir).unwrap();
                write!(picture, " {} ({})", name.display(), bytes.len()).unwrap();
                fs::write(case.join(name), bytes).unwrap();
            }
            let (_, entries, _) =
                Journal::open(&case.join("journal.jsonl")).unwrap_or_else(|e| panic!("{picture} {e}"));
            let end = entries.last().map_or(0, |e| e.at as u32 + 1);
            let first = entries.first().map_or(0, |e| e.at as u32);
            assert_eq!(entries, (first..end).map(entry).collect::<Vec<_>>(), "{picture}");
            assert!(end >= marked("entries").unwrap_or(0), "{picture}: {end} entries");
            assert!(first <= marked("first").unwrap_or(0), "{picture}: begins with {first}");
            let current = fs::read_to_string(case.join("current")).ok();
            let may_be: Vec<Option<String>> = [marked("version"), marked("begun")].map(|n| n.map(version)).into();
            assert!(may_be.contains(&current), "{picture}: {current:?}");
            fs::remove_dir_all(&case).unwrap();
        }
    }
    assert!(tried > 500, "only {tried} states");
    println!("{tried} states after a power cut: 0 lost, 0 invented");
}
