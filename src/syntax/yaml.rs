//! YAML, by granit-parser's events: what it refuses is noted, what came before is kept.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle};

use super::breaks;
use super::build::{Builder, Kind};
use super::complaint::{self, Complaint};
use super::padding::Padding;
use super::{Comment, Data, Document, Layout, MAX_DEPTH, Notation, Problem, ProblemKind, Style, Tag};
use crate::source::{Arena, FileId, Span};

/// Reads a text as YAML.
pub(super) fn parse<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Document<'a> {
    read(arena, file, text).document
}

/// Reads as YAML what begins with a bracket but is not strict JSON.
pub(super) fn parse_after_json<'a>(arena: &'a Arena, file: FileId, text: &'a str, json: Problem) -> Document<'a> {
    let Read { mut document, stopped } = read(arena, file, text);
    // YAML's own flow style, with bare words for keys, was never meant to be JSON.
    let meant = document.roots.first().is_none_or(|root| match root.data {
        Data::Mapping(pairs, _) => {
            pairs.first().is_none_or(|p| matches!(p.key.data, Data::Scalar(_, Style::DoubleQuoted)))
        }
        Data::Sequence(items, _) => items.first().is_none_or(|i| !matches!(i.data, Data::Scalar(_, Style::Plain))),
        Data::Scalar(..) | Data::Alias(_) => false,
    });
    if !meant || document.problems.iter().any(|p| p.kind == ProblemKind::Limit) {
        return document;
    }
    document.notation = Notation::Json;
    match stopped {
        // YAML got past what JSON refused, or all the way.
        Some(last) if last <= json.span.start => {
            document.problems.retain(|p| !p.kind.breaks());
            let kind = if json.kind.breaks() { json.kind } else { ProblemKind::Syntax };
            document.problems.push(Problem { kind, ..json });
        }
        Some(_) | None => document.problems.push(json),
    }
    document.problems.sort_by_key(|p| (p.span.start, p.span.end));
    document
}

/// A document, and where the last thing begins that was read before the first error, if there was one.
struct Read<'a> {
    document: Document<'a>,
    stopped: Option<u32>,
}

fn read<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Read<'a> {
    if u32::try_from(text.len()).is_err() {
        let mut builder = Builder::new(arena, file);
        builder.problem(ProblemKind::Limit, Span::new(file, 0, 0), "larger than 4 GB", None);
        return Read { document: builder.finish(Notation::Yaml), stopped: Some(0) };
    }
    let mut comments = memchr::memchr(b'#', text.as_bytes()).is_some();
    let mut padding = Padding::default();
    let mut patience = true;
    loop {
        let mut reader = Reader {
            text,
            padding: &padding,
            builder: Builder::new(arena, file),
            comments: Vec::new(),
            stopped: None,
            last: 0,
            seen: 0,
            filled_in: false,
        };
        let padded = padding.apply(text);
        // The parser is young and has internal assertions; one of them must not end the whole run.
        let outcome = catch_unwind(AssertUnwindSafe(|| reader.run(&padded, comments, patience)));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(Retry::WithoutComments)) => {
                comments = false;
                continue;
            }
            Ok(Err(Retry::Indented(at))) => {
                patience = padding.add(text, at);
                continue;
            }
            // The padding did not help: the quote is not under-indented, it is open. Tell that of the first place.
            Ok(Err(Retry::Unhelped)) => {
                padding = Padding::default();
                patience = false;
                continue;
            }
            Err(_) => {
                let at = reader.builder.reached();
                reader.stop(ProblemKind::Syntax, at, at, "this cannot be read as YAML from here on");
            }
        }
        return reader.finish();
    }
}

/// True where the line of a byte begins or ends a document, which it does inside of quotes as well.
fn begins_document(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    let line = text.get(before.rfind(['\n', '\r']).map_or(0, |i| i + 1)..).unwrap_or("");
    let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}

/// Why to read the text again.
enum Retry {
    /// Too many comments in a row for the parser to hold.
    WithoutComments,
    /// A line inside a quoted scalar that other parsers accept and this one wants deeper, at a byte of the text.
    Indented(usize),
    /// Indenting such lines led to another error in a quoted scalar.
    Unhelped,
}

struct Reader<'a, 'p> {
    text: &'a str,
    padding: &'p Padding,
    builder: Builder<'a>,
    comments: Vec<Comment<'a>>,
    stopped: Option<u32>,
    /// Where the last thing that was read begins and ends.
    last: u32,
    seen: u32,
    /// Whether it was said that a template engine fills the text in.
    filled_in: bool,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self, input: &str, comments: bool, patience: bool) -> Result<(), Retry> {
        let options = granit_parser::options! {
            emit_comments: comments,
            max_buffered_comment_events: 20_000,
            emit_unresolved_aliases: true,
        };
        let mut parser = Parser::new_from_str_with_options(input, options);
        loop {
            let error = match parser.next_event() {
                None => return Ok(()),
                Some(Ok((event, span))) => match self.event(event, &span) {
                    Ok(()) => continue,
                    Err(TooDeep) => None,
                },
                Some(Err(error)) => Some(error),
            };
            match error {
                None => {
                    let message = format!("nested deeper than {MAX_DEPTH} levels");
                    self.stop(ProblemKind::Limit, self.last, self.seen, &message);
                }
                Some(error) => self.refused(&error, comments, patience)?,
            }
            self.builder.end_document();
            if !self.next_document(&mut parser) {
                return Ok(());
            }
        }
    }

    fn next_document<'i>(&mut self, parser: &mut Parser<'i, StrInput<'i>>) -> bool {
        matches!(parser.proceed_next_document(), Ok(true))
    }

    fn refused(&mut self, error: &ScanError, comments: bool, patience: bool) -> Result<(), Retry> {
        let at = self.padding.original(error.marker().byte_offset().unwrap_or(usize::MAX)).min(self.text.len());
        match error.kind() {
            ErrorKind::TooManyComments if comments => return Err(Retry::WithoutComments),
            ErrorKind::InvalidQuotedScalarIndent if patience && !begins_document(self.text, at) => {
                return Err(Retry::Indented(at));
            }
            kind if complaint::about_quotes(kind) && !self.padding.is_empty() => return Err(Retry::Unhelped),
            _ => {}
        }
        let complaint = complaint::of(error.kind(), self.text, at, self.seen as usize);
        let kind = if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            ProblemKind::Limit
        } else {
            ProblemKind::Syntax
        };
        self.stopped.get_or_insert(self.last);
        self.told(kind, &complaint);
        Ok(())
    }

    fn told(&mut self, kind: ProblemKind, Complaint { range, message }: &Complaint) {
        let [start, end] = [range.start, range.end].map(|i| u32::try_from(i.min(self.text.len())).unwrap_or(u32::MAX));
        self.builder.problem(kind, self.builder.span(start, end), message, None);
    }

    fn stop(&mut self, kind: ProblemKind, start: u32, end: u32, message: &str) {
        self.stopped.get_or_insert(self.last);
        let span = self.builder.span(start, end);
        self.builder.problem(kind, span, message, None);
    }

    fn finish(self) -> Read<'a> {
        let stopped = self.stopped;
        let mut builder = self.builder;
        if let Some(at) = self.padding.first() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let span = builder.span(at, at);
            let message =
                "a line of a quoted text should be indented deeper than its key; some YAML parsers refuse this";
            builder.problem(ProblemKind::NotStrictYaml, span, message, None);
        }
        let mut document = builder.finish(Notation::Yaml);
        document.comments = self.comments;
        // The parser looks ahead for comments, and may tell of them a little early or late.
        if !document.comments.is_sorted_by_key(|c| c.span.start) {
            document.comments.sort_by_key(|c| c.span.start);
        }
        breaks::check(&mut document, self.text);
        Read { document, stopped }
    }

    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Result<(), TooDeep> {
        match event {
            Event::Scalar(raw, style, anchor, tag) => {
                let (mut start, mut end) = self.bytes(span);
                let tag = self.tag(tag.as_deref(), span);
                let style = match style {
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                    _ => Style::Plain,
                };
                let text = match style {
                    // The parser says `~` of a node that is not there; it puts a tagged one before its tag.
                    Style::Plain if start == end => {
                        start = tag.map_or_else(|| self.before_comment(start), |t| start.max(t.span.end));
                        end = start;
                        ""
                    }
                    Style::Plain => self.keep(&raw, start, end),
                    Style::SingleQuoted | Style::DoubleQuoted => self.keep(&raw, start + 1, end.saturating_sub(1)),
                    Style::Literal | Style::Folded => {
                        let value;
                        (value, start, end) = self.block(raw, start, end);
                        // Its first line is its whole text when it has one line and the break is chomped.
                        self.keep(&value, start, end)
                    }
                };
                (self.last, self.seen) = (start, end);
                self.builder.scalar(self.builder.span(start, end), tag, text, style, anchor);
            }
            Event::MappingStart(layout, anchor, tag) => {
                return self.open(Kind::Mapping, layout, anchor, tag.as_deref(), span);
            }
            Event::SequenceStart(layout, anchor, tag) => {
                return self.open(Kind::Sequence, layout, anchor, tag.as_deref(), span);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let (start, end) = self.bytes(span);
                let bracket = matches!(self.text.as_bytes().get(start as usize), Some(b'}' | b']')) && end > start;
                if bracket && self.builder.in_flow() {
                    (self.last, self.seen) = (start, end);
                }
                self.builder.close(bracket.then_some(end));
            }
            Event::Alias(anchor) => {
                let (start, end) = self.bytes(span);
                (self.last, self.seen) = (start, end);
                self.builder.alias(self.builder.span(start, end), anchor);
            }
            Event::UnresolvedAlias(_) => {
                let (start, end) = self.bytes(span);
                (self.last, self.seen) = (start, end);
                self.builder.lost_alias(self.builder.span(start, end), "there is no anchor of this name above");
            }
            Event::Comment(..) => {
                let (start, end) = self.bytes(span);
                let text = self.text.get(start as usize..end as usize).unwrap_or("");
                self.comments.push(Comment { span: self.builder.span(start, end), text });
            }
            Event::DocumentEnd => self.builder.end_document(),
            _ => {}
        }
        Ok(())
    }

    fn open(
        &mut self,
        kind: Kind,
        layout: StructureStyle,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
        span: &granit_parser::Span,
    ) -> Result<(), TooDeep> {
        let layout = if matches!(layout, StructureStyle::Flow) { Layout::Flow } else { Layout::Block };
        let (start, end) = self.bytes(span);
        (self.last, self.seen) = (start, end);
        // YAML allows it, and nobody means it.
        if kind == Kind::Mapping
            && !self.filled_in
            && self.builder.at_key()
            && let Some(complaint) = complaint::of_key(self.text, start as usize)
        {
            // One is enough to know what the file is.
            self.filled_in = true;
            self.told(ProblemKind::Syntax, &complaint);
        }
        let tag = self.tag(tag, span);
        if self.builder.open(kind, layout, start, tag, anchor) { Ok(()) } else { Err(TooDeep) }
    }

    /// The bytes of an event, on character boundaries inside the text.
    fn bytes(&self, span: &granit_parser::Span) -> (u32, u32) {
        let range = span.byte_range().unwrap_or(0..0);
        let (start, end) = if self.padding.is_empty() {
            (range.start, range.end)
        } else {
            (self.padding.original(range.start), self.padding.original(range.end))
        };
        let to = |i: usize| u32::try_from(i.min(self.text.len())).unwrap_or(u32::MAX);
        (to(start), to(end.max(start)))
    }

    /// A text that lives as long as the tree: the source's own bytes where they say the same.
    fn keep(&self, value: &str, start: u32, end: u32) -> &'a str {
        match self.text.get(start as usize..end as usize) {
            Some(same) if same == value => same,
            Some(_) | None => self.builder.arena.alloc_str(value),
        }
    }

    fn tag(&self, tag: Option<&granit_parser::Tag>, span: &granit_parser::Span) -> Option<Tag<'a>> {
        let tag = tag?;
        let (start, end) = span.tag_span().map_or((0, 0), |at| self.bytes(&at));
        let (handle, suffix) = tag.parts();
        let written = self.text.get(start as usize..end as usize).unwrap_or("");
        let name = match written.strip_prefix('!') {
            Some(rest) if handle == "!" && rest == suffix => written,
            Some(_) | None => self.builder.arena.alloc_str(&format!("{handle}{suffix}")),
        };
        Some(Tag { name, span: self.builder.span(start, end) })
    }

    /// Where an empty item stands: behind its dash, not behind the comment that follows it.
    fn before_comment(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or("");
        let line = before.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        let comment = before.get(line..).and_then(|l| l.find(" #")).map(|i| line + i);
        let item = comment.and_then(|i| before.get(..i)).map(str::trim_end).filter(|item| item.ends_with('-'));
        item.and_then(|item| u32::try_from(item.len()).ok()).unwrap_or(at)
    }

    /// The text of a block scalar, and the bytes from its first to its last line with anything in it.
    fn block<'v>(&self, value: Cow<'v, str>, start: u32, end: u32) -> (Cow<'v, str>, u32, u32) {
        let lines = self.text.get(start as usize..end as usize).unwrap_or("");
        let upto = |end: u32| {
            let before = self.text.get(..end as usize).unwrap_or("");
            u32::try_from(before.trim_end_matches([' ', '\t', '\r', '\n']).len()).unwrap_or(end)
        };
        if value.trim_end().is_empty() {
            // The parser puts it at the next token; it belongs behind its header.
            let at = upto(end);
            return (value, at, at);
        }
        let used = upto(end).max(start);
        // At the end of a text without a last line break the parser adds one; no other loader does.
        let unended = end as usize == self.text.len() && !lines.ends_with(['\n', '\r']) && !lines.is_empty();
        let value = match value {
            Cow::Borrowed(text) if unended => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
            Cow::Owned(mut text) if unended => {
                if text.ends_with('\n') {
                    text.pop();
                }
                Cow::Owned(text)
            }
            value => value,
        };
        (value, start, used)
    }
}

/// A collection would nest deeper than a tree may.
struct TooDeep;
