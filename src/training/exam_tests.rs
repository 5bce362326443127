use jukebox_encoder::train::Clips;

use super::*;
use crate::training::{Part, Source, Split};

/// A data set of tracks given as (genre, artist), with one clip each, all in the test part.
fn data(genres: &[&str], tracks: &[(u16, &str)]) -> DataSet {
    DataSet {
        genres: genres.iter().map(|g| (*g).to_string()).collect(),
        tags: Vec::new(),
        split: Split(vec![Part::Test; tracks.len()]),
        clips: Clips { genres: tracks.iter().map(|t| t.0).collect(), ..Clips::default() },
        tracks: tracks.iter().map(|t| Source { artist: t.1.into(), ..Source::default() }).collect(),
        track: (0..tracks.len() as u32).collect(),
        labels: tracks.iter().map(|t| vec![t.0]).collect(),
        notes: Vec::new(),
        image: jukebox_encoder::Input::default(),
        name: "toy".into(),
    }
}

fn card(genres: &[&str]) -> Card {
    let shipped = Card::read(include_bytes!("../../models/strobe.safetensors")).unwrap();
    Card { genres: genres.iter().map(|g| (*g).to_string()).collect(), ..shipped }
}

fn heard(probabilities: &[&[f64]], latents: Vec<[f32; DIMS]>) -> Heard {
    Heard {
        tracks: (0..probabilities.len() as u32).collect(),
        probabilities: probabilities.iter().map(|p| p.to_vec()).collect(),
        clips: latents.clone(),
        latents,
    }
}

#[test]
fn fewer_and_differently_spelled_genres_are_matched_by_name() {
    let data = data(&["Polka", "hip hop", "rock"], &[(1, "a"), (1, "b"), (2, "c"), (2, "d"), (0, "e")]);
    let card = card(&["Electronic", "Hip-Hop", "Rock"]);
    let latents = vec![[0.0; DIMS]; 5];
    let said: [&[f64]; 5] = [&[0.1, 0.8, 0.1], &[0.6, 0.3, 0.1], &[0.0, 0.6, 0.4], &[0.1, 0.1, 0.8], &[0.0, 0.5, 0.5]];
    let (exam, said) = examine(&card, &heard(&said, latents), &data).unwrap();
    // Track 2 is electronic among all genres, hip hop among the shared ones; track 3 is wrong in both cases; polka is
    // unknown.
    assert_eq!((exam.tracks, exam.judged, exam.accuracy, exam.accuracy_unrestricted), (5, 4, 0.75, 0.5));
    assert!((exam.standard_error - (0.75f64 * 0.25 / 4.0).sqrt()).abs() < 1e-12);
    assert_eq!(
        (&exam.unknown_to_model[..], &exam.absent_from_data[..]),
        (&["Polka".into()][..], &["Electronic".into()][..])
    );
    assert_eq!(exam.confusion, [[2, 0], [1, 1]]);
    assert_eq!(exam.genres.iter().map(|g| g.genre.as_str()).collect::<Vec<_>>(), ["hip hop", "rock"]);
    assert_eq!((exam.genres[0].score.recall, exam.genres[1].score.precision), (1.0, 1.0));
    assert_eq!(said.right(), [Some(1.0), Some(1.0), Some(0.0), Some(1.0), None]);
    // The confidences restricted to the shared genres are 8/9, 3/4, 6/10 and 8/9; the two of 8/9
    // share a bin.
    let confident = [8.0 / 9.0, 0.75, 0.6, 8.0 / 9.0];
    let error = ((2.0 - 2.0 * confident[0]) + 0.25 + 0.6) / 4.0;
    assert!((exam.calibration_error - error).abs() < 1e-12, "{}", exam.calibration_error);
    let squares: f64 = [1.0 / 9.0, 0.25, 0.6, 1.0 / 9.0].iter().map(|miss: &f64| 2.0 * miss * miss).sum();
    assert!((exam.brier - squares / 4.0).abs() < 1e-12);
}

#[test]
fn too_little_in_common_is_said() {
    let some = data(&["jazz", "rock"], &[(0, "a"), (1, "b")]);
    let both: [&[f64]; 2] = [&[0.5, 0.5], &[0.5, 0.5]];
    let said = examine(&card(&["Jazz", "Polka"]), &heard(&both, vec![[0.0; DIMS]; 2]), &some).unwrap_err();
    assert!(said.to_string().contains("shares 1 of the data's genres (jazz, rock)"), "{said}");
    let nothing = examine(&card(&["Jazz", "Rock"]), &Heard::default(), &some);
    assert!(matches!(nothing, Err(MeasureError::NoTracks)));
}

#[test]
fn neighbours_are_of_other_artists() {
    // Two clusters of twelve; each track in the first has its artist's other track at the same
    // point.
    let tracks: Vec<(u16, String)> = (0..24).map(|i| ((i / 12) as u16, format!("artist {}", i / 2))).collect();
    let tracks: Vec<(u16, &str)> = tracks.iter().map(|(g, a)| (*g, a.as_str())).collect();
    let data = data(&["jazz", "rock"], &tracks);
    let latents: Vec<[f32; DIMS]> = (0..24)
        .map(|i| std::array::from_fn(|d| if d == 0 { (i / 12) as f32 } else { (i * 7 + d) as f32 % 5.0 * 0.01 }))
        .collect();
    let even: Vec<&[f64]> = vec![&[0.5, 0.5]; 24];
    let (exam, _) = examine(&card(&["jazz", "rock"]), &heard(&even, latents), &data).unwrap();
    assert_eq!((exam.precision_at_10, exam.artist_filter), (Some(1.0), true));
    assert!(exam.effective_dimensions < 1.1 && exam.dead_dimensions.len() < 32);
}

#[test]
fn clips_of_a_track_are_one_and_unknown_artists_are_many() {
    let weights = include_bytes!("../../models/strobe.safetensors");
    let encoder = jukebox_encoder::Encoder::load(weights, jukebox_encoder::Device::Cpu).unwrap();
    let mut data = data(&["jazz", "rock"], &[(0, ""), (1, ""), (1, "x"), (0, "x")]);
    data.clips.strobes = (0..4u8).flat_map(|i| vec![i * 37; 8192]).collect();
    data.track = vec![0, 1, 1, 2];
    data.split.0[3] = Part::Training;
    let all = crate::training::heard::hear(&encoder, &data, &Part::ALL).unwrap();
    assert_eq!((&all.tracks[..], all.clips.len()), (&[0, 1, 2][..], 4));
    for d in 0..DIMS {
        assert!((all.latents[1][d] - (all.clips[1][d] + all.clips[2][d]) / 2.0).abs() < 1e-5);
    }
    assert!((all.probabilities[1].iter().sum::<f64>() - 1.0).abs() < 1e-5);
    assert_eq!(all.artists(&data), [0, 1, 2]);
    let test = crate::training::heard::hear(&encoder, &data, &[Part::Test]).unwrap();
    assert_eq!(test.tracks, [0, 1]);
    data.clips.steps = 1280;
    let said = crate::training::heard::hear(&encoder, &data, &Part::ALL).unwrap_err().to_string();
    assert!(said.contains("128 × 1280"), "{said}");
}
