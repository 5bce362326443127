//! `jukebox config check`: everything that is wrong with a configuration, and what may be.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Result, bail};

use super::commands::Known;
use super::finding::{Finding, Findings};
use super::{places, themes};
use crate::ask::context::fault_of_limit;
use crate::cli::print;
use crate::config::{self, Config, ConfigError};
use crate::files;
use crate::library::filter::Language;
use crate::paths::Paths;
use crate::queue::plugin::{self, options, source};
use crate::queue::{AlbumsEngine, Director, SignatureEngine};
use crate::text::instead;
use crate::tui::Keymap;
use crate::tui::keymap::{self, KeymapError};

/// Checks a file and prints what was found.
///
/// # Errors
/// The file cannot be read; or how many faults it has.
pub(super) fn run(file: &Path, json: bool, paths: &Paths) -> Result<()> {
    let text = match files::text(file, files::SMALL) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound && json => return print::json(&Vec::<Finding>::new()),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            print::line(&format!("{}: does not exist, so the defaults apply", file.display()));
            return Ok(());
        }
        Err(cause) => return Err(ConfigError::Unread { path: file.into(), cause }.into()),
    };
    let all = findings(&text, paths);
    if json {
        print::json(&all)?;
    } else {
        all.iter().for_each(|finding| print::note(&format!("{}: {}", file.display(), finding.words())));
    }
    let of = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let faults = all.iter().filter(|finding| finding.is_fault).count();
    match (faults, all.len() - faults) {
        (0, _) if json => {}
        (0, 0) => print::line(&format!("{}: good", file.display())),
        (0, warnings) => print::line(&format!("{}: good, with {}", file.display(), of(warnings, "warning"))),
        (_, 0) => bail!("{}: {}", file.display(), of(faults, "fault")),
        (_, warnings) => bail!("{}: {} and {}", file.display(), of(faults, "fault"), of(warnings, "warning")),
    }
    Ok(())
}

/// What there is to say about a configuration, in the order of the file.
fn findings(text: &str, paths: &Paths) -> Vec<Finding> {
    let examined = config::examine(text);
    let all =
        examined.faults.iter().map(|fault| Finding { line: fault.line, is_fault: true, text: fault.cause.to_string() });
    let mut found = Findings { places: &examined.places, all: all.collect() };
    if let Some(config) = &examined.config {
        let engines = Director::new(vec![paths.plugins()]);
        let language = crate::ask::fields::language(&config.filters);
        filters(config, &language, &mut found);
        keys(config, &mut found);
        theme(config, paths, &mut found);
        if let Err(why) = engines.check(&config.queue.engine) {
            found.fault(&["queue", "engine"], format!("queue.engine: {why}"));
        }
        plugins(config, (&engines, paths), &mut found);
        let path = std::env::var_os("PATH").unwrap_or_default();
        places::check(config, paths, &path, &mut found);
        Known { config, paths, engines: &engines, language: &language }.check(&mut found);
    }
    found.all.sort_by_key(|finding| finding.line);
    found.all
}

fn filters(config: &Config, language: &Language, found: &mut Findings<'_>) {
    for name in config.filters.keys() {
        if let Err(why) = language.parse(&format!("@{name}")) {
            let own = format!("in @{name}: ");
            let said = why.message.strip_prefix(&own).unwrap_or(&why.message);
            found.fault(&["filters", name], format!("[filters] {name}: {said}"));
        }
    }
    for (name, set) in &config.limits {
        for (key, filter) in [("only", &set.only), ("never", &set.never)] {
            if let Some(why) = fault_of_limit(filter, language) {
                found.fault(&["limits", name, key], format!("[limits.{name}] {key}: {why}"));
            }
        }
    }
}

fn keys(config: &Config, found: &mut Findings<'_>) {
    let of_file = |line, is_fault, text| Finding { line, is_fault, text };
    let mut faults = keymap::faults(&config.ui.preset, &config.keys).into_iter().peekable();
    if faults.peek().is_none()
        && let Ok((_, conflicts)) = Keymap::new(&config.ui.preset, &config.keys)
    {
        // They begin with their lines.
        for conflict in conflicts {
            let (line, text) = at_line(&conflict);
            found.all.push(of_file(line, false, text.to_string()));
        }
    }
    for fault in faults {
        match fault {
            KeymapError::Line { line, table, cause } => {
                found.all.push(of_file(Some(line), true, format!("[{table}] {cause}")));
            }
            KeymapError::Preset { .. } | KeymapError::Shipped(_) => found.fault(&["ui", "preset"], fault.to_string()),
        }
    }
}

/// A text that begins with `line 7: ` without that, and the number.
fn at_line(text: &str) -> (Option<usize>, &str) {
    let parts = text.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    match parts.and_then(|(line, rest)| Some((line.parse().ok()?, rest))) {
        Some((line, rest)) => (Some(line), rest),
        None => (None, text),
    }
}

fn theme(config: &Config, paths: &Paths, found: &mut Findings<'_>) {
    match themes::mistakes(&config.ui.theme, paths) {
        Ok(mistakes) => mistakes.into_iter().for_each(|text| found.warning(&["ui", "theme"], text)),
        Err(why) => found.fault(&["ui", "theme"], format!("ui.theme: {why}")),
    }
}

/// Checks the tables of `[engines]` against what their plugins declare.
fn plugins(config: &Config, (engines, paths): (&Director, &Paths), found: &mut Findings<'_>) {
    let (names, _) = engines.names();
    for (name, table) in &config.engines {
        let key = ["engines", name.as_str()];
        if [SignatureEngine::NAME, AlbumsEngine::NAME].contains(&name.as_str()) {
            found.fault(&key, plugin::ChainError::BuiltIn(name.clone()).to_string());
            continue;
        }
        if !names.contains(name) {
            found.fault(&key, format!("no engine '{name}'; {}", instead(name, &names)));
            continue;
        }
        let manifest = source::source(name, &[paths.plugins()]).and_then(|source| source.manifest());
        let declared = match manifest {
            Ok(manifest) => manifest.options,
            Err(why) => {
                found.fault(&key, why.to_string());
                continue;
            }
        };
        for (option, value) in table {
            let one = [(option.clone(), value.clone())].into();
            if let Err(why) = options::settle(name, &declared, Some(&one), &[]) {
                found.fault(&["engines", name, option], why.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let home = tempfile::tempdir().unwrap();
        findings(text, &Paths::under(home.path())).iter().map(Finding::words).collect()
    }

    #[test]
    fn the_default_is_good() {
        assert_eq!(told(config::DEFAULT), Vec::<String>::new());
        assert_eq!(told(""), Vec::<String>::new());
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_line_and_what_is_meant() {
        let text = "[ui]\ntheme = \"draculla\"\npreset = \"vin\"\n[queue]\nengine = \"signatrue\"\nahed = 3\n\
                    [engines.radoi]\n[engines.signature]\nx = 1\n[engines.evening]\nminuts = 3\n\
                    [filters]\nnew = \"yeer=1\"\n[limits.party]\nonly = \"genree=x\"\n\
                    [keys]\nx = \"engine nope\"\ny = \"nxet\"\n\"crtl-n\" = \"next\"\nz = \"theme nrod\"\n\
                    w = \"limits prty\"\nv = \"engine radio | no-repeat\"\n";
        let told = told(text);
        let begins = [
            "line 2: ui.theme: no theme 'draculla'; did you mean dracula?",
            "line 3: ui.preset is \"vin\"; did you mean vim?",
            "line 5: queue.engine: no engine 'signatrue'; did you mean signature?",
            "line 6: unknown field `ahed`; did you mean `ahead`?",
            "line 7: no engine 'radoi'; did you mean radio?",
            "line 8: signature has no options",
            "line 11: evening has no option 'minuts'; did you mean minutes?",
            "line 13: [filters] new: no field 'yeer'; did you mean year?",
            "line 15: [limits.party] only: no field 'genree'; did you mean genre?",
            "line 17: [keys] \"x\": no engine 'nope'; there are: ",
            "line 18: [keys] \"y\": no command 'nxet'; did you mean next?",
            "line 19: [keys] no key 'crtl-n'; did you mean ctrl-n?",
            "line 20: [keys] \"z\": no theme 'nrod'; did you mean nord?",
            "line 21: [keys] \"w\": no [limits.prty]; did you mean party?",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (said, begin) in told.iter().zip(begins) {
            assert!(said.starts_with(begin), "{said}\n{begin}");
        }
    }

    #[test]
    fn a_conflict_of_keys_is_a_warning_with_its_line() {
        let told = told("[keys]\nx = \"next\"\nx = \"stop\"\n");
        assert!(told.len() == 1 && told[0].starts_with("line 3: warning: [keys] \"x\" is the same key"), "{told:?}");
    }
}
