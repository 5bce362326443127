//! Renders the demo library into a directory and prints how long it took.
//!
//!     cargo run --example demo_library -- DIR

use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), String> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: demo_library DIR")?;
    let start = Instant::now();
    let made = jukebox::library::demo::make(&dir, &mut |done, all| eprint!("\r{done} of {all} "));
    let written = made.map_err(|e| e.to_string())?;
    println!("{written} pieces in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
