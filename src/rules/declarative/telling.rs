//! What is said of a subject that is bad: where, in which words, how bad, and what mends it.

use std::borrow::Cow;
use std::cell::Cell;

use smallvec::{SmallVec, smallvec};

use super::statement::sort_of;
use super::{Judge, Subject, Verdict, elsewhere, words};
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::iam::{actions, enumerate};
use crate::analysis::knowledge::versions;
use crate::analysis::policy::Asked;
use crate::analysis::secrets;
use crate::finding::Kind as FindingKind;
use crate::resolve::{Case, Hole, Known, Text, Truth, Under};
use crate::rulebook::{EditSpec, FixSpec, Grade, Path, Pattern, Severity, Sort, TEMPLATE, Width};
use crate::rules::{Hit, Sink, Spot, narrower};
use crate::template::Value;

/// For so many secrets it is looked for who else has them; more are left to people.
const MOST_ASKED: u32 = 100;

/// What the grades of a rule say of a case.
#[derive(Default)]
struct Grading<'r> {
    /// The one that says how bad it is, how sure, or what is wrong.
    graded: Option<&'r Grade>,
    /// What to type.
    remedy: Option<&'r String>,
}

impl<'a> Judge<'_, '_, 'a> {
    /// Reports a verdict; `everywhere` is the assumption of all worlds, when the same is so in each of them.
    pub(super) fn report(
        &self,
        subject: &Subject<'_, 'a>,
        verdict: &Verdict<'a>,
        truth: Truth,
        everywhere: Option<&Under>,
        sink: &mut Sink<'a>,
    ) {
        let whole = Spot::missing(subject.resource.key);
        let spots: SmallVec<[Spot<'a>; 1]> = match &self.check.at {
            _ if self.check.once => smallvec![whole],
            Some(path) => smallvec![self.spot_at(path, subject, verdict)],
            None => verdict.spots.clone(),
        };
        // Thousands of items of a list may be bad, and this is so for all of them.
        let here = subject.under(&verdict.under);
        let grade = self.grade(&here);
        let misfits = self.misfits(&here);
        for spot in spots {
            let mut hit = Hit::new(spot).under(everywhere.unwrap_or(&verdict.under));
            if subject.resource.kind != TEMPLATE {
                hit = hit.of(subject.resource);
            }
            if truth == Truth::Maybe {
                hit.kind = FindingKind::Open;
            }
            let said = |template: &String| {
                // Each version ended on a day of its own.
                let whole = everywhere.map(|_| template.replace("{since}", ""));
                self.message(whole.as_ref().unwrap_or(template), subject, &spot, verdict)
            };
            hit.message = self.check.message.as_ref().map(said);
            hit.label = self.check.label.as_ref().map(said);
            if let Some(graded) = grade.graded {
                (hit.severity, hit.confidence) = (graded.severity, graded.confidence);
                hit.message = graded.message.as_ref().map(said).or(hit.message);
            }
            hit.help = grade.remedy.cloned();
            // What a parameter shows stands in the stack, and not in the repository.
            let worst = self.rule.head.secret && self.rule.head.severity == Severity::Critical;
            if worst && hit.severity.is_none() && spot.value.is_some_and(|value| is_parameter(&value)) {
                hit.severity = Some(Severity::High);
            }
            for (at, fix) in self.rule.logic().fixes.iter().enumerate() {
                let removes = self.rule.head.secret && fix.edits.iter().any(|edit| matches!(edit, EditSpec::Remove(_)));
                let asked = self.shared.get() + u32::from(removes);
                self.shared.set(asked);
                let secret =
                    removes && asked <= MOST_ASKED && elsewhere::uses(self.context, fix, subject.resource, &spot);
                if secret {
                    let said = self.rule.said().help.as_deref().unwrap_or_default();
                    hit.help = Some(format!("{said} What else here uses it has to read the new one."));
                }
                if secret || asked > MOST_ASKED || misfits.contains(&at) {
                    hit.unfit.push(at);
                }
            }
            hit.fixes = self.narrower(subject, &spot);
            hit.help = hit.help.or_else(|| self.name_it(subject)).or_else(|| self.list_them(&spot));
            sink.report(hit);
        }
    }

    /// How bad it is in this case, and what is to be typed: each from the first grade that has something to say of it. What is wrong
    /// then is said by the one that says how bad it is.
    fn grade(&self, here: &Subject<'_, 'a>) -> Grading<'_> {
        let mut found = Grading::default();
        for grade in &self.check.grades {
            let grades = found.graded.is_none()
                && (grade.severity.is_some() || grade.confidence.is_some() || grade.message.is_some());
            let helps = found.remedy.is_none() && grade.remedy.is_some();
            if !(grades || helps) {
                continue;
            }
            let verdicts = self.judge(&grade.when, here);
            // What makes it less bad in some cases leaves it as bad in the others, unless those have to be chosen.
            let lowers = grade.severity.is_some_and(|severity| severity < self.rule.head.severity);
            let resolver = self.context.resolver;
            let as_bad =
                || verdicts.iter().any(|v| v.truth == Truth::No && !resolver.needs_other_than_defaults(&v.under));
            if !verdicts.iter().any(|v| v.truth.yes()) || lowers && as_bad() {
                continue;
            }
            if grades {
                found.graded = Some(grade);
            }
            if helps {
                found.remedy = grade.remedy.as_ref();
            }
        }
        found
    }

    /// The fixes, by position, that are not right here: a value that a parameter may have, or has by default, may forbid what is right
    /// for its others.
    fn misfits(&self, here: &Subject<'_, 'a>) -> SmallVec<[usize; 1]> {
        let fits = |when| {
            let verdicts = self.judge(when, here);
            verdicts.iter().any(|v| v.truth.yes()) && !verdicts.iter().any(|v| v.truth == Truth::No)
        };
        let fixes = self.rule.logic().fixes.iter().enumerate();
        fixes.filter(|(_, fix)| fix.when.as_ref().is_some_and(|when| !fits(when))).map(|(at, _)| at).collect()
    }

    /// What the statement probably meant, for rules about statements that reach too far.
    fn narrower(&self, subject: &Subject<'_, 'a>, spot: &Spot<'a>) -> Vec<FixSpec> {
        let Some(statement) = subject.statement else { return Vec::new() };
        let mut fixes = Vec::new();
        if holds(&self.check.bad, &|p| matches!(p, Pattern::AnyResource)) {
            fixes.extend(narrower::resources(self.context, statement));
        } else if holds(&self.check.bad, &|p| matches!(p, Pattern::WildcardAction(Width::Service))) {
            let pattern = spot.value.and_then(|v| Text::of(&v).known().map(Cow::into_owned));
            fixes.extend(pattern.and_then(|p| narrower::actions(self.context, statement, &p)));
        }
        fixes
    }

    fn spot_at(&self, path: &Path, subject: &Subject<'_, 'a>, verdict: &Verdict<'a>) -> Spot<'a> {
        let here = subject.under(&verdict.under);
        let there = self.walk(&path.steps, &self.base(path, &here), &|_, end| end.verdict(Truth::Yes));
        let spot = there.first().and_then(|v| v.spots.first().copied());
        spot.unwrap_or(Spot { origin: subject.missing, value: None, item: subject.item })
    }

    fn message(&self, template: &str, subject: &Subject<'_, 'a>, spot: &Spot<'a>, verdict: &Verdict<'a>) -> String {
        let mut text = template.replace("{type}", subject.resource.kind);
        if text.contains("{resource}") {
            let own = subject.name.filter(|_| subject.resource.kind == TEMPLATE);
            text = text.replace("{resource}", own.unwrap_or(subject.resource.written_id));
        }
        if text.contains("{value}") {
            let value = spot.value.map_or(Cow::Borrowed(""), |v| Text::of(&v).written());
            // What is no text, because it is computed, has none to show.
            let shown = if self.rule.head.secret || value.is_empty() { Cow::Borrowed("…") } else { value };
            text = text.replace("{value}", &shown);
        }
        if text.contains("{expansion}") {
            let value = spot.value.map_or_else(String::new, |v| Text::of(&v).pattern());
            let on = self.asked(subject).map(|asked| named(&asked)).unwrap_or_default();
            text = text.replace("{expansion}", &words::expansion(&value, &on));
        }
        if text.contains("{actions}") {
            text = text.replace("{actions}", &self.actions(subject));
        }
        if text.contains("{ports}") {
            text = text.replace("{ports}", &self.ports(&subject.under(&verdict.under)));
        }
        if text.contains("{since}") {
            let end = self.end(&self.check.bad, &subject.under(&verdict.under));
            text = text.replace("{since}", &end.map_or_else(String::new, |end| format!(" since {end}")));
        }
        text
    }

    /// The ports that a rule of a security group opens, as a message names them.
    fn ports(&self, subject: &Subject<'_, 'a>) -> String {
        let unknown = || "ports that are chosen later".to_owned();
        let Known::Present(rule) = subject.known else { return unknown() };
        let known = |key: &str| {
            let mut all =
                self.context.resolver.get(&rule, key, &subject.under).into_iter().map(|case| match case.value {
                    Known::Present(value) => Text::of(&value).known().map(Cow::into_owned),
                    Known::Absent => Some(String::new()),
                    Known::Unknown(_) => None,
                });
            let first = all.next()??;
            all.all(|other| other.as_ref() == Some(&first)).then_some(first)
        };
        let protocol = known("IpProtocol").unwrap_or_default().to_ascii_lowercase();
        let from = known("FromPort");
        match &*protocol {
            "-1" | "all" => return "every port".to_owned(),
            // ICMP has types where others have ports.
            "icmp" | "icmpv6" | "1" | "58" => {
                return match from.as_deref() {
                    Some("" | "-1") => "every type of ICMP".to_owned(),
                    Some(kind) => format!("ICMP of type {kind}"),
                    None => "ICMP".to_owned(),
                };
            }
            "tcp" | "udp" | "6" | "17" | "" => {}
            // Other protocols have no ports, whatever is written for them.
            other => return format!("protocol {other}"),
        }
        match (from.as_deref(), known("ToPort").as_deref()) {
            (Some("" | "0" | "-1" | "1"), Some("" | "-1" | "65535")) => "every port".to_owned(),
            (Some(from), Some(to)) if from == to => format!("port {from}"),
            (Some(from), Some(to)) if !from.is_empty() && !to.is_empty() => format!("ports {from} to {to}"),
            (Some(_) | None, Some(_) | None) => unknown(),
        }
    }

    /// The last day on which the version was supported that makes a pattern hold of a subject, where it is known.
    fn end(&self, pattern: &Pattern, subject: &Subject<'_, 'a>) -> Option<&'static str> {
        let holds = |one: &&Pattern| self.judge(one, subject).iter().any(|v| v.truth.yes());
        match (pattern, subject.known) {
            (Pattern::All(all) | Pattern::Any(all), _) => {
                all.iter().filter(holds).find_map(|one| self.end(one, subject))
            }
            (Pattern::At(path, inner), _) => {
                let day = Cell::new(None);
                self.walk(&path.steps, &self.base(path, subject), &|judge, there| {
                    day.set(day.get().or_else(|| judge.end(inner, there)));
                    there.verdict(Truth::Yes)
                });
                day.get()
            }
            (Pattern::Ended(product), Known::Present(value)) => versions::end(*product, &Text::of(&value).known()?),
            (_, Known::Present(_) | Known::Absent | Known::Unknown(_)) => None,
        }
    }

    /// How the resources are named that the actions are about which reach all of them.
    fn name_it(&self, subject: &Subject<'_, 'a>) -> Option<String> {
        let sort =
            sort_of(&self.check.bad).filter(|_| holds(&self.check.bad, &|p| matches!(p, Pattern::AnyResource)))?;
        let mut actions = self.told(subject, Some(sort));
        // What gives away the most is what people know.
        actions.sort_by_key(|pattern| !["iam:", "sts:"].iter().any(|service| pattern.starts_with(service)));
        let arn = actions.iter().find_map(|pattern| words::example(pattern, sort))?;
        let all = self.asked(subject).map(|asked| asked.items("Action")).unwrap_or_default();
        let rest: Vec<String> = all.iter().filter_map(Case::text).filter(|action| words::takes_none(action)).collect();
        let names = || enumerate(&rest, 3, |action| format!("`{action}`"));
        let rest = match rest.as_slice() {
            [] => String::new(),
            [one] => format!(" `{one}` takes none: leave it on `*`, in a statement of its own."),
            [_, _, ..] => format!(" {} take none: leave them on `*`, in a statement of their own.", names()),
        };
        Some(format!("Name the resources, such as `Resource: {arn}`; what the template makes, by its ARN.{rest}"))
    }

    /// That the actions of a service are to be listed, by the name of the service.
    fn list_them(&self, spot: &Spot<'a>) -> Option<String> {
        let wide = holds(&self.check.bad, &|p| matches!(p, Pattern::WildcardAction(Width::Service)));
        let pattern = Text::of(&spot.value.filter(|_| wide)?).known()?.into_owned();
        let (service, _) = pattern.split_once(':').filter(|(service, _)| *service != "s3")?;
        actions::service(service).map(|_| format!("List the actions that are called in place of `{pattern}`."))
    }

    /// The actions of a statement for which its check's `allows-a` holds, as a message names them.
    fn actions(&self, subject: &Subject<'_, 'a>) -> String {
        let sort = sort_of(&self.check.bad);
        enumerate(&self.told(subject, sort), 3, |pattern| {
            sort.map_or_else(String::new, |sort| words::named(pattern, sort))
        })
    }

    /// The same as they are written.
    fn told(&self, subject: &Subject<'_, 'a>, sort: Option<Sort>) -> Vec<String> {
        let allowed = |(asked, sort): (Asked<'_, '_, 'a>, Sort)| self.left_of(subject, asked.allows_a(sort), sort);
        let answers = self.asked(subject).zip(sort).map(allowed).unwrap_or_default();
        let mut patterns: Vec<String> = Vec::new();
        // Of an undetermined finding those that may be left.
        let certain = answers.iter().any(|a| a.truth.yes());
        for answer in answers.iter().filter(|a| a.truth.yes() || !certain) {
            let pattern = answer.value.map(|v| Text::of(&v).pattern()).unwrap_or_default();
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        // Few are named: those that do most harm.
        if let Some(sort) = sort.filter(|_| patterns.len() > 1) {
            patterns.sort_by_cached_key(|pattern| words::is_mild(pattern, sort));
        }
        patterns
    }
}

/// Whether what is secret in a value is what somebody gives for a parameter: the rest of it may be plain words, such as
/// the address of the database, but no credential.
fn is_parameter(value: &Value<'_>) -> bool {
    let text = Text::of(value);
    let plain = |hole: Hole<'_>| {
        matches!(hole, Hole::Parameter { .. } | Hole::Attribute(..) | Hole::Resource(_) | Hole::Pseudo(_))
    };
    text.holes().all(plain)
        && text.holes().any(|hole| matches!(hole, Hole::Parameter { .. }))
        && text.literals().all(|piece| secrets::assigned(piece).is_empty())
}

/// Whether a pattern, or one that it is made of, is of a sort.
fn holds(pattern: &Pattern, is: &dyn Fn(&Pattern) -> bool) -> bool {
    match pattern {
        Pattern::All(all) | Pattern::Any(all) => all.iter().any(|p| holds(p, is)),
        other => is(other),
    }
}

/// The resources that a statement names; none when it means all, or all but some.
fn named<'a>(asked: &Asked<'_, '_, 'a>) -> Vec<Glob<'a>> {
    let known = |case: &Case<'a>| case.present().map(|value| Glob::text(&Text::of(&value)));
    let all: Option<Vec<Glob<'a>>> = asked.items("Resource").iter().map(known).collect();
    all.filter(|all| !asked.has("NotResource") && !all.iter().any(Glob::is_everything)).unwrap_or_default()
}
