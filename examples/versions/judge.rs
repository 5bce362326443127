//! Evaluates the groups that the player finds in the set.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use jukebox::ask::answers::Answers;
use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::library::Song;
use jukebox::paths::Paths;
use jukebox::queue::versions::Versions;
use jukebox::track::TrackId;

/// A line of truth.tsv.
#[derive(Clone)]
struct Truth {
    group: usize,
    kind: String,
    family: String,
    half: String,
}

impl Truth {
    fn is_original(&self) -> bool {
        self.family == "original"
    }
}

/// A number out of a total.
#[derive(Clone, Copy, Default)]
struct Count(usize, usize);

impl Count {
    fn add(&mut self, hit: bool) {
        self.0 += usize::from(hit);
        self.1 += 1;
    }

    fn share(self) -> String {
        if self.1 == 0 { "-".into() } else { format!("{:.3}", self.0 as f64 / self.1 as f64) }
    }
}

pub fn run(out: &Path, chosen: bool, misses: bool, pairs: Option<&Path>) -> Result<(), String> {
    let out = out.canonicalize().map_err(|e| format!("{}: {e}", out.display()))?;
    let answers = Local::open(&Paths::from_env()?, &Config::default()).map_err(|e| e.to_string())?.answers();
    let set = Set::of(&out, &answers)?;
    let clock = Instant::now();
    let versions = Versions::of(&answers.catalog, &answers.space);
    let took = clock.elapsed();
    let half = if chosen { "chosen" } else { "held-out" };
    println!(
        "{} tracks ({} heard) in {:.0} ms, {} groups, neighbours {:.2} apart; the {half} half",
        answers.catalog.len(),
        answers.space.len(),
        took.as_secs_f64() * 1e3,
        versions.groups().len(),
        versions.neighbourly()
    );
    if let Some(file) = pairs {
        std::fs::write(file, set.pairs()).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    set.recall(&versions, half, misses);
    set.precision(&versions, half, misses);
    Ok(())
}

struct Set<'a> {
    answers: &'a Answers,
    /// The truth about each file, in the order of truth.tsv.
    told: Vec<(&'a Song, Truth)>,
    of_track: HashMap<TrackId, Vec<usize>>,
}

impl<'a> Set<'a> {
    fn of(out: &Path, answers: &'a Answers) -> Result<Set<'a>, String> {
        let file = out.join("truth.tsv");
        let text = std::fs::read_to_string(&file)
            .map_err(|e| format!("{}: {e}; `versions make` writes it", file.display()))?;
        let mut told = Vec::new();
        let mut missing = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let [path, group, kind, family, half] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("{}: a line has not five fields: {line}", file.display()));
            };
            let group = group.parse().map_err(|_| format!("{}: no group: {line}", file.display()))?;
            let truth = Truth { group, kind: kind.into(), family: family.into(), half: half.into() };
            match answers.catalog.of_path(&out.join(path)) {
                Some(song) if answers.space.row(song.track).is_some() => told.push((&**song, truth)),
                _ => missing += 1,
            }
        }
        if missing > 0 {
            println!("{missing} files are not in the library or not analysed; `jukebox scan {}`", out.display());
        }
        let mut of_track: HashMap<TrackId, Vec<usize>> = HashMap::new();
        told.iter().enumerate().for_each(|(i, (song, _))| of_track.entry(song.track).or_default().push(i));
        Ok(Set { answers, told, of_track })
    }

    fn difference(&self, a: &Song, b: &Song) -> f32 {
        let row = |song: &Song| self.answers.space.row(song.track);
        row(a).zip(row(b)).map_or(f32::NAN, |(a, b)| self.answers.space.difference(a, b))
    }

    /// The share of changed copies that are found with their originals.
    fn recall(&self, versions: &Versions, half: &str, misses: bool) {
        let mut kinds: BTreeMap<(&str, &str), Count> = BTreeMap::new();
        let mut families: BTreeMap<&str, Count> = BTreeMap::new();
        let originals: HashMap<usize, &Song> =
            self.told.iter().filter(|(_, t)| t.is_original()).map(|(song, t)| (t.group, *song)).collect();
        for (song, truth) in self.told.iter().filter(|(_, t)| t.half == half && !t.is_original() && t.family != "trap")
        {
            let Some(original) = originals.get(&truth.group) else { continue };
            let group = versions.group(song.track);
            let found = song.track == original.track || (group.is_some() && group == versions.group(original.track));
            kinds.entry((&truth.family, &truth.kind)).or_default().add(found);
            families.entry(&truth.family).or_default().add(found);
            if misses && !found {
                let difference = self.difference(song, original);
                println!(
                    "missed  {difference:.3}  {:+.1} s  {}  {}",
                    song.secs - original.secs,
                    truth.kind,
                    line(original)
                );
            }
        }
        println!("{:<20} {:<26} {:>7} {:>7}", "family", "change", "found", "recall");
        for ((family, kind), count) in &kinds {
            println!("{family:<20} {kind:<26} {:>3}/{:<3} {:>7}", count.0, count.1, count.share());
        }
        for (family, count) in &families {
            println!("{family:<20} {:<26} {:>3}/{:<3} {:>7}", "all", count.0, count.1, count.share());
        }
    }

    /// The share of found pairs that are correct. Pairs of two originals are counted separately: the music may contain
    /// copies that were not constructed here.
    fn precision(&self, versions: &Versions, half: &str, misses: bool) {
        let mut right = Count::default();
        let mut among_originals = 0;
        let originals = self.told.iter().filter(|(song, t)| t.is_original() && !song.artist().is_empty());
        let songs: HashMap<usize, (String, String)> = originals
            .map(|(song, t)| {
                let title = song.title().to_lowercase();
                let name = title.split(['(', '[']).next().unwrap_or_default().trim().to_owned();
                (t.group, (song.artist().to_lowercase(), name))
            })
            .collect();
        for group in versions.groups() {
            let files: Vec<usize> =
                group.iter().filter_map(|track| self.of_track.get(track)).flatten().copied().collect();
            for (n, &i) in files.iter().enumerate() {
                for &j in &files[..n] {
                    let ((a, x), (b, y)) = (&self.told[j], &self.told[i]);
                    if x.half != half && y.half != half {
                        continue;
                    }
                    // The music may contain two mixes of one song, which are versions too.
                    let is =
                        x.group == y.group || songs.get(&x.group).is_some_and(|song| songs.get(&y.group) == Some(song));
                    let unchanged = |t: &Truth| t.is_original() || t.family == "trap";
                    if !is && unchanged(x) && unchanged(y) {
                        among_originals += 1;
                    } else {
                        right.add(is);
                    }
                    if misses && !is {
                        println!(
                            "wrong   {:.3}  {:+.1} s  {} | {}  ({} | {})",
                            self.difference(a, b),
                            b.secs - a.secs,
                            line(a),
                            line(b),
                            x.kind,
                            y.kind
                        );
                    }
                }
            }
        }
        println!("precision {} ({} of {} pairs with a changed copy)", right.share(), right.0, right.1);
        println!("{among_originals} pairs among the originals and the traps (copies that nobody made, or wrong)");
    }

    /// All pairs of one song, and others with similar sound or duration: whether they are one song, how different they
    /// sound, how much longer the second is, kinds, halves, names.
    fn pairs(&self) -> String {
        let mut out = String::from("one\tdifference\tlonger\tkind\tkind\thalf\thalf\tfirst\tsecond\n");
        for (i, (b, y)) in self.told.iter().enumerate() {
            for (a, x) in &self.told[..i] {
                let (one, difference, longer) = (x.group == y.group, self.difference(a, b), b.secs - a.secs);
                if one || (longer.abs() <= 10.0 && difference < 0.7) {
                    let _ = writeln!(
                        out,
                        "{}\t{difference:.4}\t{longer:.2}\t{}\t{}\t{}\t{}\t{}\t{}",
                        u8::from(one),
                        x.kind,
                        y.kind,
                        x.half,
                        y.half,
                        line(a),
                        line(b)
                    );
                }
            }
        }
        out
    }
}

fn line(song: &Song) -> String {
    format!("{} – {} – {}", song.artist(), song.album(), song.title())
}
