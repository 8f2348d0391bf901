//! JSON as reports write it: every character can be seen.

use std::io::{Error, Result, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::finding;

/// Writes a value over several lines, and a line break.
pub(super) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let mut quiet = Quiet { out, held: Vec::with_capacity(2 * ENOUGH), enough: ENOUGH };
    value.serialize(&mut Serializer::with_formatter(&mut quiet, Pretty::default()))?;
    quiet.write_all(b"\n")?;
    quiet.pour(quiet.held.len())
}

/// A list whose items are made when they are written: a long report is never in memory as a whole.
pub(super) struct Each<F>(pub(super) F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// How many bytes are held before they go on.
const ENOUGH: usize = 32 << 10;

/// JSON of lines on its way out: a long report is never in memory as a whole.
struct Quiet<'w> {
    out: &'w mut dyn Write,
    held: Vec<u8>,
    /// With how many bytes it is time to look for whole lines.
    enough: usize,
}

impl Quiet<'_> {
    /// Lets go of whole lines: what would be obeyed never goes over the end of one, nor does a character.
    #[cold]
    fn pour_lines(&mut self) -> Result<()> {
        let whole = memchr::memrchr(b'\n', &self.held).map_or(0, |at| at + 1);
        self.pour(whole)?;
        // A line that is longer still is not looked through with each piece that comes.
        self.enough = self.held.len() * 2 + ENOUGH;
        Ok(())
    }

    fn pour(&mut self, whole: usize) -> Result<()> {
        let lines = self.held.drain(..whole);
        // All of it is text; asking so costs less than replacing what is not.
        let text = std::str::from_utf8(lines.as_slice()).map_err(Error::other)?;
        self.out.write_all(finding::quiet(text).as_bytes())
    }
}

impl Write for Quiet<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    // Most of what comes is a quote, a colon or a bracket, which cost as much as one byte when the compiler sees them.
    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.held.extend_from_slice(bytes);
        if self.held.len() < self.enough { Ok(()) } else { self.pour_lines() }
    }

    fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }
}

/// Writes a value on one line, and a line break.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}", finding::quiet(&serde_json::to_string(value)?))
}

/// Two blanks a level, as `serde_json` writes them; a line's break and its blanks are written at once, since a report of
/// a thousand findings has fifty thousand lines.
#[derive(Default)]
struct Pretty {
    depth: usize,
    filled: bool,
}

/// A comma, a line break and blanks: what stands before an item or a key.
const BEFORE: &[u8] = b",\n                                                                ";

impl Pretty {
    #[inline]
    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, sign: u8) -> Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(&[sign])
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, sign: u8) -> Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.filled {
            self.line(out, true)?;
        }
        out.write_all(&[sign])
    }

    #[inline]
    fn line<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> Result<()> {
        let blanks = 2 * self.depth;
        let end = BEFORE.len().min(2 + blanks);
        out.write_all(BEFORE.get(usize::from(first)..end).unwrap_or(BEFORE))?;
        (end..2 + blanks).try_for_each(|_| out.write_all(b" "))
    }
}

impl Formatter for Pretty {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b'[')
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b']')
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.line(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b'{')
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b'}')
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.line(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is what `serde_json` writes, empty lists and great depths included.
    #[test]
    fn it_is_the_usual_form() {
        let mut deep = serde_json::json!([]);
        for _ in 0..40 {
            deep = serde_json::json!({"a": [], "b": {}, "c": [1, "x", null, deep], "d": {"e": {}, "f": true}});
        }
        let long = serde_json::json!({"a": "x\"".repeat(3 * ENOUGH), "b": vec!["é ##vso[y]"; ENOUGH / 8]});
        for value in [deep, long, serde_json::json!({}), serde_json::json!([{}, []]), serde_json::json!("x")] {
            let mut out = Vec::new();
            write_pretty(&value, &mut out).expect("memory can be written");
            let wanted = serde_json::to_string_pretty(&value).expect("JSON");
            assert_eq!(String::from_utf8_lossy(&out), format!("{}\n", finding::quiet(&wanted)));
        }
    }
}
