//! Tests of what scripts get: that it is what the table says, and what each function does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::library::FUNCTIONS;
use super::table::{Form, TYPES, Type};
use crate::clock::{Clock, ManualClock};
use crate::latent::{NAMED, named};
use crate::library::journal::{Entry, Event, Tallies};
use crate::queue::fixture::{context, id};
use crate::queue::plugin::{Answer, Kind, Script, ScriptError, Setup};
use crate::queue::{Context, Find};

fn run(script: &str, context: &Context) -> Result<Answer, ScriptError> {
    let script = format!("return {{ propose = function(ctx, want) local lib = ctx.lib\n{script}\nreturn {{}} end }}");
    let setup = Setup { name: "x".into(), kind: Kind::Source, script, ..Setup::default() };
    Script::load_by(Arc::new(ManualClock::default()), &setup)?.propose(context, 7, 40)
}

/// A library with ratings, plays and descriptors.
fn full() -> Context {
    let mut context = context(&[3, 4]);
    let event = |n: u8, event| Entry { at: 1000 + u64::from(n), event };
    let track = id(5);
    context.tallies = Arc::new(Tallies::new(&[
        event(1, Event::Played { track, secs: 60.0, whole: true }),
        event(2, Event::Rated { track, rating: Some(80) }),
        event(3, Event::Loved { track, loved: true }),
        event(4, Event::Skipped { track: id(6), secs: 1.0 }),
    ]));
    let sound = |n: u8| {
        let mut values = [f32::NAN; NAMED.len()];
        (values[0], values[10]) = (named::turns_of_tempo(100.0 + f32::from(n)), f32::from(n) / 100.0);
        values
    };
    context.space = Arc::new((*context.space).clone().with_named(|id| Some(sound(id.0[1]))));
    context.find = Find::new(|filter, count| match filter {
        "odd" => Ok((0..32).filter(|n| n % 2 == 1).map(id).take(count).collect()),
        other => Err(format!("no such filter: {other}")),
    });
    context.time = ManualClock::default().moment();
    context.situation.heard = vec![id(5), id(9)];
    context
}

#[test]
fn scripts_get_what_the_table_says() {
    let of = |name: &str| TYPES.iter().find(|of| of.name == name).unwrap();
    let names = |of: &Type| of.members.iter().map(|member| member.name).collect::<BTreeSet<_>>();
    let functions: BTreeSet<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names(of("Library")), functions);
    assert!(TYPES.iter().all(|of| matches!(of.form, Form::Alias(_)) == of.members.is_empty()));
    // `now` and others are nil without a value, so everything has one here.
    let keys = |expression: &str| {
        let script = format!(
            "local keys = {{}} for key in {expression} do table.insert(keys, tostring(key)) end print(table.concat(keys, ' '))"
        );
        let script = format!("return {{ propose = function(ctx) local lib = ctx.lib {script} return {{}} end }}");
        let setup = Setup { name: "x".into(), kind: Kind::Source, script, ..Setup::default() };
        let mut script = Script::load_by(Arc::new(ManualClock::default()), &setup).unwrap();
        script.propose(&full(), 7, 40).unwrap();
        let line = script.take_lines().remove(0);
        line.trim_start_matches("x: ").split(' ').map(str::to_string).collect::<BTreeSet<_>>()
    };
    let owned = |name: &str| names(of(name)).into_iter().map(str::to_string).collect::<BTreeSet<_>>();
    assert_eq!(keys("ctx"), owned("Context"));
    assert_eq!(keys("lib"), owned("Library"));
    assert_eq!(keys("ctx.time"), owned("Time"));
    assert_eq!(keys("ctx.history[1]"), owned("Heard"));
    assert_eq!(keys("lib:nearest(ctx.seeds, 1)[1]"), owned("Hit"));
    assert_eq!(keys("lib:signature(ctx.seeds).dims[1]"), owned("Dim"));
    let sometimes = BTreeSet::from(["disc".to_string(), "added".into()]);
    assert_eq!(&keys("lib:get(ctx.history[1].id)") | &sometimes, owned("Track"));
}

#[test]
fn a_track_is_told_in_full() {
    let script = r#"
        local track = lib:get(ctx.history[1])
        assert(track.rating == 80 and track.loved and track.plays == 1 and track.skips == 0 and track.heard == 1001)
        assert(track.track == 5 and track.disc == nil and track.added == nil and #track.album_id == 16)
        assert(track.album_id == lib:get(lib:album(track)[1]).album_id)
        assert(math.abs(track.sound.tempo - 105) < 0.01 and math.abs(track.sound.energy - 0.05) < 1e-6)
        assert(track.sound.bass == nil and next(track.tags) == nil)
        local other = lib:get(ctx.history[2])
        assert(other.rating == nil and not other.loved and other.plays == 0 and other.heard == nil)
        assert(ctx.history[1].at == 1001 and ctx.history[2].at == nil)
        assert(ctx.want == 7 and want == 40 and ctx.time.weekday == 2 and ctx.time.hour == 22 and ctx.time.year == 2023)
        local dice = ctx.rng(6)
        assert(dice >= 1 and dice <= 6 and dice % 1 == 0 and ctx.rng(0/0) == 1 and ctx.rng(-5) == 1 and ctx.rng() < 1)
        assert(not pcall(function() lib.get = nil end) and not pcall(function() ctx.options.x = 1 end))
    "#;
    run(script, &full()).unwrap();
}

#[test]
fn queries_filter_sort_and_page() {
    let script = r#"
        local odd = lib:query({ filter = "odd" })
        assert(#odd == 16 and odd[1].distance == nil)
        assert(#lib:query({}) == 32 and #lib:query({ limit = 5 }) == 5 and #lib:query({ limit = 0/0 }) == 0)
        local second = lib:query({ filter = "odd", offset = 4, limit = 3 })
        assert(#second == 3 and second[1].id == odd[5].id and #lib:query({ offset = 1e18 }) == 0)
        local near = lib:query({ filter = "odd", near = ctx.seeds, limit = 20 })
        assert(#near == 15 and near[1].distance <= near[2].distance and near[1].sim > 0)
        for _, hit in near do
            assert(hit.id ~= ctx.seeds[1])
        end
        local page = lib:query({ filter = "odd", near = ctx.seeds, offset = 1, limit = 1 })
        assert(#page == 1 and page[1].id == near[2].id)
        local fast = lib:query({ sort = "-tempo", limit = 2 })
        assert(lib:get(fast[1]).sound.tempo > lib:get(fast[2]).sound.tempo)
        assert(lib:get(lib:query({ sort = "-rating" })[1]).rating == 80)
        local fit = lib:query({ sort = "fit", near = ctx.seeds, filter = "odd", without = { ctx.seeds[1] }, limit = 3 })
        assert(fit[1].id == near[1].id and fit[2].distance >= fit[1].distance)
        assert(#lib:query({ without = odd }) == 16 and #lib:query({ near = {} }) == 0)
        local hits = lib:nearest(ctx.seeds, 50, { filter = "odd", without = near })
        assert(#hits == 0 and #lib:nearest(ctx.seeds, 50, { filter = "odd" }) == 15)
        for _, wrong in {
            function() lib:query({ fliter = "odd" }) end,
            function() lib:query({ sort = "mood" }) end,
            function() lib:query({ near = 5 }) end,
            function() lib:query(5) end,
            function() lib:nearest(ctx.seeds, 5, { near = 1 }) end,
            function() lib.query({ filter = "odd" }) end,
        } do
            assert(not pcall(wrong))
        end
    "#;
    run(script, &full()).unwrap();
    let why = run("lib:query({ fliter = 'odd' })", &full()).unwrap_err().to_string();
    assert!(why.starts_with("x/main.luau:2: lib:query has no 'fliter'; there are: filter, near"), "{why}");
    assert_eq!(run("lib:search('~', 2)", &full()).unwrap_err().to_string(), "x/main.luau:2: no such filter: ~");
    assert!(run("lib.get(ctx.now.id)", &full()).unwrap_err().to_string().contains("call it with a colon: lib:get(…)"));
}

#[test]
fn points_can_be_mixed_and_measured() {
    let script = r#"
        local a, b = ctx.seeds[1], ctx.history[2].id
        local pa, pb = lib:point(a), lib:point(b)
        local function close(x, y) return math.abs(x - y) < 1e-4 end
        assert(type(pa[1]) == "number" and pa[32] and pa[33] == nil and pa[0] == nil and pa.x == nil and pa[0/0] == nil)
        assert(close(lib:lerp(a, b, 0)[3], pa[3]) and close(lib:lerp(a, b, 1)[3], pb[3]))
        assert(close(lib:lerp(pa, { b }, 0.5)[3], (pa[3] + pb[3]) / 2) and close(lib:mean({ a, b })[3], (pa[3] + pb[3]) / 2))
        assert(close(lib:mean({ a, b }, { 3, 1 })[3], 0.75 * pa[3] + 0.25 * pb[3]))
        assert(close(lib:lerp(a, b, 2)[3], 2 * pb[3] - pa[3]) and close(lib:lerp(a, b, 1e9)[3], lib:lerp(a, b, 4)[3]))
        assert(lib:mean({}) == nil and lib:mean({ "?" }) == nil and lib:mean({ a, b }, { 1, -1 }) == nil)
        assert(lib:point("?") == nil and lib:lerp("?", {}, 0.5) == nil)
        local d = lib:distance(a, b)
        assert(d > 0 and close(d, lib:distance(pa, pb)) and close(d, lib:distance(pb, a)) and close(lib:distance(a, a), 0))
        assert(close(lib:sim(a, b), math.exp(-d * d / 2)))
        local hits = lib:nearest(pa, 2)
        assert(hits[1].id == a and close(hits[1].distance, 0) and close(hits[1].sim, 1))
        assert(close(hits[2].distance, lib:distance(a, hits[2].id)))
        local sign = lib:signature(ctx.seeds)
        assert(#sign.dims > 0 and sign.dims[1].spread > 0 and lib:signature({}) == nil)
        local near = lib:nearest(sign, 3)
        assert(near[1].id == lib:nearest(ctx.seeds, 1)[1].id and close(near[1].distance, lib:distance(near[1].id, sign)))
        assert(close(near[1].distance, lib:distance(near[1].id, ctx.seeds)) and lib:distance("?", sign) == nil)
        assert(not pcall(function() lib:distance(pa, sign) end) and not pcall(function() lib:lerp(a, b, 0/0) end))
        assert(#lib:album(a) == 1 and #lib:album("?") == 0 and #lib:artist(a) == 8 and #lib:artist(nil) == 0)
    "#;
    run(script, &full()).unwrap();
}

#[test]
fn work_is_paid_for() {
    let forever = "while true do pcall(function() lib:signature(ctx.seeds) end) end";
    assert!(run(forever, &full()).unwrap_err().to_string().ends_with("took too long and was stopped"));
    let setup = |count: u32| format!("for _ = 1, {count} do lib:signature(ctx.seeds) end");
    assert!(run(&setup(200), &full()).is_ok() && run(&setup(300), &full()).is_err(), "a signature costs 1,000 steps");
}
