//! Orders the channels of a block: from the order in the packet to the one that [`mix`](crate::audio::mix) expects.

use oxideav_aac::channel_map::{PceElementKind, pce_speaker_assignment, reorder_permutation};
use oxideav_aac::pce::Pce;
use oxideav_core::format::ChannelPosition as Place;

/// Number of channels of 7.1: left and right, centre, bass, and two more pairs.
const WIDE: usize = 8;
/// Layout 7 in the packet: centre, left and right, side pair, rear pair, bass. The standard places the second pair
/// further out than left and right, as in a cinema, but encoders use it for the sides.
const SEVEN: [usize; WIDE] = [1, 2, 0, 7, 5, 6, 3, 4];
/// Layout 11 in the packet: centre, left and right, side pair, rear centre, bass.
const ELEVEN: [usize; 7] = [1, 2, 0, 6, 5, 3, 4];

/// An element of a packet: its kind, tag and number of channels.
pub(super) type Described = (PceElementKind, u8, usize);

/// Puts the channels of a packet in order. A single rear channel without another pair is duplicated into a pair.
pub(super) fn arrange(
    layout: u8,
    program: Option<&Pce>,
    elements: &[Described],
    channels: Vec<Vec<f32>>,
) -> Vec<Vec<f32>> {
    let order = match layout {
        0 => {
            let places = program.and_then(|program| places(program, elements));
            return match places {
                Some(places) if channels.len() > 2 => surround(&places, &channels),
                _ => channels,
            };
        }
        4 => Some(vec![0, 1, 2, 3, 3]).and_then(|doubled| {
            let order = reorder_permutation(4)?;
            doubled.into_iter().map(|n| order.get(n).copied()).collect()
        }),
        7 | 12 => Some(SEVEN.to_vec()),
        11 => Some(ELEVEN.to_vec()),
        layout => reorder_permutation(layout),
    };
    match order.filter(|order| order.iter().max().is_some_and(|most| most + 1 == channels.len())) {
        Some(order) => order.into_iter().map(|n| channels[n].clone()).collect(),
        None => channels,
    }
}

/// The position of every channel according to a program configuration; `None` if that does not describe these elements.
fn places(program: &Pce, elements: &[Described]) -> Option<Vec<Place>> {
    let assigned = pce_speaker_assignment(program)?;
    let mut places = Vec::new();
    for &(kind, tag, width) in elements {
        let (.., own) = assigned.iter().find(|(k, t, _)| (*k, *t) == (kind, tag)).filter(|(.., p)| p.len() == width)?;
        places.extend(own.iter().copied());
    }
    Some(places)
}

/// Arranges channels at any positions as 5.1, or as 7.1 if there are two pairs besides left and right; missing channels
/// are silent.
fn surround(places: &[Place], channels: &[Vec<f32>]) -> Vec<Vec<f32>> {
    use Place::{
        BackCenter, BackLeft, BackRight, FrontCenter, FrontLeft, FrontLeftOfCenter, FrontRight, FrontRightOfCenter,
        LowFrequency, SideLeft, SideRight,
    };
    let has = |place| places.contains(&place);
    let wide =
        u8::from(has(SideLeft)) + u8::from(has(BackLeft) || has(BackCenter)) + u8::from(has(FrontLeftOfCenter)) > 1;
    let second = if wide { 6 } else { 4 };
    let len = channels.first().map_or(0, Vec::len);
    let mut out = vec![vec![0.0; len]; if wide { WIDE } else { 6 }];
    for (place, channel) in places.iter().zip(channels) {
        let to: &[usize] = match place {
            FrontLeft => &[0],
            FrontRight => &[1],
            FrontCenter => &[2],
            LowFrequency => &[3],
            BackLeft => &[4],
            BackRight => &[5],
            BackCenter => &[4, 5],
            SideLeft | FrontLeftOfCenter => &[second],
            SideRight | FrontRightOfCenter => &[second + 1],
            _ => &[2],
        };
        for &n in to {
            out[n].iter_mut().zip(channel).for_each(|(sum, x)| *sum += x);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Channel `n` is one sample of value `n + 1`.
    fn channels(count: u8) -> Vec<Vec<f32>> {
        (0..count).map(|n| vec![f32::from(n + 1)]).collect()
    }

    fn flat(channels: Vec<Vec<f32>>) -> Vec<f32> {
        channels.concat()
    }

    #[test]
    fn every_layout_comes_out_as_the_mixer_expects_it() {
        let arranged = |layout, count| flat(arrange(layout, None, &[], channels(count)));
        assert_eq!(arranged(1, 1), [1.0]);
        assert_eq!(arranged(2, 2), [1.0, 2.0]);
        assert_eq!(arranged(3, 3), [2.0, 3.0, 1.0]);
        assert_eq!(arranged(4, 4), [2.0, 3.0, 1.0, 4.0, 4.0]);
        assert_eq!(arranged(6, 6), [2.0, 3.0, 1.0, 6.0, 4.0, 5.0]);
        assert_eq!(arranged(7, 8), [2.0, 3.0, 1.0, 8.0, 6.0, 7.0, 4.0, 5.0]);
        assert_eq!(arranged(11, 7), [2.0, 3.0, 1.0, 7.0, 6.0, 4.0, 5.0]);
        assert_eq!(arranged(6, 5), [1.0, 2.0, 3.0, 4.0, 5.0], "a packet that lacks a channel");
    }

    #[test]
    fn channels_at_odd_places_stay_on_their_side() {
        use Place::{BackCenter, BackLeft, BackRight, FrontCenter, FrontLeft, FrontRight, LowFrequency};
        let of = |places: &[Place]| flat(surround(places, &channels(places.len() as u8)));
        assert_eq!(of(&[FrontCenter, FrontLeft, FrontRight, LowFrequency]), [2.0, 3.0, 1.0, 4.0, 0.0, 0.0]);
        assert_eq!(of(&[FrontCenter, FrontLeft, FrontRight, BackCenter]), [2.0, 3.0, 1.0, 0.0, 4.0, 4.0]);
        let with_centre = [FrontCenter, FrontLeft, FrontRight, BackLeft, BackRight, BackCenter];
        assert_eq!(of(&with_centre), [2.0, 3.0, 1.0, 0.0, 10.0, 11.0]);
    }
}
