use std::time::Duration;

use super::*;
use crate::app::fixture;
use crate::audio::Sounding;
use crate::worker::WorkerSpec;

/// Ten songs, of which the first five have been listened to.
struct House {
    queue: Queue,
    out: Vec<Step>,
}

impl House {
    fn new() -> House {
        let catalog = fixture::catalog(10);
        let latents = catalog.songs()[..5].iter().map(|s| (s.track, [0.5; crate::latent::DIMS])).collect();
        let space = Space::build("test".into(), Arc::default(), latents);
        let mut house = House { queue: Queue::default(), out: Vec::new() };
        house.queue.word(Word::Catalog(catalog), &mut house.out);
        house.queue.word(Word::Space(Arc::new(space)), &mut house.out);
        house
    }

    fn path(&self, n: usize) -> PathBuf {
        self.queue.catalog.songs()[n].path.to_path_buf()
    }

    fn play(&self, n: usize) -> Command {
        play(n as u64, self.path(n))
    }

    fn follow(&self, n: usize) -> Command {
        Command::Follow { token: n as u64, path: self.path(n), sounding: Sounding::default() }
    }

    fn open(&self, n: usize) -> Step {
        Step::Open(self.path(n))
    }

    fn say(&mut self, command: Command) -> Vec<Step> {
        self.queue.word(Word::Command(command), &mut self.out);
        std::mem::take(&mut self.out)
    }

    fn answer(&mut self, result: Result<(), &str>) -> Vec<Step> {
        self.queue.opened(result.map_err(Into::into), &mut self.out);
        std::mem::take(&mut self.out)
    }
}

fn play(token: u64, path: PathBuf) -> Command {
    Command::Play { token, path, at: 0.0, paused: false, sounding: Sounding::default() }
}

fn pass(command: Command) -> Step {
    Step::Pass(command)
}

fn failed(token: u64) -> Step {
    Step::Tell(Event::Failed { token, why: "its reader died".into() })
}

#[test]
fn what_was_listened_to_is_not_delayed() {
    let mut house = House::new();
    for command in [house.play(0), house.follow(1), Command::Seek(3.0), Command::Pause, Command::Unfollow] {
        assert_eq!(house.say(command.clone()), [pass(command)]);
    }
}

#[test]
fn what_was_not_is_opened_by_a_worker_first() {
    let mut house = House::new();
    let (play, follow) = (house.play(7), house.follow(8));
    assert_eq!(house.say(play.clone()), [pass(Command::Stop), house.open(7)]);
    assert_eq!(house.say(follow.clone()), []);
    assert_eq!(house.answer(Ok(())), [pass(play.clone()), house.open(8)]);
    assert_eq!(house.answer(Ok(())), [pass(follow)]);
    // Once is enough.
    assert_eq!(house.say(play.clone()), [pass(play)]);
}

#[test]
fn what_comes_meanwhile_keeps_its_place() {
    let mut house = House::new();
    house.say(house.play(7));
    let known = house.follow(1);
    for command in [known.clone(), Command::Pause, Command::Seek(42.0), Command::Gain { token: 7, gain: 0.5 }] {
        assert_eq!(house.say(command), []);
    }
    assert_eq!(house.say(Command::Spectrum(true)), [pass(Command::Spectrum(true))], "is about no track");
    assert_eq!(house.say(Command::Gain { token: 1, gain: 0.25 }), []);
    let steps = house.answer(Ok(()));
    let sounding = |gain| Sounding { gain, ..Sounding::default() };
    let play = Command::Play { token: 7, path: house.path(7), at: 42.0, paused: true, sounding: sounding(0.5) };
    let follow = Command::Follow { token: 1, path: house.path(1), sounding: sounding(0.25) };
    assert_eq!(steps, [pass(play), pass(follow)]);
}

#[test]
fn newer_words_supersede_what_waits() {
    let mut house = House::new();
    house.say(house.play(7));
    house.say(house.follow(8));
    let known = house.play(2);
    assert_eq!(house.say(known.clone()), [pass(known)], "and nothing of the two before it");
    assert_eq!(house.answer(Ok(())), []);
    assert_eq!(house.say(house.play(9)), [pass(Command::Stop), house.open(9)]);
    assert_eq!(house.say(Command::Stop), [pass(Command::Stop)]);
    assert_eq!(house.answer(Err("its reader died")), [], "nobody waits for it any more");
    // The follower before it must not begin while another is opened.
    house.say(house.play(2));
    assert_eq!(house.say(house.follow(6)), [pass(Command::Unfollow), house.open(6)]);
    assert_eq!(house.say(house.follow(8)), [pass(Command::Unfollow), house.open(8)]);
    assert_eq!(house.say(Command::Unfollow), [pass(Command::Unfollow)]);
    assert_eq!(house.answer(Ok(())), []);
}

#[test]
fn a_file_that_kills_its_worker_fails_and_the_music_goes_on() {
    let mut house = House::new();
    house.say(house.play(7));
    house.say(house.follow(1));
    // What follows takes its place, as in the player.
    assert_eq!(house.answer(Err("its reader died")), [failed(7), pass(play(1, house.path(1)))]);
    house.say(house.follow(8));
    assert_eq!(house.answer(Err("its reader died")), [failed(8)], "what plays goes on");
    house.say(house.play(6));
    assert_eq!(house.answer(Err("its reader died")), [failed(6)]);
}

#[test]
fn what_is_heard_or_changes_while_it_waits_is_judged_anew() {
    let mut house = House::new();
    house.say(house.play(7));
    let latents = house.queue.catalog.songs().iter().map(|s| (s.track, [0.5; crate::latent::DIMS])).collect();
    let space = Space::build("test".into(), Arc::default(), latents);
    house.queue.word(Word::Space(Arc::new(space)), &mut house.out);
    assert_eq!(std::mem::take(&mut house.out), [pass(house.play(7))]);
    // A file that is in no catalog is opened each time it is not the last one.
    let strange = |n: u64| play(n, "/elsewhere/a.mp3".into());
    assert_eq!(house.say(strange(20)).last(), Some(&Step::Open("/elsewhere/a.mp3".into())));
    assert_eq!(house.answer(Ok(())), [pass(strange(20))]);
    assert_eq!(house.say(strange(21)), [pass(strange(21))]);
}

#[test]
fn a_restored_session_starts_no_worker_before_it_is_known_what_was_heard() {
    let mut house = House::new();
    let space = house.queue.space.take().unwrap();
    let held = |n: usize, house: &House| match house.play(n) {
        Command::Play { token, path, at, sounding, .. } => Command::Play { token, path, at, paused: true, sounding },
        other => other,
    };
    let first = held(0, &house);
    assert_eq!(house.say(first.clone()), [pass(Command::Stop)]);
    house.queue.word(Word::Space(space), &mut house.out);
    assert_eq!(std::mem::take(&mut house.out), [pass(first)]);
    house.queue.space = None;
    let other = held(7, &house);
    assert_eq!(house.say(other), [pass(Command::Stop)]);
    assert_eq!(house.say(Command::Resume), [house.open(7)]);
}

#[test]
fn a_real_worker_that_dies_costs_its_file_alone() {
    // Says that it is ready, and crashes whatever it is asked: the request begins with the length of the path.
    let script = r"printf '\0jukebox worker\2\2\0\0\0\0\0'; head -c 1 >/dev/null; kill -SEGV $$";
    let args = vec!["-c".into(), script.into()];
    let spec = WorkerSpec { program: "/bin/sh".into(), args, env: vec![], log: None };
    let (passed, player) = crossbeam_channel::unbounded();
    let (told, events) = crossbeam_channel::unbounded();
    let opener = Idler::start("open", spec).unwrap();
    let gate = Gate::start(opener, move |c| drop(passed.send(c)), move |e| drop(told.send(e))).unwrap();
    gate.send(play(1, "/music/broken.mp3".into()));
    gate.send(Command::Devices);
    match events.recv_timeout(Duration::from_secs(180)).unwrap() {
        Event::Failed { token: 1, why } => assert!(why.is_deadly(), "{why}"),
        other => panic!("{other:?}"),
    }
    drop(gate);
    assert_eq!(player.iter().collect::<Vec<_>>(), [Command::Stop, Command::Devices, Command::Quit]);
}
