//! Builds the tree bottom up from what a parser reports, and is what keeps every tree bounded.

use super::{Data, Document, Layout, MAX_DEPTH, MAX_EXPANDED, Node, Notation, Pair, Problem, ProblemKind, Style, Tag};
use crate::source::{Arena, FileId, Span};

/// A text with more mistakes than this gets the first of them only: nobody reads on.
const MAX_PROBLEMS: usize = 1_000;

/// How much text aliases may repeat, in bytes: every walk reads it anew.
const MAX_REPEATED: u64 = 64 << 20;

/// Collects nodes until their collection closes; one run of children after the other in one vector.
pub(super) struct Builder<'a> {
    pub(super) arena: &'a Arena,
    pub(super) file: FileId,
    pub(super) problems: Vec<Problem>,
    roots: Vec<Node<'a>>,
    nodes: Vec<Node<'a>>,
    open: Vec<Frame<'a>>,
    anchors: Vec<Anchor<'a>>,
    expanded: u64,
    /// How many bytes of text the nodes have, those behind aliases included, and how many only these.
    text: u64,
    repeated: u64,
    alias_limit_told: bool,
    order: Vec<u32>,
}

/// The two sorts of collections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sequence,
    Mapping,
}

/// A collection whose end has not come yet.
struct Frame<'a> {
    kind: Kind,
    layout: Layout,
    tag: Option<Tag<'a>>,
    start: u32,
    first: usize,
    anchor: usize,
    expanded: u64,
    text: u64,
    height: usize,
}

/// What an anchor id stands for.
#[derive(Clone, Copy)]
enum Anchor<'a> {
    Unset,
    Open,
    Set { node: &'a Node<'a>, expanded: u64, text: u64, height: usize },
}

impl<'a> Builder<'a> {
    pub(super) fn new(arena: &'a Arena, file: FileId) -> Self {
        Self {
            arena,
            file,
            problems: Vec::new(),
            roots: Vec::new(),
            nodes: Vec::with_capacity(64),
            open: Vec::with_capacity(16),
            anchors: Vec::new(),
            expanded: 0,
            text: 0,
            repeated: 0,
            alias_limit_told: false,
            order: Vec::new(),
        }
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, kind: ProblemKind, span: Span, message: impl Into<String>, other: Option<Span>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { kind, span, message: message.into(), other });
        }
    }

    pub(super) const fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, start, end)
    }

    /// Adds a scalar; `anchor` 0 is none.
    pub(super) fn scalar(&mut self, span: Span, tag: Option<Tag<'a>>, text: &'a str, style: Style, anchor: usize) {
        let node = Node { span, tag, data: Data::Scalar(text, style) };
        self.expanded += 1;
        self.text += text.len() as u64;
        if anchor != 0 {
            let text = text.len() as u64;
            let kept = Anchor::Set { node: self.arena.alloc(node), expanded: 1, text, height: 0 };
            self.set_anchor(anchor, kept);
        }
        self.nodes.push(node);
    }

    /// Adds an alias of the node that got this anchor id.
    pub(super) fn alias(&mut self, span: Span, anchor: usize) {
        match self.anchors.get(anchor).copied().unwrap_or(Anchor::Unset) {
            Anchor::Unset => self.lost_alias(span, "there is no anchor of this name above"),
            Anchor::Open => self.lost_alias(span, "this alias stands inside the very node it refers to"),
            Anchor::Set { node, expanded, text, height } => {
                let deep = self.open.len() + height > MAX_DEPTH;
                let wide = self.expanded.saturating_add(expanded) > MAX_EXPANDED;
                if deep || wide || self.repeated.saturating_add(text) > MAX_REPEATED {
                    if !self.alias_limit_told {
                        self.alias_limit_told = true;
                        let message = if deep {
                            format!("followed through its aliases, this is nested deeper than {MAX_DEPTH} levels")
                        } else if wide {
                            format!("with its aliases followed, the text has more than {MAX_EXPANDED} values")
                        } else {
                            format!("aliases repeat more than {MAX_REPEATED} bytes of text")
                        };
                        self.problem(ProblemKind::Limit, span, message, None);
                    }
                    self.scalar(span, None, "", Style::Plain, 0);
                    return;
                }
                self.expanded += expanded;
                self.text = self.text.saturating_add(text);
                self.repeated += text;
                if let Some(frame) = self.open.last_mut() {
                    frame.height = frame.height.max(height);
                }
                self.nodes.push(Node { span, tag: None, data: Data::Alias(node) });
            }
        }
    }

    /// Adds an empty node where an alias leads nowhere. No loader takes such a text, so it counts as broken.
    pub(super) fn lost_alias(&mut self, span: Span, message: &str) {
        self.problem(ProblemKind::Syntax, span, message, None);
        self.scalar(span, None, "", Style::Plain, 0);
    }

    /// Opens a collection; false when that would be too deep, and then nothing was opened.
    pub(super) fn open(&mut self, kind: Kind, layout: Layout, start: u32, tag: Option<Tag<'a>>, anchor: usize) -> bool {
        if self.open.len() >= MAX_DEPTH {
            return false;
        }
        if anchor != 0 {
            self.set_anchor(anchor, Anchor::Open);
        }
        let (first, expanded, text) = (self.nodes.len(), self.expanded, self.text);
        self.expanded += 1;
        self.open.push(Frame { kind, layout, tag, start, first, anchor, expanded, text, height: 0 });
        true
    }

    /// True where the next node is the key of a pair.
    pub(super) fn at_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|frame| frame.kind == Kind::Mapping && (self.nodes.len() - frame.first).is_multiple_of(2))
    }

    /// True inside brackets.
    pub(super) fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.layout == Layout::Flow)
    }

    /// Closes the innermost collection; `end` is where its bracket ends, or nothing for block layout.
    pub(super) fn close(&mut self, end: Option<u32>) {
        let Some(frame) = self.open.pop() else { return };
        let children = self.nodes.get(frame.first..).unwrap_or_default();
        let (mut from, mut to) = (frame.start, end.unwrap_or(frame.start));
        if frame.layout == Layout::Block
            && let (Some(first), Some(last)) = (children.first(), children.last())
        {
            from = first.span.start;
            to = last.span.end;
            // An empty last value stands behind its key, an alias key may end behind its empty value.
            if let Some(before) = children.len().checked_sub(2).and_then(|i| children.get(i)) {
                to = to.max(before.span.end);
            }
        } else if end.is_none() {
            // A bracket that is never closed: as far as it was read.
            to = children.last().map_or(frame.start, |last| last.span.end);
        }
        let data = match frame.kind {
            Kind::Sequence => Data::Sequence(self.arena.alloc_slice_copy(children), frame.layout),
            Kind::Mapping => {
                let mut both = children.chunks_exact(2);
                let pairs = self.arena.alloc_slice_fill_with(both.len(), |_| match both.next() {
                    Some(&[key, value]) => Pair { key, value },
                    Some(_) | None => unreachable!("as many pairs as chunks of two"),
                });
                Data::Mapping(pairs, frame.layout)
            }
        };
        self.nodes.truncate(frame.first);
        let node = Node { span: self.span(from, to.max(from)), tag: frame.tag, data };
        if let Data::Mapping(pairs, _) = data {
            self.check_keys(pairs);
        }
        let height = frame.height + 1;
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(height);
        }
        if frame.anchor != 0 {
            let expanded = self.expanded - frame.expanded;
            let text = self.text - frame.text;
            let kept = Anchor::Set { node: self.arena.alloc(node), expanded, text, height };
            self.set_anchor(frame.anchor, kept);
        }
        self.nodes.push(node);
    }

    /// Ends a document: its root is kept unless it is empty.
    pub(super) fn end_document(&mut self) {
        while let Some(frame) = self.open.last() {
            // After an error: a key may be left without its value.
            let children = self.nodes.len() - frame.first;
            let start = self.span(frame.start, frame.start);
            if frame.kind == Kind::Mapping && children % 2 == 1 {
                let at = self.nodes.last().map_or(frame.start, |key| key.span.end);
                self.scalar(self.span(at, at), None, "", Style::Plain, 0);
            }
            if let Some(frame) = self.open.last_mut() {
                frame.tag.get_or_insert(Tag { name: super::CUT, span: start });
            }
            self.close(None);
        }
        if let Some(root) = self.nodes.first()
            && (!root.is_empty() || root.tag.is_some())
        {
            self.roots.push(*root);
        }
        self.nodes.clear();
    }

    /// Where the last node that was read ends.
    pub(super) fn reached(&self) -> u32 {
        let last = self.nodes.last().or(self.roots.last()).map_or(0, |node| node.span.end);
        self.open.last().map_or(last, |frame| last.max(frame.start))
    }

    /// Hands over what was built.
    pub(super) fn finish(mut self, notation: Notation) -> Document<'a> {
        self.end_document();
        self.problems.sort_by_key(|p| (p.span.start, p.span.end));
        Document {
            file: self.file,
            notation,
            roots: self.roots,
            exports: Vec::new(),
            comments: Vec::new(),
            problems: self.problems,
        }
    }

    fn set_anchor(&mut self, id: usize, anchor: Anchor<'a>) {
        if self.anchors.len() <= id {
            self.anchors.resize(id + 1, Anchor::Unset);
        }
        if let Some(slot) = self.anchors.get_mut(id) {
            *slot = anchor;
        }
    }

    /// Notes every key that an earlier key of the mapping equals. Merge keys may repeat: each merges.
    fn check_keys(&mut self, pairs: &'a [Pair<'a>]) {
        if pairs.len() <= 12 {
            for (i, later) in pairs.iter().enumerate().skip(1) {
                let Some(name) = key_name(later) else { continue };
                if let Some(first) = pairs.iter().take(i).find(|p| key_name(p) == Some(name)) {
                    self.duplicate(name, later.key.span, first.key.span);
                }
            }
            return;
        }
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(0..u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        let at = |i: u32| pairs.get(i as usize).and_then(|p| Some((key_name(p)?, p.key.span)));
        order.sort_unstable_by_key(|&i| (at(i).map(|(name, _)| name), i));
        let mut first: Option<(&str, Span)> = None;
        for (name, span) in order.iter().filter_map(|&i| at(i)) {
            match first {
                Some((known, place)) if known == name => self.duplicate(name, span, place),
                Some(_) | None => first = Some((name, span)),
            }
        }
        self.order = order;
    }

    fn duplicate(&mut self, name: &str, span: Span, first: Span) {
        let short: String = name.chars().take(60).collect();
        let dots = if short.len() < name.len() { "…" } else { "" };
        let message = format!("the key `{short}{dots}` was written before in this mapping; only the last one counts");
        self.problem(ProblemKind::DuplicateKey, span, message, Some(first));
    }
}

/// The key as it takes part in the search for equal ones.
fn key_name<'a>(pair: &Pair<'a>) -> Option<&'a str> {
    match pair.key.target().data {
        Data::Scalar("<<", Style::Plain) => None,
        Data::Scalar(text, _) => Some(text),
        Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_) => None,
    }
}
