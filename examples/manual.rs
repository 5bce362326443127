//! Writes the commands and keys in docs/manual.md anew, from the tables of the program.
//!
//!     cargo run --example manual

use std::path::Path;

fn main() -> Result<(), String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual.md");
    let fault = |e: std::io::Error| format!("{}: {e}", file.display());
    let page = std::fs::read_to_string(&file).map_err(fault)?;
    let fresh = jukebox::tui::pages::manual(&page).ok_or_else(|| format!("{}: the marks are gone", file.display()))?;
    if fresh != page {
        std::fs::write(&file, fresh).map_err(fault)?;
        println!("written: {}", file.display());
    }
    Ok(())
}
