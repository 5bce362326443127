//! jukebox
fn main() {}
