//! `jukebox lab report` and `jukebox lab list`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::super::print;
use crate::files;
use crate::paths::Paths;
use crate::store::exported;
use crate::training::lab::record::{self, Record};
use crate::training::lab::{figure3, page, reconstructed};

/// `jukebox lab report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The directory of paper.md; the runs are kept in `paper/runs` in it
    #[arg(long, value_name = "DIR", default_value = "docs")]
    pub docs: PathBuf,
}

/// Adds the saved runs to those kept beside the page, and writes page and figures anew.
///
/// # Errors
/// When there is no page, a run cannot be understood, or a file cannot be written.
pub fn run(args: &ReportArgs, paths: &Paths) -> Result<()> {
    let page = args.docs.join("paper.md");
    let text = files::text(&page, files::SMALL)
        .map_err(|e| anyhow!("{}: {e}; use --docs DIR, the directory of paper.md", page.display()))?;
    let kept = args.docs.join("paper/runs");
    std::fs::create_dir_all(&kept).map_err(|e| anyhow!("{}: {e}", kept.display()))?;
    // A run here replaces the same run there.
    let own = record::all(&paths.lab())?;
    let mut all: BTreeMap<String, Record> = BTreeMap::new();
    for run in record::kept(&kept)?.into_iter().chain(own) {
        all.insert(run.name(), run);
    }
    let records: Vec<Record> = all.into_values().collect();
    for run in &records {
        write(&kept.join(format!("{}.json", run.name())), run.text()?.as_bytes())?;
    }
    let picture = args.docs.join(reconstructed::FILE);
    copy(&records, &picture, paths)?;
    let written = page::written(&text, &records, picture.exists()).map_err(|e| anyhow!("{}: {e}", page.display()))?;
    write(&page, written.as_bytes())?;
    let authors = args.docs.join("paper/authors.tsv");
    let others = match files::text(&authors, files::SMALL) {
        Ok(text) => figure3::others(&text).map_err(|e| anyhow!("{}: {e}", authors.display()))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => bail!("{}: {e}", authors.display()),
    };
    if let Some(svg) = figure3::drawn(&records, &others) {
        write(&args.docs.join(figure3::FILE), svg.as_bytes())?;
    }
    let finished = records.iter().filter(|r| r.finished).count();
    print::line(&format!("{}: {} runs, {finished} of them finished", page.display(), records.len()));
    Ok(())
}

/// Copies the picture of the decoder's guesses to its place beside the page. It is not replaced where the run has none here: it may
/// have been run elsewhere.
fn copy(records: &[Record], picture: &Path, paths: &Paths) -> Result<()> {
    let Some(run) = reconstructed::run(records) else { return Ok(()) };
    let left = reconstructed::left(&paths.lab(), run);
    match files::read(&left, files::SMALL) {
        Ok(svg) => write(picture, &svg),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => bail!("{}: {e}", left.display()),
    }
}

/// Prints every saved run.
///
/// # Errors
/// When a run cannot be understood.
pub fn list(paths: &Paths) -> Result<()> {
    let records = record::all(&paths.lab())?;
    if records.is_empty() {
        print::line("there are no runs; `jukebox lab ablation --data strobe:DIR` makes some");
    }
    for run in records {
        let state = match (run.diverged, run.finished) {
            (true, _) => "diverged",
            (false, true) => "finished",
            (false, false) => "unfinished",
        };
        let best = run.best().map_or(String::new(), |best| format!(", best validation {:.1} %", 100.0 * best));
        print::line(&format!("{}: {state}, {} epochs{best}", run.name(), run.curve.len()));
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    exported::overwrite(path, bytes).map_err(|e| anyhow!("{}: {e}", path.display()))
}
