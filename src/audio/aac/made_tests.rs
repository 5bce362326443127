//! Layouts of which no file is stored, made of the elements of one that is.

use super::elements::{Config, Element, blocks};
use super::tests::tone;
use super::*;
use crate::audio::decode::Decoder;
use crate::audio::fixture::{stored, write};

/// The identifiers of elements.
const SINGLE: u32 = 0;
const PAIR: u32 = 1;
const BASS: u32 = 3;
const PROGRAM: u32 = 5;
const END: u32 = 7;

/// Bits, each byte's most significant first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn of(bytes: &[u8]) -> Bits {
        let mut bits = Bits::default();
        bytes.iter().for_each(|&byte| bits.put(byte.into(), 8));
        bits
    }

    fn put(&mut self, value: u32, count: u32) {
        self.0.extend((0..count).rev().map(|at| value >> at & 1 == 1));
    }

    fn align(&mut self) {
        let whole = self.0.len().next_multiple_of(8);
        self.0.resize(whole, false);
    }

    fn bytes(mut self) -> Vec<u8> {
        self.align();
        self.0.chunks(8).map(|byte| byte.iter().fold(0, |sum, &bit| sum << 1 | u8::from(bit))).collect()
    }

    /// Appends an element under another identifier and tag. Its bytes end with an end marker and padding.
    fn element(&mut self, element: &Element, id: u32, tag: u32) {
        let bits = Bits::of(&element.bytes).0;
        let end = bits.iter().rposition(|bit| *bit).unwrap() - 2;
        self.put(id, 3);
        self.put(tag, 4);
        self.0.extend(&bits[7..end]);
    }

    /// Appends an element of one channel without any band: silence.
    fn silence(&mut self, id: u32, tag: u32) {
        self.put(id, 3);
        self.put(tag, 4);
        // Gain 8, window 4, bands 6, and that there is no prediction, pulse, noise shaping or gain control.
        self.put(0, 8 + 4 + 6 + 4);
    }
}

/// Header and elements of every frame of the stored file of 5.1: centre (700 Hz), left and right (300 and 500), the rear
/// pair (1100 and 1500), bass (90).
fn frames() -> Vec<([u8; 7], Vec<Element>)> {
    let bytes = std::fs::read(stored("surround-5.1.aac")).unwrap();
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_AAC).with_sample_rate(44_100).with_channels(Channels::Discrete(6));
    let (config, _) = Config::of(&params).unwrap();
    let (mut frames, mut rest) = (Vec::new(), &bytes[..]);
    while let Some(header) = rest.first_chunk::<7>() {
        assert_eq!(header[1] & 1, 1, "without a checksum");
        let len = usize::from(header[3] & 3) << 11 | usize::from(header[4]) << 3 | usize::from(header[5] >> 5);
        let block = blocks(&rest[7..len], 1, &config).unwrap().remove(0);
        assert_eq!(block.elements.len(), 4);
        frames.push((*header, block.elements));
        rest = &rest[len..];
    }
    assert!(frames.len() > 20);
    frames
}

/// Checks which tone each channel has; `None` is silence.
fn check(name: &str, samples: &[f32], tones: &[Option<u32>]) {
    for (channel, own) in tones.iter().enumerate() {
        for other in tones.iter().flatten() {
            let heard = tone(samples, tones.len(), channel, f64::from(*other));
            let wanted = if *own == Some(*other) { 0.4 } else { 0.0 };
            assert!((heard - wanted).abs() < 0.08, "{name}: {other} Hz in channel {channel}: {heard}");
        }
    }
}

#[test]
fn layout_11_has_a_rear_centre() {
    // AAC-LC, 44.1 kHz, layout 11: 6.1. An ADTS header has no room for this number.
    let mut config = Bits::default();
    [(2, 5), (4, 4), (11, 4), (0, 3)].into_iter().for_each(|(value, count)| config.put(value, count));
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_AAC).with_sample_rate(44_100);
    params.extra_data = Some(config.bytes().into());
    let mut decoder = AacDecoder::try_registry_new(&params, &AudioDecoderOptions::default()).unwrap();
    assert_eq!(decoder.codec_params().channels.as_ref().map(Channels::count), Some(7));
    let mut samples = Vec::new();
    for (_, elements) in frames() {
        let [centre, front, rear, bass] = &elements[..] else { panic!("four elements") };
        let mut block = Bits::default();
        block.element(centre, SINGLE, 0);
        block.element(front, PAIR, 0);
        block.element(rear, PAIR, 1);
        // The deep tone shows the rear centre's place.
        block.element(bass, SINGLE, 1);
        block.silence(BASS, 0);
        block.put(END, 3);
        let packet = Packet::new(0, 0.into(), (BLOCK as u64).into(), block.bytes());
        let decoded = decoder.decode(&packet).unwrap();
        assert_eq!((decoded.frames(), decoded.spec().channels().count()), (BLOCK, 7));
        let mut interleaved: Vec<f32> = Vec::new();
        decoded.copy_to_vec_interleaved(&mut interleaved);
        samples.extend(interleaved);
    }
    // Left, right, centre, bass, rear centre, sides: as the mixer expects them.
    check("6.1", &samples, &[300, 500, 700, 0, 90, 1100, 1500].map(|hertz| Some(hertz).filter(|hertz| *hertz > 0)));
}

#[test]
fn three_channels_and_bass_by_a_program_configuration() {
    let mut file = Vec::new();
    for (mut header, elements) in frames() {
        let [centre, front, _, bass] = &elements[..] else { panic!("four elements") };
        let mut block = Bits::default();
        block.put(PROGRAM, 3);
        // Tag, profile LC, 44.1 kHz; two elements in front, none at the sides or behind, one bass, no others.
        let counts = [(0, 4), (1, 2), (4, 4), (2, 4), (0, 4), (0, 4), (1, 2), (0, 3), (0, 4)];
        // No mixing down; in front a single channel and a pair, and the bass, each with the tag 0.
        let places = [(0, 3), (0, 1), (0, 4), (1, 1), (0, 4), (0, 4)];
        counts.into_iter().chain(places).for_each(|(value, count)| block.put(value, count));
        block.align();
        // No comment.
        block.put(0, 8);
        block.element(centre, SINGLE, 0);
        block.element(front, PAIR, 0);
        block.element(bass, BASS, 0);
        block.put(END, 3);
        let block = block.bytes();
        let len = block.len() + header.len();
        // Layout 0: a program configuration describes the channels.
        header[2] &= 0xfe;
        header[3] = header[3] & 0x3c | (len >> 11) as u8;
        header[4] = (len >> 3) as u8;
        header[5] = (len << 5) as u8 | header[5] & 0x1f;
        file.extend(header);
        file.extend(block);
    }
    let dir = tempfile::tempdir().unwrap();
    let mut decoder = Decoder::open(&write(dir.path(), "a.aac", &file)).unwrap();
    let mut samples = Vec::new();
    while decoder.next(&mut samples).unwrap() {}
    assert_eq!((decoder.info().channels, decoder.broken_packets()), (6, 0));
    // Played as 5.1 with nothing behind.
    check("3.1", &samples, &[Some(300), Some(500), Some(700), Some(90), None, None]);
}
