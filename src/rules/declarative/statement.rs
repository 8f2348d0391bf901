//! What statements of policies answer, and what denials and boundaries leave of it.

use smallvec::{SmallVec, smallvec};

use super::{Judge, Subject, Verdict, Verdicts};
use crate::analysis::iam::actions;
use crate::analysis::identity::Limits;
use crate::analysis::policy::{self, Answer, Asked};
use crate::resolve::{Known, Text, Truth, Under};
use crate::rulebook::{Narrowing, Pattern, PolicyKind, Sort};
use crate::rules::Spot;

/// Into how many worlds the answers of a statement are taken apart.
const MAX_WORLDS: usize = 8;

impl<'a> Judge<'_, '_, 'a> {
    pub(super) fn asked<'s>(&'s self, subject: &Subject<'_, 'a>) -> Option<Asked<'s, 's, 'a>> {
        match subject.known {
            Known::Present(value) => {
                Some(Asked { resolver: self.context.resolver, value, under: subject.under.clone() })
            }
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    /// What the statement's own condition says, and for policies of resources the denials beside it.
    pub(super) fn narrowed(&self, subject: &Subject<'_, 'a>, asked: &Asked<'_, '_, 'a>, how: Narrowing) -> Truth {
        match subject.statement {
            Some(statement) if statement.kind != PolicyKind::Identity => {
                policy::narrowed(subject.resource, asked, || self.context.denials(statement.owner, how), how)
            }
            _ => asked.narrowed(how),
        }
    }

    pub(super) fn answers(
        &self,
        subject: &Subject<'_, 'a>,
        ask: impl Fn(&Asked<'_, '_, 'a>) -> Vec<Answer<'a>>,
    ) -> Verdicts<'a> {
        let Some(asked) = self.asked(subject) else { return subject.verdict(Truth::No) };
        let answers = ask(&asked);
        let yes: SmallVec<[&Answer<'a>; 2]> = answers.iter().filter(|a| a.truth.yes()).collect();
        if yes.is_empty() {
            let maybe = answers.iter().any(|a| a.truth == Truth::Maybe);
            return subject.verdict(if maybe { Truth::Maybe } else { Truth::No });
        }
        let verdict = |under: &Under, yes: &mut dyn Iterator<Item = &&Answer<'a>>| {
            let spots = yes.filter_map(|a| Some(Spot { origin: a.place?, value: a.value, item: subject.item }));
            let mut verdict =
                Verdict { truth: Truth::Yes, under: under.clone(), spots: spots.collect(), specific: true };
            if verdict.spots.is_empty() {
                verdict.spots = smallvec![subject.spot()];
                verdict.specific = false;
            }
            verdict
        };
        if yes.iter().any(|a| a.under.is(&subject.under)) {
            return smallvec![verdict(&subject.under, &mut yes.iter())];
        }
        // Each in a world of its own: another question may have its answer in only one of them.
        let mut worlds: SmallVec<[&Under; 2]> = SmallVec::new();
        for answer in &yes {
            if worlds.len() < MAX_WORLDS && !worlds.iter().any(|under| under.is(&answer.under)) {
                worlds.push(&answer.under);
            }
        }
        // Where the statement does not say so, it is as it would be without it.
        let all = yes.iter().all(|answer| worlds.iter().any(|under| under.is(&answer.under)));
        let rest = if all { subject.under.beyond(worlds.iter().copied()) } else { None };
        let maybe = |rest: &Under| answers.iter().any(|a| a.truth == Truth::Maybe && a.under.and(rest).is_some());
        let otherwise = |rest: &Under| if maybe(rest) { Truth::Maybe } else { Truth::No };
        let rest = rest.into_iter().flatten().map(|rest| subject.under(&rest).verdict(otherwise(&rest)));
        let told = worlds.into_iter().map(|under| verdict(under, &mut yes.iter().filter(|a| a.under.is(under))));
        told.chain(rest.flatten()).collect()
    }

    /// The answers that denials and boundaries leave: of each, an action of those that are wanted must be left.
    pub(super) fn left(
        &self,
        subject: &Subject<'_, 'a>,
        answers: Vec<Answer<'a>>,
        wanted: &[String],
    ) -> Vec<Answer<'a>> {
        let wanted = || wanted.iter().filter_map(|name| actions::lookup(name).filter(|action| action.is(name)));
        self.limited(subject, answers, &|limits, pattern, under| {
            limits.stops_all(wanted().filter(|action| actions::means(pattern, action)), under)
        })
    }

    /// The same where the actions of a sort are wanted.
    pub(super) fn left_of(&self, subject: &Subject<'_, 'a>, answers: Vec<Answer<'a>>, sort: Sort) -> Vec<Answer<'a>> {
        self.limited(subject, answers, &|limits, pattern, under| limits.stops_sort(pattern, sort, under))
    }

    /// The same for wildcards: they are none when most of what they mean is taken away.
    pub(super) fn left_wide(&self, subject: &Subject<'_, 'a>, answers: Vec<Answer<'a>>) -> Vec<Answer<'a>> {
        self.limited(subject, answers, &|limits, pattern, under| limits.stops_most_meant(pattern, under))
    }

    fn limited(
        &self,
        subject: &Subject<'_, 'a>,
        mut answers: Vec<Answer<'a>>,
        stops: &dyn Fn(&Limits<'a>, &str, &Under) -> Truth,
    ) -> Vec<Answer<'a>> {
        if answers.is_empty() {
            return answers;
        }
        let Some(limits) = subject.statement.and_then(|s| self.context.limits(s)) else { return answers };
        for answer in &mut answers {
            let pattern = answer.value.and_then(|v| Text::of(&v).known().map(std::borrow::Cow::into_owned));
            // A denial denies, too: what it names is not asked for here.
            let asked = |pattern: &String| answer.truth == Truth::Yes && limits.concern(pattern);
            if let Some(pattern) = pattern.filter(asked) {
                answer.truth = stops(&limits, &pattern, &answer.under).not();
            }
        }
        answers.retain(|answer| answer.truth != Truth::No);
        answers
    }
}

/// The sort that a pattern asks about.
pub(super) fn sort_of(pattern: &Pattern) -> Option<Sort> {
    match pattern {
        Pattern::AllowsA(sort) => Some(*sort),
        Pattern::All(all) | Pattern::Any(all) => all.iter().find_map(sort_of),
        _ => None,
    }
}

/// What stands beside `any-resource`: then it means all that this has.
pub(super) enum Beside<'p> {
    /// Actions of a sort.
    Sort(Sort),
    /// These actions.
    Actions(&'p [String]),
    /// Nothing that has resources of its own: it means all that there are.
    Nothing,
}

pub(super) fn beside(bad: &Pattern) -> Beside<'_> {
    match (sort_of(bad), actions_of(bad)) {
        (Some(sort @ (Sort::Credentials | Sort::Data | Sort::Permissions)), _) => Beside::Sort(sort),
        (None, Some(actions)) => Beside::Actions(actions),
        (Some(Sort::Write | Sort::Scopable), _) | (None, None) => Beside::Nothing,
    }
}

fn actions_of(pattern: &Pattern) -> Option<&[String]> {
    let (Pattern::All(all) | Pattern::Any(all)) = pattern else { return None };
    let asks = matches!(pattern, Pattern::All(_)) && all.iter().any(|one| matches!(one, Pattern::AnyResource));
    all.iter().find_map(|one| match one {
        Pattern::Allows(actions) if asks => Some(actions.as_slice()),
        one => actions_of(one),
    })
}
