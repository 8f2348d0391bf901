//! Carries out one task on the text: replaces a value, or adds to and takes from a collection.

use crate::rulebook::Literal;
use crate::source::Span;
use crate::syntax::{Data, Layout, Node, Notation, Pair, Style};

use super::Refusal;
use super::compose::{Edit, Task, Work, bracketed};
use super::locate::{Found, Slot};
use super::manner::Manner;

/// The edits of one task.
pub(super) fn out(manner: &Manner<'_>, work: &Work<'_>, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
    let carry = Carry { manner, name: &work.name, depth: work.found.node.span.start as usize };
    match &work.task {
        Task::Replace(value) => carry.replace(&work.found, value, edits),
        Task::Change { lead, insert, remove } => {
            let all = || [lead.as_slice(), insert].concat();
            match carry.leading(&work.found.node, lead, remove) {
                Some(edit) => {
                    edits.push(edit);
                    if insert.is_empty() && remove.is_empty() {
                        return Ok(());
                    }
                    carry.change(&work.found, insert, remove, edits)
                }
                None => carry.change(&work.found, &all(), remove, edits),
            }
        }
    }
}

struct Carry<'c, 't> {
    manner: &'c Manner<'t>,
    name: &'c str,
    depth: usize,
}

/// One pair or item: where it begins and where what is its own ends.
struct Part {
    start: usize,
    end: usize,
}

impl Carry<'_, '_> {
    fn edit(&self, start: usize, end: usize, text: impl Into<String>) -> Edit {
        Edit { start, end, text: text.into(), depth: self.depth }
    }

    fn unusual(&self) -> Refusal {
        Refusal::Unusual(self.name.to_owned())
    }

    fn replace(&self, found: &Found<'_>, value: &Literal, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let m = self.manner;
        let (node, end) = (&found.node, m.end(&found.node));
        let start = m.whole_start(node);
        let quote = match node.data {
            Data::Scalar(_, Style::SingleQuoted) => Some('\''),
            Data::Scalar(_, Style::DoubleQuoted) => Some('"'),
            Data::Scalar(..) | Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_) => None,
        };
        let inline = |flow: bool| {
            let pretty = (flow && self.lines_inside(found)).then(|| self.line_indent(start));
            if Manner::is_block(value) { m.flow(value, pretty) } else { m.scalar(value, flow, quote) }
        };
        match found.slot {
            Slot::Root if m.notation == Notation::Json => edits.push(self.edit(start, end, inline(true))),
            Slot::Root => return Err(self.unusual()),
            Slot::Item(list) if layout(&list) == Layout::Flow => edits.push(self.edit(start, end, inline(true))),
            Slot::Item(_) => {
                let dash = m.dash_before(node).ok_or_else(|| self.unusual())?;
                let text = m.block_item(value, m.indent_of(dash));
                let end = if nothing(node) { dash + 1 } else { end };
                edits.push(self.edit(dash, end, text));
            }
            Slot::Value(pair, mapping) => {
                let colon = m.colon_end(pair.key.span);
                if layout(&mapping) == Layout::Flow {
                    edits.push(match colon {
                        Some(colon) if nothing(node) => self.edit(colon, colon, format!(" {}", inline(true))),
                        None if nothing(node) => self.edit(end, end, format!(": {}", inline(true))),
                        Some(_) | None => self.edit(start, end, inline(true)),
                    });
                    return Ok(());
                }
                let colon = colon.ok_or_else(|| self.unusual())?;
                self.replace_block(pair, value, colon, quote, edits);
            }
        }
        Ok(())
    }

    /// Replaces the value of a pair in block layout.
    fn replace_block(
        &self,
        pair: &Pair<'_>,
        value: &Literal,
        colon: usize,
        quote: Option<char>,
        edits: &mut Vec<Edit>,
    ) {
        let m = self.manner;
        let node = &pair.value;
        let (start, end) = (m.whole_start(node).max(colon), m.end(node).max(colon));
        let block = Manner::is_block(value);
        let text = if block {
            m.block_below(value, m.column(pair.key.span))
        } else {
            format!(" {}", m.scalar(value, false, quote))
        };
        let below = start > m.line_end(colon);
        let header = matches!(node.data, Data::Scalar(_, Style::Literal | Style::Folded));
        if below && !header && m.rest_of_line(colon).starts_with('#') {
            // The comment behind the key stays there.
            let line_end = m.line_end(colon);
            if block {
                edits.push(self.edit(line_end, end, text));
            } else {
                edits.push(self.edit(colon, colon, text));
                edits.push(self.edit(line_end, end, ""));
            }
        } else if !below && block && !m.rest_of_line(end).is_empty() {
            edits.push(self.edit(colon, end, ""));
            edits.push(self.edit(m.line_end(end), m.line_end(end), text));
        } else if !below && !block && !header && start > colon {
            edits.push(self.edit(start, end, text.trim_start()));
        } else {
            edits.push(self.edit(colon, end, text));
        }
    }

    /// New pairs before the first, where nothing hinders it.
    fn leading(&self, node: &Node<'_>, lead: &[(String, Literal)], remove: &[usize]) -> Option<Edit> {
        let m = self.manner;
        let Data::Mapping([first, ..], layout) = node.data else { return None };
        let flow = layout == Layout::Flow;
        if lead.is_empty() || remove.contains(&0) || (flow && !bracketed(m.text, node)) {
            return None;
        }
        let start = m.whole_start(&first.key);
        let line = m.line_start(start);
        let above = m.text.get(..line)?.trim_end_matches(['\n', '\r']);
        let above = above.rsplit(['\n', '\r']).next().unwrap_or("").trim_start();
        // The comment above belongs to what is first now.
        if m.first_on_line(first.key.span) && above.starts_with('#') {
            return None;
        }
        let pretty = if flow { self.column_of_parts(node) } else { Some(m.indent_of(start)) };
        let mut text = String::new();
        for (key, value) in lead {
            match pretty {
                Some(column) if !flow => {
                    text.push_str(&m.block_pair(key, value, column));
                    text.push_str(&m.new_line(column));
                }
                Some(column) => {
                    text.push_str(&format!("{},{}", m.flow_pair(key, value, pretty), m.new_line(column)));
                }
                None => text.push_str(&format!("{}, ", m.flow_pair(key, value, None))),
            }
        }
        Some(self.edit(start, start, text))
    }

    fn change(
        &self,
        found: &Found<'_>,
        insert: &[(String, Literal)],
        remove: &[usize],
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refusal> {
        let node = &found.node;
        let parts = self.parts(node);
        let in_block = matches!(found.slot, Slot::Value(_, mapping) if layout(&mapping) == Layout::Block);
        let flow = layout(node) == Layout::Flow;
        if flow && !bracketed(self.manner.text, node) {
            return Err(self.unusual());
        }
        let as_block = in_block && self.manner.notation == Notation::Yaml;
        if parts.is_empty() && (!flow || as_block) {
            return self.replace(found, &whole(node, insert), edits);
        }
        if parts.is_empty() {
            let pretty = self.lines_inside(found).then(|| self.line_indent(node.span.start as usize));
            let text = self.manner.flow(&whole(node, insert), pretty);
            edits.push(self.edit(node.span.start as usize, node.span.end as usize, text));
            return Ok(());
        }
        if remove.len() >= parts.len() && insert.is_empty() {
            let empty = if node.is_mapping() { Literal::Map(Vec::new()) } else { Literal::List(Vec::new()) };
            return self.replace(found, &empty, edits);
        }
        let last_goes = remove.contains(&(parts.len() - 1));
        self.remove(node, &parts, insert, remove, edits)?;
        if !insert.is_empty() && !last_goes {
            if flow { self.insert_flow(node, &parts, insert, edits) } else { self.insert_block(node, insert, edits)? }
        }
        Ok(())
    }

    /// Removes runs of parts; where the last part goes, what is inserted takes its place.
    fn remove(
        &self,
        node: &Node<'_>,
        parts: &[Part],
        insert: &[(String, Literal)],
        remove: &[usize],
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refusal> {
        let m = self.manner;
        let flow = layout(node) == Layout::Flow;
        let mut at = 0;
        while let Some(first) = parts.get(at) {
            if !remove.contains(&at) {
                at += 1;
                continue;
            }
            let run = (at..parts.len()).take_while(|i| remove.contains(i)).count();
            let Some(last) = parts.get(at + run - 1) else { break };
            let before = at.checked_sub(1).and_then(|i| parts.get(i));
            let after = parts.get(at + run);
            let alone = m.text.get(m.line_start(first.start)..first.start).is_some_and(|s| s.trim().is_empty());
            match (flow, before, after) {
                (true, _, Some(after)) => edits.push(self.edit(first.start, after.start, "")),
                (true, Some(before), None) => {
                    let text = self.flow_parts(node, insert, true);
                    edits.push(self.edit(before.end, last.end, text));
                }
                (true, None, None) => {
                    let text = self.flow_parts(node, insert, false);
                    edits.push(self.edit(first.start, last.end, text));
                }
                (false, _, Some(after)) if !alone => edits.push(self.edit(first.start, after.start, "")),
                (false, _, _) => {
                    let text = self.block_parts(node, if after.is_none() { insert } else { &[] })?;
                    let line = m.line_start(first.start);
                    if !alone || (!text.is_empty() && after.is_none()) {
                        // Its first line is where the old one was.
                        let text = text.trim_start_matches(['\n', '\r', ' ']);
                        edits.push(self.edit(first.start, m.line_end(last.end), text));
                    } else if after.is_none() && line > 0 {
                        // With the line break before it, so that what comes behind the collection finds its own.
                        let before = m.text.get(..line).unwrap_or("");
                        let start = before.strip_suffix('\n').unwrap_or(before);
                        let start = start.strip_suffix('\r').unwrap_or(start).len();
                        edits.push(self.edit(start, m.line_end(last.end), ""));
                    } else {
                        edits.push(self.edit(line, m.next_line(last.end), ""));
                    }
                }
            }
            at += run;
        }
        Ok(())
    }

    fn insert_block(
        &self,
        node: &Node<'_>,
        insert: &[(String, Literal)],
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refusal> {
        let last = match node.data {
            Data::Mapping([.., pair], _) => pair.value,
            Data::Sequence([.., item], _) => *item,
            Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => return Err(self.unusual()),
        };
        let at = self.manner.line_end(self.manner.whole_end(&last));
        let text = self.block_parts(node, insert)?;
        edits.push(self.edit(at, at, text));
        Ok(())
    }

    /// New lines for a block collection, each beginning with its line break.
    fn block_parts(&self, node: &Node<'_>, insert: &[(String, Literal)]) -> Result<String, Refusal> {
        let m = self.manner;
        let mut text = String::new();
        for (key, value) in insert {
            let line = match node.data {
                Data::Mapping([first, ..], _) => {
                    let column = m.column(first.key.span);
                    format!("{}{}", m.new_line(column), m.block_pair(key, value, column))
                }
                Data::Sequence([first, ..], _) => {
                    let dash = m.dash_before(first).ok_or_else(|| self.unusual())?;
                    let column = m.indent_of(dash);
                    format!("{}{}", m.new_line(column), m.block_item(value, column))
                }
                Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => {
                    return Err(self.unusual());
                }
            };
            text.push_str(&line);
        }
        Ok(text)
    }

    fn insert_flow(&self, node: &Node<'_>, parts: &[Part], insert: &[(String, Literal)], edits: &mut Vec<Edit>) {
        let m = self.manner;
        let Some(last) = parts.last() else { return };
        let rest = m.text.get(last.end..).unwrap_or("");
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let comma = rest.get(blank..).is_some_and(|r| r.starts_with(','));
        let behind = if comma { last.end + blank + 1 } else { last.end };
        let pretty = self.column_of_parts(node).is_some();
        if pretty && m.rest_of_line(behind).starts_with('#') {
            // The comment stays with the line it is about.
            let text = self.flow_parts(node, insert, true);
            let (first, others) = text.split_at(1);
            if !comma {
                edits.push(self.edit(last.end, last.end, first));
            }
            edits.push(self.edit(m.line_end(behind), m.line_end(behind), others));
        } else {
            edits.push(self.edit(last.end, last.end, self.flow_parts(node, insert, true)));
        }
    }

    /// New parts of a bracketed collection; `lead` says whether a comma comes first.
    fn flow_parts(&self, node: &Node<'_>, insert: &[(String, Literal)], lead: bool) -> String {
        let m = self.manner;
        let pretty = self.column_of_parts(node);
        let between = pretty.map_or_else(|| ", ".to_owned(), |column| format!(",{}", m.new_line(column)));
        let mut text = String::new();
        for (i, (key, value)) in insert.iter().enumerate() {
            if lead || i > 0 {
                text.push_str(&between);
            }
            let part = if node.is_mapping() { m.flow_pair(key, value, pretty) } else { m.flow(value, pretty) };
            text.push_str(&part);
        }
        text
    }

    /// The column at which the parts of a bracketed collection begin their lines, when they do.
    fn column_of_parts(&self, node: &Node<'_>) -> Option<usize> {
        let first = match node.data {
            Data::Mapping([first, ..], _) => first.key,
            Data::Sequence([first, ..], _) => *first,
            Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => return None,
        };
        let start = self.manner.whole_start(&first);
        let alone = self.manner.first_on_line(Span::new(first.span.file, u32::try_from(start).ok()?, first.span.end));
        alone.then(|| self.manner.indent_of(start))
    }

    fn parts(&self, node: &Node<'_>) -> Vec<Part> {
        let m = self.manner;
        let flow = layout(node) == Layout::Flow;
        match node.data {
            Data::Mapping(pairs, _) => {
                let part = |pair: &Pair<'_>| {
                    let end = m.whole_end(&pair.value).max(pair.key.span.end as usize);
                    // An empty value stands before its colon.
                    let colon = if nothing(&pair.value) { m.colon_end(pair.key.span) } else { None };
                    Part { start: m.whole_start(&pair.key), end: colon.unwrap_or(end) }
                };
                pairs.iter().map(part).collect()
            }
            Data::Sequence(items, _) => {
                let part = |item: &Node<'_>| {
                    let start = if flow { None } else { m.dash_before(item) };
                    Part { start: start.unwrap_or_else(|| m.whole_start(item)), end: m.whole_end(item) }
                };
                items.iter().map(part).collect()
            }
            Data::Scalar(..) | Data::Alias(_) => Vec::new(),
        }
    }

    /// True when brackets around here are spread over lines, so that new ones should be.
    fn lines_inside(&self, found: &Found<'_>) -> bool {
        let around = match found.slot {
            Slot::Root => Some(found.node),
            Slot::Value(_, mapping) => Some(mapping),
            Slot::Item(list) => Some(list),
        };
        around.is_some_and(|node| self.column_of_parts(&node).is_some())
    }

    /// The blanks before the first word of the line that holds a byte.
    fn line_indent(&self, at: usize) -> usize {
        let line = self.manner.text.get(self.manner.line_start(at)..).unwrap_or("");
        line.len() - line.trim_start_matches(self.manner.blanks()).len()
    }
}

/// True for a value that is not there, which takes no bytes; some lists take none either.
fn nothing(node: &Node<'_>) -> bool {
    matches!(node.data, Data::Scalar("", Style::Plain)) && node.tag.is_none()
}

/// The collection that an empty one becomes.
fn whole(node: &Node<'_>, insert: &[(String, Literal)]) -> Literal {
    if matches!(node.data, Data::Sequence(..)) {
        Literal::List(insert.iter().map(|(_, value)| value.clone()).collect())
    } else {
        Literal::Map(insert.to_vec())
    }
}

fn layout(node: &Node<'_>) -> Layout {
    match node.data {
        Data::Mapping(_, layout) | Data::Sequence(_, layout) => layout,
        Data::Scalar(..) | Data::Alias(_) => Layout::Block,
    }
}
