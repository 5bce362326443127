use super::*;

const LIBRARY: Scope = Scope { view: "library", is_list: true };
const QUEUE: Scope = Scope { view: "queue", is_list: true };
const HELP: Scope = Scope { view: "help", is_list: false };

/// The keymap of a configuration, and its warnings.
fn with(text: &str) -> Result<(Keymap, Vec<String>), KeymapError> {
    let config = Config::parse(text).unwrap();
    Keymap::new(&config.ui.preset, &config.keys)
}

fn quiet(text: &str) -> Keymap {
    let (map, warnings) = with(text).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    map
}

/// The command line that `keys` are bound to.
fn command(map: &Keymap, scope: Scope, keys: &str) -> Option<String> {
    match map.meaning(scope, &parse(keys).unwrap()) {
        Meaning::Command(line) => Some(format!("{} {}", line.command.name, line.argument).trim_end().to_string()),
        Meaning::Prefix | Meaning::Nothing => None,
    }
}

#[test]
fn every_preset_is_valid_and_no_sequence_begins_another_in_its_context() {
    for (name, text) in PRESETS {
        let own = read(&Config::parse(text).unwrap().keys).unwrap();
        assert!(!own.is_empty(), "{name}");
        let (own, warnings) = latest(own);
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
        let map = quiet(&format!("[ui]\npreset = \"{name}\"\n"));
        for one in own.iter().filter(|one| one.binding.line.is_some()) {
            assert!(map.bindings().contains(&one.binding), "{name}: {}", one.binding.text);
        }
        for (n, binding) in map.bindings().iter().enumerate() {
            let clash = map.bindings()[..n].iter().find(|b| b.context == binding.context && b.clashes(binding));
            assert!(clash.is_none(), "{name}: {} and {:?}", binding.text, clash.map(|b| &b.text));
        }
        // Nobody is left without a way to the help, to commands and out.
        for needed in ["help", "command-line", "ask-quit", "cancel", "search", "focus-next", "type-filter"] {
            assert!(map.key_of(needed).is_some(), "{name} lacks {needed}");
        }
    }
    assert_eq!(quiet(""), Keymap::default());
}

#[test]
fn the_default_has_sequences_and_views_with_and_without_alt() {
    let map = Keymap::default();
    assert_eq!(map.meaning(LIBRARY, &parse("g").unwrap()), Meaning::Prefix);
    assert_eq!(command(&map, LIBRARY, "gg").as_deref(), Some("top"));
    assert_eq!(map.meaning(LIBRARY, &parse("g x").unwrap()), Meaning::Nothing);
    assert_eq!(command(&map, HELP, "-").as_deref(), Some("volume -5"));
    for n in 1..=PANES.len().min(9) {
        let view = Some(format!("view {n}"));
        assert_eq!(
            (command(&map, HELP, &n.to_string()), command(&map, HELP, &format!("alt-{n}"))),
            (view.clone(), view)
        );
    }
    // A page has no selection.
    assert_eq!((command(&map, QUEUE, "D"), command(&map, HELP, "D")), (Some("remove".into()), None));
}

#[test]
fn presets_have_the_keys_of_their_players() {
    let preset = |name: &str| quiet(&format!("[ui]\npreset = \"{name}\"\n"));
    let is = |map: &Keymap, scope, keys, line: &str| {
        assert_eq!(command(map, scope, keys).as_deref(), Some(line), "{keys}");
    };
    let cmus = preset("cmus");
    for (keys, line) in [("g", "top"), ("s", "shuffle"), ("l", "seek +5"), ("]", "volume +1"), ("space", "mark")] {
        is(&cmus, LIBRARY, keys, line);
    }
    is(&cmus, HELP, "space", "toggle");
    assert_eq!(cmus.key_of("help"), Some("f1"));
    let vim = preset("vim");
    for (keys, line) in [("dd", "remove"), ("dc", "calmer"), ("yy", "enqueue"), ("ZZ", "quit"), ("v", "mark")] {
        is(&vim, QUEUE, keys, line);
    }
    is(&vim, HELP, "dd", "darker");
    let mpv = preset("mpv");
    for (keys, line) in [("9", "volume -2"), ("0", "volume +2"), ("p", "toggle"), ("shift-right", "seek +1")] {
        is(&mpv, LIBRARY, keys, line);
    }
    let why = Keymap::new("emacs", &Keys::default()).unwrap_err().to_string();
    assert_eq!(why, "ui.preset is \"emacs\"; there are: default, cmus, mpv, vim");
}

#[test]
fn users_override_one_by_one() {
    let map = quiet("[keys]\n\"ctrl-n\" = \"next\"\nx = \"noop\"\nj = \"seek +10\"\ne = \"stop\"\n");
    assert_eq!(command(&map, LIBRARY, "ctrl-n").as_deref(), Some("next"));
    assert_eq!(map.meaning(LIBRARY, &parse("x").unwrap()), Meaning::Nothing);
    assert_eq!(command(&map, LIBRARY, "j").as_deref(), Some("seek +10"));
    assert_eq!(command(&map, LIBRARY, "k").as_deref(), Some("up"));
    // Also over what the preset binds in lists only.
    assert_eq!(command(&map, LIBRARY, "e").as_deref(), Some("stop"));
    let map = quiet("[ui]\npreset = \"cmus\"\n[keys]\ng = \"noop\"\ngg = \"top\"\n");
    assert_eq!(command(&map, LIBRARY, "gg").as_deref(), Some("top"));
}

#[test]
fn a_narrower_table_of_the_user_wins_wherever_it_stands_in_the_file() {
    let map = quiet("[keys.queue]\nx = \"why\"\n[keys.list]\nx = \"mark\"\n[keys]\nx = \"next\"\n");
    let all = [QUEUE, LIBRARY, HELP].map(|scope| command(&map, scope, "x").unwrap());
    assert_eq!(all, ["why", "mark", "next"]);
    let map = quiet("[keys.library]\nx = \"noop\"\n");
    assert_eq!((command(&map, LIBRARY, "x"), command(&map, QUEUE, "x")), (None, Some("seek 0".into())));
}

#[test]
fn conflicts_are_warnings_and_the_latest_word_counts() {
    let (map, warnings) =
        with("[keys]\nx = \"next\"\n\"ctrl-n\" = \"next\"\nx = \"stop\"\n\"c-n\" = \"why\"\n").unwrap();
    let expected = [
        "line 4: [keys] \"x\" is the same key as \"x\" of line 2; the later one counts",
        "line 5: [keys] \"c-n\" is the same key as \"ctrl-n\" of line 3; the later one counts",
    ];
    assert_eq!(warnings, expected);
    assert_eq!((command(&map, HELP, "x"), command(&map, HELP, "ctrl-n")), (Some("stop".into()), Some("why".into())));

    // Those of different contexts do not conflict.
    let map = quiet("[keys.queue]\nyx = \"next\"\n[keys.list]\ny = \"stop\"\n");
    assert_eq!(command(&map, QUEUE, "yx").as_deref(), Some("next"));

    let (map, warnings) = with("[keys.queue]\nyx = \"next\"\ny = \"stop\"\nyz = \"why\"\n").unwrap();
    let expected = [
        "line 3: [keys.queue] \"y\" is the beginning of \"yx\" of line 2; the later one counts",
        "line 4: [keys.queue] \"yz\" begins with \"y\" of line 3; the later one counts",
    ];
    assert_eq!(warnings, expected);
    assert_eq!((command(&map, QUEUE, "yz"), command(&map, QUEUE, "yx")), (Some("why".into()), None));
}

#[test]
fn lost_keys_of_the_preset_are_named_unless_the_user_unbinds_them() {
    let (map, warnings) = with("[keys]\nd = \"remove\"\nxx = \"stop\"\n").unwrap();
    let expected = [
        "line 2: [keys] \"d\" is the beginning of \"dc\", \"dw\", \"db\", 6 more of the preset, which it replaces",
        "line 3: [keys] \"xx\" begins with \"x\" of the preset, which it replaces",
    ];
    assert_eq!(warnings, expected);
    assert_eq!((command(&map, HELP, "d"), command(&map, HELP, "xx")), (Some("remove".into()), Some("stop".into())));
    let map = quiet("[keys]\ng = \"top\"\ngg = \"noop\"\n");
    assert_eq!(command(&map, HELP, "g").as_deref(), Some("top"));
    // A digit is the key of a view only when no other key follows, so it may begin a sequence.
    let map = quiet("[keys]\n1x = \"stop\"\n");
    assert_eq!((command(&map, HELP, "1 x"), command(&map, HELP, "1")), (Some("stop".into()), Some("view 1".into())));
}

#[test]
fn mistakes_are_named_with_their_line() {
    let why = |text: &str| with(text).unwrap_err().to_string();
    let mistake = |key: &str, line: &str| why(&format!("[keys]\nx = \"next\"\n\"{key}\" = \"{line}\"\n"));
    assert!(mistake("hyper-x", "next").starts_with("line 3: [keys] no key 'hyper-x'"));
    assert_eq!(mistake("y", "frobnicate"), "line 3: [keys] \"y\": no command 'frobnicate'; :help lists them");
    assert!(mistake("Y", "seek soon").contains("seek wants seconds"));
    assert!(mistake("", "next").contains("an empty key"));
    let two = why("[keys]\ny = \"frobnicate\"\na = \"no such thing\"\n");
    assert!(two.starts_with("line 2"), "the first in the file: {two}");
    let view = why("[keys.librray]\nx = \"next\"\n");
    assert_eq!(view, "line 2: [keys.librray] there is no such table; did you mean [keys.library]?");
    let view = why("[keys.nowhere]\nx = \"next\"\n");
    assert!(view.starts_with("line 2: [keys.nowhere] there is no such table; keys can be bound in [keys]"), "{view}");
    assert!(view.contains("list, library, queue"), "{view}");
    assert_eq!(mistake("crtl-n", "next"), "line 3: [keys] no key 'crtl-n'; did you mean ctrl-n?");
    let config = Config::parse("[keys]\ny = \"nxet\"\n\"crtl-n\" = \"next\"\nx = \"next\"\n").unwrap();
    let all: Vec<String> = faults("vin", &config.keys).iter().map(ToString::to_string).collect();
    let expected = [
        "ui.preset is \"vin\"; did you mean vim?",
        "line 2: [keys] \"y\": no command 'nxet'; did you mean next?",
        "line 3: [keys] no key 'crtl-n'; did you mean ctrl-n?",
    ];
    assert_eq!(all, expected);
}
