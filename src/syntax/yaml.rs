//! YAML, by granit-parser.
use super::{Document, Notation, Problem};
use crate::source::{Arena, FileId};
pub(super) fn parse<'a>(_arena: &'a Arena, file: FileId, _text: &'a str) -> Document<'a> {
    Document { file, notation: Notation::Yaml, roots: Vec::new(), comments: Vec::new(), problems: Vec::new() }
}
pub(super) fn parse_after_json<'a>(arena: &'a Arena, file: FileId, text: &'a str, problem: Problem) -> Document<'a> {
    let mut d = parse(arena, file, text);
    d.problems.push(problem);
    d
}
