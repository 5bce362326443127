//! The first use as a script: an unknown folder, a song found and played, what comes and why, a dimension chosen, both
//! saved, and all of it there again at the next start. Each step waits for its screen, however long the machine takes.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use pty::Player;
use support::Home;

/// What is typed, and the lines that the screen then shows from top to bottom; `…` stands for anything.
type Step<'a> = (&'a str, &'a [&'a str]);

/// A folder of two artists, who could not sound more different. No two tracks are equally long: such would count as
/// versions of one song.
fn folder() -> Home {
    let home = Home::new();
    let tones = ["Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord"];
    let noises = ["Gravel", "Hail", "Iron", "Jetty", "Kelp", "Lava"];
    for (n, (tone, noise)) in (0u32..).zip(tones.iter().zip(noises)) {
        let secs = 40.0 + 9.0 * n as f32;
        // The one that is played is long.
        let played = if *tone == "Cedar" { 300.0 } else { secs };
        home.tagged(("Ada Tone", "Sines", tone), "tone", played, n);
        home.tagged(("Nils Noise", "Hiss", noise), "noise", secs + 4.0, n);
    }
    home
}

#[track_caller]
fn walk(player: &mut Player, steps: &[Step<'_>]) {
    for (keys, lines) in steps {
        player.keys(keys);
        player.shows(lines);
    }
}

#[test]
fn from_an_unknown_folder_to_what_was_saved() {
    let home = folder();
    let mut player = Player::open(&home, 80, 24);
    walk(&mut player, &[("", &["[1 Library", "Artists 2", "Amber", "■ jukebox", "Press enter on a track"])]);
    home.wait_status("listened to everything", |status| status["songs"] == 12 && status["latents"] == 12);
    walk(
        &mut player,
        &[
            // A song is found by its name, and plays; what fits it comes next, and the screen says why.
            ("/cedar\r\r", &["▶ … Cedar", "▶ Cedar", "Ada Tone · Sines"]),
            // Paused, so that it does not end before a slow machine has come to the last step.
            (" ", &["▶ … Cedar", "‖ Cedar", "Ada Tone · Sines", "~ then: …, because "]),
            ("2", &["[2 Queue", "Queue: … ahead", "▶ … Cedar", "~ … 1 "]),
            ("jw", &["╭─ Why", "Picked by the engine signature", "╰"]),
        ],
    );
    // Escape and a letter right after it would be one key.
    player.keys("\u{1b}");
    player.wait_until("that the reasons are closed", |screen| !screen.contains("╭─ Why"));
    walk(
        &mut player,
        &[
            ("4", &["[4 Signature", "1 track"]),
            // One dimension decides from now on, and the screen says which.
            (":signature 3\r", &["[4 Signature", "‖ Cedar … signature · 3"]),
            (":signature save evening\r", &["[4 Signature", "✓ saved evening"]),
            (":playlist save tonight\r", &["[4 Signature", "✓ saved tonight"]),
            ("3", &["[3 Playlists", "tonight", "evening"]),
        ],
    );
    player.keys(":q!\r");
    player.ends_well(0);

    let mut player = Player::open(&home, 80, 24);
    walk(
        &mut player,
        &[
            ("", &["‖ Cedar … signature · 3", "Ada Tone · Sines", "~ then: "]),
            ("2", &["[2 Queue", "▶ … Cedar", "~ … 1 "]),
            ("3", &["[3 Playlists", "tonight", "evening"]),
            ("1", &["[1 Library", "Artists 2", "▶ … Cedar"]),
        ],
    );
    player.keys(":q!\r");
    player.ends_well(0);
}
