//! The program without a terminal: commands, pipes, JSON, and messages about invalid input.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;

use support::Home;

/// A home with four tones and four noises.
fn library() -> Home {
    Home::with_songs(&[("tones/t", "tone"), ("noises/n", "noise")], 4, 8.0)
}

#[test]
fn scan_then_ask() {
    let home = library();
    let scanned = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(scanned.out.starts_with("8 songs, 8 with a latent; 8 analysed"), "{}", scanned.out);

    let seed = home.music.join("tones/t0.wav").display().to_string();
    let similar = home.run(&["similar", &seed, "-n", "3"]).code(0);
    let lines: Vec<&str> = similar.out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|l| l.contains("/tones/")), "a tone is nearest to tones:\n{}", similar.out);
    assert!(!lines.contains(&seed.as_str()), "a track is not its own neighbour");

    let json = home.run(&["similar", &seed, "--json"]).code(0);
    let rows: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 7);

    let tones: Vec<String> = (0..4).map(|n| home.music.join(format!("tones/t{n}.wav")).display().to_string()).collect();
    let mut args = vec!["signature", "--json"];
    args.extend(tones.iter().map(String::as_str));
    let card: serde_json::Value = serde_json::from_str(&home.run(&args).code(0).out).unwrap();
    assert_eq!(card["members"], 4);
    args.extend(["--dims", "3,7,12"]);
    let card: serde_json::Value = serde_json::from_str(&home.run(&args).code(0).out).unwrap();
    let mut dims: Vec<u64> = card["dims"].as_array().unwrap().iter().map(|d| d["dim"].as_u64().unwrap()).collect();
    dims.sort_unstable();
    assert_eq!(dims, [3, 7, 12]);

    let status = home.status();
    assert_eq!((status["songs"].as_u64(), status["latents"].as_u64()), (Some(8), Some(8)));
}

#[test]
fn a_second_scan_reads_nothing_and_a_move_keeps_the_latent() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let again = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(again.out.contains("; 0 analysed"), "{}", again.out);
    std::fs::create_dir(home.music.join("moved")).unwrap();
    std::fs::rename(home.music.join("tones/t1.wav"), home.music.join("moved/x.wav")).unwrap();
    let moved = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(moved.out.starts_with("8 songs, 8 with a latent; 0 analysed"), "{}", moved.out);
}

#[test]
fn a_file_outside_the_library_can_be_asked_about() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let other = home.dir.path().join("other.wav");
    std::fs::write(&other, support::wav("noise", 8.0, 9)).unwrap();
    let similar = home.run(&["similar", &other.display().to_string(), "-n", "2"]).code(0);
    assert!(similar.out.lines().all(|l| l.contains("/noises/")), "{}", similar.out);
}

#[test]
fn broken_files_are_named_and_cost_nothing_else() {
    let home = library();
    std::fs::write(home.music.join("text.mp3"), "this is no music\n".repeat(400)).unwrap();
    std::fs::write(home.music.join("empty.flac"), "").unwrap();
    let whole = support::wav("tone", 8.0, 40);
    std::fs::write(home.music.join("cut.wav"), &whole[..whole.len() / 3]).unwrap();
    let name = OsString::from_vec(b"caf\xe9 \x1b]0;owned\x07.wav".to_vec());
    std::fs::write(home.music.join(&name), support::wav("noise", 8.0, 50)).unwrap();
    let scanned = home.run(&["scan", &home.music_arg()]).code(0);
    for named in ["text.mp3", "empty.flac", "cut.wav"] {
        assert!(scanned.err.contains(named), "{named} is not named:\n{}", scanned.err);
    }
    assert!(!scanned.err.contains('\x1b') && !scanned.out.contains('\x1b'), "an escape sequence got through");
    assert!(scanned.out.starts_with("10 songs, 10 with a latent"), "{}\n{}", scanned.out, scanned.err);
}

#[test]
fn wrong_directories_are_explained() {
    let home = Home::new();
    let missing = home.run(&["scan", "/nonexistent/music"]).code(1);
    assert!(missing.err.contains("/nonexistent/music: no such directory"), "{}", missing.err);
    let file = home.wav("a.wav", "tone", 1.0, 1);
    let not_a_dir = home.run(&["scan", &file.display().to_string()]).code(1);
    assert!(not_a_dir.err.contains("not a directory"), "{}", not_a_dir.err);
    std::fs::remove_file(file).unwrap();
    let empty = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(empty.out.starts_with("0 songs"), "{}", empty.out);
    if !rustix::process::geteuid().is_root() {
        std::fs::set_permissions(&home.music, std::fs::Permissions::from_mode(0o000)).unwrap();
        let closed = home.run(&["scan", &home.music_arg()]).code(1);
        assert!(closed.err.contains("cannot be read"), "{}", closed.err);
        std::fs::set_permissions(&home.music, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    home.run(&["scan"]).code(1);
}

#[test]
fn wrong_usage_ends_with_two_and_the_player_needs_a_terminal() {
    let home = Home::new();
    home.run(&["--no-such-option"]).code(2);
    home.run(&["similar"]).code(2);
    home.run(&["similar", "x", "-n", "0"]).code(2);
    for line in [&["play", "genre=jazz"][..], &["add", "genre=jazz"], &["search", "genre=jazz"]] {
        let none = home.run(&[line, &["-n", "0"]].concat()).code(2);
        assert!(none.err.contains("at least 1"), "{line:?}: {}", none.err);
    }
    home.run(&["signature", "x", "--dims", "3,99"]).code(2);
    let player = home.run(&[&home.music_arg()]).code(1);
    assert!(player.err.contains("not a terminal"), "{}", player.err);
    let nobody = home.run(&["next"]).code(1);
    assert!(nobody.err.contains("no jukebox is running"), "{}", nobody.err);
    let lost = home.run(&["similar", "/nonexistent.mp3"]).code(1);
    assert!(lost.err.contains("/nonexistent.mp3"), "{}", lost.err);
}

#[test]
fn search_finds_by_name_length_and_likeness_and_points_at_mistakes() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let count = |filter: &str| home.run(&["search", filter]).code(0).out.lines().count();
    assert_eq!((count("file~/tones/"), count("!file~/tones/"), count("length<1:00 missing(artist)")), (4, 4, 8));
    assert_eq!(home.run(&["search", "--fuzzy", "t1"]).code(0).out.lines().count(), 1);
    let file = home.music.join("tones/t1.wav").display().to_string();
    assert_eq!(count(&format!("like(\"{file}\") & plays=0")), 8, "eight are all among the nearest hundred");
    let json = home.run(&["search", "title=t*", "-n", "2", "--json"]).code(0);
    let hits: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(hits.as_array().unwrap().len(), 2);
    let wrong = home.run(&["search", "artits=x"]).code(1);
    assert_eq!(wrong.err, "jukebox: no field 'artits'; did you mean artist? (at character 1)\n  artits=x\n  ^^^^^^\n");
    assert!(home.run(&["search", "zzz"]).code(1).err.contains("no song matches this filter"));
    assert!(home.run(&["search", "--grammar"]).code(0).out.contains("tempo"));
    home.run(&["search"]).code(2);
}

#[test]
fn a_configuration_mistake_names_file_and_line() {
    let home = Home::new();
    let config = home.dir.path().join("c.toml");
    std::fs::write(&config, "[queue]\nahead = \"many\"\n").unwrap();
    let named = config.display().to_string();
    let ran = home.run(&["--config", &named, "search", "x"]).code(1);
    assert!(ran.err.contains("c.toml: line 2"), "{}", ran.err);
    assert!(ran.err.contains(&format!("`jukebox --config {named} config check` names every fault")), "{}", ran.err);
}

#[test]
fn a_faulty_configuration_leaves_what_asks_the_player() {
    let home = Home::new();
    let file = home.home().join("config/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    for faulty in ["[player", "[player]\nvolume = 300\n"] {
        std::fs::write(&file, faulty).unwrap();
        let refused = home.run(&["search", "x"]).code(1);
        assert!(refused.err.contains("`jukebox config check` names every fault"), "{}", refused.err);
        assert_eq!(home.status()["state"], "not running");
        for line in [
            &["pause"][..],
            &["stop"],
            &["toggle"],
            &["next"],
            &["previous"],
            &["volume"],
            &["events"],
            &["status", "--follow"],
            &["send", "quit"],
            &["play"],
            &["play", "genre=jazz"],
            &["add", "genre=jazz"],
        ] {
            let said = home.run(line).code(1);
            assert!(said.err.contains("no jukebox is running"), "{line:?}: {}", said.err);
        }
        let doctor = home.run(&["doctor"]).code(1);
        assert!(doctor.out.contains("--  config    ") && doctor.out.contains("ok  keys"), "{}", doctor.out);
        assert!(doctor.err.contains("config.toml: line ") && doctor.err.contains("config check"), "{}", doctor.err);
    }
}

#[test]
fn a_store_cut_in_half_is_rebuilt_and_said() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let journal = home.home().join("data/journal.jsonl");
    std::fs::write(&journal, "").unwrap();
    let db = home.home().join("data/store/db");
    let length = std::fs::metadata(&db).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&db).unwrap().set_len(length / 2).unwrap();
    let scanned = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(scanned.out.starts_with("8 songs, 8 with a latent"), "{}\n{}", scanned.out, scanned.err);
    assert!(journal.exists());
}

#[test]
fn doctor_tells_each_thing() {
    let home = Home::new();
    let doctor = home.run(&["doctor"]).code(0);
    for what in [
        "ok  config",
        "terminal",
        "covers",
        "sound",
        "gpu",
        "store",
        "model",
        "index     exact scan",
        "music",
        "keys      preset default",
    ] {
        assert!(doctor.out.contains(what), "{what} is missing:\n{}", doctor.out);
    }
    assert!(!doctor.err.contains("ALSA"), "{}", doctor.err);
    let json: serde_json::Value = serde_json::from_str(&home.run(&["doctor", "--json"]).code(0).out).unwrap();
    assert!(json.as_array().unwrap().len() >= 6);
    let file = home.music.join("keys.toml");
    let with = |text: &str| {
        std::fs::write(&file, text).unwrap();
        home.run(&["--config", file.to_str().unwrap(), "doctor"])
    };
    let devices = with("[player]\ndevice = \"no such device\"\n[analysis]\ndevice = \"cpu\"\n").code(0).out;
    let line = |what: &str| devices.lines().find(|line| line.get(4..).is_some_and(|l| l.starts_with(what))).unwrap();
    assert!(line("sound").starts_with("-- ") && line("sound").contains("[player] device: "), "{devices}");
    assert!(line("gpu").starts_with("ok ") && line("gpu").contains("[analysis] device = \"cpu\""), "{devices}");
    let conflict = with("[keys]\nx = \"next\"\ny = \"next\"\nx = \"stop\"\n").code(0).out;
    assert!(conflict.contains("line 4: [keys] \"x\" is the same key as \"x\" of line 2"), "{conflict}");
    let wrong = with("[keys.quue]\nx = \"next\"\n").code(1);
    assert!(wrong.err.contains("keys: line 2: [keys.quue] there is no such table"), "{}", wrong.err);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let seed = home.music.join("tones/t0.wav");
    let script = format!("'{}' similar '{}' -n 7 | head -1", support::program().display(), seed.display());
    let out = std::process::Command::new("sh").args(["-c", &script]).env("JUKEBOX_HOME", home.home()).output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// Paths of files in the library, as arguments.
fn paths(home: &Home, names: &[&str]) -> Vec<String> {
    names.iter().map(|n| home.music.join(n).display().to_string()).collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}:\n{text}"))
}

#[test]
fn dimensions_have_a_table_and_cards() {
    let home = library();
    let nothing = home.run(&["dims"]).code(0);
    assert!(nothing.out.contains("nothing is analysed yet"), "{}", nothing.out);
    home.run(&["scan", &home.music_arg()]).code(0);
    let table = home.run(&["dims"]).code(0);
    let lines: Vec<&str> = table.out.lines().collect();
    assert_eq!(lines.len(), 46, "a head and 45 dimensions:\n{}", table.out);
    assert!(lines[0].contains("means") && lines[33].trim_start().starts_with("tempo"), "{}", table.out);
    let card = home.run(&["dims", "7", "brightness"]).code(0);
    for says in ["dimension 7, ", "correlates with: ", "lowest", "highest", "brightness: dark ↔ bright"] {
        assert!(card.out.contains(says), "{says} is missing:\n{}", card.out);
    }
    let cards = json(&home.run(&["dims", "--json"]).code(0).out);
    assert_eq!((cards["tracks"].as_u64(), cards["cards"].as_array().map(Vec::len)), (Some(8), Some(45)));
    assert_eq!(json(&home.run(&["dims", "tempo", "--json"]).code(0).out)[0]["dim"], 33);
    let wrong = home.run(&["dims", "46"]).code(1);
    assert!(wrong.err.contains("no dimension 46"), "{}", wrong.err);
}

#[test]
fn sets_are_described_saved_and_compared() {
    let home = library();
    home.run(&["scan", &home.music_arg()]).code(0);
    let tones = paths(&home, &["tones"]).remove(0);
    let noises = paths(&home, &["noises"]).remove(0);
    let whole = json(&home.run(&["signature", &tones, "--json"]).code(0).out);
    assert_eq!((whole["members"].as_u64(), whole["choice"].as_str()), (Some(4), Some("auto")));
    let weighted = json(&home.run(&["signature", &tones, "--dims", "3*2,7", "--json"]).code(0).out);
    assert_eq!(weighted["choice"], "3*2,7");
    assert_eq!(weighted["dims"].as_array().map(Vec::len), Some(2));
    let without = json(&home.run(&["signature", &tones, "--dims", "-5", "--json"]).code(0).out);
    assert!(without["dims"].as_array().unwrap().iter().all(|d| d["dim"] != 5));
    let album = paths(&home, &["tones/t0.wav"]).remove(0);
    assert_eq!(json(&home.run(&["signature", "--album", &album, "--json"]).code(0).out)["members"], 4);

    std::fs::write(home.music.join("list.m3u8"), "#EXTM3U\ntones/t0.wav\ngone.wav\nnoises/n1.wav\n").unwrap();
    let list = paths(&home, &["list.m3u8"]).remove(0);
    let card = json(&home.run(&["signature", &list, "--json"]).code(0).out);
    assert_eq!((card["members"].as_u64(), card["missing"].as_u64()), (Some(2), Some(1)));

    assert!(home.run(&["signature", "--list"]).code(0).err.contains("no saved signatures yet"));
    home.run(&["signature", &tones, "--dims", "3,7", "--save", "calm"]).code(0);
    let file = home.home().join("data/signatures/calm.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(home.run(&["signature", "--list"]).code(0).out, "calm: 4 tracks, 3,7\n");
    assert_eq!(json(&home.run(&["signature", "--list", "--json"]).code(0).out), serde_json::json!(["calm"]));
    let saved = json(&home.run(&["signature", "--name", "calm", "--json"]).code(0).out);
    assert_eq!((saved["members"].as_u64(), saved["choice"].as_str()), (Some(4), Some("3,7")));
    let again = home.run(&["signature", &noises, "--save", "calm"]).code(1);
    assert!(again.err.contains("signature 'calm' already exists"), "{}", again.err);
    home.run(&["signature", &noises, "--save", "../evil"]).code(1);
    assert!(!home.home().join("data/evil.json").exists());

    let same = json(&home.run(&["signature", "--compare", "calm", "calm", "--json"]).code(0).out);
    let apart = home.run(&["signature", "--compare", "calm", &noises]).code(0);
    assert!(apart.out.starts_with("calm (4 tracks) and ") && apart.out.contains("distance"), "{}", apart.out);
    let apart = json(&home.run(&["signature", "--compare", "calm", &noises, "--json"]).code(0).out);
    assert!(same["distance"].as_f64().unwrap() < 1e-6 && apart["distance"].as_f64().unwrap() > 0.1, "{apart}");
    home.run(&["signature", "--compare", "calm", "library"]).code(0);
    assert!(home.run(&["signature", "--compare", "calm", "nobody"]).code(1).err.contains("no signature 'nobody'"));
    assert!(home.run(&["signature", "--compare", "playlist", "calm"]).code(1).err.contains("only to the player"));
    let library = home.run(&["signature", "--library"]).code(0);
    assert!(library.out.starts_with("how your library (8 tracks) differs"), "{}", library.out);

    std::fs::write(&file, "{").unwrap();
    let damaged = home.run(&["signature", "--name", "calm"]).code(1);
    assert!(damaged.err.contains("calm.json") && damaged.err.contains("damaged"), "{}", damaged.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
    for wrong in [vec!["signature"], vec!["signature", "--list", "x.wav"], vec!["signature", "x", "--dims", "-0"]] {
        home.run(&wrong).code(2);
    }
}

#[test]
fn the_configuration_can_be_checked_and_begun_even_when_it_is_wrong() {
    let home = Home::new();
    let begun = home.run(&["config", "default"]).code(0);
    std::fs::create_dir_all(home.home()).unwrap();
    let file = home.home().join("begun.toml");
    std::fs::write(&file, &begun.out).unwrap();
    let named = file.display().to_string();
    assert_eq!(home.run(&["--config", &named, "config", "check"]).code(0).out.trim(), format!("{named}: good"));
    assert_eq!(home.run(&["--config", &named, "config", "path"]).code(0).out.trim(), named);
    std::fs::write(&file, "[filters]\nnew = \"yeer=1\"\n").unwrap();
    let wrong = home.run(&["--config", &named, "config", "check"]).code(1);
    assert!(wrong.err.contains("did you mean year?") && wrong.err.contains(&named), "{}", wrong.err);
    std::fs::write(&file, "[limits.party]\nnever = \"yeer=1\"\n").unwrap();
    let wrong = home.run(&["--config", &named, "config", "check"]).code(1);
    assert!(wrong.err.contains("[limits.party] never: no field 'yeer'; did you mean year?"), "{}", wrong.err);
    std::fs::write(&file, "[player]\nvolumee = 3\n").unwrap();
    let wrong = home.run(&["--config", &named, "config", "check"]).code(1);
    assert!(wrong.err.contains("line 2") && wrong.err.contains("volumee"), "{}", wrong.err);
    let many = "[ui]\ntheme = \"draculla\"\n[player]\nvolum = 3\n[library]\nmusic = \"/nonexistent/usb\"\n";
    std::fs::write(&file, many).unwrap();
    let wrong = home.run(&["--config", &named, "config", "check"]).code(1);
    for says in [
        "begun.toml: line 2: ui.theme: no theme 'draculla'; did you mean dracula?\n",
        "begun.toml: line 4: unknown field `volum`; did you mean `volume`?\n",
        "begun.toml: line 6: warning: library.music: /nonexistent/usb: there is no such directory now\n",
        "begun.toml: 2 faults and 1 warning\n",
    ] {
        assert!(wrong.err.contains(says), "{says}{}", wrong.err);
    }
    let told = json(&home.run(&["--config", &named, "config", "check", "--json"]).code(1).out);
    assert_eq!(told.as_array().unwrap().len(), 3, "{told}");
    assert!(told[0]["line"] == 2 && told[0]["is_fault"] == true && told[2]["is_fault"] == false, "{told}");
    std::fs::write(&file, "[library]\nmusic = \"/nonexistent/usb\"\n").unwrap();
    let good = home.run(&["--config", &named, "config", "check"]).code(0);
    assert_eq!(good.out.trim(), format!("{named}: good, with 1 warning"));
    home.run(&["--config", &named, "config", "default"]).code(0);
    home.run(&["--config", &named, "completions", "bash"]).code(0);
}

#[test]
fn manual_pages_can_be_read_by_every_user() {
    let home = Home::new();
    let pages = home.dir.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    std::fs::write(home.dir.path().join("plain"), "").unwrap();
    home.run(&["man", &pages.display().to_string()]).code(0);
    let page = pages.join("jukebox-next-track.1");
    assert_eq!(support::mode(&page), support::mode(&home.dir.path().join("plain")), "as the umask says");
}

#[test]
fn completions_offer_what_users_run() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run(&["completions", shell]).code(0).out;
        assert!(script.contains("next-track") && script.contains("missing"), "{shell}");
        // The program as its own child, and the option that the player starts a training with.
        assert!(!script.contains("__worker") && !script.contains("background"), "{shell}");
    }
    let zsh = home.run(&["completions", "zsh"]).code(0).out;
    assert!(zsh.contains("\":: :{_jukebox_commands; _files}\" \\\n\"*::: :->jukebox\" \\\n"), "{zsh}");
    assert!(zsh.contains("        case $line[1] in\n            (scan)\n") && !zsh.contains("$line[2]"), "{zsh}");
    let bash = home.run(&["completions", "bash"]).code(0).out;
    let play = bash.split_once("\n        jukebox__subcmd__play)\n").unwrap().1;
    assert!(play.lines().nth(1).unwrap().trim() == "if [[ ${cur} == -* ]] ; then", "{bash}");
}

#[test]
fn a_mistyped_command_is_told_the_right_one() {
    let home = Home::new();
    let said = home.run(&["pauze"]).code(1);
    assert!(said.err.contains("did you mean `jukebox pause`?"), "{}", said.err);
    let said = home.run(&["puase"]).code(1);
    assert!(said.err.contains("did you mean `jukebox pause`?"), "{}", said.err);
    // Commands of the `:` line, and beginnings.
    for (line, meant) in [
        (&["quit"][..], "jukebox send quit"),
        (&["seek", "+30"][..], "jukebox send seek +30"),
        (&["vol", "50"][..], "jukebox volume 50"),
    ] {
        let said = home.run(line).code(1);
        assert!(said.err.contains(&format!("did you mean `{meant}`?")), "{line:?}: {}", said.err);
    }
    let said = home.run(&["help", "puase"]).code(2);
    assert!(said.err.contains("puase") && said.err.contains("'pause'"), "{}", said.err);
    let said = home.run(&["help", "nonsense"]).code(2);
    assert!(!said.err.contains("similar"), "{}", said.err);
    let said = home.run(&["nowhere"]).code(1);
    assert!(said.err.contains("name your music directory"), "{}", said.err);
    for verb in [&["pause"][..], &["volume", "+5"], &["play", "genre=jazz"], &["add", "genre=jazz"]] {
        let said = home.run(verb).code(1);
        assert!(said.err.contains("no jukebox is running"), "{verb:?}: {}", said.err);
    }
    assert!(home.run(&["send", "--json", "volume"]).code(1).out.contains("\"ok\": false"));
    assert!(home.run(&["volume", "-5", "--json"]).code(1).out.contains("\"ok\": false"));
}
