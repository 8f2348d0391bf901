//! How a text is written: what new lines in it should look like.

use crate::source::{LineIndex, Source, Span};
use crate::syntax::{Data, Document, Layout, Node, Notation, Style};

/// Habits of a text.
#[derive(Debug)]
pub(super) struct Manner<'t> {
    pub(super) text: &'t str,
    /// Minified JSON is one line of a megabyte: looking for its ends again for each fix would be slow.
    lines: &'t LineIndex,
    pub(super) notation: Notation,
    pub(super) line_break: &'static str,
    /// What new lines are indented with.
    pub(super) indent: &'static str,
    /// How much deeper a nested mapping stands.
    pub(super) step: usize,
    /// How much deeper than its key the dash of a list stands.
    pub(super) dash: usize,
    /// The quote for text that needs one.
    pub(super) quote: char,
}

/// How many nodes are looked at: habits show early, and a fix should not cost more than a scan.
const LOOK_AT: usize = 2_000;

impl<'t> Manner<'t> {
    pub(super) fn of(document: &Document<'_>, source: &'t Source) -> Self {
        let (text, lines) = (source.text(), source.lines());
        let line_break =
            if memchr::memchr(b'\r', text.as_bytes()).is_some() && text.contains("\r\n") { "\r\n" } else { "\n" };
        let tabs = document.notation == Notation::Json && text.contains("\n\t");
        let indent = if tabs { "\t" } else { " " };
        let mut manner =
            Self { text, lines, notation: document.notation, line_break, indent, step: 2, dash: 2, quote: '"' };
        let mut seen = Habits::default();
        for root in &document.roots {
            manner.look(root, None, &mut seen);
        }
        manner.step = seen.step.unwrap_or(if tabs { 1 } else { 2 });
        manner.dash = seen.dash.unwrap_or(manner.step);
        if seen.single > seen.double {
            manner.quote = '\'';
        }
        manner
    }

    fn look(&self, node: &Node<'_>, column: Option<usize>, seen: &mut Habits) {
        seen.nodes += 1;
        if seen.nodes > LOOK_AT {
            return;
        }
        match node.data {
            Data::Scalar(_, Style::SingleQuoted) => seen.single += 1,
            Data::Scalar(_, Style::DoubleQuoted) => seen.double += 1,
            Data::Scalar(..) | Data::Alias(_) => {}
            Data::Mapping(pairs, layout) => {
                // JSON has no dashes.
                let json = self.notation == Notation::Json;
                let wanted = seen.step.is_none() || (seen.dash.is_none() && !json);
                let first = pairs.first().filter(|_| wanted && (layout == Layout::Block || json)).map(|p| p.key.span);
                let own = first.map(|key| self.column(key));
                if seen.step.is_none()
                    && let (Some(column), Some(key), Some(own)) = (column, first, own)
                    && self.first_on_line(key)
                {
                    seen.step = own.checked_sub(column).filter(|d| (1..=8).contains(d));
                }
                for pair in pairs {
                    self.look(&pair.value, own, seen);
                }
            }
            Data::Sequence(items, layout) => {
                if layout == Layout::Block
                    && seen.dash.is_none()
                    && let (Some(column), Some(first)) = (column, items.first())
                    && let Some(dash) = self.dash_before(first)
                {
                    seen.dash = self.indent_of(dash).checked_sub(column).filter(|d| *d <= 8);
                }
                items.iter().for_each(|item| self.look(item, None, seen));
            }
        }
    }

    /// Where the line begins that holds a byte.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let start = self.lines.start(self.lines.line(u32::try_from(at).unwrap_or(u32::MAX))) as usize;
        if start == 0 { self.mark() } else { start }
    }

    /// Where the line ends that holds a byte: before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let line = self.lines.line(u32::try_from(at).unwrap_or(u32::MAX));
        if line >= self.lines.count() {
            return self.text.len();
        }
        let next = self.lines.start(line + 1) as usize;
        let broken = if self.text.get(..next).is_some_and(|before| before.ends_with("\r\n")) { 2 } else { 1 };
        next.saturating_sub(broken).max(at)
    }

    /// Where the next line begins, or the text ends.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let end = self.line_end(at);
        let rest = self.text.get(end..).unwrap_or("");
        end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
    }

    /// How many bytes stand before one on its line.
    pub(super) fn indent_of(&self, at: usize) -> usize {
        at.saturating_sub(self.line_start(at))
    }

    /// How many bytes stand before a span on its line.
    pub(super) fn column(&self, span: Span) -> usize {
        self.indent_of(span.start as usize)
    }

    /// True when only blanks stand before a span on its line.
    pub(super) fn first_on_line(&self, span: Span) -> bool {
        let start = span.start as usize;
        let before = self.text.get(self.line_start(start)..start);
        before.is_some_and(|before| before.trim_start_matches(self.blanks()).is_empty())
    }

    /// What lines are indented with: YAML knows no tabs there.
    pub(super) const fn blanks(&self) -> &'static [char] {
        match self.notation {
            Notation::Json => &[' ', '\t'],
            Notation::Yaml | Notation::Script => &[' '],
        }
    }

    /// The dash of a list's item.
    pub(super) fn dash_before(&self, item: &Node<'_>) -> Option<usize> {
        let mut before = self.text.get(..self.whole_start(item))?;
        loop {
            let trimmed = before.trim_end();
            if let Some(rest) = trimmed.strip_suffix('-')
                && rest.ends_with([' ', '\n', '\r', '\u{feff}']) | rest.is_empty()
            {
                return Some(rest.len());
            }
            // A comment between the dash and its item.
            let line = trimmed.rfind(['\n', '\r']).map_or(0, |i| i + 1);
            let comment = trimmed.get(line..)?.find('#')?;
            before = trimmed.get(..line + comment)?;
        }
    }

    /// Where a value begins with its tag and its anchor.
    pub(super) fn whole_start(&self, node: &Node<'_>) -> usize {
        let mut start = node.tag.map_or(node.span.start, |tag| tag.span.start.min(node.span.start)) as usize;
        if let Some(before) = self.text.get(..start) {
            let trimmed = before.trim_end_matches([' ', '\t']);
            let word = trimmed.rfind([' ', '\t', '\n', '\r', ',', '[', '{']).map_or(0, |i| i + 1);
            if trimmed.get(word..).is_some_and(|w| w.starts_with('&') && w.len() > 1) {
                start = word;
            }
        }
        start
    }

    /// Where a value ends: with the colon of an empty last value, which stands before it.
    pub(super) fn end(&self, node: &Node<'_>) -> usize {
        let mut at = *node;
        loop {
            let next = match at.data {
                Data::Mapping([.., pair], Layout::Block) if pair.value.is_empty() && pair.value.tag.is_none() => {
                    let end = node.span.end as usize;
                    return self.colon_end(pair.key.span).map_or(end, |colon| colon.max(end));
                }
                Data::Mapping([.., pair], Layout::Block) => Some(pair.value),
                Data::Sequence(items, Layout::Block) => items.last().copied(),
                Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => None,
            };
            match next {
                Some(last) => at = last,
                None => return node.span.end as usize,
            }
        }
    }

    /// Where a value ends, so that another may follow: blank lines that a block of text keeps are its own.
    pub(super) fn whole_end(&self, node: &Node<'_>) -> usize {
        let last = deepest_last(node);
        let mut end = self.end(node);
        if let Data::Scalar(value, Style::Literal | Style::Folded) = last.data
            && (value.ends_with("\n\n") || (value.trim().is_empty() && !value.is_empty()))
        {
            loop {
                let next = self.next_line(end);
                let line = self.text.get(next..self.line_end(next)).unwrap_or("");
                if next >= self.text.len() || !line.trim().is_empty() {
                    break;
                }
                end = next;
            }
        }
        end
    }

    /// Where the colon behind a key ends.
    pub(super) fn colon_end(&self, key: Span) -> Option<usize> {
        let rest = self.text.get(key.end as usize..)?;
        let blank = rest.len() - rest.trim_start().len();
        rest.get(blank..)?.starts_with(':').then_some(key.end as usize + blank + 1)
    }

    /// What stands behind a byte on its line, without blanks around it.
    pub(super) fn rest_of_line(&self, at: usize) -> &'t str {
        self.text.get(at..self.line_end(at)).unwrap_or("").trim()
    }

    /// The byte order mark is no part of the first line.
    fn mark(&self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }
}

#[derive(Default)]
struct Habits {
    nodes: usize,
    step: Option<usize>,
    dash: Option<usize>,
    single: usize,
    double: usize,
}

/// The last scalar of a value.
fn deepest_last<'a>(node: &Node<'a>) -> Node<'a> {
    let mut node = *node;
    loop {
        let next = match node.data {
            Data::Mapping(pairs, Layout::Block) => pairs.last().map(|p| p.value),
            Data::Sequence(items, Layout::Block) => items.last().copied(),
            Data::Mapping(_, Layout::Flow) | Data::Sequence(_, Layout::Flow) | Data::Scalar(..) | Data::Alias(_) => {
                None
            }
        };
        match next {
            Some(last) => node = last,
            None => return node,
        }
    }
}
