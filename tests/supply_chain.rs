//! Dependencies: none with a known vulnerability, none under a licence that is not allowed, and only from crates.io.
//! `deny.toml` lists what is allowed, and exceptions with reasons.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::Command;

mod support;

use support::figure;

fn read(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn deny() -> toml::Table {
    read("deny.toml").parse().unwrap()
}

/// Name, version and source of everything in Cargo.lock; workspace packages have no source.
fn locked() -> Vec<(String, String, Option<String>)> {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let packages = lock["package"].as_array().unwrap().iter();
    packages.map(|p| (text(p, "name").unwrap(), text(p, "version").unwrap(), text(p, "source"))).collect()
}

/// Major, minor and patch number, and whether it is a release.
fn version(text: &str) -> ([u64; 3], bool) {
    let text = text.split('+').next().unwrap();
    let (numbers, pre) = text.split_once('-').map_or((text, ""), |(numbers, pre)| (numbers, pre));
    let mut out = [0; 3];
    for (place, number) in out.iter_mut().zip(numbers.split('.')) {
        *place = number.trim().parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    (out, pre.is_empty())
}

/// Whether a version satisfies one of several requirements separated by ` || `, each of comparisons separated by
/// commas.
fn satisfies(own: &str, requirements: &str) -> bool {
    let holds = |comparison: &str| {
        let comparison = comparison.trim();
        let at = comparison.find(|c: char| c.is_ascii_digit()).unwrap_or_else(|| panic!("{requirements}"));
        let (sign, (own, other)) = (comparison[..at].trim(), (version(own), version(&comparison[at..])));
        match sign {
            ">=" => own >= other,
            ">" => own > other,
            "<=" => own <= other,
            "<" => own < other,
            "=" => own == other,
            "^" | "" => {
                let [major, minor, patch] = other.0;
                let next = match (major, minor) {
                    (0, 0) => [0, 0, patch + 1],
                    (0, _) => [0, minor + 1, 0],
                    _ => [major + 1, 0, 0],
                };
                own >= other && own.0 < next
            }
            "~" => own >= other && own.0 < [other.0[0], other.0[1] + 1, 0],
            _ => panic!("not understood: {requirements}"),
        }
    };
    requirements.split("||").map(str::trim).filter(|r| !r.is_empty()).any(|r| r.split(',').all(holds))
}

#[test]
fn versions_are_compared_as_cargo_does() {
    for (own, wanted) in
        [("0.38.4", ">= 0.38"), ("1.2.3", "^1.2"), ("0.9.1", "< 0.8 || >= 0.9.1, < 0.10"), ("2.0.0", "> 1.9")]
    {
        assert!(satisfies(own, wanted), "{own} {wanted}");
    }
    for (own, wanted) in
        [("0.38.4", ">= 0.41.0"), ("2.0.0", "^1.2"), ("0.3.0", "^0.2.9"), ("1.0.0-rc.1", ">= 1.0.0"), ("1.0.0", "")]
    {
        assert!(!satisfies(own, wanted), "{own} {wanted}");
    }
}

#[test]
fn no_crate_has_a_known_vulnerability() {
    let locked = locked();
    let deny = deny();
    let excused: Vec<&str> =
        deny["advisories"]["ignore"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    let (mut found, mut used) = (Vec::new(), Vec::new());
    let list = read("supply/advisories.tsv");
    let rows = list.lines().filter(|l| !l.starts_with('#')).map(|l| l.split('\t').collect::<Vec<_>>());
    let mut count = 0;
    for row in rows {
        let [id, package, kind, patched, unaffected] = row[..] else { panic!("{row:?}") };
        count += 1;
        for (_, version, _) in locked.iter().filter(|(name, ..)| name == package) {
            if satisfies(version, patched) || satisfies(version, unaffected) {
                continue;
            }
            if excused.contains(&id) {
                used.push(id);
            } else {
                found.push(format!("{id}: {package} {version} {kind} (patched: {patched})"));
            }
        }
    }
    println!("{count} advisories, {}", list.lines().next().unwrap_or(""));
    assert!(count > 1000, "the list was not read");
    figure("crates with a known vulnerability", found.len(), &format!("of {}", locked.len()), "0", found.is_empty());
    assert!(found.is_empty(), "mend these, or excuse them in deny.toml:\n{}", found.join("\n"));
    let idle: Vec<_> = excused.iter().filter(|id| !used.contains(id)).collect();
    assert!(idle.is_empty(), "excused for nothing: {idle:?}");
}

#[test]
fn everything_comes_from_crates_io() {
    let elsewhere: Vec<_> = locked()
        .into_iter()
        .filter(|(name, _, source)| match source {
            Some(source) => source != "registry+https://github.com/rust-lang/crates.io-index",
            None => !["jukebox-player", "jukebox-encoder", "jukebox-encoder-core", "jukebox-encoder-cuda"]
                .contains(&name.as_str()),
        })
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// Whether an SPDX expression can be satisfied with only allowed licences.
fn allowed(expression: &str, allow: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = either(&words, &mut at, allow);
    result && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut result = both(words, at, allow);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= both(words, at, allow);
    }
    result
}

fn both(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut result = one(words, at, allow);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allow);
    }
    result
}

fn one(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let result = either(words, at, allow);
        *at += 1;
        return result;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name += &format!(" WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allow.contains(&name.as_str())
}

#[test]
fn licence_expressions_are_understood() {
    let allow = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
    for good in ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR (MIT AND ISC)", "Apache-2.0 WITH LLVM-exception OR Apache-2.0"] {
        assert!(allowed(good, &allow), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND GPL-2.0", "Apache-2.0", "MIT )"] {
        assert!(!allowed(bad, &allow), "{bad}");
    }
}

#[test]
fn every_licence_is_allowed() {
    let deny = deny();
    let allow: Vec<&str> = deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    // The normal and build dependencies; those of tests are not distributed.
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--offline", "--locked", "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{l}|{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut rows: Vec<(&str, &str)> = text.lines().filter_map(|l| l.split_once('|')).collect();
    rows.sort_unstable();
    rows.dedup();
    assert!(rows.len() > 300, "only {} crates", rows.len());
    let wrong: Vec<_> = rows.iter().filter(|(licence, _)| !allowed(licence, &allow)).collect();
    figure("crates under another licence", wrong.len(), &format!("of {}", rows.len()), "0", wrong.is_empty());
    assert!(wrong.is_empty(), "{wrong:?}");
}
