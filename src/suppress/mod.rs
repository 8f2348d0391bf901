//! Who silenced what, and whether they should have: after the rules, never before.
//!
//! [`apply`] marks findings that a comment or a piece of metadata silences, in our own words or a
//! peer's, and tells what is wrong with those words. [`Baseline`] silences what was there before.

use std::sync::Arc;

use crate::config::{Catalogue, ReportUnused, Voice};
use crate::finding::Finding;
use crate::source::Source;
use crate::syntax::Document;

mod apply;
mod baseline;
mod collect;
mod comment;
mod date;
mod directive;
mod foreign;
mod layout;
mod metadata;
mod notice;
mod write;

pub use baseline::{Baseline, Entry, Grown};
pub use date::Date;
pub use notice::{EXPIRED, NOT_ALLOWED, Notice, RULES, UNKNOWN_RULE, UNUSED, WITHOUT_REASON};
pub use write::{Reach, Writer};

/// A text of the scan with what was read from it.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The text.
    pub source: &'a Arc<Source>,
    /// Its tree and comments.
    pub document: &'a Document<'a>,
}

/// Says what is acknowledged of the construct at a path: ids of a peer's rules, with the reasons.
pub type Acknowledged<'s> = &'s dyn Fn(&str) -> Vec<(String, String)>;

/// What counts as a suppression.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    /// Today: a suppression counts up to and including its last day.
    pub today: Date,
    /// The rules and what peers call them.
    pub catalogue: &'s Catalogue,
    /// Whose suppressions count.
    pub honor: &'s [Voice],
    /// Whether one without a reason counts not.
    pub require_reason: bool,
    /// Which of those that silence nothing are told.
    pub report_unused: ReportUnused,
    /// Whether nobody may silence a rule.
    pub unsuppressible: &'s dyn Fn(&str) -> bool,
    /// What a CDK app acknowledges of the construct at a path, beside the template, if of any.
    pub acknowledged: Option<Acknowledged<'s>>,
    /// Whether a rule was asked in this scan: silence about one that was not is not unused.
    pub ran: &'s dyn Fn(&str) -> bool,
}

/// Marks the findings of one scan that somebody silenced, and tells what is wrong with the suppressions.
///
/// The first text is the file that was checked, the others are what it includes. A suppression at a
/// resource covers what is made from it: findings that lie in it, or whose `resource` is its id.
#[must_use]
pub fn apply(findings: &mut [Finding], texts: &[Text<'_>], settings: &Settings<'_>) -> Vec<Notice> {
    apply::apply(findings, texts, settings)
}
#[cfg(test)]
mod tests;
