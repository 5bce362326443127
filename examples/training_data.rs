//! Shows what `jukebox train` would train on. `training_data KIND:DIR [DIRECTORY]` prints the table of a data set and
//! whether it is suitable for training; the snapshot of `library` is written to DIRECTORY (default: the current one).
//! ENCODER names the architecture whose images are read (strobe).

mod support;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use jukebox::cli::{child, data};
use jukebox::config::Config;
use jukebox::paths::Paths;
use jukebox_encoder::Architecture;

fn main() -> ExitCode {
    let args = support::args();
    // Workers are instances of this program.
    if let [worker, kind] = &args[..]
        && worker == "__worker"
    {
        return child::run(kind);
    }
    support::ended(run(&args).map_err(|e| e.to_string()))
}

fn run(args: &[String]) -> Result<()> {
    let (spec, directory) = match args {
        [spec] => (spec, PathBuf::from(".")),
        [spec, directory] => (spec, PathBuf::from(directory)),
        _ => bail!("usage: training_data strobe:DIR|tree:DIR|fma:DIR|library [DIRECTORY]"),
    };
    let paths = Paths::from_env()?;
    let config = Config::read(&paths.config_file())?;
    let name = std::env::var("ENCODER").unwrap_or_else(|_| "strobe".into());
    let image = Architecture::named(&name).ok_or_else(|| anyhow!("ENCODER={name}: no such architecture"))?.input();
    let clock = Instant::now();
    let set = data::read(spec, image, data::Purpose::Learn { describe: false }, &directory, &config, &paths)?;
    let summary = set.summary();
    println!("{}{:.1} s", summary.table(), clock.elapsed().as_secs_f64());
    Ok(summary.can_teach()?)
}
