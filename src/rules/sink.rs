//! Where rules report to.

use std::ops::Range;

use foldhash::HashMap;

use crate::analysis::policy::Statement;
use crate::finding::Kind;
use crate::resolve::{Case, Under};
use crate::rulebook::{Confidence, EditSpec, FixSpec, Severity};
use crate::source::Span;
use crate::template::{Origin, Resource, Value};

/// What a rule says: still made of the scan's own values, before places become lines.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// Wrong, or perhaps wrong.
    pub kind: Kind,
    /// Where.
    pub spot: Spot<'a>,
    /// The resource it is about.
    pub resource: Option<Resource<'a>>,
    /// Under which assumption.
    pub under: Under,
    /// What is wrong here; the rule's title when `None`.
    pub message: Option<String>,
    /// What the text at the place does.
    pub label: Option<String>,
    /// Other places.
    pub related: Vec<(Origin<'a>, String)>,
    /// The logical ids of other resources that inherit the place: what is said of it is said of them, too.
    pub heirs: Vec<&'a str>,
    /// Another severity than the card's.
    pub severity: Option<Severity>,
    /// Another confidence than the card's.
    pub confidence: Option<Confidence>,
    /// Another remedy than the card's, in one line.
    pub help: Option<String>,
    /// Fixes beside the card's own, relative to the spot's base.
    pub fixes: Vec<FixSpec>,
    /// The card's fixes that do not fit here, by position.
    pub unfit: Vec<usize>,
    /// The characters of the spot's text that it is about, when they are not all of it, and how often they stand
    /// in it before.
    pub exactly: Option<(String, usize)>,
}

/// A place, and what stands there.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    /// Where to point.
    pub origin: Origin<'a>,
    /// The offending value.
    pub value: Option<Value<'a>>,
    /// What edits are relative to, when that is not the resource: an item of a list.
    pub item: Option<Origin<'a>>,
}

impl<'a> Spot<'a> {
    /// A place without a value: something is missing.
    #[must_use]
    pub const fn missing(origin: Origin<'a>) -> Self {
        Self { origin, value: None, item: None }
    }

    /// What stands in a statement.
    #[must_use]
    pub fn in_statement(statement: &Statement<'a>, case: &Case<'a>) -> Self {
        Self { item: Some(statement.value.origin), ..Self::of(case) }
    }

    /// What a value may be, where it is that.
    #[must_use]
    pub fn of(case: &Case<'a>) -> Self {
        Self { origin: case.place, value: case.present(), item: None }
    }

    /// A value's own place.
    #[must_use]
    pub const fn at(value: Value<'a>) -> Self {
        Self { origin: value.origin, value: Some(value), item: None }
    }
}

impl<'a> Hit<'a> {
    /// Something wrong at a place.
    #[must_use]
    pub fn new(spot: Spot<'a>) -> Self {
        Self {
            kind: Kind::Fail,
            spot,
            resource: None,
            under: Under::always(),
            message: None,
            label: None,
            related: Vec::new(),
            heirs: Vec::new(),
            severity: None,
            confidence: None,
            help: None,
            fixes: Vec::new(),
            unfit: Vec::new(),
            exactly: None,
        }
    }

    /// Something wrong with a resource as a whole: its key.
    #[must_use]
    pub fn resource(resource: &Resource<'a>) -> Self {
        Self::new(Spot::missing(resource.key)).of(resource)
    }

    /// The resource it is about.
    #[must_use]
    pub const fn of(mut self, resource: &Resource<'a>) -> Self {
        self.resource = Some(*resource);
        self
    }

    /// The assumption it holds under.
    #[must_use]
    pub fn under(mut self, under: &Under) -> Self {
        self.under = under.clone();
        self
    }

    /// An edit that mends this very place, beside those of the card.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safe: bool, edits: Vec<EditSpec>) -> Self {
        self.fixes.push(FixSpec { title: title.into(), safe, when: None, edits });
        self
    }

    /// What is wrong here, in this template's own words: lower case, no full stop.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// What the text at the place does.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Another place that explains it.
    #[must_use]
    pub fn related(mut self, origin: Origin<'a>, message: impl Into<String>) -> Self {
        self.related.push((origin, message.into()));
        self
    }

    /// Another severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Another confidence.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// The one thing to type here.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The part of the spot's text that it is about: a credential in a script.
    #[must_use]
    pub fn exactly(mut self, text: &str, part: Range<usize>) -> Self {
        let before = text.get(..part.start).unwrap_or_default();
        self.exactly =
            text.get(part).filter(|part| !part.is_empty()).map(|p| (p.to_owned(), before.matches(p).count()));
        self
    }

    /// The logical ids of the resources that it is about.
    pub fn concerns(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.resource.iter().map(|resource| resource.id).chain(self.heirs.iter().copied())
    }

    /// Not certain: shown by the profile `all` only.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.kind = Kind::Open;
        self
    }
}

/// As many heirs of one place are remembered.
const MOST_HEIRS: usize = 64;

/// Collects what one rule says.
#[derive(Debug, Default)]
pub struct Sink<'a> {
    hits: Vec<Hit<'a>>,
    /// The hits of each place, by position: a rule may say thousands of things, and thousands may inherit each.
    at: HashMap<Span, Vec<usize>>,
    /// Whether undetermined findings are wanted; otherwise they are dropped at once.
    open: bool,
}

impl<'a> Sink<'a> {
    /// A sink; with `open` it keeps what could not be determined.
    #[must_use]
    pub fn new(open: bool) -> Self {
        Self { open, ..Self::default() }
    }

    /// Reports. Of several reports at one place the certain one wins, then the one that assumes nothing.
    pub fn report(&mut self, hit: Hit<'a>) {
        if hit.kind == Kind::Open && !self.open {
            return;
        }
        // What several resources inherit from one place (SAM's Globals, serverless.yml's provider) is one finding.
        let inherited = |hit: &Hit<'a>| hit.spot.value.is_some();
        let here = self.at.entry(hit.spot.origin.span).or_default();
        let shared = |other: &Hit<'a>| {
            same_part(other, &hit) && id(other) != id(&hit) && inherited(other) && other.kind == hit.kind
        };
        if inherited(&hit)
            && let Some(resource) = &hit.resource
            && let Some(first) = here.iter().rev().take(256).copied().find(|at| self.hits.get(*at).is_some_and(shared))
            && let Some(first) = self.hits.get_mut(first)
        {
            let known = first.related.iter().any(|(origin, _)| origin.span == resource.key.span);
            if first.heirs.len() < MOST_HEIRS && !first.heirs.contains(&resource.id) {
                first.heirs.push(resource.id);
            }
            // The first of them inherits it too, unless it is where it stands.
            if first.heirs.len() == 1
                && let Some(own) = first.resource.filter(|own| {
                    let within = own.properties.origin.span.contains(first.spot.origin.span);
                    !within && first.related.iter().all(|(origin, _)| origin.span != own.key.span)
                })
            {
                first.related.push((own.key, format!("`{}` inherits it", own.written_id)));
            }
            if first.related.len() < 21
                && !known
                && first.resource.as_ref().is_none_or(|r| r.key.span != resource.key.span)
            {
                first.related.push((resource.key, format!("`{}` inherits it as well", resource.written_id)));
            }
            return;
        }
        let same = |other: &Hit<'a>| same_part(other, &hit) && id(other) == id(&hit);
        let old = here.iter().rev().take(64).copied().find(|at| self.hits.get(*at).is_some_and(same));
        match old.and_then(|at| self.hits.get_mut(at)) {
            None => {
                here.push(self.hits.len());
                self.hits.push(hit);
            }
            Some(old) => {
                let better = (hit.kind, !hit.under.is_always()) < (old.kind, !old.under.is_always());
                if better {
                    *old = hit;
                } else if old.kind == hit.kind
                    && !old.under.is_always()
                    && !old.under.is(&hit.under)
                    && old.message == hit.message
                    && Under::always().is_covered_by([&old.under, &hit.under])
                {
                    // What is so in the one case and in the other is so.
                    old.under = Under::always();
                }
            }
        }
    }

    /// What was reported.
    #[must_use]
    pub fn into_hits(self) -> Vec<Hit<'a>> {
        self.hits
    }
}

fn id<'a>(hit: &Hit<'a>) -> Option<&'a str> {
    hit.resource.as_ref().map(|r| r.id)
}

/// Of hits at one place, whether they are about the same part of its text.
fn same_part(a: &Hit<'_>, b: &Hit<'_>) -> bool {
    a.exactly == b.exactly
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn hit(at: u32, message: &str) -> Hit<'static> {
        Hit::new(Spot::missing(Origin::written(Span::new(FileId(0), at, at + 1)))).message(message)
    }

    fn told(open: bool, hits: impl IntoIterator<Item = Hit<'static>>) -> Vec<String> {
        let mut sink = Sink::new(open);
        hits.into_iter().for_each(|hit| sink.report(hit));
        sink.into_hits().into_iter().map(|hit| hit.message.unwrap_or_default()).collect()
    }

    /// Of several reports at one place the certain one wins, then the first.
    #[test]
    fn one_report_at_a_place() {
        assert_eq!(told(true, [hit(0, "first"), hit(0, "second"), hit(1, "other")]), ["first", "other"]);
        assert_eq!(told(true, [hit(0, "open").open(), hit(0, "certain")]), ["certain"]);
        assert_eq!(told(true, [hit(0, "certain"), hit(0, "open").open()]), ["certain"]);
        assert_eq!(told(false, [hit(0, "open").open()]), [""; 0]);
        assert_eq!(told(true, [hit(0, "open").open()]), ["open"]);
    }

    /// What is reported in a case and in its contrary is so in every case.
    #[test]
    fn one_report_of_every_case() {
        let under = |said: &str| Under::always().said(said.to_owned());
        let told = |hits: [Hit<'static>; 2]| {
            let mut sink = Sink::new(false);
            hits.into_iter().for_each(|hit| sink.report(hit));
            sink.into_hits().first().and_then(|hit| hit.under.describe())
        };
        let case = |said: &str, message: &str| hit(0, message).under(&under(said));
        assert_eq!(told([case("IsProd is true", "a"), case("IsProd is false", "a")]), None);
        let one = Some("IsProd is true".to_owned());
        assert_eq!(told([case("IsProd is true", "a"), case("IsProd is false", "b")]), one);
        assert_eq!(told([case("IsProd is true", "a"), case("IsDev is false", "a")]), one);
    }

    /// Parts of one text are places of their own, told apart by how often they stood before.
    #[test]
    fn parts_of_a_text() {
        let text = "key key other";
        let part = |range: Range<usize>, message: &str| hit(0, message).exactly(text, range);
        assert_eq!(told(true, [part(0..3, "a"), part(4..7, "b"), part(8..13, "c"), part(0..3, "d")]), ["a", "b", "c"]);
        assert_eq!(part(4..7, "b").exactly, Some(("key".to_owned(), 1)));
        assert_eq!(part(3..3, "b").exactly, None);
        assert_eq!(part(8..99, "b").exactly, None);
    }
}
