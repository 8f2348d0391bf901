//! Suppressions, after the rules: whose findings are silenced, and what is wrong with the silencing.

use super::{Outcome, Scanned, Scanner, Teller};
use crate::config::{Catalogue as Names, ReportUnused, Voice};
use crate::finding::{Finding, Kind};
use crate::rules::Rule;
use crate::source::FileId;
use crate::suppress::{self, Date, Text};
use crate::syntax::{self, Document};

/// What counts as a suppression in this run.
pub struct Suppressions {
    /// The rules and what peers call them.
    pub names: std::sync::Arc<Names>,
    /// Whose suppressions count.
    pub honor: Vec<Voice>,
    /// Whether one without a reason counts not.
    pub require_reason: bool,
    /// Which of those that silence nothing are told.
    pub report_unused: ReportUnused,
    /// Whether nobody may silence a rule.
    pub unsuppressible: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// Marks what is silenced, and tells of suppressions that are wrong.
pub(super) fn apply<'a>(scanner: &Scanner, scanned: &Scanned<'_, 'a>, teller: &Teller<'_, 'a>, outcome: &mut Outcome) {
    let Some(wanted) = &scanner.settings.suppressions else { return };
    let Some(today) = Date::parse(&scanner.settings.today) else { return };
    // What was included may carry comments of its own; it is parsed again rather than kept by every dialect.
    let includes: Vec<(FileId, Document<'a>)> = scanned
        .sources
        .iter()
        .skip(1)
        .map(|(id, source)| (id, syntax::parse(scanned.arena, id, source.text())))
        .collect();
    let first = Text { source: scanned.sources.get(FileId(0)), document: scanned.document };
    let others = includes.iter().map(|(id, document)| Text { source: scanned.sources.get(*id), document });
    let texts: Vec<_> = std::iter::once(first).chain(others).collect();
    let ran = |rule: &str| teller.rule(rule).is_some();
    let settings = suppress::Settings {
        today,
        catalogue: &wanted.names,
        honor: &wanted.honor,
        require_reason: wanted.require_reason,
        report_unused: wanted.report_unused,
        unsuppressible: &*wanted.unsuppressible,
        ran: &ran,
    };
    for notice in suppress::apply(&mut outcome.findings, &texts, &settings) {
        let Some((rule, severity)) = teller.rule_and_severity(notice.rule) else { continue };
        outcome.findings.push(finding(rule, severity, notice));
    }
}

fn finding(rule: &Rule, severity: crate::rulebook::Severity, notice: suppress::Notice) -> Finding {
    Finding {
        rule: rule.head.name.as_str().into(),
        severity,
        confidence: rule.head.confidence,
        category: rule.head.category,
        kind: Kind::Fail,
        title: rule.head.title.as_str().into(),
        message: notice.message,
        under: None,
        resource: notice.resource,
        resource_type: None,
        path: String::new(),
        place: notice.place,
        label: None,
        related: Vec::new(),
        help: notice.help,
        fixes: notice.fix.into_iter().collect(),
        value_digest: None,
        suppressed: None,
    }
}
