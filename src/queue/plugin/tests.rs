//! Tests with valid, faulty and hostile scripts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::source;
use super::*;
use crate::clock::ManualClock;
use crate::queue::fixture::{context, id, style_of};
use crate::queue::{Context, Director, Find, Proposal};

const MANIFEST: &str = "name = \"x\"\nversion = \"1\"\napi = 1\ndescription = \"a test\"\n";

fn install(dir: &Path, name: &str, script: &str) {
    std::fs::create_dir_all(dir.join(name)).unwrap();
    std::fs::write(dir.join(name).join("plugin.toml"), MANIFEST).unwrap();
    std::fs::write(dir.join(name).join("main.luau"), script).unwrap();
}

/// Loads a script, given the body of its `propose`, or the whole text if that contains `return M`.
/// Its clock stands still.
fn script_of(script: &str) -> Result<Script, ScriptError> {
    let script = if script.contains("return M") {
        script.to_string()
    } else {
        format!("local M = {{}}\nfunction M.propose(ctx, want)\n{script}\nend\nreturn M")
    };
    Script::load_by(Arc::new(ManualClock::default()), &setup(Kind::Source, &script))
}

fn setup(kind: Kind, script: &str) -> Setup {
    Setup { name: "x".into(), kind, script: script.into(), ..Setup::default() }
}

fn answer(script: &str, context: &Context) -> Result<Answer, ScriptError> {
    script_of(script)?.propose(context, 10, 10)
}

fn run(script: &str, context: &Context) -> Result<Vec<Proposal>, ScriptError> {
    answer(script, context).map(|answer| answer.proposals)
}

#[test]
fn radio_follows_the_playing_track() {
    let mut context = context(&[0, 1, 2]);
    context.situation.playing = Some(id(20));
    let mut director = Director::new(Vec::new());
    let (picks, note) = director.picks(&context, "radio", 5);
    assert_eq!((picks.len(), note), (5, None));
    assert!(picks.iter().all(|p| style_of(p.id) == 2 && p.id != id(20)), "{picks:?}");
    assert_eq!((picks[0].why.engine.as_str(), picks[0].why.text.as_str()), ("radio", "sounds like Song 20"));
    let (names, faults) = director.names();
    assert!(names.starts_with(&["signature".to_string(), "albums".into()]) && names.contains(&"radio".into()));
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_script_searches_with_the_filter_language() {
    let mut context = context(&[3]);
    context.find = Find::new(|filter, count| match filter {
        "genre=jazz" => Ok([5, 6, 7].map(id).into_iter().take(count).collect()),
        other => Err(format!("no such filter: {other}")),
    });
    let script = r#"
        local all = ctx.lib:search("genre=jazz", 9)
        assert(#all == 3 and #ctx.lib:search("genre=jazz", 2) == 2 and #ctx.lib:search("genre=jazz", 0/0) == 0)
        local ok, why = pcall(function() return ctx.lib:search("~", 2) end)
        assert(not ok and tostring(why):find("no such filter: ~"))
        assert(not pcall(function() return ctx.lib:search({}, 2) end))
        return { { id = all[1], score = 1 } }
    "#;
    assert_eq!(run(script, &context).unwrap()[0].id, id(5));
}

#[test]
fn a_script_sees_the_session_and_the_library() {
    let mut context = context(&[3, 4]);
    context.situation.ahead = vec![id(9)];
    context.situation.heard = vec![id(7), id(8)];
    let script = r#"
        local t = ctx.lib:get(ctx.now.id)
        assert(t.title == "Song 3" and t.artist == "B" and t.album == "Album 0" and t.year == 1973 and t.secs == 63)
        assert(t.genres[1] == "style 0" and #ctx.seeds == 2 and #ctx.queue == 1 and ctx.history[2].id and ctx.want == want)
        assert(ctx.lib:get("nonsense") == nil and ctx.lib:get(nil) == nil and ctx.lib:get() == nil)
        local near = ctx.lib:nearest(ctx.seeds, 4)
        assert(#near == 4 and near[1].distance <= near[2].distance and near[1].sim > 0 and near[1].sim <= 1)
        assert(math.abs(ctx.lib:sim(near[1].id, near[1].id) - 1) < 1e-6)
        assert(ctx.lib:sim(near[1].id, "?") == nil)
        assert(#ctx.lib:nearest({}, 4) == 0 and #ctx.lib:nearest(ctx.seeds, -1) == 0 and #ctx.lib:nearest(ctx.seeds, 0/0) == 0)
        assert(#ctx.lib:nearest(ctx.seeds, 1e18) == 30)
        local r = ctx.rng()
        return { { id = near[1].id, score = r, why = "bell \7 and \27[31m" }, { id = near[2].id } }
    "#;
    let first = run(script, &context).unwrap();
    assert_eq!(first, run(script, &context).unwrap(), "the same session gives the same answer");
    assert_eq!(first[0].why.text, "bell and [31m");
    assert_eq!(first[1].score, -2.0);
    assert!((0.0..1.0).contains(&first[0].score));
}

#[test]
fn answers_are_not_trusted() {
    let context = context(&[0]);
    let good = id(5);
    let script = format!(
        r#"return {{ {{ id = "{good}", score = 0/0 }}, {{ id = "{good}", score = 1/0 }}, {{ id = "ff", score = 1 }}, {{ score = 1 }},
        {{ id = "{}", score = 1 }}, 7, {{ id = "{good}", score = "high" }}, {{ id = "{good}", score = 2, why = 3 }} }}"#,
        id(77)
    );
    let answer = run(&script, &context).unwrap();
    assert_eq!((answer.len(), answer[0].id, answer[0].score), (1, good, 2.0));
    let refused = self::answer(&script, &context).unwrap().refused;
    assert_eq!(refused.len(), 6, "{refused:?}");
    assert!(refused[0].starts_with("x: entry 1 of propose's answer: its score is not"), "{refused:?}");
    assert_eq!(refused[5], "x: 2 more entries were refused");
    let many = format!(r#"local t = {{}} for i = 1, 5000 do t[i] = {{ id = "{good}", score = i }} end return t"#);
    assert_eq!(run(&many, &context).unwrap().len(), MOST_PROPOSALS);
    // One string of 10 MB is the reason of every proposal: only its beginning is read, which has no
    // printable characters.
    let heavy = format!(
        r#"local s = string.rep("\7", 4096) .. string.rep("x", 1e7) local t = {{}}
        for i = 1, 500 do t[i] = {{ id = "{good}", why = s }} end return t"#
    );
    let answer = run(&heavy, &context).unwrap();
    assert!(answer.len() == MOST_PROPOSALS && answer.iter().all(|p| p.why.text.is_empty()));
    assert!(run("return 5", &context).unwrap_err().to_string().contains("must return a list"));
}

#[test]
fn hostile_scripts_are_stopped_and_explained() {
    let context = context(&[0]);
    for (script, says) in [
        ("while true do end", "took too long"),
        ("while true do pcall(function() while true do end end) end", "took too long"),
        ("while true do pcall(function() ctx.lib:nearest(ctx.seeds, 500) end) end", "took too long"),
        (
            "local c = coroutine and coroutine.wrap(function() while true do end end) if c then c() end while true do end",
            "took too long",
        ),
        ("table.sort({3,2,1,5,4}, function() while true do end end)", "took too long"),
        ("local s = string.rep('x', 1e9)", "memory"),
        ("local b = buffer.create(1e9)", "memory"),
        ("local t = {} while true do t[#t + 1] = string.rep('x', 1e5) .. #t end", "memory"),
        ("local function f() return f() + 1 end return f()", "overflow"),
        ("require('/etc/passwd')", "attempt to call a nil value"),
        ("loadstring('return 1')()", "attempt to call a nil value"),
        ("(('a'):rep(3000)):find(('a-'):rep(40) .. 'b')", "took too long"),
        ("(('a'):rep(9)):gsub('.', function() while true do end end)", "took too long"),
        ("local t = {} while true do t = { t } end", "took too long"),
        ("return table.concat(table.create(2 ^ 22, 'xxxxxxxx'))", "memory"),
        ("local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return t[1]", "overflow"),
        ("ctx.lib.get = nil", "readonly"),
        ("ctx.state = 5", "ctx.state must stay a table"),
        ("string.format = nil", "readonly"),
        ("return math.random()", "attempt to call a nil value"),
        ("return os.clock()", "attempt to index nil"),
        ("return debug.info(1, 's')", "attempt to index nil"),
        ("error('on purpose')", "x/main.luau:3: on purpose"),
        ("while true do end", "x/main.luau:3: took too long"),
        ("error({})", "x: "),
        ("error(setmetatable({}, { __tostring = function() while true do end end }))", "x"),
        (
            "return ctx.lib:nearest(5, 5)",
            "x/main.luau:3: what lib:nearest is to be near must be a list of ids, not a number",
        ),
        ("x = = 3", "x/main.luau:3"),
        ("while true do end return M", "took too long"),
        ("return M", "must return a table"),
        ("getmetatable('').__index = nil", "readonly"),
    ] {
        let (why, late) = match script_of(script) {
            Ok(mut engine) => (engine.propose(&context, 10, 10).unwrap_err(), engine.late()),
            Err(why) => (why, 0),
        };
        let why = why.to_string();
        assert!(why.contains(says), "{script}: {why}");
        assert!(!why.contains('\n') && why.len() < 400, "{why}");
        // Catching the errors must not let it continue.
        assert!(late < 10, "{script}: {late} steps after its last");
    }
}

#[test]
fn a_script_whose_steps_last_too_long_is_stopped_by_the_clock() {
    let clock = ManualClock::default();
    let mut context = context(&[0]);
    let slow = clock.clone();
    context.find = Find::new(move |filter, _| {
        // The first search may have to prepare much, which is not the script's fault.
        slow.advance(if filter == "x1" { LONGEST * 2 } else { LONGEST / 4 });
        Ok(Vec::new())
    });
    let engine = |count: u32| {
        let script = format!(
            "local M = {{}} function M.propose(ctx) for i = 1, {count} do ctx.lib:search('x' .. i, 1) end return {{}} end return M"
        );
        Script::load_by(Arc::new(clock.clone()), &setup(Kind::Source, &script)).unwrap()
    };
    assert_eq!(engine(4).propose(&context, 1, 1), Ok(Answer::default()));
    assert_eq!(engine(5).propose(&context, 1, 1), Err(ScriptError::TooLong("x/main.luau:1".into())));
}

#[test]
fn a_kept_ctx_is_worthless_after_the_call() {
    let script = "local M, old = {}, nil
        function M.propose(ctx) if old then old.lib:get(ctx.seeds[1]) end old = old or ctx return {} end return M";
    let mut engine = Script::load(&setup(Kind::Source, script)).unwrap();
    let context = context(&[0]);
    assert!(engine.propose(&context, 1, 1).is_ok());
    // A kept `ctx` used in a later call reads that call's library, never an old one.
    assert!(engine.propose(&context, 1, 1).is_ok());
}

#[test]
fn the_built_in_engine_serves_and_three_strikes_are_enough() {
    let dir = tempfile::tempdir().unwrap();
    install(dir.path(), "bad", "return { propose = function() error('broken') end }");
    let mut director = Director::new(vec![dir.path().into()]);
    let context = context(&[8]);
    for _ in 0..STRIKES {
        let (picks, note) = director.picks(&context, "bad", 5);
        assert!(picks.len() == 5 && picks.iter().all(|p| p.why.engine == "signature"));
        assert_eq!(note.unwrap(), "bad/main.luau:1: broken; using signature instead");
    }
    let (picks, note) = director.picks(&context, "bad", 5);
    assert_eq!(picks.len(), 5);
    assert!(note.unwrap().starts_with("bad is disabled after 3 failures until it is changed"));
    // Once its files have changed, it is used again.
    let fixed = format!("return {{ propose = function() return {{ {{ id = '{}', score = 1 }} }} end }}", id(30));
    install(dir.path(), "bad", &fixed);
    let (picks, note) = director.picks(&context, "bad", 5);
    assert_eq!((picks.len(), picks[0].id, note), (1, id(30), None));
    let (picks, note) = director.picks(&context, "gone", 5);
    assert_eq!((picks.len(), note.unwrap().as_str()), (5, "there is no engine 'gone'; using signature instead"));
    assert_eq!(director.picks(&context, "signature", 0), (Vec::new(), None));
}

#[test]
fn a_small_library_is_used_up_without_repeats() {
    let mut director = Director::new(Vec::new());
    let mut context = context(&[0]);
    let (picks, note) = director.picks(&context, "signature", 100);
    assert_eq!((picks.len(), note), (31, None));
    context.situation.ahead = picks.iter().map(|p| p.id).collect();
    assert_eq!(director.picks(&context, "signature", 100).0, []);
}

#[test]
fn plugins_are_found_by_name_the_user_s_first() {
    let dir = tempfile::tempdir().unwrap();
    let dirs: Vec<PathBuf> = vec![dir.path().join("missing"), dir.path().into()];
    install(dir.path(), "mine", "return {}");
    install(dir.path(), "old", "return {}");
    install(dir.path(), "theirs.jukebox", "return {}");
    std::fs::write(dir.path().join("old/plugin.toml"), "api = 9").unwrap();
    let info = |name: &str| list(&dirs).0.into_iter().find(|info| info.name == name).unwrap();
    assert_eq!((info("mine").description.as_str(), info("mine").kind), ("a test", Some(Kind::Source)));
    let old = info("old");
    assert_eq!((old.description.as_str(), old.kind), ("old asks for api = 9, this jukebox has api = 1", None));
    assert_eq!(info("theirs").origin, Origin::Folder(dir.path().join("theirs.jukebox")));
    assert_eq!(info("radio").description, "nearest to the playing track, wherever it leads");
    install(dir.path(), "radio", "return {}");
    assert_eq!(info("radio").origin, Origin::Folder(dir.path().join("radio")));
    let mut director = Director::new(dirs.clone());
    let context = context(&[0]);
    let mut fault = |name: &str| director.picks(&context, name, 1).1.unwrap();
    assert!(fault("mine").contains("function 'propose'"));
    assert!(fault("old").contains("api = 9"));
    for evil in ["..", "../mine", "/etc", "a/b", "\u{1b}[2J"] {
        assert!(fault(evil).contains("is not the name of an engine"), "{evil}");
    }
    std::fs::write(dir.path().join("mine/main.luau"), [0x1bu8, 0xff, 0xfe]).unwrap();
    assert!(fault("mine").contains("not text"));
    std::fs::write(dir.path().join("mine/main.luau"), vec![b' '; 300 * 1024]).unwrap();
    assert!(fault("mine").contains("larger than 256 KiB"));
    std::fs::remove_file(dir.path().join("mine/main.luau")).unwrap();
    assert!(fault("mine").contains("main.luau cannot be read"));
    assert!(source("mine", &dirs).is_err() && source("radio", &dirs).is_ok());
}

#[test]
fn plugins_that_cannot_be_used_are_told_with_path_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let dirs: Vec<PathBuf> = vec![dir.path().join("missing"), dir.path().into()];
    let place = |name: &str| dir.path().join(name).display().to_string();
    install(dir.path(), "good", "return {}");
    install(dir.path(), "my plugin", "return {}");
    install(dir.path(), "half", "return {}");
    std::fs::remove_file(dir.path().join("half/main.luau")).unwrap();
    install(dir.path(), "torn", "return {}");
    std::fs::write(dir.path().join("torn/plugin.toml"), "api = ").unwrap();
    std::fs::create_dir(dir.path().join("notes")).unwrap();
    std::fs::write(dir.path().join("readme.txt"), "no plugin").unwrap();
    let (infos, faults) = list(&dirs);
    let own = infos.iter().filter(|info| info.origin != Origin::Shipped);
    let names: Vec<&str> = own.clone().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["good", "half", "torn"]);
    let begins = [
        format!("plugin {}: rename the folder: ", place("my plugin")),
        format!("plugin {}: half/main.luau cannot be read: ", place("half")),
        format!("plugin {}: torn/plugin.toml:1: ", place("torn")),
    ];
    assert_eq!(faults.len(), begins.len(), "{faults:?}");
    for (fault, begin) in faults.iter().zip(begins) {
        assert!(fault.starts_with(&begin) && !fault.contains('\n'), "{fault} is not {begin}");
    }
    let half = own.clone().nth(1).unwrap();
    assert!(half.description.starts_with("half/main.luau cannot be read: "), "{half:?}");
    // A file in the directory's place.
    let file = dir.path().join("readme.txt");
    let (infos, faults) = list(std::slice::from_ref(&file));
    assert_eq!((infos.iter().all(|info| info.origin == Origin::Shipped), faults.len()), (true, 1), "{faults:?}");
    assert!(faults[0].starts_with(&format!("plugin {}: cannot be read: ", file.display())), "{faults:?}");
    assert_eq!(Director::new(vec![file]).names().1, faults);
}

/// A director with one plugin of a kind in a folder of its own.
fn with(kind: &str, script: &str) -> (tempfile::TempDir, Director) {
    let dir = tempfile::tempdir().unwrap();
    install(dir.path(), "x", script);
    std::fs::write(dir.path().join("x/plugin.toml"), format!("{MANIFEST}kind = \"{kind}\"\n")).unwrap();
    let director = Director::new(vec![dir.path().into()]);
    (dir, director)
}

fn numbers(picks: &[Proposal]) -> Vec<u8> {
    picks.iter().map(|pick| pick.id.0[1]).collect()
}

#[test]
fn an_answer_can_keep_its_order_and_end_the_queue() {
    let list = format!("{{ {{ id = '{}' }}, {{ id = '{}' }}, {{ id = '{}' }}", id(30), id(2), id(29));
    let context = context(&[0]);
    let ordered = format!("return {{ propose = function() return {list}, ordered = true }} end }}");
    let (_dir, mut director) = with("source", &ordered);
    let (picks, note) = director.picks(&context, "x", 2);
    assert_eq!((numbers(&picks), note), (vec![30, 2], None));
    assert!(picks.iter().all(|pick| pick.why.ordered));
    let (_dir, mut director) = with("source", "return { propose = function() return { done = true } end }");
    assert_eq!(director.picks(&context, "x", 5), (Vec::new(), None), "nothing comes in its place");
    assert_eq!(director.take_lines(), ["x: the queue ends here"]);
    let (_dir, mut director) = with("source", "return { propose = function() return {} end }");
    let (picks, note) = director.picks(&context, "x", 5);
    assert!(picks.len() == 5 && note.unwrap().contains("proposed nothing usable"));
    let (_dir, mut director) = with("source", "return { propose = function() return { done = 1 } end }");
    assert!(
        director.picks(&context, "x", 5).1.unwrap().contains("x: 'done' of propose's answer must be true or false")
    );
}

#[test]
fn a_chain_filters_and_ranks_what_its_source_proposes() {
    let context = context(&[0]);
    let keep = "return { keep = function(ctx, p) return ctx.lib:get(p.id).artist == 'C', 'not by C' end }";
    let (_dir, mut director) = with("filter", keep);
    let by_c = |picks: &[Proposal]| {
        picks.iter().all(|pick| context.catalog.of_track(pick.id).is_some_and(|song| song.artist() == "C"))
    };
    let (picks, note) = director.picks(&context, "radio | x", 6);
    assert_eq!((picks.len(), note), (6, None));
    assert!(by_c(&picks) && picks.iter().all(|pick| pick.why.engine == "radio"), "{picks:?}");
    let lines = director.take_lines();
    assert!(lines[0].starts_with("x left out ") && lines[0].ends_with("because: not by C"), "{lines:?}");
    // Where no source is named, the built-in one is.
    let (picks, note) = director.picks(&context, "x", 3);
    assert!(note.is_none() && by_c(&picks) && picks.iter().all(|pick| pick.why.engine == "signature"), "{picks:?}");
    for (chain, says) in [
        ("x | radio", "can only be the first"),
        ("radio | signature", "can only be the first"),
        ("radio |", "name is missing"),
        ("signature n=1", "has no options"),
        ("radio n=1", "has no option 'n'"),
        ("radio | nope", "no engine 'nope'"),
    ] {
        let note = director.picks(&context, chain, 2).1.unwrap();
        assert!(note.contains(says), "{chain}: {note}");
    }
    let rank = format!(
        "return {{ rank = function(ctx, list)
            table.sort(list, function(a, b) return a.id > b.id end)
            for _, p in list do p.score, p.why = nil, nil end
            table.insert(list, {{ id = '{}' }}) list.ordered = true return list end }}",
        id(0)
    );
    let (_dir, mut director) = with("rank", &rank);
    let (picks, note) = director.picks(&context, "radio | x", 3);
    assert_eq!((numbers(&picks), note), (vec![31, 30, 29], None));
    assert_eq!(picks[0].why.text, "sounds like Song 0", "the reason of the source stays");
    assert!(director.take_lines().iter().any(|line| line.ends_with("a rank cannot add tracks")));
    let (_dir, mut director) = with("filter", "return { keep = function() return 1 end }");
    assert!(director.picks(&context, "x", 3).1.unwrap().contains("keep must return true or false"));
}

#[test]
fn a_plugin_remembers_and_has_options() {
    let script = "return { propose = function(ctx)
        ctx.state.calls = (ctx.state.calls or 0) + ctx.options.step
        print('call', ctx.state.calls, ctx.state)
        return ctx.lib:nearest(ctx.seeds, 5) end }";
    let (dir, director) = with("source", script);
    let manifest = format!("{MANIFEST}[options]\nstep = {{ type = \"number\", default = 1, max = 100 }}\n");
    std::fs::write(dir.path().join("x/plugin.toml"), manifest).unwrap();
    let shelf = Shelf::in_dir(dir.path().join("states"));
    let given: Given = toml::from_str("[x]\nstep = 10").unwrap();
    let mut director = director.with(given.clone(), shelf.clone());
    let context = context(&[0]);
    for engine in ["x", "x step=5"] {
        assert_eq!(director.picks(&context, engine, 2).1, None);
    }
    assert_eq!(director.take_lines(), ["x: call 10 (table)", "x: call 15 (table)"]);
    // Another program begins with what this one left; a trial leaves nothing.
    let again = || Director::new(vec![dir.path().into()]);
    let mut trial = again().with(given.clone(), shelf.clone().fixed());
    for expected in ["x: call 25 (table)", "x: call 25 (table)"] {
        trial.forget();
        assert_eq!(trial.picks(&context, "x", 2).1, None);
        assert_eq!(trial.take_lines(), [expected]);
    }
    assert!(director.picks(&context, "x step=101", 2).1.unwrap().contains("it must be at most 100"));
    let bomb = "return { propose = function(ctx) ctx.state.s = string.rep('x', 70000) return ctx.lib:nearest(ctx.seeds, 5) end }";
    install(dir.path(), "y", bomb);
    let mut director = again().with(Given::new(), shelf);
    assert!(director.picks(&context, "y", 2).1.unwrap().contains("y: ctx.state is larger than 64 KiB"));
}

#[test]
fn a_changed_script_takes_over_only_when_it_works() {
    let near = "return { propose = function(ctx) return ctx.lib:nearest(ctx.seeds, 9) end }";
    let (dir, mut director) = with("source", near);
    let context = context(&[0]);
    let mut picks = |script: Option<&str>| {
        script.into_iter().for_each(|script| std::fs::write(dir.path().join("x/main.luau"), script).unwrap());
        let (picks, note) = director.picks(&context, "x", 2);
        assert!(note.is_none() && picks.iter().all(|pick| pick.why.engine == "x"), "{note:?}");
        (picks[0].why.text.clone(), director.take_lines())
    };
    assert_eq!(picks(None), (String::new(), Vec::new()));
    let (_, lines) = picks(Some("return { propose = function(ctx) error('half done') end }"));
    assert_eq!(lines, ["x/main.luau:1: half done; the former version of x goes on"]);
    assert_eq!(picks(None).1, Vec::<String>::new(), "said once");
    let (_, lines) = picks(Some("return {"));
    assert!(lines.len() == 1 && lines[0].ends_with("goes on"), "{lines:?}");
    let better =
        near.replace("return ctx", "local all = ctx").replace(" end }", " all[1].why = 'better' return all end }");
    let (why, lines) = picks(Some(&better));
    assert!(why == "better" || why.is_empty());
    assert_eq!(lines, ["x was changed, and is used as it is now"]);
    // A manifest that is being edited stops nothing either.
    std::fs::write(dir.path().join("x/plugin.toml"), "api = 1\nkid = 1\n").unwrap();
    let lines = picks(None).1;
    assert!(lines.len() == 1 && lines[0].starts_with("x/plugin.toml:2: "), "{lines:?}");
    let step = "step = { type = \"number\", default = 1, min = nan }";
    std::fs::write(dir.path().join("x/plugin.toml"), format!("{MANIFEST}[options]\n{step}\n")).unwrap();
    let lines = picks(None).1;
    assert!(lines.len() == 1 && lines[0].contains("options.step: min must be a finite number"), "{lines:?}");
    assert_eq!(picks(None).1, Vec::<String>::new(), "said once, though the number differs from itself");
}
