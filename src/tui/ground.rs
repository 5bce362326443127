//! Whether the terminal's background is dark or light.

use super::colour::luminance;

/// The terminal's own background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// Light text is readable on it. What is assumed of a terminal that does not tell.
    #[default]
    Dark,
    /// Dark text is readable on it.
    Light,
}

impl Ground {
    /// Light where black text has more contrast than white text.
    pub fn of(rgb: [u8; 3]) -> Ground {
        let luminance = luminance(rgb) + 0.05;
        if luminance / 0.05 > 1.05 / luminance { Ground::Light } else { Ground::Dark }
    }

    /// What `COLORFGBG` says, as rxvt, Konsole and others set it: the palette indices of text and background, perhaps
    /// with another value between them. Of the sixteen colours white and the bright ones but the grey are light.
    pub fn of_variable(value: &str) -> Option<Ground> {
        match value.rsplit(';').next()?.trim().parse::<u8>().ok()? {
            0..=6 | 8 => Some(Ground::Dark),
            7 | 9..=15 => Some(Ground::Light),
            _ => None,
        }
    }
}

/// A colour as terminals report it (XParseColor): `rgb:RRRR/GGGG/BBBB` with one to four digits a channel, the same as
/// `rgba:` with the opacity behind, or `#RRGGBB` with as many.
pub fn parse(text: &str) -> Option<[u8; 3]> {
    let text = text.trim();
    let channels: Vec<&str> = if let Some(digits) = text.strip_prefix('#') {
        let each = digits.len() / 3;
        if !digits.is_ascii() || digits.len() % 3 != 0 || each == 0 {
            return None;
        }
        (0..3).filter_map(|i| digits.get(i * each..(i + 1) * each)).collect()
    } else if let Some(channels) = text.strip_prefix("rgb:") {
        channels.split('/').collect()
    } else {
        let channels: Vec<&str> = text.strip_prefix("rgba:")?.split('/').collect();
        // Without the opacity: what shines through is not known.
        <[&str; 4]>::try_from(channels).ok()?[..3].to_vec()
    };
    let [r, g, b] = <[&str; 3]>::try_from(channels).ok()?;
    Some([channel(r)?, channel(g)?, channel(b)?])
}

/// A channel of one to four hexadecimal digits, scaled to 0–255.
fn channel(digits: &str) -> Option<u8> {
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let most = (1u32 << (4 * digits.len())) - 1;
    let value = u32::from_str_radix(digits, 16).ok()?;
    u8::try_from((value * 255 + most / 2) / most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_told_apart() {
        for (hex, ground) in [
            ([0, 0, 0], Ground::Dark),
            ([0x00, 0x2b, 0x36], Ground::Dark),
            ([0x2e, 0x34, 0x36], Ground::Dark),
            ([0, 0, 255], Ground::Dark),
            ([0x76, 0x76, 0x76], Ground::Light),
            ([0xfd, 0xf6, 0xe3], Ground::Light),
            ([255, 255, 255], Ground::Light),
        ] {
            assert_eq!(Ground::of(hex), ground, "{hex:?}");
        }
    }

    #[test]
    fn colours_are_understood_in_every_form() {
        for text in [
            "rgb:fdfd/f6f6/e3e3",
            "rgb:fd/f6/e3",
            "rgba:fdfd/f6f6/e3e3/ffff",
            "#fdf6e3",
            "#fdfdf6f6e3e3",
            "rgb:FD/F6/E3",
            " rgb:fd/f6/e3 ",
        ] {
            assert_eq!(parse(text), Some([0xfd, 0xf6, 0xe3]), "{text}");
        }
        assert_eq!((parse("rgb:f/0/8"), parse("#fff")), (Some([255, 0, 136]), Some([255; 3])));
        assert_eq!(parse("rgb:fff/000/7ff"), Some([255, 0, 127]));
        for bad in ["", "rgb:", "rgb:1/2", "rgb:1/2/3/4", "rgb:12345/1/1", "rgb:g/0/0", "rgb:+1/0/0", "rgba:1/2/3"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        for bad in ["#", "#ff", "#ffff", "#éé", "white", "cmyk:1/2/3", "#0123456789abcde"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_variable_names_the_background_last() {
        let of = Ground::of_variable;
        assert_eq!((of("15;0"), of("0;15"), of("0;default;15")), (Some(Ground::Dark), Some(Ground::Light), of("0;7")));
        assert_eq!((of("12;8"), of("0;11")), (Some(Ground::Dark), Some(Ground::Light)));
        for bad in ["", "15;default", "x", "0;16", "0;-1", ";"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
