//! Measures a refill of the queue: 15 picks from a library of 100,000 tracks, for playlists of 1, 5 and 30 tracks, with
//! 500 tracks played. Uses one thread and reports both wall-clock time and processor time, which excludes other
//! programs.
//!
//! The first request after a change of the playlist computes what the playlist agrees on; later refills reuse it. A press in
//! the view of the signature changes the choice of dimensions: its trial describes every dimension and makes the picks anew.
//!
//! `cargo bench --workspace --profile dev --bench refill` (part of `make bench`).

mod support;

use fastrand::Rng;
use jukebox::ask::trial::rows;
use jukebox::latent::{Choice, DIMS, Histograms, Stand};
use jukebox::queue::Director;
use jukebox::track::TrackId;
use support::{ARTISTS, HEARD, Library, TRACKS, percentile, timed};

/// Number of sessions per row; `REFILLS`: refills per session.
const SESSIONS: usize = 60;
const REFILLS: usize = 10;
const WANTED: usize = 15;
/// Limit for a refill in ms (99th percentile of processor time, as other programs may be running).
const FLOOR: f64 = 10.0;
/// The same for a press in the view of the signature.
const PRESS: f64 = 50.0;

fn main() {
    let library = Library::new();
    println!("{WANTED} picks from {TRACKS} tracks by {ARTISTS} artists, {HEARD} heard, {SESSIONS} sessions a row; ms");
    println!("{:>9} {:>9} {:>8} {:>8} {:>8} {:>8}", "playlist", "request", "p50", "p99", "p50 cpu", "p99 cpu");
    let (_, histograms) = timed(|| Histograms::of(&library.space));
    println!("histograms of all dimensions, once for each space: {:.2} ms, {:.2} cpu", histograms.0, histograms.1);
    let (mut slowest, mut slowest_press) = (0.0f64, 0.0f64);
    for members in [1, 5, 30] {
        let (mut first, mut later, mut presses) = (Vec::new(), Vec::new(), Vec::new());
        let mut rng = Rng::with_seed(members as u64);
        let (mut director, mut trials) = (Director::new(Vec::new()), Director::new(Vec::new()));
        for _ in 0..SESSIONS {
            let mut context = library.session(members, &mut rng);
            let mut tried = Choice::Auto;
            for refill in 0..=REFILLS {
                let (picks, taken) = timed(|| director.picks(&context, "signature", WANTED).0);
                assert_eq!(picks.len(), WANTED, "the library has more");
                if refill == 0 {
                    first.push(taken)
                } else {
                    later.push(taken)
                }
                // All picks but the last nine count as played.
                let situation = &mut context.situation;
                let mut queue: Vec<TrackId> = situation.ahead.drain(..).collect();
                queue.extend(picks.iter().map(|p| p.id));
                let ahead = queue.split_off(queue.len() - 9);
                situation.heard.extend(queue);
                situation.heard.drain(..situation.heard.len() - HEARD);
                situation.playing = situation.heard.last().copied();
                situation.ahead = ahead;
                let dim = rng.u8(..DIMS as u8);
                let stand = [Stand::Never, Stand::Used(1.5), Stand::ByTest][rng.usize(..3)];
                tried = tried.with(dim, stand).unwrap_or(Choice::Auto);
                context.choice = tried.clone();
                let press = || {
                    let signature = context.signature(&context.situation.playlist).map(|(signature, _)| signature);
                    let rows = signature.map(|s| rows(&context.space, &s, &context.choice, context.situation.playing));
                    (rows.map_or(0, |rows| rows.len()), trials.picks(&context, "signature", WANTED).0.len())
                };
                presses.push(timed(press).1);
                context.choice = Choice::Auto;
            }
        }
        for (name, times) in [("first", first), ("refill", later), ("press", presses)] {
            let of = |p: f64, which: fn(&(f64, f64)) -> f64| percentile(times.iter().map(which), p);
            println!(
                "{members:>9} {name:>9} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
                of(0.5, |t| t.0),
                of(0.99, |t| t.0),
                of(0.5, |t| t.1),
                of(0.99, |t| t.1)
            );
            match name {
                "refill" => slowest = slowest.max(of(0.99, |t| t.1)),
                "press" => slowest_press = slowest_press.max(of(0.99, |t| t.1)),
                _ => {}
            }
        }
    }
    let word = if slowest < FLOOR { "met" } else { "MISSED" };
    println!("a refill in under {FLOOR} ms (p99 cpu): {word}: {slowest:.2} ms");
    let word = if slowest_press < PRESS { "met" } else { "MISSED" };
    println!("a press in the view of the signature in under {PRESS} ms (p99 cpu): {word}: {slowest_press:.2} ms");
}
