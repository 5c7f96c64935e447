//! Images, sound and video by their first bytes.

use super::{Found, half, half_big, word, word_big};

/// Tells which format it is, if it is one of them.
pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png(bytes),
        [b'G', b'I', b'F', b'8', digit @ (b'7' | b'9'), b'a', ..] => {
            let size = format!(", {} x {}", half(bytes, 6)?, half(bytes, 8)?);
            let words = format!("GIF image data, version 8{}a{size}", char::from(*digit));
            Some(Found::binary(words, "image/gif", "gif"))
        }
        [0xff, 0xd8, 0xff, ..] => Some(jpeg(bytes)),
        [b'B', b'M', ..] => bitmap(bytes),
        [b'R', b'I', b'F', b'F', ..] => riff(bytes),
        [b'I', b'I', b'*', 0, ..] => {
            let count = half(bytes, usize::try_from(word(bytes, 4)?).ok()?).unwrap_or(0);
            Some(Found::binary(format!("TIFF image data, little-endian, direntries={count}"), "image/tiff", "tif/tiff"))
        }
        [b'M', b'M', 0, b'*', ..] => {
            let count = half_big(bytes, usize::try_from(word_big(bytes, 4)?).ok()?).unwrap_or(0);
            Some(Found::binary(format!("TIFF image data, big-endian, direntries={count}"), "image/tiff", "tif/tiff"))
        }
        [0, 0, 1, 0, count, 0, width, height, _, 0, ..] if *count > 0 && bytes.len() > 22 => {
            let many = if *count == 1 { "1 icon".to_owned() } else { format!("{count} icons") };
            let words = format!("MS Windows icon resource - {many}, {width}x{height}");
            Some(Found::binary(words, "image/vnd.microsoft.icon", "ico"))
        }
        [b'O', b'g', b'g', b'S', ..] => Some(ogg(bytes)),
        [b'I', b'D', b'3', major, minor, ..] => {
            let words = format!("Audio file with ID3 version 2.{major}.{minor}");
            Some(Found::binary(words, "audio/mpeg", "mp3"))
        }
        [b'f', b'L', b'a', b'C', ..] => Some(Found::binary("FLAC audio bitstream data", "audio/flac", "flac")),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => {
            let brand = String::from_utf8_lossy(brand.get(..4)?).into_owned();
            let (words, mime) = match brand.as_str() {
                "qt  " => ("ISO Media, Apple QuickTime movie".to_owned(), "video/quicktime"),
                "heic" | "heix" => {
                    ("ISO Media, HEIF Image HEVC Main or Main Still Picture Profile".to_owned(), "image/heic")
                }
                "avif" => ("ISO Media, AVIF Image".to_owned(), "image/avif"),
                "M4A " => ("ISO Media, Apple iTunes ALAC/AAC-LC (.M4A) Audio".to_owned(), "audio/x-m4a"),
                _ => (format!("ISO Media, MP4 ({})", brand.trim_end()), "video/mp4"),
            };
            Some(Found::binary(words, mime, "mp4/mov/m4a/heic"))
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] => {
            let is_webm =
                bytes.iter().take(64).copied().collect::<Vec<u8>>().windows(4).any(|window| window == b"webm");
            let (words, mime) = if is_webm { ("WebM", "video/webm") } else { ("Matroska data", "video/x-matroska") };
            Some(Found::binary(words, mime, "mkv/webm"))
        }
        _ => None,
    }
}

fn png(bytes: &[u8]) -> Option<Found> {
    let (width, height) = (word_big(bytes, 16)?, word_big(bytes, 20)?);
    let [depth, color, _, _, interlace, ..] = bytes.get(24..)? else { return None };
    let color = match color {
        0 => " grayscale",
        2 => "/color RGB",
        3 => " colormap",
        4 => " gray+alpha",
        6 => "/color RGBA",
        _ => "",
    };
    let interlace = if *interlace == 0 { "non-interlaced" } else { "interlaced" };
    let bit = "-bit";
    let words = format!("PNG image data, {width} x {height}, {depth}{bit}{color}, {interlace}");
    Some(Found::binary(words, "image/png", "png"))
}

fn jpeg(bytes: &[u8]) -> Found {
    let mut words = String::from("JPEG image data");
    if bytes.get(6..11) == Some(b"JFIF\0")
        && let Some([major, minor, unit, ..]) = bytes.get(11..)
    {
        words.push_str(&format!(", JFIF standard {major}.{minor:02}"));
        let unit = match unit {
            0 => "aspect ratio",
            1 => "resolution (DPI)",
            _ => "resolution (DPCM)",
        };
        let density = (half_big(bytes, 14).unwrap_or(0), half_big(bytes, 16).unwrap_or(0));
        let segment = half_big(bytes, 4).unwrap_or(0);
        words.push_str(&format!(", {unit}, density {}x{}, segment length {segment}", density.0, density.1));
    }
    words.push_str(&frame(bytes).unwrap_or_default());
    Found::binary(words, "image/jpeg", "jpeg/jpg/jpe/jfif")
}

/// The frame of a JPEG: behind segments that are skipped by their lengths.
fn frame(bytes: &[u8]) -> Option<String> {
    let mut at = 2;
    while let [0xff, marker, ..] = bytes.get(at..)? {
        let kind = match marker {
            0xc0 => "baseline",
            0xc1 => "extended sequential",
            0xc2 => "progressive",
            _ => {
                at += 2 + usize::from(half_big(bytes, at + 2)?);
                continue;
            }
        };
        let [precision, height @ .., components] = bytes.get(at + 4..at + 10)? else { return None };
        let (height, width) = (half_big(height, 0)?, half_big(height, 2)?);
        return Some(format!(", {kind}, precision {precision}, {width}x{height}, components {components}"));
    }
    None
}

fn bitmap(bytes: &[u8]) -> Option<Found> {
    // The header's own length tells the format.
    let words = match word(bytes, 14)? {
        length @ (40 | 108 | 124) => {
            let name = match length {
                40 => "Windows 3.x format",
                108 => "Windows 95/NT4 and newer format",
                _ => "Windows 98/2000 and newer format",
            };
            let (width, height) = (word(bytes, 18)?.cast_signed(), word(bytes, 22)?.cast_signed());
            let mut words = format!("PC bitmap, {name}, {width} x {height} x {}", half(bytes, 28)?);
            let (size, x, y) = (word(bytes, 34)?, word(bytes, 38)?, word(bytes, 42)?);
            if size > 0 {
                words.push_str(&format!(", image size {size}"));
            }
            if x > 0 && y > 0 {
                words.push_str(&format!(", resolution {x} x {y} px/m"));
            }
            words + &format!(", cbSize {}, bits offset {}", word(bytes, 2)?, word(bytes, 10)?)
        }
        12 => format!("PC bitmap, OS/2 1.x format, {} x {}", half(bytes, 18)?, half(bytes, 20)?),
        _ => return None,
    };
    Some(Found::binary(words, "image/bmp", "bmp"))
}

fn riff(bytes: &[u8]) -> Option<Found> {
    let start = "RIFF (little-endian) data";
    Some(match bytes.get(8..12)? {
        b"WAVE" => {
            let coding = match half(bytes, 20)? {
                1 => ", Microsoft PCM",
                3 => ", IEEE Float",
                _ => "",
            };
            let bits = half(bytes, 34)?;
            let channels = match half(bytes, 22)? {
                1 => "mono".to_owned(),
                2 => "stereo".to_owned(),
                other => format!("{other} channels"),
            };
            let words = format!("{start}, WAVE audio{coding}, {bits} bit, {channels} {} Hz", word(bytes, 24)?);
            Found::binary(words, "audio/x-wav", "wav")
        }
        b"WEBP" => {
            let words = match bytes.get(12..16)? {
                b"VP8 " => {
                    let (width, height) = (half(bytes, 26)? & 0x3fff, half(bytes, 28)? & 0x3fff);
                    format!(
                        "{start}, Web/P image, VP8 encoding, {width}x{height}, Scaling: [none]x[none], YUV color, decoders should clamp"
                    )
                }
                _ => format!("{start}, Web/P image"),
            };
            Found::binary(words, "image/webp", "webp")
        }
        b"AVI " => Found::binary(format!("{start}, AVI"), "video/x-msvideo", "avi"),
        _ => Found::binary(start, "application/octet-stream", ""),
    })
}

fn ogg(bytes: &[u8]) -> Found {
    let packet = bytes.get(28..).unwrap_or_default();
    if packet.starts_with(b"\x01vorbis") {
        let rate = word(packet, 12).unwrap_or(0);
        return Found::binary(format!("Ogg data, Vorbis audio, {rate} Hz"), "audio/ogg", "ogg");
    }
    if packet.starts_with(b"OpusHead") {
        return Found::binary("Ogg data, Opus audio", "audio/ogg", "ogg/opus");
    }
    Found::binary("Ogg data", "application/ogg", "ogg")
}
