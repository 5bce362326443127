//! Volume, gains, fades, outputs, the sleep timer.

use super::*;
use crate::app::state::order::Sleep;
use crate::app::state::playback::{Follower, State};
use crate::audio::{Device, Sounding, Standing};
use crate::sound::Loudness;
use crate::track::FileFault;

fn told(effects: &[Effect]) -> Vec<&Command> {
    effects.iter().filter_map(|e| if let Effect::Player(command) = e { Some(command) } else { None }).collect()
}

fn follow(effects: &[Effect]) -> Option<Sounding> {
    told(effects)
        .into_iter()
        .find_map(|c| if let Command::Follow { sounding, .. } = c { Some(*sounding) } else { None })
}

fn notice(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |n| n.text.as_str())
}

/// The songs 0 to 4 of one album, the first playing.
fn album() -> (Model, Vec<Effect>) {
    let mut model = fixture::model(40);
    give(&mut model, "auto off", &[]);
    let songs: Vec<_> = model.catalog.songs()[..5].to_vec();
    let effects = give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    (model, effects)
}

#[test]
fn the_volume_goes_in_percent_and_in_decibels() {
    let mut model = fixture::model(3);
    let shape = |effects: &[Effect]| match told(effects)[..] {
        [Command::Shape(shape)] => shape.volume,
        ref other => panic!("{other:?}"),
    };
    assert_eq!(shape(&give(&mut model, "volume -6dB", &[])), 64);
    assert_eq!(shape(&give(&mut model, "volume +6dB", &[])), 81);
    give(&mut model, "volume 1", &[]);
    assert_eq!(shape(&give(&mut model, "volume +1dB", &[])), 2, "a step is a step");
    give(&mut model, "volume 100", &[]);
    assert_eq!(shape(&give(&mut model, "volume +1dB", &[])), 100);
    assert_eq!(shape(&give(&mut model, "volume -60dB", &[])), 10);
    give(&mut model, "volume", &[]);
    assert_eq!(notice(&model), "volume: 10 % (-60.0 dB)");
}

#[test]
fn balance_and_mono_reach_the_player() {
    let mut model = fixture::model(3);
    give(&mut model, "balance -30", &[]);
    let effects = give(&mut model, "mono", &[]);
    let shape = model.sounds.shape(80);
    assert_eq!(told(&effects), [&Command::Shape(shape)]);
    assert_eq!((shape.balance, shape.mono, shape.volume), (-30, true, 80));
    give(&mut model, "balance 0", &[]);
    assert_eq!(notice(&model), "balance: in the middle");
}

#[test]
fn gains_are_told_with_the_track_and_changed_by_hand() {
    let (mut model, effects) = album();
    assert_eq!(follow(&effects), Some(Sounding { rate: 44_100, ..Sounding::default() }), "nothing is known");
    let loud = Loudness { lufs: Some(-12.0), range: None, peak: Some(0.0) };
    let all = model.catalog.songs().iter().map(|s| (s.track, loud)).collect();
    assert!(update(&mut model, Msg::Loudness(Arc::new(all))).is_empty(), "not in the middle of a track");
    let effects = give(&mut model, "replaygain track", &[]);
    let gains: Vec<f32> = told(&effects)
        .iter()
        .filter_map(|c| if let Command::Gain { gain, .. } = c { Some(*gain) } else { None })
        .collect();
    assert_eq!(gains.len(), 2, "what plays and what follows: {effects:?}");
    assert!(gains.iter().all(|g| (20.0 * g.log10() + 6.0).abs() < 0.01), "{gains:?}");
    let effects = give(&mut model, "replaygain off", &[]);
    assert!(told(&effects).iter().all(|c| matches!(c, Command::Gain { gain: 1.0, .. })));
}

#[test]
fn a_crossfade_is_not_for_albums_in_their_order() {
    let (mut model, _) = album();
    let effects = give(&mut model, "crossfade 4", &[]);
    assert_eq!(follow(&effects).unwrap().crossfade, 0.0, "the second of the album after the first");
    // Another one comes next instead.
    let other = model.catalog.songs()[20].clone();
    let effects = give(&mut model, "enqueue-next", &[&other]);
    assert_eq!(follow(&effects).unwrap().crossfade, 4.0);
    let effects = give(&mut model, "crossfade off", &[]);
    assert_eq!(follow(&effects).unwrap().crossfade, 0.0);
}

#[test]
fn sleep_holds_the_music_at_its_time() {
    let (mut model, _) = album();
    model.now = Duration::from_secs(100);
    give(&mut model, "sleep 10m", &[]);
    assert_eq!(notice(&model), "sleep: the music holds in 10:00");
    let at = |secs| Msg::Tick { now: Duration::from_secs(secs) };
    assert!(!told(&update(&mut model, at(699))).contains(&&Command::Pause));
    assert!(told(&update(&mut model, at(700))).contains(&&Command::Pause));
    assert_eq!((model.play.state, model.order.sleep), (State::Paused, None));
    // One that ran out during a pause does not hold what goes on.
    give(&mut model, "sleep 1m", &[]);
    model.now = Duration::from_secs(900);
    give(&mut model, "toggle", &[]);
    update(&mut model, at(901));
    assert_eq!((model.play.state, model.order.sleep), (State::Playing, None));
    // Nor does one that ran out while nothing played, and nothing begins by itself then.
    give(&mut model, "stop", &[]);
    model.play.starved = true;
    give(&mut model, "sleep 1m", &[]);
    assert!(told(&update(&mut model, at(1000))).is_empty());
    assert_eq!((model.order.sleep, model.play.starved), (None, false));
    give(&mut model, "toggle", &[]);
    assert_eq!(model.play.state, State::Playing);
    give(&mut model, "sleep 1m", &[]);
    give(&mut model, "sleep off", &[]);
    update(&mut model, at(2000));
    assert_eq!(model.play.state, State::Playing);
}

#[test]
fn sleep_after_the_track_and_after_the_album() {
    let (mut model, _) = album();
    let effects = give(&mut model, "sleep track", &[]);
    assert!(told(&effects).contains(&&Command::Unfollow));
    end(&mut model);
    assert_eq!((model.play.state, model.order.sleep), (State::Stopped, None));
    assert_eq!(model.playing().unwrap().song.track, model.catalog.songs()[1].track, "the next one is ready");
    let (mut model, _) = album();
    let other = model.catalog.songs()[20].clone();
    give(&mut model, "enqueue", &[&other]);
    give(&mut model, "sleep album", &[]);
    for song in 1..5 {
        let token = model.play.following.as_ref().expect("the album goes on").token;
        end(&mut model);
        update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
        assert_eq!(model.playing().unwrap().song.track, model.catalog.songs()[song].track);
        assert_eq!(model.order.sleep, Some(Sleep::Album));
    }
    assert!(model.play.following.is_none(), "the other one does not follow");
    end(&mut model);
    assert_eq!((model.play.state, model.order.sleep), (State::Stopped, None));
}

#[test]
fn what_kills_its_reader_is_not_opened_here() {
    let (mut model, _) = album();
    let songs = model.catalog.songs()[..5].to_vec();
    let fault = |n: usize, why: FileFault| Msg::Fault { path: songs[n].path.to_path_buf(), why };
    let effects = update(&mut model, fault(1, FileFault::Crashed("signal 11".into())));
    let Some(Effect::Player(Command::Follow { path, .. })) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(path.as_path(), &*songs[2].path, "the one after it follows");
    assert!(notice(&model).contains("skipped"), "{}", notice(&model));
    // Nor when it is asked for; what can be read in part plays.
    update(&mut model, fault(3, "damaged audio (x)".into()));
    let effects = give(&mut model, "play", &[&songs[1], &songs[3]]);
    let played =
        told(&effects).iter().find_map(|c| if let Command::Play { path, .. } = c { Some(path.clone()) } else { None });
    assert_eq!(played.as_deref(), Some(&*songs[3].path));
    assert!(notice(&model).contains("skipped"), "{}", notice(&model));
}

#[test]
fn a_held_session_stays_held_when_its_track_must_not_be_opened() {
    let (mut model, _) = album();
    let songs = model.catalog.songs()[..5].to_vec();
    let session = model.session();
    model = fixture::model(40);
    let catalog = model.catalog.clone();
    let fault =
        |n: usize| Msg::Fault { path: songs[n].path.to_path_buf(), why: FileFault::Crashed("signal 11".into()) };
    update(&mut model, fault(0));
    model.restore(session, &catalog);
    let effects = resume(&mut model);
    let held = told(&effects).into_iter().find_map(|c| match c {
        Command::Play { path, paused, .. } => Some((path.clone(), *paused)),
        _ => None,
    });
    assert_eq!(held, Some((songs[1].path.to_path_buf(), true)));
    assert_eq!(model.play.state, State::Paused);
}

#[test]
fn what_would_follow_itself_is_not_taken_from_under_the_music() {
    let (mut model, _) = album();
    give(&mut model, "repeat one", &[]);
    let path = model.queue.playing().unwrap().song.path.to_path_buf();
    let effects = update(&mut model, Msg::Fault { path: path.clone(), why: FileFault::Crashed("signal 11".into()) });
    assert_eq!(model.queue.playing().map(|i| i.song.path.to_path_buf()), Some(path));
    assert!(told(&effects).contains(&&Command::Unfollow), "nor is it opened again: {effects:?}");
    end(&mut model);
    assert_eq!(model.queue.playing().unwrap().song.track, model.catalog.songs()[1].track);
}

#[test]
fn a_new_crossfade_leaves_a_follower_alone_that_has_begun() {
    let (mut model, _) = album();
    let Follower { token, serial, .. } = model.play.following.clone().unwrap();
    end(&mut model);
    give(&mut model, "crossfade 4", &[]);
    assert_eq!(model.play.following.as_ref().map(|f| (f.token, f.serial)), Some((token, serial)));
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
    assert_eq!(model.queue.playing().map(|i| i.serial), Some(serial));
}

#[test]
fn outputs_are_listed_and_chosen() {
    let mut model = fixture::model(3);
    assert_eq!(told(&give(&mut model, "device", &[])), [&Command::Devices]);
    give(&mut model, "device 1", &[]);
    assert!(notice(&model).contains("lists the outputs first"));
    let device = Device { id: "hw:CARD=PCH,DEV=0".into(), about: "HDA Intel PCH".into() };
    let list = |model: &mut Model, chosen: Option<&str>, standing| {
        let (found, chosen) = (Ok(vec![device.clone()]), chosen.map(str::to_owned));
        update(model, Msg::Player(audio::Event::Devices { found, chosen, standing }));
        model.told.clone().unwrap().1
    };
    let id = Some(device.id.as_str());
    let lines = list(&mut model, None, Standing::Plays);
    assert!(lines[0].starts_with("*") && lines[1].contains("1  hw:CARD=PCH,DEV=0  HDA Intel PCH"), "{lines:?}");
    let marked = |lines: &[String]| lines.iter().position(|l| l.starts_with('*'));
    assert_eq!(marked(&list(&mut model, id, Standing::Plays)), Some(1));
    // While the default stands in, that is what plays; of the chosen one it is said that it is waited for.
    let lines = list(&mut model, id, Standing::StoodIn);
    assert!(marked(&lines) == Some(0) && lines[1].contains("HDA Intel PCH; chosen") && lines.len() == 3, "{lines:?}");
    let lines = list(&mut model, Some("hw:9"), Standing::StoodIn);
    assert!(marked(&lines) == Some(0) && lines[2].contains("hw:9  chosen, but it is not there"), "{lines:?}");
    let lines = list(&mut model, Some("hw:9"), Standing::Missing);
    assert!(marked(&lines).is_none() && lines[2].contains("hw:9  chosen, but it is not there"), "{lines:?}");
    let lines = list(&mut model, None, Standing::Missing);
    assert!(marked(&lines).is_none() && lines[2].contains("nothing plays"), "{lines:?}");
    let chosen = Command::Device(Some("hw:CARD=PCH,DEV=0".into()));
    assert_eq!(told(&give(&mut model, "device 1", &[])), [&chosen]);
    assert_eq!(told(&give(&mut model, "device hw:CARD=PCH,DEV=0", &[])), [&chosen]);
    assert_eq!(told(&give(&mut model, "device default", &[])), [&Command::Device(None)]);
    // A name that was not listed yet is looked for before anything is changed.
    for (listed, then) in
        [(vec![device.clone()], None), (vec![Device { id: "hw:7".into(), ..device.clone() }], Some("hw:7"))]
    {
        assert_eq!(told(&give(&mut model, "device hw:7", &[])), [&Command::Devices]);
        let found = audio::Event::Devices { found: Ok(listed), chosen: None, standing: Standing::Plays };
        let effects = update(&mut model, Msg::Player(found));
        assert_eq!(told(&effects), then.map(|id| Command::Device(Some(id.into()))).iter().collect::<Vec<_>>());
        assert_eq!(then.is_none(), notice(&model) == "there is no output 'hw:7'; :device lists them");
        model.notice = None;
    }
    model.sounds.devices.truncate(1);
    give(&mut model, "device 2", &[]);
    assert_eq!(notice(&model), "there is no output 2: they count from 1 to 1");
    update(&mut model, Msg::Player(audio::Event::Refused("gone".into())));
    assert!(model.notice.as_ref().unwrap().kind == Kind::Error);
}

#[test]
fn the_spectrum_is_kept_while_it_is_shown() {
    let mut model = fixture::model(3);
    let bands = [0.5; audio::player::spectrum::BANDS];
    update(&mut model, Msg::Player(audio::Event::Spectrum(bands)));
    assert_eq!(model.play.spectrum, None);
    assert_eq!(told(&give(&mut model, "spectrum", &[])), [&Command::Spectrum(true)]);
    update(&mut model, Msg::Player(audio::Event::Spectrum(bands)));
    assert_eq!(model.play.spectrum, Some(bands));
    give(&mut model, "spectrum off", &[]);
    assert_eq!(model.play.spectrum, None);
}
