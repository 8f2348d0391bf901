//! What is wrong with a text itself, as findings.

use super::{Outcome, Scanned, Teller};
use crate::finding::Failure;
use crate::rules::{Hit, Spot};
use crate::syntax::ProblemKind;
use crate::template::Origin;

/// The rule that speaks of a problem.
const fn rule_of(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Syntax | ProblemKind::Limit => "syntax-error",
        ProblemKind::DuplicateKey => "duplicate-key",
        ProblemKind::NotStrictJson => "not-strict-json",
        ProblemKind::NotStrictYaml => "not-strict-yaml",
    }
}

/// Tells of every problem; those that kept a part from being read are failures as well.
pub(super) fn tell<'a>(scanned: &Scanned<'_, 'a>, teller: &Teller<'_, 'a>, outcome: &mut Outcome) {
    let mut hits = Vec::new();
    for problem in &scanned.document.problems {
        let source = scanned.sources.get(problem.span.file);
        if problem.kind.breaks() {
            let at = source.position(problem.span.start);
            outcome.failures.push(Failure {
                file: source.path().to_owned(),
                at: Some((at.line, at.column)),
                message: problem.message.clone(),
            });
        }
        let mut hit = Hit::new(Spot::missing(Origin::written(problem.span))).message(problem.message.clone());
        if let Some(other) = problem.other {
            hit = hit.related(Origin::written(other), "the first is here");
        }
        if let Some(at) = teller.rule(rule_of(problem.kind)) {
            hits.push((at, hit));
        }
    }
    teller.tell(hits, outcome);
}
