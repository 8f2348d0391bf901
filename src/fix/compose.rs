//! From operations on a value to changes of its text.

use std::cell::OnceCell;

use crate::rulebook::Literal;
use crate::source::{Source, Span};
use crate::syntax::{Data, Document, Layout, Node, Pair, Style};

use super::locate::{self, Found, Slot};
use super::manner::Manner;
use super::same::{is_null, same};
use super::{Change, Operation, Refusal};

/// Composes the changes that carry out the operations, in the order of the text.
///
/// `anchor` is the span of a key, and then the paths start at its value, or of a value. What the text
/// says already is left alone, so composing again on the changed text gives no changes.
///
/// # Errors
/// Why a person has to do it.
pub fn compose(
    document: &Document<'_>,
    source: &Source,
    anchor: Span,
    operations: &[Operation],
) -> Result<Vec<Change>, Refusal> {
    Composer::new(document, source).compose(anchor, operations)
}

/// Composes the changes of many fixes of one text: what it has to know of the whole text is learnt once.
pub struct Composer<'d, 'a, 't> {
    document: &'d Document<'a>,
    source: &'t Source,
    manner: OnceCell<Manner<'t>>,
    /// What aliases stand for.
    anchored: OnceCell<Vec<Span>>,
}

impl<'d, 'a, 't> Composer<'d, 'a, 't> {
    /// A composer for a text, which is looked at when the first fix wants it.
    #[must_use]
    pub const fn new(document: &'d Document<'a>, source: &'t Source) -> Self {
        Self { document, source, manner: OnceCell::new(), anchored: OnceCell::new() }
    }

    /// See [`compose`].
    ///
    /// # Errors
    /// Why a person has to do it.
    pub fn compose(&self, anchor: Span, operations: &[Operation]) -> Result<Vec<Change>, Refusal> {
        if self.document.broken() {
            return Err(Refusal::Broken);
        }
        let base = locate::base(self.document, anchor)?;
        let mut plan = Plan { works: Vec::new() };
        for operation in operations {
            plan.add(base, operation)?;
        }
        let manner = self.manner.get_or_init(|| Manner::of(self.document, self.source));
        let anchored = self.anchored.get_or_init(|| locate::anchored(self.document, self.source.text()));
        let mut edits = Vec::new();
        for work in &plan.works {
            if locate::shared(anchored, work.found.node.span) {
                return Err(Refusal::Shared(work.name.clone()));
            }
            super::carry::out(manner, work, &mut edits)?;
        }
        join(edits)
    }
}

/// Everything that happens to one collection, or the one value that replaces another.
pub(super) struct Work<'a> {
    pub(super) found: Found<'a>,
    pub(super) name: String,
    pub(super) task: Task,
}

pub(super) enum Task {
    Replace(Literal),
    Change {
        /// Pairs that come first.
        lead: Vec<(String, Literal)>,
        /// Pairs that come at the end; for a list, the keys are empty.
        insert: Vec<(String, Literal)>,
        /// Indices of what goes.
        remove: Vec<usize>,
    },
}

/// A change, and how deep in the tree: of two at one place the deeper comes first.
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
    pub(super) depth: usize,
}

/// The lists of one [`Task::Change`], to add to.
struct Parts<'p> {
    lead: &'p mut Vec<(String, Literal)>,
    insert: &'p mut Vec<(String, Literal)>,
    remove: &'p mut Vec<usize>,
}

struct Plan<'a> {
    works: Vec<Work<'a>>,
}

impl<'a> Plan<'a> {
    fn add(&mut self, (base, above): (Found<'a>, Option<Found<'a>>), operation: &Operation) -> Result<(), Refusal> {
        let path = operation.path();
        let (mut at, mut above) = (base, above);
        let mut name = "this value".to_owned();
        for (depth, step) in path.iter().enumerate() {
            editable(&at.node, &name)?;
            let rest = path.get(depth + 1..).unwrap_or_default();
            match at.node.data {
                Data::Mapping(pairs, _) => match pairs.iter().rev().find(|p| p.name() == Some(step)) {
                    Some(pair) => {
                        (above, at) = (Some(at), Found { node: pair.value, slot: Slot::Value(pair, at.node) })
                    }
                    None => {
                        let set =
                            matches!(operation, Operation::Set { .. } | Operation::Lead { .. }) && rest.is_empty();
                        if !set && merged(pairs, step) {
                            return Err(Refusal::Merged(step.clone()));
                        }
                        return self.create(at, name, step, rest, operation);
                    }
                },
                Data::Sequence(items, _) => match step.parse::<usize>().ok().and_then(|i| items.get(i)) {
                    Some(item) => (above, at) = (Some(at), Found { node: *item, slot: Slot::Item(at.node) }),
                    None if matches!(operation, Operation::Remove { .. }) => return Ok(()),
                    None => return Err(Refusal::Missing(step.clone())),
                },
                Data::Scalar(text, Style::Plain) if is_null(text) => {
                    return self.create(at, name, step, rest, operation);
                }
                Data::Scalar(..) | Data::Alias(_) => return Err(Refusal::Shape(name, "mapping")),
            }
            name.clone_from(step);
        }
        self.arrive(at, above, name, operation)
    }

    /// The path ends at a value that is there.
    fn arrive(
        &mut self,
        at: Found<'a>,
        above: Option<Found<'a>>,
        name: String,
        operation: &Operation,
    ) -> Result<(), Refusal> {
        match operation {
            Operation::Set { value, .. } | Operation::Lead { value, .. } => {
                if same(&at.node, value) {
                    return Ok(());
                }
                editable(&at.node, &name)?;
                self.replace(at, name, value.clone())
            }
            Operation::Append { value, .. } => {
                editable(&at.node, &name)?;
                match at.node.data {
                    Data::Sequence(items, _) => {
                        if !items.iter().any(|item| same(item, value)) {
                            self.change(at, name)?.insert.push((String::new(), value.clone()));
                        }
                        Ok(())
                    }
                    Data::Scalar(text, Style::Plain) if is_null(text) => {
                        self.replace(at, name, Literal::List(vec![value.clone()]))
                    }
                    Data::Scalar(..) | Data::Mapping(..) | Data::Alias(_) => Err(Refusal::Shape(name, "list")),
                }
            }
            Operation::Remove { .. } => {
                let above = above.ok_or_else(|| Refusal::Unusual(name.clone()))?;
                let index = match at.slot {
                    Slot::Root => None,
                    Slot::Value(pair, mapping) => mapping.pairs().iter().position(|p| std::ptr::eq(p, pair)),
                    Slot::Item(list) => list.items().iter().position(|i| i.span == at.node.span),
                };
                let index = index.ok_or(Refusal::Nowhere)?;
                let remove = self.change(above, name)?.remove;
                if !remove.contains(&index) {
                    remove.push(index);
                }
                Ok(())
            }
        }
    }

    /// The path leads on to what is not there yet.
    fn create(
        &mut self,
        at: Found<'a>,
        name: String,
        step: &str,
        rest: &[String],
        operation: &Operation,
    ) -> Result<(), Refusal> {
        let value = match operation {
            Operation::Set { value, .. } | Operation::Lead { value, .. } => value.clone(),
            Operation::Append { value, .. } => Literal::List(vec![value.clone()]),
            Operation::Remove { .. } => return Ok(()),
        };
        let value = rest.iter().rev().fold(value, |value, key| Literal::Map(vec![(key.clone(), value)]));
        let parts = self.change(at, name)?;
        let leads = matches!(operation, Operation::Lead { .. }) && rest.is_empty();
        merge(if leads { parts.lead } else { parts.insert }, step, value)
    }

    fn replace(&mut self, found: Found<'a>, name: String, value: Literal) -> Result<(), Refusal> {
        let same_place =
            |w: &&Work<'_>| identity(&w.found.node) == identity(&found.node) && key_of(&w.found) == key_of(&found);
        if self.works.iter().any(|w| same_place(&w)) {
            return Err(Refusal::Conflict);
        }
        self.works.push(Work { found, name, task: Task::Replace(value) });
        Ok(())
    }

    fn change(&mut self, found: Found<'a>, name: String) -> Result<Parts<'_>, Refusal> {
        let at = self
            .works
            .iter()
            .position(|w| identity(&w.found.node) == identity(&found.node) && key_of(&w.found) == key_of(&found));
        let at = at.unwrap_or_else(|| {
            let task = Task::Change { lead: Vec::new(), insert: Vec::new(), remove: Vec::new() };
            self.works.push(Work { found, name, task });
            self.works.len() - 1
        });
        match self.works.get_mut(at).map(|w| &mut w.task) {
            Some(Task::Change { lead, insert, remove }) => Ok(Parts { lead, insert, remove }),
            Some(Task::Replace(_)) | None => Err(Refusal::Conflict),
        }
    }
}

/// What tells two nodes apart: a list and its only item may have the same span.
fn identity(node: &Node<'_>) -> (Span, usize) {
    let parts = match node.data {
        Data::Mapping(pairs, _) => pairs.as_ptr() as usize,
        Data::Sequence(items, _) => items.as_ptr() as usize,
        Data::Scalar(..) | Data::Alias(_) => 0,
    };
    (node.span, parts)
}

fn key_of(found: &Found<'_>) -> Option<Span> {
    match found.slot {
        Slot::Value(pair, _) => Some(pair.key.span),
        Slot::Root | Slot::Item(_) => None,
    }
}

/// Refuses values whose text is not the place where they are made.
fn editable(node: &Node<'_>, name: &str) -> Result<(), Refusal> {
    if matches!(node.data, Data::Alias(_)) {
        return Err(Refusal::Alias(name.to_owned()));
    }
    match locate::intrinsic(node) {
        Some(function) => Err(Refusal::Computed(name.to_owned(), function.to_owned())),
        None => Ok(()),
    }
}

/// True when a merge key brings this key in.
fn merged(pairs: &[Pair<'_>], key: &str) -> bool {
    let merges = pairs.iter().filter(|p| matches!(p.key.data, Data::Scalar("<<", Style::Plain)));
    merges.into_iter().any(|p| {
        let value = p.value.target();
        value.get(key).is_some() || value.items().iter().any(|item| item.get(key).is_some())
    })
}

/// Adds a pair; mappings of the same key are one.
fn merge(pairs: &mut Vec<(String, Literal)>, key: &str, value: Literal) -> Result<(), Refusal> {
    let Some((_, known)) = pairs.iter_mut().find(|(k, _)| k == key) else {
        pairs.push((key.to_owned(), value));
        return Ok(());
    };
    match (known, value) {
        (Literal::Map(known), Literal::Map(more)) => {
            more.into_iter().try_for_each(|(key, value)| merge(known, &key, value))
        }
        (Literal::List(known), Literal::List(more)) => {
            known.extend(more);
            Ok(())
        }
        (known, value) if *known == value => Ok(()),
        _ => Err(Refusal::Conflict),
    }
}

/// Puts the edits in order, and makes one of those at the same place.
fn join(mut edits: Vec<Edit>) -> Result<Vec<Change>, Refusal> {
    edits.retain(|e| e.start < e.end || !e.text.is_empty());
    edits.sort_by_key(|e| (e.start, e.end, usize::MAX - e.depth));
    let mut changes: Vec<Change> = Vec::with_capacity(edits.len());
    for edit in edits {
        let [start, end] = [edit.start, edit.end].map(|i| u32::try_from(i).unwrap_or(u32::MAX));
        match changes.last_mut() {
            Some((range, _)) if start < range.end => return Err(Refusal::Conflict),
            // What is replaced up to here, and what is inserted here, are one change.
            Some((range, text)) if start == range.end => {
                range.end = end;
                text.push_str(&edit.text);
            }
            Some(_) | None => changes.push((start..end, edit.text)),
        }
    }
    Ok(changes)
}

/// True for brackets that the text really has: `[a: b]` holds a mapping without any.
pub(super) fn bracketed(text: &str, node: &Node<'_>) -> bool {
    let written = text.get(node.span.range()).unwrap_or("");
    match node.data {
        Data::Mapping(_, Layout::Flow) => written.starts_with('{') && written.ends_with('}'),
        Data::Sequence(_, Layout::Flow) => written.starts_with('[') && written.ends_with(']'),
        Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => false,
    }
}
