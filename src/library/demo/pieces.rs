//! The list of the demo pieces: artists, albums and titles.

use fastrand::Rng;

use super::{ambient, chiptune, folk, techno};

/// The four styles, which are also the genres in the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Ambient,
    Chiptune,
    Techno,
    Folk,
}

impl Style {
    /// The genre tag.
    pub fn genre(self) -> &'static str {
        match self {
            Style::Ambient => "Ambient",
            Style::Chiptune => "Chiptune",
            Style::Techno => "Techno",
            Style::Folk => "Folk",
        }
    }
}

/// One album of the demo library.
#[derive(Clone, Copy, Debug)]
pub struct Album {
    pub style: Style,
    /// Whether the second variant of the style is used.
    pub second: bool,
    pub artist: &'static str,
    pub title: &'static str,
    pub year: u16,
    pub tracks: [&'static str; 4],
}

/// Two albums per style, each by its own artist.
pub const ALBUMS: [Album; 8] = [
    Album {
        style: Style::Ambient,
        second: false,
        artist: "Mira Solane",
        title: "Rooms of Light",
        year: 2021,
        tracks: ["Attic, Late August", "Dust in the Sunbeam", "Linen", "The Window Left Open"],
    },
    Album {
        style: Style::Ambient,
        second: true,
        artist: "Halden Fjord",
        title: "Slow Weather",
        year: 2019,
        tracks: ["First Snow on Glass", "Harbour without Boats", "The Long Blue Hour", "Breath of the Moor"],
    },
    Album {
        style: Style::Chiptune,
        second: false,
        artist: "Pixel Badger",
        title: "Insert Coin",
        year: 2014,
        tracks: ["Cartridge Summer", "Boss of Level Nine", "Hop, Slide, Repeat", "Save Point"],
    },
    Album {
        style: Style::Chiptune,
        second: true,
        artist: "Lo-Bit Lucy",
        title: "Sixteen Sprites",
        year: 2017,
        tracks: ["Moon Cheese Racer", "Password Screen", "Underwater Stage", "Credits Roll"],
    },
    Album {
        style: Style::Techno,
        second: false,
        artist: "Betonwerk",
        title: "Night Shift",
        year: 2016,
        tracks: ["Conveyor", "Loading Bay Four", "Turbine Hall", "Last Train East"],
    },
    Album {
        style: Style::Techno,
        second: true,
        artist: "Vanta Corridor",
        title: "Low Ceilings",
        year: 2022,
        tracks: ["Afterimage", "Second Basement", "Pressure Valve", "Six in the Morning"],
    },
    Album {
        style: Style::Folk,
        second: false,
        artist: "The Alder Brothers",
        title: "Orchard Songs",
        year: 2011,
        tracks: ["Cider and Rain", "The Old Gate", "Walking to Thornbury", "Miller's Daughter"],
    },
    Album {
        style: Style::Folk,
        second: true,
        artist: "Wren & Hollow",
        title: "By the Weir",
        year: 2018,
        tracks: ["Kingfisher", "Lantern Lane", "Blackthorn Winter", "Home before Harvest"],
    },
];

impl Album {
    /// Composes and renders a track (0 to 3) as interleaved 16-bit stereo at 44.1 kHz. The result
    /// is always the same.
    pub fn render(&self, track: usize) -> Vec<i16> {
        // The title is part of the seed, so that every track differs.
        let seed =
            self.title.bytes().fold(track as u64 + 1, |seed, b| seed.wrapping_mul(0x100_0000_01b3) ^ u64::from(b));
        let mut rng = Rng::with_seed(seed);
        match self.style {
            Style::Ambient => ambient::compose(&mut rng, self.second),
            Style::Chiptune => chiptune::compose(&mut rng, self.second),
            Style::Techno => techno::compose(&mut rng, self.second),
            Style::Folk => folk::compose(&mut rng, self.second),
        }
    }
}
