//! Why a track fits what the queue follows, whether or not an engine has proposed it.

use super::reasons::Reasons;
use super::{Context, Why};
use crate::track::TrackId;

/// Explains how a track fits; `None` where it is not analysed, or nothing of what the queue follows is.
pub fn why_fits(context: &Context, track: TrackId) -> Option<Why> {
    let row = context.space.row(track)?;
    let (signature, members) = context.signature(context.anchor())?;
    let why = Reasons::new(context, &signature, &members).why(context, row);
    // A track that the queue follows is nearest to itself.
    Some(Why { nearest: why.nearest.filter(|near| *near != track), ..why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::fixture::{context, id};

    #[test]
    fn a_track_of_the_same_style_fits_better_than_another() {
        let context = context(&[0, 2]);
        let fit = |n| why_fits(&context, id(n)).unwrap().fit.unwrap();
        assert!(fit(4) > fit(16), "{} {}", fit(4), fit(16));
        assert_ne!(why_fits(&context, id(0)).unwrap().nearest, Some(id(0)));
        assert_eq!(why_fits(&context, id(200)), None, "it is not analysed");
        let mut nothing = context.clone();
        nothing.situation.playlist.clear();
        nothing.situation.playing = None;
        assert_eq!(why_fits(&nothing, id(4)), None);
    }
}
