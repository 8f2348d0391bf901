//! ARNs as policies write them, compared part by part, holes and wildcards included.

use super::wildcard::{Glob, Token};
use crate::resolve::Truth;

/// An ARN or a pattern of ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Glob<'a>,
    /// `s3`.
    pub service: Glob<'a>,
    /// The region; empty for global services and for S3.
    pub region: Glob<'a>,
    /// The account; empty for S3 and for what AWS owns.
    pub account: Glob<'a>,
    /// All the rest.
    pub resource: Glob<'a>,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` when the text is none, or begins with a hole. `*` is every ARN, and so are `?*` and `arn*`.
    ///
    /// Fewer parts are forgiven when the last of them ends in `*`, as in `arn:aws:s3*`.
    #[must_use]
    pub fn parse(text: &Glob<'a>) -> Option<Self> {
        let every = Glob::action("*");
        let wild = text.tokens().iter().take("arn:*".len()).any(|token| *token == Token::Any);
        if text.is_everything() || (wild && text.surely_covers(&Glob::plain("arn:*"))) {
            let part = || every.clone();
            return Some(Self {
                partition: part(),
                service: part(),
                region: part(),
                account: part(),
                resource: part(),
            });
        }
        let mut parts = text.split(6);
        let open = parts.len() < 6 && parts.last().is_some_and(|p| p.to_text().ends_with('*'));
        if parts.len() < 6 && !open {
            return None;
        }
        parts.resize(6, every);
        let mut parts = parts.into_iter();
        let begin = parts.next()?;
        if begin.to_text() != "arn" && !begin.is_everything() {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// Whether every ARN of `narrow` is one of this pattern's.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> Truth {
        self.each(narrow, Glob::covers)
    }

    /// Whether some ARN belongs to both.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> Truth {
        self.each(other, Glob::intersects)
    }

    fn each(&self, other: &Self, compare: impl Fn(&Glob<'a>, &Glob<'a>) -> Truth) -> Truth {
        // A template is deployed in one partition: when one of them is a hole, it is the same.
        let partition = if self.partition.has_holes() || other.partition.has_holes() {
            Truth::Yes
        } else {
            compare(&self.partition, &other.partition)
        };
        let parts = [
            (&self.service, &other.service),
            (&self.region, &other.region),
            (&self.account, &other.account),
            (&self.resource, &other.resource),
        ];
        let mut all = partition;
        for (one, two) in parts {
            if all == Truth::No {
                break;
            }
            all = all.and(compare(one, two));
        }
        all
    }
}

/// Whether everything that `narrow` names is named by `wide`: by parts when both are ARNs, else as text.
#[must_use]
pub fn covers<'a>(wide: &Glob<'a>, narrow: &Glob<'a>) -> Truth {
    match (Arn::parse(wide), Arn::parse(narrow)) {
        (Some(wide), Some(narrow)) => wide.covers(&narrow),
        _ => wide.covers(narrow),
    }
}

/// Whether two patterns of resources have one in common: by parts when both are ARNs, else as text.
#[must_use]
pub fn intersects<'a>(a: &Glob<'a>, b: &Glob<'a>) -> Truth {
    match (Arn::parse(a), Arn::parse(b)) {
        (Some(a), Some(b)) => a.intersects(&b),
        _ => a.intersects(b),
    }
}

/// True for twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// True for what looks like a region: `eu-central-1`, `us-gov-west-1`. Which there are changes from year to year.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let direction = parts.next().is_some_and(|d| DIRECTIONS.contains(&d));
    number && direction && parts.next().is_some_and(|area| !area.is_empty())
}

const DIRECTIONS: &[&str] =
    &["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Hole, Piece, Text};

    fn both(wide: &str, narrow: &str) -> (Truth, Truth) {
        let (wide, narrow) = (Glob::resource(wide), Glob::resource(narrow));
        (covers(&wide, &narrow), intersects(&wide, &narrow))
    }

    /// A wildcard does not reach over a colon before the resource, and reaches over all in it.
    #[test]
    fn compares_by_parts() {
        use Truth::{No, Yes};
        assert_eq!(both("*", "arn:aws:s3:::b/k"), (Yes, Yes));
        assert_eq!(both("arn:aws:s3:::*", "arn:aws:s3:::b/k"), (Yes, Yes));
        assert_eq!(both("arn:aws:s3:::b/*", "arn:aws:s3:::b"), (No, No));
        assert_eq!(both("arn:aws:s3:::b*", "arn:aws:s3:::*k"), (No, Yes));
        assert_eq!(both("arn:aws:logs:*:x:y", "arn:aws:logs:eu-west-1:111122223333:x:y"), (No, No));
        assert_eq!(both("arn:aws:sqs:*:*:q", "arn:aws:sqs:eu-west-1:111122223333:q"), (Yes, Yes));
        assert_eq!(both("arn:*:logs:*:*:*", "arn:aws:logs:us-east-1:1:log-group:/x:*"), (Yes, Yes));
        assert_eq!(both("arn:aws:s3*", "arn:aws:s3:::b"), (Yes, Yes));
        for every in ["?*", "arn*", "a*", "*:*", "arn:*"] {
            assert_eq!(both(every, "arn:aws:s3:::b"), (Yes, Yes), "{every}");
        }
        assert_eq!(both("arn:aws*", "arn:aws-cn:s3:::b"), (Yes, Yes));
    }

    /// Holes in region and account are maybe, the partition is taken for the same.
    #[test]
    fn holes_in_parts() {
        let hole = |name| Piece::Hole(Hole::Pseudo(name));
        let of = |pieces: &[Piece<'static>]| Glob::text(&Text { pieces: pieces.iter().copied().collect() });
        let queue = of(&[
            Piece::Literal("arn:"),
            hole("AWS::Partition"),
            Piece::Literal(":sqs:"),
            hole("AWS::Region"),
            Piece::Literal(":"),
            hole("AWS::AccountId"),
            Piece::Literal(":jobs"),
        ]);
        assert_eq!(covers(&Glob::resource("arn:aws:sqs:*:*:*"), &queue), Truth::Yes);
        assert_eq!(covers(&Glob::resource("arn:aws:sqs:eu-west-1:*:jobs"), &queue), Truth::Maybe);
        assert_eq!(intersects(&Glob::resource("arn:aws:sqs:*:*:mail"), &queue), Truth::No);
        assert_eq!(intersects(&Glob::resource("arn:aws:sns:*:*:jobs"), &queue), Truth::No);
        let from_hole = of(&[Piece::Hole(Hole::Attribute("Queue", "Arn")), Piece::Literal("/*")]);
        assert!(Arn::parse(&from_hole).is_none());
        assert_eq!(covers(&Glob::resource("*"), &from_hole), Truth::Yes);
    }

    /// Things that are no ARN are not read as one.
    #[test]
    fn refuses_what_is_none() {
        for text in ["", "arn", "arn:aws:s3", "bucket/*", "https://x"] {
            assert!(Arn::parse(&Glob::resource(text)).is_none(), "{text}");
        }
        assert!(is_account_id("012345678901") && !is_account_id("12345678901") && !is_account_id("12345678901a"));
    }
}
