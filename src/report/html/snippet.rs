//! The lines around a place, with what is meant marked in them.

use std::io::{Result, Write};
use std::ops::Range;

use super::super::lines::OneLine;
use super::super::mask::Masks;
use super::super::window::Window;
use super::super::xml::escaped;
use crate::finding::{Label, Place};

/// Lines shown before and after.
const AROUND: u32 = 2;

/// Writes the place of a finding, then those that explain it.
pub(super) fn write(
    place: &Place,
    label: Option<&str>,
    related: &[Label],
    masks: &Masks,
    out: &mut dyn Write,
) -> Result<()> {
    lines(place, label, AROUND, "", masks, out)?;
    for Label { place, message } in related {
        lines(place, Some(message), 0, " related", masks, out)?;
    }
    Ok(())
}

fn lines(
    place: &Place,
    label: Option<&str>,
    around: u32,
    class: &str,
    masks: &Masks,
    out: &mut dyn Write,
) -> Result<()> {
    let (named, at) = (OneLine::of(place), OneLine::of(&place.drawn()));
    let first = at.line.saturating_sub(around).max(1);
    let point: Range<u32> = at.start..at.end;
    let window = Window::new(&place.source, first, at.line + around, std::slice::from_ref(&point), masks);
    let mark = window.range(&point);
    let file = escaped(place.file(), false);
    writeln!(
        out,
        "<figure class=\"snippet{class}\"><figcaption>{file}:{}:{}</figcaption><pre>",
        named.line, named.from
    )?;
    let mut start = 0;
    for (text, number) in window.text.split('\n').zip(first..) {
        let end = start + text.len();
        if number == at.line {
            let from = mark.start.clamp(start, end) - start;
            let to = mark.end.clamp(start, end) - start;
            let part = |range: Range<usize>| escaped(text.get(range).unwrap_or(""), false);
            let inside = if from == to { " ".to_owned() } else { part(from..to) };
            write!(out, "<span class=\"hit\" data-n=\"{number}\">{}", part(0..from))?;
            write!(out, "<mark>{inside}</mark>{}", part(to..text.len()))?;
            if let Some(label) = label.filter(|l| !l.trim().is_empty()) {
                write!(out, "<em>{}</em>", escaped(label, false))?;
            }
            writeln!(out, "</span>")?;
        } else if !(text.is_empty() && number == place.source.lines().count()) {
            writeln!(out, "<span data-n=\"{number}\">{}</span>", escaped(text, false))?;
        }
        start = end + 1;
    }
    writeln!(out, "</pre></figure>")
}
