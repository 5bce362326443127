//! Import of listening histories.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail};

use crate::ask::listens::{self, Missing, Report};
use crate::cli::print;
use crate::library::Catalog;
use crate::library::foreign::listens::{History, Service};
use crate::library::journal::Entry;
use crate::store::{exported, private};
use crate::text;

/// How many of the tracks that were not found are named.
const NAMED: usize = 5;

/// The plays of exported listens that the journal does not have, and a summary. What was not found is printed as far as it
/// was listened to most, and all of it is written to `missing`, a new file.
///
/// # Errors
/// When a file cannot be read or written, or `missing` exists.
pub(super) fn plays(
    service: Service,
    files: &[PathBuf],
    missing: Option<&Path>,
    catalog: &Catalog,
    entries: &[Entry],
) -> Result<(Vec<Entry>, String)> {
    missing.map_or(Ok(()), can_be_created)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (mut all, mut whole, mut unread) = (entries.to_vec(), Report::default(), 0);
    let before = all.len();
    let mut lacking = History::default();
    for file in files {
        let history = service.read(file)?;
        unread += history.unread;
        // One file after another: what the first brings is known when the second is read.
        let (events, report) = listens::plays(&history.listens, catalog, &all, now);
        all.extend(events);
        whole.listens += report.listens;
        whole.known += report.known;
        whole.ahead += report.ahead;
        whole.found.iter_mut().zip(report.found).for_each(|(sum, n)| *sum += n);
        lacking.listens.extend(history.listens);
    }
    // Of all files together, so that a track is named once.
    whole.missing = listens::plays(&lacking.listens, catalog, &[], now).1.missing;
    let events = all.split_off(before);
    if let Some(file) = missing {
        write(&whole.missing, file)?;
    }
    for track in whole.missing.iter().take(NAMED) {
        let Missing { artist, title, album, listens } = track;
        let album = if album.is_empty() { String::new() } else { format!(" ({album})") };
        print::note(&text::sanitize(&format!("not in the library: {artist} – {title}{album}, {}", times(*listens))));
    }
    let more = whole.missing.len().saturating_sub(NAMED);
    match missing {
        Some(file) => print::note(&format!("{}: {}", file.display(), text::count(whole.missing.len(), "track"))),
        None if more > 0 => {
            print::note(&format!("and {}; --missing FILE lists them all", text::count(more, "more track")))
        }
        None => {}
    }
    let said = summary(service, &whole, unread, events.len());
    Ok((events, said))
}

fn times(listens: usize) -> String {
    text::count(listens, "listen")
}

fn summary(service: Service, report: &Report, unread: usize, new: usize) -> String {
    let [recording, album, name] = report.found;
    let mut said = format!(
        "{}: {}; found {recording} by recording, {album} by artist, title and album, {name} by artist and title; {} not in \
         the library",
        service.name(),
        times(report.listens),
        report.not_found()
    );
    if report.ahead > 0 {
        said += &format!("; {} dated in the future", report.ahead);
    }
    if unread > 0 {
        said += &format!("; {unread} {} without artist, title or time", text::either(unread, "entry", "entries"));
    }
    let (are, were) = (text::either(new, "is", "are"), text::either(report.known, "was", "were"));
    said + &format!("; {} {are} new, {} {were} known", text::count(new, "play"), report.known)
}

/// Checks, before anything is read, that a file is not there but its directory is. What is there may be the user's only
/// copy of something, such as the listens that are imported.
fn can_be_created(file: &Path) -> Result<()> {
    if file.symlink_metadata().is_ok() {
        bail!("{}: already exists; name a new file for --missing", file.display());
    }
    match file.parent().filter(|dir| !dir.as_os_str().is_empty() && !dir.is_dir()) {
        Some(dir) => bail!("{}: no such directory; create it, or name another file for --missing", dir.display()),
        None => Ok(()),
    }
}

/// Writes the tracks that were not found as CSV into a new file.
fn write(missing: &[Missing], file: &Path) -> Result<()> {
    let explain = |why: &dyn std::fmt::Display| anyhow!("{}: {why}", file.display());
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["listens", "artist", "title", "album"]).map_err(|e| explain(&e))?;
    for Missing { artist, title, album, listens } in missing {
        table.write_record([&listens.to_string(), artist, title, album]).map_err(|e| explain(&e))?;
    }
    let bytes = table.into_inner().map_err(|e| explain(&e))?;
    exported::create(file, &bytes).map_err(|e| explain(&private::explain(&e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("scrobbles.csv"), "x").unwrap();
        std::os::unix::fs::symlink("nothing", at("link")).unwrap();
        let why = |name: &str| can_be_created(&at(name)).unwrap_err().to_string();
        for name in ["scrobbles.csv", "link", "."] {
            assert!(why(name).contains("already exists"), "{name}: {}", why(name));
        }
        let lost = why("none/missing.csv");
        assert!(lost.contains("none: no such directory"), "{lost}");
        assert!(!at("none").exists());
        for new in [at("missing.csv"), "a name of nothing.csv".into()] {
            can_be_created(&new).unwrap();
        }
    }

    #[test]
    fn the_report_adds_up_and_what_is_missing_is_a_table() {
        let lacking =
            |artist: &str, listens| Missing { artist: artist.into(), title: "b".into(), listens, ..Missing::default() };
        let report = Report {
            listens: 9,
            found: [1, 2, 3],
            known: 4,
            missing: vec![lacking("a, or \"A\"", 2), lacking("c", 1)],
            ..Report::default()
        };
        let said = summary(Service::LastFm, &report, 7, 2);
        assert_eq!(
            said,
            "Last.fm: 9 listens; found 1 by recording, 2 by artist, title and album, 3 by artist and title; 3 not in the \
             library; 7 entries without artist, title or time; 2 plays are new, 4 were known"
        );
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("missing.csv");
        write(&report.missing, &file).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, "listens,artist,title,album\n2,\"a, or \"\"A\"\"\",b,\n1,c,b,\n");
        assert!(write(&[], &file).is_err() && !std::fs::read_to_string(&file).unwrap().is_empty());
        assert!(write(&[], &dir.path().join("missing.csv/none")).unwrap_err().to_string().contains("missing.csv"));
    }
}
