//! AIFF-C, AU, CAF, Matroska and MP4 with chapters: valid files for the mutator.

/// Hertz, and the samples in a generated file: a third of a second.
pub const RATE: u32 = 22_050;
pub const LENGTH: usize = 7350;

/// An AU file of mono samples, which this format has with the high byte first.
pub fn au(data: &[u8]) -> Vec<u8> {
    let mut out = b".snd".to_vec();
    [24, data.len() as u32, 3, RATE, 1].iter().for_each(|word| out.extend(word.to_be_bytes()));
    out.extend(data.as_chunks::<2>().0.iter().flat_map(|&[low, high]| [high, low]));
    out
}

/// A chunk of CAF.
fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&name[..], &(body.len() as u64).to_be_bytes(), body].concat()
}

/// A CAF file with a text: rate, kind and flags of its audio, bytes and samples of a packet, channels and bits; more chunks; the audio.
pub fn caf(rate: f64, kind: &[u8; 4], words: [u32; 5], more: &[u8], data: &[u8]) -> Vec<u8> {
    let mut desc = [&rate.to_be_bytes()[..], kind].concat();
    words.iter().for_each(|word| desc.extend(word.to_be_bytes()));
    let texts = chunk(b"info", b"\0\0\0\x01title\0A title\0");
    let data = [&[0; 4][..], data].concat();
    [&b"caff\0\x01\0\0"[..], &chunk(b"desc", &desc), &texts, more, &chunk(b"data", &data)].concat()
}

/// Packets of QuickTime's ADPCM of one channel. Any nibble is a valid step.
pub fn quicktime() -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(2);
    (0..LENGTH / 64).flat_map(|_| [vec![0, 20], (0..32).map(|_| random.u8(..)).collect()].concat()).collect()
}

/// A Matroska file of mono samples in blocks of a hundredth of a second, with a tag. With two editions of chapters it also says how long
/// it is, to the millisecond.
pub fn matroska(data: &[u8], chapters: bool) -> Vec<u8> {
    let element = |id: u32, body: &[u8]| {
        let name: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        [&name[..], &[0x40 | (body.len() >> 8) as u8, body.len() as u8], body].concat()
    };
    let format = [element(0xb5, &f64::from(RATE).to_be_bytes()), element(0x9f, &[1]), element(0x6264, &[16])];
    let own =
        [element(0xd7, &[1]), element(0x83, &[2]), element(0x86, b"A_PCM/INT/LIT"), element(0xe1, &format.concat())];
    let text = [element(0x45a3, b"TITLE"), element(0x4487, b"A title")].concat();
    let tag = element(0x7373, &[element(0x63c0, &[]), element(0x67c8, &text)].concat());
    let mut out = element(0x1a45_dfa3, &element(0x4282, b"matroska"));
    // A segment whose length is not known.
    out.extend(0x1853_8067u32.to_be_bytes());
    out.push(0xff);
    if chapters {
        let millis = (1000 * data.len() / 2 / RATE as usize) as f64;
        out.extend(element(
            0x1549_a966,
            &[element(0x2a_d7b1, &[15, 66, 64]), element(0x4489, &millis.to_be_bytes())].concat(),
        ));
        let atom = |millis: u32, title: &[u8], hidden: u8| {
            let shown = element(0x80, &[element(0x85, title), element(0x437c, b"eng")].concat());
            let start = element(0x91, &(1_000_000 * millis).to_be_bytes());
            element(0xb6, &[element(0x73c4, &[1]), start, element(0x98, &[hidden]), shown].concat())
        };
        let first = element(0x45b9, &[element(0x45bd, &[1]), atom(0, b"All", 0)].concat());
        let atoms = [atom(0, b"One", 0), atom(90, b"Unseen", 1), atom(150, b"Two", 0)];
        let second = element(0x45b9, &[element(0x45db, &[1]), atoms.concat()].concat());
        out.extend(element(0x1043_a770, &[first, second].concat()));
    }
    out.extend([element(0x1654_ae6b, &element(0xae, &own.concat())), element(0x1254_c367, &tag)].concat());
    for (n, part) in data.chunks(11_000).enumerate() {
        let blocks = part
            .chunks(440)
            .enumerate()
            .map(|(i, part)| element(0xa3, &[&[0x81, 0, 10 * i as u8, 0x80], part].concat()));
        let time = (n * 250) as u16;
        out.extend(element(
            0x1f43_b675,
            &[element(0xe7, &time.to_be_bytes()), blocks.collect::<Vec<_>>().concat()].concat(),
        ));
    }
    out
}

/// An AIFF-C file of packets of QuickTime's ADPCM of one channel, behind an offset of two bytes.
pub fn aifc(packets: &[u8]) -> Vec<u8> {
    let big = |name: &[u8; 4], body: &[u8]| [&name[..], &(body.len() as u32).to_be_bytes(), body].concat();
    let mut common = 1u16.to_be_bytes().to_vec();
    common.extend((packets.len() as u32 / 34).to_be_bytes());
    common.extend(16u16.to_be_bytes());
    // 22,050 as an 80-bit float, the kind, and an empty name of it.
    common.extend([0x40, 0x0d, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
    common.extend(b"ima4\0\0");
    let sound = [&[0, 0, 0, 2, 0, 0, 0, 0, 0x55, 0x55][..], packets].concat();
    big(b"FORM", &[&b"AIFC"[..], &big(b"COMM", &common), &big(b"SSND", &sound)].concat())
}

/// The ALAC of an m4a of one chunk as CAF, with a table of its packets.
pub fn caf_alac(m4a: &[u8]) -> Vec<u8> {
    let find = |what: &[u8; 4], nth: usize| {
        let mut all = m4a.windows(4).enumerate().filter(|(_, four)| four == what);
        all.nth(nth).unwrap().0
    };
    let word = |at: usize| u32::from_be_bytes(m4a[at..at + 4].try_into().unwrap());
    let (sizes, begin, config) = (find(b"stsz", 0) + 8, word(find(b"stco", 0) + 12) as usize, find(b"alac", 1) - 4);
    let sizes: Vec<u32> = (0..word(sizes + 4) as usize).map(|n| word(sizes + 8 + 4 * n)).collect();
    let config = &m4a[config..config + word(config) as usize];
    // The configuration behind its name, version and the box's length: samples of a packet, and further behind channels and rate.
    let (samples, channels, rate) = (word(find(b"alac", 1) + 8), config[12 + 9], &config[12 + 20..12 + 24]);
    let rate = f64::from(u32::from_be_bytes(rate.try_into().unwrap()));
    let mut table =
        [(sizes.len() as u64).to_be_bytes(), (sizes.len() as u64 * u64::from(samples)).to_be_bytes()].concat();
    table.extend([0; 8]);
    table.extend(
        sizes.iter().flat_map(|size| [size >> 14 & 0x7f | 0x80, size >> 7 & 0x7f | 0x80, size & 0x7f]).map(|n| n as u8),
    );
    let more = [chunk(b"pakt", &table), chunk(b"kuki", config)].concat();
    let data = &m4a[begin..begin + sizes.iter().sum::<u32>() as usize];
    caf(rate, b"alac", [0, 0, samples, channels.into(), 0], &more, data)
}

/// An m4a, of which `moov` must be the last box, with a list of two chapters.
pub fn book(m4a: &[u8]) -> Vec<u8> {
    let boxed = |name: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes()[..], name, body].concat();
    let entry =
        |millis: u64, title: &[u8]| [&(10_000 * millis).to_be_bytes()[..], &[title.len() as u8], title].concat();
    let list = [&[1, 0, 0, 0, 0, 0, 0, 0, 2][..], &entry(0, b"One"), &entry(150, b"Two")].concat();
    let more = boxed(b"udta", &boxed(b"chpl", &list));
    let moov = m4a.windows(4).position(|four| four == b"moov").unwrap() - 4;
    let mut out = m4a.to_vec();
    out[moov..moov + 4].copy_from_slice(&((m4a.len() - moov + more.len()) as u32).to_be_bytes());
    out.extend(more);
    out
}
