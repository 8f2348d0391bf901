//! The names that resources give themselves, and texts that may be one of them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use smallvec::SmallVec;

use crate::analysis::iam::wildcard::{Glob, apart};
use crate::analysis::memo::Answers;
use crate::resolve::{Hole, Piece, Text, Truth, Under};

/// What each resource is called where nothing is assumed.
pub(in crate::rules) type NamesOf<'a> = Answers<&'a str, Names<'a>>;

/// The names that a resource gives itself, and when; none in place of a name of which nothing is known.
pub(super) type Names<'a> = Rc<[(Option<Name<'a>>, Under)]>;

/// A name, read once for many comparisons.
#[derive(Debug)]
pub(in crate::rules) struct Name<'a> {
    text: Text<'a>,
    known: Option<Cow<'a, str>>,
    glob: OnceCell<Glob<'a>>,
}

impl<'a> Name<'a> {
    pub(super) fn new(mut text: Text<'a>) -> Self {
        // The dot at the end of a host's name says nothing more; no other name ends in one.
        if let Some(Piece::Literal(last)) = text.pieces.last_mut() {
            *last = last.strip_suffix('.').unwrap_or(last);
        }
        Self { known: text.known(), text, glob: OnceCell::new() }
    }

    fn glob(&self) -> &Glob<'a> {
        self.glob.get_or_init(|| Glob::text(&self.text))
    }

    /// Whether two names are the same, whatever is not known of them. Where it is `said` that there may be such a pair,
    /// only a sure one is looked for.
    fn is(&self, other: &Self, said: Truth) -> Truth {
        if let (Some(one), Some(two)) = (&self.known, &other.known) {
            return Truth::from(one == two);
        }
        if apart(&self.text, &other.text) {
            return Truth::No;
        }
        let unknown = |text: &Text<'_>| text.holes().any(|hole| hole == Hole::Other);
        if self.glob() == other.glob() && !unknown(&self.text) && !unknown(&other.text) {
            return Truth::Yes;
        }
        if said == Truth::No && self.glob().intersects(other.glob()) == Truth::No { Truth::No } else { Truth::Maybe }
    }
}

/// A text that may be the name of a resource, or an ARN that ends in it.
pub(in crate::rules) struct Sought<'a> {
    name: Name<'a>,
    /// Whether it was written down before the deployment: whoever does that can only mean what has a name by then.
    is_written: bool,
}

impl<'a> Sought<'a> {
    pub(super) fn new(text: &Text<'a>) -> Self {
        // The name is the end of an ARN, of a queue's address, and of what autoscaling calls a table.
        let longer = |first: &str| ["arn:", "https://sqs.", "table/"].iter().any(|start| first.starts_with(start));
        let longer = matches!(text.pieces.first(), Some(Piece::Literal(first)) if longer(first));
        let name = Name::new(if longer { tail(text) } else { text.clone() });
        Self { name, is_written: text.holes().all(|hole| matches!(hole, Hole::Pseudo(_))) }
    }

    /// Whether it is one of the names that a resource has under an assumption. Where it is `said` that it may be another's,
    /// one more that it may be is not told from one that it is not.
    pub(super) fn is_among(&self, names: &[(Option<Name<'a>>, Under)], under: &Under, said: Truth) -> Truth {
        if names.is_empty() {
            return if self.is_written { Truth::No } else { Truth::Maybe };
        }
        names.iter().fold(Truth::No, |truth, (name, own)| {
            let same = name.as_ref().map_or(Truth::Maybe, |name| name.is(&self.name, said));
            // A literal is hardly ever what a name turns out to be that is put together.
            let same = if same == Truth::Maybe && self.name.known.is_some() { Truth::No } else { same };
            let always = if own.is(under) { Truth::Yes } else { Truth::Maybe };
            truth.or(same.and(always))
        })
    }
}

/// What follows the last colon or slash of a text.
fn tail<'a>(text: &Text<'a>) -> Text<'a> {
    let mut pieces: SmallVec<[Piece<'a>; 3]> = SmallVec::new();
    for piece in text.pieces.iter().rev() {
        if let Piece::Literal(literal) = piece
            && let Some((_, after)) = literal.rsplit_once([':', '/'])
        {
            pieces.push(Piece::Literal(after));
            break;
        }
        pieces.push(*piece);
    }
    pieces.reverse();
    Text { pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name<'a>(pieces: &[Piece<'a>]) -> Name<'a> {
        Name::new(Text { pieces: pieces.iter().copied().collect() })
    }

    /// Where it is said that there may be such a pair, a sure one is told all the same, and never more than that.
    #[test]
    fn sure_whatever_was_said() {
        let stage = Piece::Hole(Hole::Parameter { name: "Stage" });
        let all = [
            name(&[Piece::Literal("logs")]),
            name(&[Piece::Literal("logs-"), stage]),
            name(&[stage, Piece::Literal("-logs")]),
            name(&[Piece::Hole(Hole::Other)]),
        ];
        for (at, one) in all.iter().enumerate() {
            for (beside, two) in all.iter().enumerate() {
                let asked = one.is(two, Truth::No);
                assert_eq!(asked == Truth::Yes, one.is(two, Truth::Maybe) == Truth::Yes, "{one:?} {two:?}");
                assert_eq!(asked == Truth::Yes, at == beside && at != 3, "{one:?} {two:?}");
            }
        }
        assert_eq!(all[0].is(&all[1], Truth::No), Truth::No);
        assert_eq!(all[1].is(&all[2], Truth::No), Truth::Maybe);
    }

    /// The name at the end of an ARN is compared, whatever stands before it.
    #[test]
    fn ends_of_arns() {
        let arn = Text { pieces: [Piece::Literal("arn:aws:s3:::logs")].into_iter().collect() };
        let names: Names<'_> = [(Some(name(&[Piece::Literal("logs")])), Under::default())].into_iter().collect();
        assert_eq!(Sought::new(&arn).is_among(&names, &Under::default(), Truth::No), Truth::Yes);
        assert_eq!(Sought::new(&arn).is_among(&[], &Under::default(), Truth::No), Truth::No);
    }
}
