//! Which resource, which line, which block of a text a directive stands at.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Text;
use crate::source::Span;
use crate::syntax::{Comment, Data, Node, Pair};

/// A resource as the user wrote it: a logical id under `Resources`, or a function of serverless.yml.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    /// The logical id, or the function's name.
    pub id: &'a str,
    /// The id's bytes.
    pub key: Span,
    /// From the id to the end of all that is written for it.
    pub span: Span,
    /// What is written for it.
    pub body: Node<'a>,
    /// Where what comes after it begins.
    limit: u32,
}

/// The resources and lines of one text.
pub(super) struct Layout<'t, 'a> {
    text: &'t Text<'a>,
    /// In the order of the text.
    blocks: Vec<Block<'a>>,
    /// The lines on which there is nothing but a comment.
    comment_lines: Vec<u32>,
    /// What begins on a line, the outermost of several; few ask.
    begins: OnceCell<BTreeMap<u32, Span>>,
}

impl<'t, 'a> Layout<'t, 'a> {
    /// The layout of a text; `main` for the file that is checked, else it is one that was included.
    pub(super) fn new(text: &'t Text<'a>, main: bool) -> Self {
        let mut layout = Self { text, blocks: Vec::new(), comment_lines: Vec::new(), begins: OnceCell::new() };
        if let Some(root) = text.document.root() {
            layout.find_blocks(root, main);
        }
        let alone = text.document.comments.iter().filter(|c| layout.is_alone(c));
        layout.comment_lines = alone.map(|c| layout.line(c.span.start)).collect();
        layout
    }

    /// Every resource, in the order of the text.
    pub(super) fn blocks(&self) -> &[Block<'a>] {
        &self.blocks
    }

    /// The 1-based line of a byte.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.text.source.lines().line(offset)
    }

    /// True when there is nothing but blanks before a comment on its line.
    pub(super) fn is_alone(&self, comment: &Comment<'_>) -> bool {
        let start = self.text.source.lines().start(self.line(comment.span.start));
        let before = self.text.source.text().get(start as usize..comment.span.start as usize).unwrap_or("x");
        before.trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// The line that a comment is about: its own, or, when it stands alone, the first below it that is
    /// no comment.
    pub(super) fn target(&self, comment: &Comment<'_>) -> u32 {
        let line = self.line(comment.span.start);
        if self.is_alone(comment) { self.below(line) } else { line }
    }

    /// The first line below a line that is no comment.
    pub(super) fn below(&self, line: u32) -> u32 {
        let from = self.comment_lines.partition_point(|l| *l <= line);
        let run = self.comment_lines.iter().skip(from).zip(line + 1..).take_while(|(l, next)| *l == next).count();
        line + 1 + u32::try_from(run).unwrap_or(0)
    }

    /// The line that a comment is about which has a line of its own: what stands in it is silenced with that.
    pub(super) fn commented(&self, line: u32) -> Option<u32> {
        self.comment_lines.binary_search(&line).is_ok().then(|| self.below(line))
    }

    /// The resource whose id stands on a line, unless several do.
    pub(super) fn block_on(&self, line: u32) -> Option<&Block<'a>> {
        let from = self.blocks.partition_point(|b| self.line(b.key.start) < line);
        let mut on = self.blocks.iter().skip(from).take_while(|b| self.line(b.key.start) == line);
        let first = on.next()?;
        on.next().is_none().then_some(first)
    }

    /// The resource that a byte stands in.
    pub(super) fn block_at(&self, offset: u32) -> Option<&Block<'a>> {
        let at = self.blocks.partition_point(|b| b.key.start <= offset);
        at.checked_sub(1).and_then(|at| self.blocks.get(at)).filter(|b| offset < b.span.end)
    }

    /// The resource that a comment stands in, also when it comes after the last property, or right above.
    pub(super) fn block_around(&self, comment: &Comment<'_>) -> Option<&Block<'a>> {
        let at = self.blocks.partition_point(|b| b.key.start <= comment.span.start);
        let before = at.checked_sub(1).and_then(|at| self.blocks.get(at));
        let column = |offset: u32| self.text.source.position(offset).column;
        let inside = before.filter(|b| {
            let deeper = || column(comment.span.start) > column(b.key.start);
            let same_line = self.line(comment.span.start) <= self.line(b.span.end);
            comment.span.start < b.span.end || comment.span.start < b.limit && (same_line || deeper())
        });
        inside.or_else(|| self.block_on(self.target(comment)))
    }

    /// True when a key, an item or its scalar begins on a line and nothing before it goes on there.
    pub(super) fn starts_afresh(&self, line: u32) -> bool {
        let start = self.text.source.lines().start(line);
        let content = self.text.source.lines().content(self.text.source.text(), line);
        let indent = content.len() - content.trim_start().len();
        let first = start.saturating_add(u32::try_from(indent).unwrap_or(0));
        self.begins_on(line).is_some_and(|span| {
            // A list's item begins behind its dash.
            let before = self.text.source.text().get(first as usize..span.start as usize).unwrap_or("x");
            before.chars().all(|c| matches!(c, '-' | ' ' | '?' | '"' | '\''))
        })
    }

    /// What begins on a line: the outermost key with its value, or item of a list.
    pub(super) fn begins_on(&self, line: u32) -> Option<Span> {
        self.begins.get_or_init(|| self.beginnings()).get(&line).copied()
    }

    /// True for a comment above everything else.
    pub(super) fn is_first(&self, comment: &Comment<'_>) -> bool {
        self.text.document.root().is_none_or(|root| comment.span.end <= root.span.start)
    }

    fn find_blocks(&mut self, root: &Node<'a>, main: bool) {
        let pairs = root.pairs();
        let end = u32::try_from(self.text.source.text().len()).unwrap_or(u32::MAX);
        let mut ours = false;
        for (at, pair) in pairs.iter().enumerate() {
            let limit = pairs.get(at + 1).map_or(end, |next| next.key.span.start);
            match pair.name() {
                Some("Resources") => self.add(pair.value.pairs(), limit),
                // serverless.yml takes a map or a list of maps for both of these.
                Some("functions") => each_map(&pair.value).for_each(|map| self.add(map.pairs(), limit)),
                Some("resources") => {
                    for resources in each_map(&pair.value).filter_map(|map| map.get("Resources")) {
                        self.add(resources.pairs(), limit);
                    }
                }
                _ => continue,
            }
            ours = true;
        }
        // A file of functions or of resources that another one includes.
        if !ours && !main {
            self.add(pairs, end);
        }
        self.blocks.sort_by_key(|b| b.key.start);
    }

    fn add(&mut self, pairs: &'a [Pair<'a>], limit: u32) {
        for (at, pair) in pairs.iter().enumerate() {
            let Some(id) = pair.name() else { continue };
            // What an alias shares is written elsewhere.
            if pair.key.span.file != self.text.document.file {
                continue;
            }
            let limit = pairs.get(at + 1).map_or(limit, |next| next.key.span.start);
            let span = pair.key.span.to(pair.value.span);
            self.blocks.push(Block { id, key: pair.key.span, span, body: pair.value, limit });
        }
    }

    fn beginnings(&self) -> BTreeMap<u32, Span> {
        let mut begins = BTreeMap::new();
        // Parents come before their children, so what is there already is further out.
        let mut begin = |span: Span| {
            begins.entry(self.line(span.start)).or_insert(span);
        };
        let mut open: Vec<Node<'a>> = self.text.document.roots.iter().rev().copied().collect();
        while let Some(node) = open.pop() {
            match node.data {
                Data::Mapping(pairs, _) => {
                    for pair in pairs {
                        begin(pair.key.span.to(pair.value.span));
                        open.push(pair.value);
                    }
                }
                Data::Sequence(items, _) => {
                    for item in items {
                        begin(item.tag.map_or(item.span, |tag| tag.span.to(item.span)));
                        open.push(*item);
                    }
                }
                Data::Scalar(..) | Data::Alias(_) => {}
            }
        }
        begins
    }
}

fn each_map<'n, 'a>(node: &'n Node<'a>) -> impl Iterator<Item = &'n Node<'a>> {
    let alone = node.is_mapping().then_some(node);
    alone.into_iter().chain(node.items().iter().filter(|n| n.is_mapping()))
}

/// The texts that stand at a place: a scalar, or all of a list; functions are written as cdk-nag does,
/// `<Bucket.Arn>/*`. Nothing when the place is a whole resource. Before them stands what cdk-nag calls such values, where that is plain.
pub(super) fn values_at(root: &Node<'_>, place: Span) -> (Option<&'static str>, Vec<String>) {
    let (mut node, mut kind) = (*root, None);
    'down: loop {
        for pair in node.pairs() {
            if pair.key.span.contains(place) {
                let value = pair.value.target();
                let values = if value.is_mapping() { flat(value).into_iter().collect() } else { flat_all(value) };
                return (kind_of(pair.name()).or(kind), values);
            }
            if pair.value.span.contains(place) {
                kind = kind_of(pair.name()).or(kind);
            }
            if pair.value.span.contains(place) && pair.value.span != place {
                node = pair.value;
                if is_function(&node) {
                    break 'down;
                }
                continue 'down;
            }
            if pair.value.span == place {
                node = pair.value;
                break 'down;
            }
        }
        for item in node.items() {
            if item.span.contains(place) {
                node = *item;
                if item.span == place || is_function(item) {
                    break 'down;
                }
                continue 'down;
            }
        }
        break;
    }
    (kind, flat_all(&node))
}

fn kind_of(key: Option<&str>) -> Option<&'static str> {
    match key? {
        "Action" | "NotAction" => Some("Action"),
        "Resource" | "NotResource" => Some("Resource"),
        "ManagedPolicyArns" => Some("Policy"),
        _ => None,
    }
}

fn is_function(node: &Node<'_>) -> bool {
    let [pair] = node.pairs() else { return node.tag.is_some() };
    node.tag.is_some() || pair.name().is_some_and(|n| n == "Ref" || n.starts_with("Fn::"))
}

fn flat_all(node: &Node<'_>) -> Vec<String> {
    if node.tag.is_none() && !node.items().is_empty() {
        return node.items().iter().map(|item| flat(item).unwrap_or_default()).collect();
    }
    flat(node).into_iter().collect()
}

/// A value as one text: `Ref` and `GetAtt` become `<Name>` and `<Name.Attribute>`.
fn flat(node: &Node<'_>) -> Option<String> {
    let node = node.target();
    let (name, argument) = match (node.tag, node.pairs()) {
        (Some(tag), _) => (tag.name.trim_start_matches('!'), node),
        (None, [pair]) => (pair.name()?.trim_start_matches("Fn::"), pair.value.target()),
        (None, _) => return node.text().map(str::to_owned),
    };
    match name {
        "Ref" => argument.text().map(|id| format!("<{id}>")),
        "GetAtt" => match argument.text() {
            Some(path) => Some(format!("<{path}>")),
            None => {
                let parts: Option<Vec<_>> = argument.items().iter().map(Node::text).collect();
                parts.map(|parts| format!("<{}>", parts.join(".")))
            }
        },
        "Sub" => {
            let template = argument.text().or_else(|| argument.items().first()?.text())?;
            Some(template.replace("${", "<").replace('}', ">"))
        }
        "Join" => {
            let [separator, items] = argument.items() else { return None };
            let items: Option<Vec<_>> = items.items().iter().map(flat).collect();
            Some(items?.join(separator.text()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Arena, FileId};
    use crate::syntax;

    /// A place inside a function stands for what the function makes; any other place for what is there.
    #[test]
    fn values_of_places() {
        for (text, place, values) in [
            ("a: !Sub '${B.Arn}/*'", "'${B.Arn}/*'", (None, vec!["<B.Arn>/*"])),
            ("a: {Fn::Sub: '${B.Arn}/*'}", "'${B.Arn}/*'", (None, vec!["<B.Arn>/*"])),
            ("a: [x, {Ref: B}]", "B", (None, vec!["<B>"])),
            ("a: [x, {Ref: B}]", "[x, {Ref: B}]", (None, vec!["x", "<B>"])),
            ("a: {b: 's3:*'}", "'s3:*'", (None, vec!["s3:*"])),
            ("a: {Action: 's3:*'}", "'s3:*'", (Some("Action"), vec!["s3:*"])),
            ("a: {NotAction: 's3:*'}", "NotAction", (Some("Action"), vec!["s3:*"])),
            ("a: {Resource: [x, {Fn::Sub: '${B}/*'}]}", "'${B}/*'", (Some("Resource"), vec!["<B>/*"])),
            ("ManagedPolicyArns: [x, zz]", "zz", (Some("Policy"), vec!["zz"])),
        ] {
            let arena = Arena::new();
            let document = syntax::parse(&arena, FileId(0), text);
            let start = u32::try_from(text.find(place).expect("it is there")).expect("small");
            let span = Span::new(FileId(0), start, start + u32::try_from(place.len()).expect("small"));
            let (kind, found) = values_at(document.root().expect("a root"), span);
            assert_eq!((kind, found.iter().map(String::as_str).collect()), values, "{text}: {place}");
        }
    }
}
