//! Suppressions, after the rules: who silenced what, and whether they should have.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Outcome, Scanned, Teller};
use crate::config::{self, ReportUnused, Voice};
use crate::finding::{Finding, Kind};
use crate::rules::Rule;
use crate::source::FileId;
use crate::suppress::{self, Date, Notice, Text};
use crate::template;

/// What may silence findings.
pub struct Silence {
    /// The rules and what peers call them.
    pub names: Arc<config::Catalogue>,
    /// Whose suppressions count.
    pub honor: Vec<Voice>,
    /// Whether one without a reason counts not.
    pub require_reason: bool,
    /// Which of those that silence nothing are told.
    pub report_unused: ReportUnused,
    /// Whether nobody may silence a rule.
    pub unsuppressible: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// Marks what somebody silenced, and tells what is wrong with how they did it.
pub(super) fn apply<'a>(
    silence: &Silence,
    today: &str,
    scanned: &Scanned<'_, 'a>,
    teller: &Teller<'_, 'a>,
    outcome: &mut Outcome,
) {
    // Suppressions of a part count where there is something to silence in it, or where it is all there is to it.
    let files: BTreeSet<&str> = outcome.findings.iter().map(|finding| finding.place.file()).collect();
    let parts: Vec<_> = scanned
        .sources
        .iter()
        .skip(1)
        .filter(|(_, source)| files.contains(source.path()))
        .map(|(file, source)| (source, scanned.document_of(file)))
        .collect();
    let main = Text { source: scanned.sources.get(FileId(0)), document: scanned.document };
    let texts: Vec<_> =
        std::iter::once(main).chain(parts.iter().map(|(source, document)| Text { source, document })).collect();
    let told: BTreeSet<String> =
        outcome.findings.iter().filter_map(|finding| Some(finding.construct.as_ref()?.path.clone())).collect();
    // Where nothing was found, there is nothing to acknowledge.
    let acknowledged = |path: &str| match told.contains(template::construct(path)) {
        true => teller.acknowledged(path),
        false => Vec::new(),
    };
    let (catalogue, choice) = (teller.catalogue(), teller.choice());
    let notices = suppress::apply(
        &mut outcome.findings,
        &texts,
        &suppress::Settings {
            today: Date::parse(today).unwrap_or_else(|| Date::from_unix(0)),
            catalogue: &silence.names,
            honor: &silence.honor,
            require_reason: silence.require_reason,
            report_unused: silence.report_unused,
            unsuppressible: &*silence.unsuppressible,
            acknowledged: (!told.is_empty() && teller.acknowledges()).then_some(&acknowledged),
            ran: &|name| choice.position(catalogue, name).is_some(),
        },
    );
    for notice in notices {
        if let Some((rule, at)) = teller.rule(notice.rule).and_then(|at| Some((catalogue.rules().get(at)?, at))) {
            outcome.findings.push(finding(rule, teller.severity(rule, at), notice));
        }
    }
}

fn finding(rule: &Rule, severity: crate::rulebook::Severity, notice: Notice) -> Finding {
    let said = rule.said();
    Finding {
        rule: Arc::clone(&said.name),
        severity,
        confidence: rule.head.confidence,
        category: rule.head.category,
        kind: Kind::Fail,
        title: Arc::clone(&said.title),
        message: notice.message,
        under: None,
        resource: notice.resource,
        resource_type: None,
        construct: None,
        path: String::new(),
        place: notice.place,
        label: None,
        related: Vec::new(),
        help: notice.help.map(Arc::from).or_else(|| said.help.clone()),
        fixes: notice.fix.into_iter().collect(),
        value_digest: None,
        suppressed: None,
    }
}
