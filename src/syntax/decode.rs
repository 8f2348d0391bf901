//! Bytes of a file to text: UTF-8, or UTF-16 that says so.

/// Bytes that are no text.
#[derive(Debug)]
pub struct NotText {
    /// Offset of the first byte that is not text.
    pub offset: usize,
    /// All of them.
    pub bytes: Vec<u8>,
}

impl NotText {
    /// True when a word of ASCII is among them, in whatever encoding of single or double bytes they are.
    #[must_use]
    pub fn mentions(&self, word: &str) -> bool {
        let single: Vec<u8> = self.bytes.iter().copied().filter(|byte| *byte != 0).collect();
        memchr::memmem::find(&single, word.as_bytes()).is_some()
    }
}

/// Turns the bytes of a file into text.
///
/// UTF-8 is taken as it is, a byte order mark included, so offsets stay those of the file. UTF-16 is
/// taken when it begins with its byte order mark, or with a character of ASCII that shows it as YAML
/// has it, and then offsets are those of the text in UTF-8.
///
/// # Errors
/// The bytes as they were, and the offset of the first that is not text.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    let (mark, unit): (usize, fn([u8; 2]) -> u16) = match bytes.as_slice() {
        [0xff, 0xfe, ..] => (2, u16::from_le_bytes),
        [0xfe, 0xff, ..] => (2, u16::from_be_bytes),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => (0, u16::from_le_bytes),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => (0, u16::from_be_bytes),
        _ => {
            let error = |error: std::string::FromUtf8Error| (error.utf8_error().valid_up_to(), error.into_bytes());
            return String::from_utf8(bytes).map_err(error).map_err(|(offset, bytes)| NotText { offset, bytes });
        }
    };
    let body = bytes.get(mark..).unwrap_or_default();
    let mut pairs = body.chunks_exact(2);
    let units = pairs.by_ref().map(|pair| match *pair {
        [a, b] => unit([a, b]),
        _ => 0,
    });
    let mut text = String::with_capacity(body.len());
    let mut at = mark;
    for c in char::decode_utf16(units) {
        let Ok(c) = c else { return Err(NotText { offset: at, bytes }) };
        at += c.len_utf16() * 2;
        text.push(c);
    }
    if body.len() % 2 == 1 { Err(NotText { offset: at, bytes }) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    fn decode(bytes: Vec<u8>) -> Result<String, usize> {
        super::decode(bytes).map_err(|error| error.offset)
    }

    /// UTF-8 keeps its byte order mark, so that offsets stay those of the file.
    #[test]
    fn utf8_is_kept_as_it_is() {
        assert_eq!(decode("\u{feff}é: 1".as_bytes().to_vec()), Ok("\u{feff}é: 1".to_owned()));
    }

    /// UTF-16 of either byte order is read when it begins with its mark.
    #[test]
    fn utf16_is_converted() {
        let units: Vec<u16> = "\u{feff}é: \u{1f600}\n".encode_utf16().collect();
        let little = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        assert_eq!(decode(little), Ok("é: \u{1f600}\n".to_owned()));
        assert_eq!(decode(big), Ok("é: \u{1f600}\n".to_owned()));
    }

    /// UTF-16 without a mark is known by its first characters; a NUL elsewhere proves nothing.
    #[test]
    fn utf16_without_its_mark() {
        let units: Vec<u16> = "a: \u{e9}".encode_utf16().collect();
        assert_eq!(decode(units.iter().flat_map(|u| u.to_le_bytes()).collect()), Ok("a: \u{e9}".to_owned()));
        assert_eq!(decode(units.iter().flat_map(|u| u.to_be_bytes()).collect()), Ok("a: \u{e9}".to_owned()));
        assert_eq!(decode(b"a\0bc".to_vec()), Ok("a\0bc".to_owned()));
        assert_eq!(decode(b"\xff\xfe".to_vec()), Ok(String::new()));
    }

    /// The offset of the first byte that is not text is told.
    #[test]
    fn what_is_not_text_has_a_place() {
        assert_eq!(decode(b"ab\xffc".to_vec()), Err(2));
        assert_eq!(decode(b"\xff\xfea\0\0\xd8b\0".to_vec()), Err(4));
        assert_eq!(decode(b"\xff\xfea\0b".to_vec()), Err(4));
        assert_eq!(decode(Vec::new()), Ok(String::new()));
    }
}
