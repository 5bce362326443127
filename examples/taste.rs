//! Evaluates taste learning on simulated listeners with known taste: `cargo run --example taste`; `cargo run --example
//! taste real` also uses the analysed library of JUKEBOX_HOME.

mod support;

use std::process::ExitCode;

use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::paths::Paths;
use jukebox::queue::taste::simulation::{Learned, Listener, World, answers, behaviour};

const LISTENERS: usize = 24;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let world = match support::args().first().map(String::as_str) {
        Some("real") => real()?,
        _ => World::simulated(1, 1500),
    };
    println!("{} tracks, {LISTENERS} listeners a row\n", world.space.len());
    let (asked, heard) = ([0, 10, 20, 30, 40, 50, 80], [0, 50, 100, 200, 400]);
    table("odd one out, four dimensions count, one answer in eight is chance", "agreement");
    rows(&answers(&world, Listener::Planted, LISTENERS, &asked, 100));
    table("odd one out, all answers are chance", "agreement");
    rows(&answers(&world, Listener::Random, LISTENERS, &asked, 200));
    table("skips what lies far in four dimensions, one verdict in eight is chance", "AUC");
    rows(&behaviour(&world, Listener::Planted, LISTENERS, &heard, 300));
    table("skips by chance", "AUC");
    rows(&behaviour(&world, Listener::Random, LISTENERS, &heard, 400));
    Ok(())
}

fn real() -> Result<World, String> {
    let paths = Paths::from_env()?;
    let config = Config::read(&paths.config_file()).map_err(|e| e.to_string())?;
    let answers = Local::open(&paths, &config).map_err(|e| e.to_string())?.answers();
    if answers.space.len() < 100 {
        return Err("too few tracks are analysed; `jukebox scan DIR` first".into());
    }
    Ok(World { catalog: (*answers.catalog).clone(), space: answers.space.clone(), prior: answers.prior })
}

fn table(what: &str, measure: &str) {
    println!("{what}");
    println!("  told  {measure:>9}  flat   corr.  learned of  max |w-1|");
}

fn rows(found: &[Learned]) {
    for l in found {
        println!(
            "{:>6}  {:>9.3}  {:.3}  {:>5.2}  {:>8.0} %  {:>9.2}",
            l.told,
            l.foretold,
            l.flat,
            l.correlation,
            100.0 * l.learned,
            l.departure
        );
    }
    println!();
}
