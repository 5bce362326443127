//! Covers on a terminal: what is asked of it, what it is sent in each protocol, and that nothing of it stays.

use super::*;

/// What a terminal answers: kitty's graphics, sixels among its attributes, or neither; and the pixels of its cells.
const KITTY: &str = "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[6;20;10t\u{1b}[?62;22c";
const SIXEL: &str = "\u{1b}[6;20;10t\u{1b}[?62;4;22c";
const PLAIN: &str = "\u{1b}[?62;22c";
/// What begins a picture in each protocol.
const SHOWS: [(&str, &str); 4] = [
    ("kitty", "\u{1b}_Ga=T,f=100,"),
    ("iterm", "\u{1b}]1337;File=inline=1;"),
    ("sixel", "\u{1b}P0;1;0q\"1;1;"),
    ("blocks", "▀"),
];
/// What takes all pictures from kitty.
const FORGET: &str = "\u{1b}_Ga=d,d=A,q=2\u{1b}\\";
/// The question whether the terminal knows kitty's graphics.
const ASKS: &str = "\u{1b}_Gi=31,";
/// The PNG signature in base64, as far as it does not depend on what follows.
const PNG: &str = "iVBORw0KGgo";

/// A library in which every track has a cover.
fn covered() -> Home {
    let home = library();
    let picture = jukebox::picture::Raster::new(2, 2, [[255, 0, 0], [0, 255, 0]].concat().repeat(2)).unwrap();
    for folder in ["tones", "noises"] {
        std::fs::write(home.music.join(folder).join("Cover.PNG"), picture.png()).unwrap();
    }
    home
}

/// Starts the player with `[ui] covers`, with these variables and no others that tell of a terminal. `answer` lies in the
/// terminal before it is asked for, so that it does not come too late on a slow machine.
fn shown(home: &Home, covers: &str, env: &[(&str, &str)], answer: &str) -> Player {
    let config = home.dir.path().join("covers.toml");
    std::fs::write(&config, format!("[ui]\ncovers = \"{covers}\"\n")).unwrap();
    let (config, music) = (config.display().to_string(), home.music_arg());
    let args = ["--no-audio", "--config", &config, &music];
    let none =
        ["TMUX", "ZELLIJ", "STY", "TERM_PROGRAM", "LC_TERMINAL", "SSH_CONNECTION", "SSH_TTY"].map(|name| (name, ""));
    let env = [&none[..], &[("COLORTERM", "truecolor")], env].concat();
    let mut player = Player::start(home, &args, 80, 24, &env);
    player.keys(answer);
    player.wait_for("tone0");
    player.keys("gg\r");
    player
}

fn raw(player: &Player) -> String {
    String::from_utf8_lossy(&player.raw()).into_owned()
}

#[track_caller]
fn waits(player: &Player, sequence: &str) {
    let begun = Instant::now();
    while !raw(player).contains(sequence) {
        assert!(begun.elapsed() < pty::PATIENCE, "{sequence:?} never came:\n{}", player.contents());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The data of the pictures that were sent whole: of kitty their base64, of iTerm the size that was said and the base64, of
/// sixels what lies between beginning and end.
fn sent<'a>(raw: &'a str, begins: &str, ends: &str) -> Vec<&'a str> {
    raw.split(begins).skip(1).filter_map(|rest| Some(rest.split_once(ends)?.0)).collect()
}

#[test]
fn a_cover_is_shown_in_every_protocol_and_taken_away_at_the_end() {
    let home = covered();
    for (covers, shows) in SHOWS {
        let mut player = shown(&home, covers, &[], PLAIN);
        waits(&player, shows);
        player.keys(":q!\r");
        player.ends_well(0);
        let raw = raw(&player);
        is_whole(covers, &raw);
        for (other, begins) in SHOWS.iter().filter(|(other, _)| *other != covers && *other != "blocks") {
            assert!(!raw.contains(begins), "{covers}: {other}");
        }
        // Leaving the alternate screen takes what stands in cells; kitty's pictures lie above them.
        let left = raw.rfind("\u{1b}[?1049l").unwrap();
        assert_eq!(raw[..left].contains(FORGET), covers == "kitty", "{covers}");
        assert!(shows == "▀" || raw.rfind(shows).unwrap() < left, "{covers}: nothing is drawn afterwards");
    }
}

/// Checks that every picture in a protocol was sent to its end.
fn is_whole(covers: &str, raw: &str) {
    let all = match covers {
        "kitty" => sent(raw, "\u{1b}_Ga=T,", "\u{1b}\\"),
        "iterm" => sent(raw, "\u{1b}]1337;File=inline=1;size=", "\u{7}"),
        "sixel" => sent(raw, "\u{1b}P0;1;0q\"1;1;", "\u{1b}\\"),
        _ => return,
    };
    assert!(!all.is_empty(), "{covers}");
    for one in &all {
        match covers {
            "kitty" => assert!(one.split_once(';').unwrap().1.starts_with(PNG), "{one}"),
            "iterm" => {
                let (head, data) = one.split_once(':').unwrap();
                let size: usize = head.split_once(';').unwrap().0.parse().unwrap();
                assert!(data.starts_with(PNG) && data.len() == size.div_ceil(3) * 4, "{head}: {} letters", data.len());
            }
            _ => assert!(one.contains('#') && one.ends_with('-') && !one.contains('\u{1b}'), "{one}"),
        }
    }
    // Of kitty each part has a sequence of its own, and the last one says that it is.
    let ends = |part: &&str| part.split(';').next().unwrap().ends_with("m=0");
    let last = sent(raw, "\u{1b}_G", "\u{1b}\\").iter().filter(|part| ends(part)).count();
    assert_eq!(last, if covers == "kitty" { all.len() } else { 0 }, "{covers}");
}

#[test]
fn the_terminal_is_asked_and_gets_what_it_knows() {
    let home = covered();
    for (answer, env, wanted) in [
        (KITTY, None, "kitty"),
        (SIXEL, None, "sixel"),
        (PLAIN, Some(("TERM_PROGRAM", "iTerm.app")), "iterm"),
        (PLAIN, None, "blocks"),
        // What another one passes on is not known: neither asked nor sent.
        (SIXEL, Some(("TMUX", "/tmp/tmux-0/default,1,0")), "blocks"),
        (SIXEL, Some(("ZELLIJ", "0")), "blocks"),
    ] {
        let env: Vec<(&str, &str)> = env.into_iter().collect();
        let mut player = shown(&home, "auto", &env, answer);
        waits(&player, SHOWS.iter().find(|(name, _)| *name == wanted).unwrap().1);
        player.keys(":q!\r");
        player.ends_well(0);
        let raw = raw(&player);
        let others = SHOWS.iter().filter(|(name, _)| *name != wanted && *name != "blocks");
        assert!(others.into_iter().all(|(_, begins)| !raw.contains(begins)), "{wanted} {env:?}");
        let within = env.iter().any(|(name, _)| ["TMUX", "ZELLIJ"].contains(name));
        assert_eq!(raw.contains(ASKS), !within, "{wanted} {env:?}");
    }
}

#[test]
fn within_tmux_pictures_are_passed_through_and_taken_away_through_it() {
    let home = covered();
    for (covers, shows) in [("kitty", "\u{1b}\u{1b}_Ga=T,f=100,"), ("iterm", "\u{1b}\u{1b}]1337;File=inline=1;")] {
        let mut player = shown(&home, covers, &[("TMUX", "/tmp/tmux-0/default,1,0")], PLAIN);
        waits(&player, shows);
        player.keys(":q!\r");
        player.ends_well(0);
        let raw = raw(&player);
        let passed = sent(&raw, "\u{1b}Ptmux;", "\u{1b}\\\u{1b}8");
        assert!(passed.iter().any(|one| one.contains(shows)), "{covers}");
        let forgets = raw.contains("\u{1b}Ptmux;\u{1b}\u{1b}_Ga=d,d=A,q=2\u{1b}\u{1b}\\\u{1b}\\");
        assert_eq!(forgets, covers == "kitty", "{covers}");
    }
}

#[test]
fn pictures_are_taken_away_though_the_player_was_killed() {
    let home = covered();
    for covers in ["kitty", "sixel"] {
        let mut player = shown(&home, covers, &[], PLAIN);
        waits(&player, SHOWS.iter().find(|(name, _)| *name == covers).unwrap().1);
        player.signal(Signal::KILL);
        player.wait_end();
        player.left("jukebox did not end by itself");
        let raw = raw(&player);
        let left = raw.rfind("\u{1b}[?1049l").unwrap();
        assert_eq!(raw[..left].contains(FORGET), covers == "kitty", "{covers}");
    }
}
