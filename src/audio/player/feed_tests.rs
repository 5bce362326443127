use super::*;
use crate::audio::Sounding;
use crate::clock::ManualClock;

/// A single block of this many frames, at a rate far below that of any output.
struct Block(usize);

impl Samples for Block {
    fn format(&self) -> (u32, u16) {
        (1000, 1)
    }

    fn secs(&self) -> Option<f64> {
        None
    }

    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        let frames = std::mem::take(&mut self.0);
        out.extend(vec![0.25; frames]);
        Ok(frames > 0)
    }
}

#[test]
fn a_long_block_is_converted_in_small_steps() {
    const FRAMES: usize = 65_535;
    let ((_jobs, inbox), (control, _marks)) = (crossbeam_channel::unbounded(), crossbeam_channel::unbounded());
    let (ring, mut output) = rtrb::RingBuffer::new(48_000 * CHANNELS);
    let opener: Opener = Arc::new(|_, _| Ok((Box::new(Block(FRAMES)) as Box<dyn Samples>, 0.0)));
    let ways: (Opener, Arc<dyn Clock>) = (opener, Arc::new(ManualClock::default()));
    let mut feeder = Feeder::new((inbox, control), ring, Arc::new(Shared::default()), (48_000, false), ways);
    let start = Start { token: 1, path: std::path::PathBuf::from("a"), sounding: Sounding::default() };
    feeder.handle(Job::Play { round: 1, start, at: 0.0, follow: None });
    let (mut heard, mut most) = (0, 0);
    while !feeder.publish() {
        feeder.work();
        most = most.max(feeder.out.len() / CHANNELS);
        let ready = output.slots();
        output.read_chunk(ready).unwrap().commit_all();
        heard += ready / CHANNELS;
    }
    assert_eq!(heard, FRAMES * 48);
    // Of three million frames, at most a few seconds are buffered at a time.
    assert!(most < 6 * 48_000, "{most}");
}
