//! What an identity may do once all of its policies are read together.
//!
//! Only what is certain counts as allowed: a statement under a narrowing condition, a resource that is not
//! known, a denial that may apply or a boundary that cannot be read all take power away. Of the ways to become more a
//! denial that a caller gets around takes none away.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::actions::{self, Action};
use super::arn::Arn;
use super::deed::{Deed, Work};
use super::escalation::{self, Escalation, Target, escalations};
use super::grant::{Grant, MOST_CASES, Part, covers};
pub use super::grant::{Reach, Source};
use super::lift::Lift;
use super::names::Name;
use super::stops::Stops;
use super::wildcard::{self, Case as Letters, Glob};
use crate::resolve::Under;
use crate::template::Origin;

/// Everything that an identity is allowed and denied.
#[derive(Debug, Default)]
pub struct Power<'a> {
    pub(super) deeds: Vec<Rc<Deed<'a>>>,
    /// What limits it, case by case: empty where nothing does in any.
    pub(super) boundaries: Vec<Boundary<'a>>,
    /// True when only services take it on: nobody shows a second factor.
    pub machine: bool,
    /// What its holders are, and the policies that they have: who changes one of them changes itself.
    itself: Vec<Name<'a>>,
    /// What is denied whatever the request is, where it has many policies.
    pub(super) stops: OnceCell<Stops>,
    /// What is open to it where nothing is assumed.
    open: OnceCell<Ways<'a>>,
    work: Rc<Work>,
}

/// Into how many worlds it is divided.
const MOST_WORLDS: usize = 8;

/// Documents of AWS's that run whatever they are given: commands, scripts, playbooks, packages from an address.
const COMMANDS: &[&str] = &[
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-ApplyChefRecipes",
    "AWS-ApplyDSCMofs",
    "AWS-ConfigureAWSPackage",
    "AWS-InstallApplication",
    "AWS-InstallPowerShellModule",
    "AWS-RunAnsiblePlaybook",
    "AWS-RunDocument",
    "AWS-RunInspecChecks",
    "AWS-RunPatchBaselineWithHooks",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunSaltState",
    "AWS-RunShellScript",
];

/// Whether an ARN, or a pattern of ARNs, means one of them.
fn names_commands(arn: &Arn<'_>) -> bool {
    let means = |name: &&str| arn.resource.surely_covers(&Glob::plain(&format!("document/{name}")));
    arn.service.surely_covers(&Glob::plain("ssm")) && COMMANDS.iter().any(means)
}

/// Ways that are open, each with what allows its actions.
pub type Ways<'a> = Rc<[(&'static Escalation, Vec<Allowed<'a>>)]>;

/// The policies that take something away from an identity, by where each was read to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limiters {
    denials: Vec<*const ()>,
    boundaries: Vec<(Option<*const ()>, Option<String>)>,
}

/// What limits an identity in some of its cases.
#[derive(Debug)]
pub(super) struct Boundary<'a> {
    pub(super) limit: Limit<'a>,
    under: Under,
}

/// A permissions boundary.
#[derive(Debug)]
pub(super) enum Limit<'a> {
    /// There is none.
    None,
    /// There is one that cannot be read: then nothing is certain.
    Unknown,
    /// What it leaves.
    To(Rc<Deed<'a>>),
}

/// Something that is allowed, and by what.
#[derive(Debug, Clone)]
pub struct Allowed<'a> {
    /// The action.
    pub action: &'static Action,
    /// The assumption under which it is allowed.
    pub under: Under,
    /// The item of `Action` that says so; `None` in a policy of AWS's.
    pub place: Option<Origin<'a>>,
    /// The statement; `None` in a policy of AWS's.
    pub source: Option<Source<'a>>,
    /// The condition of a denial that is in the way of some calls, and not of all.
    pub lifted: Option<Lift<'a>>,
}

impl<'a> Power<'a> {
    /// Says who holds it, or which policy a holder has.
    pub fn call(&mut self, name: Name<'a>) {
        self.itself.push(name);
    }

    /// Whether anything of a service is allowed, by its prefix.
    #[must_use]
    pub fn concerns(&self, service: &str) -> bool {
        self.deeds.iter().any(|deed| deed.services().has(service))
    }

    /// A power whose questions count as work of a template's.
    #[must_use]
    pub fn counted(work: &Rc<Work>) -> Self {
        Self { work: Rc::clone(work), ..Self::default() }
    }

    /// Adds statements of the template.
    pub fn carry(&mut self, deed: Rc<Deed<'a>>) {
        self.deeds.push(deed);
    }

    /// Limits it by statements of the template, in some cases.
    pub fn limit(&mut self, deed: Rc<Deed<'a>>, under: &Under) {
        self.boundaries.push(Boundary { limit: Limit::To(deed), under: under.clone() });
    }

    /// Limits it in some cases, nobody knows to what.
    pub fn limit_somehow(&mut self, under: &Under) {
        self.boundaries.push(Boundary { limit: Limit::Unknown, under: under.clone() });
    }

    /// Says that nothing limits it in some cases.
    pub fn leave_unlimited(&mut self, under: &Under) {
        self.boundaries.push(Boundary { limit: Limit::None, under: under.clone() });
    }

    /// What takes anything away from it, to be compared with another's of the same template.
    #[must_use]
    pub fn limiters(&self) -> Limiters {
        let denials = self.deeds.iter().filter(|deed| deed.has_denials()).map(Rc::as_ptr).map(<*const _>::cast);
        let boundary = |boundary: &Boundary<'a>| {
            let limit = match &boundary.limit {
                Limit::None => None,
                Limit::Unknown => Some(std::ptr::null()),
                Limit::To(deed) => Some(Rc::as_ptr(deed).cast()),
            };
            (limit, boundary.under.describe())
        };
        Limiters { denials: denials.collect(), boundaries: self.boundaries.iter().map(boundary).collect() }
    }

    /// All that it is allowed and denied, statement by statement.
    pub(super) fn grants(&self) -> impl Iterator<Item = &Grant<'a>> {
        self.deeds.iter().flat_map(|deed| deed.grants())
    }

    /// Whether there is a boundary in every case, and each is as is asked; not where one cannot be read.
    pub(super) fn is_bounded(&self, is_so: impl Fn(&Deed<'a>) -> bool) -> bool {
        let so = |boundary: &Boundary<'a>| matches!(&boundary.limit, Limit::To(deed) if is_so(deed));
        !self.boundaries.is_empty() && self.boundaries.iter().all(so)
    }

    /// Whether an action is certainly allowed, in a case that agrees with `under`.
    #[must_use]
    pub fn allows(&self, action: &'static Action, reach: Reach, under: &Under) -> Option<Allowed<'a>> {
        self.allows_for(action, reach, under, None, None).filter(|allowed| allowed.lifted.is_none())
    }

    /// The same of something that is named, by a reference or by a pattern of its name.
    #[must_use]
    pub fn allows_on(&self, action: &'static Action, name: &Name<'a>, under: &Under) -> Option<Allowed<'a>> {
        let allowed = self.allows_for(action, Reach::Named, under, None, Some(name))?;
        allowed.lifted.is_none().then_some(allowed)
    }

    /// Whether it may pass some role to a service, by its prefix, and nothing is in the way.
    #[must_use]
    pub fn passes_to(&self, service: &'static str, under: &Under) -> Option<Allowed<'a>> {
        let pass = actions::lookup("iam:PassRole")?;
        self.allows_for(pass, Reach::Some, under, Some(service), None).filter(|allowed| allowed.lifted.is_none())
    }

    /// The same of the role that is named.
    #[must_use]
    pub fn passes(&self, name: &Name<'a>, service: &'static str, under: &Under) -> Option<Allowed<'a>> {
        let pass = actions::lookup("iam:PassRole")?;
        let allowed = self.allows_for(pass, Reach::Named, under, Some(service), Some(name));
        allowed.filter(|allowed| allowed.lifted.is_none())
    }

    /// The narrower assumptions that an assumption divides into: under some of them more of it is there, or less limits it.
    #[must_use]
    pub fn worlds(&self, under: &Under) -> Vec<Under> {
        let mut all: Vec<Under> = Vec::new();
        let limits = self.boundaries.iter().map(|boundary| &boundary.under);
        for own in self.grants().map(|grant| &grant.under).chain(limits).filter(|own| !own.is_nothing()) {
            for world in under.and(own).into_iter().chain(under.without(own).into_iter().flatten()) {
                if all.len() < MOST_WORLDS && !world.is(under) && !all.iter().any(|known| known.is(&world)) {
                    all.push(world);
                }
            }
        }
        all
    }

    /// The same for `iam:PassRole` to a service, by its prefix: who may pass roles to that service only, may. A denial
    /// that can be got around is told with it.
    fn allows_for(
        &self,
        action: &'static Action,
        reach: Reach,
        under: &Under,
        receiver: Option<&'static str>,
        name: Option<&Name<'a>>,
    ) -> Option<Allowed<'a>> {
        if name.is_some_and(|name| !name.fits(action)) {
            return None;
        }
        let found = self.deeds.iter().find_map(|deed| {
            deed.openings(action, reach, receiver).iter().find_map(|opening| {
                let grant = deed.grant(opening.at)?;
                let here = under.and(&grant.under)?;
                let (place, here) = opening.named(&here)?;
                let here = match reach {
                    Reach::Named => grant.reaches_named(name?, &here, &self.work)?,
                    Reach::Every | Reach::EverySort | Reach::Some => opening.reached(&here)?,
                };
                Some(Allowed { action, under: here, place, source: grant.source, lifted: None })
            })
        })?;
        let mut lifted = None;
        let mut denied = |deed: &Deed<'a>| {
            let denials = deed.denials(action, self.machine, receiver);
            // Those that are there in some worlds only take nothing away in the others.
            let lasting = || denials.iter().filter(|denial| denial.lift.is_none());
            let on_all = found.under.is_covered_by(lasting().map(|denial| &denial.under));
            if !on_all && found.under.is_covered_by(denials.iter().map(|denial| &denial.under)) {
                lifted = lifted.take().or_else(|| denials.iter().find_map(|denial| denial.lift.clone()));
            }
            let Some(name) = name.filter(|_| !on_all) else { return on_all };
            let denying = deed.denying(action);
            let mut denying = denying.iter().filter_map(|at| deed.grant(*at));
            denying.any(|grant| {
                if !found.under.implies(&grant.under) || !grant.may_spare_not(name, &self.work) {
                    return false;
                }
                let lift = grant.lifts.iter().find(|lift| lift.frees(action, self.machine, receiver));
                lifted = lifted.take().or_else(|| lift.cloned());
                lift.is_none()
            })
        };
        if self.deeds.iter().any(|deed| denied(deed)) {
            return None;
        }
        if self.boundaries.is_empty() {
            return Some(Allowed { lifted, ..found });
        }
        // One case that lets it through is enough, and is told as the assumption.
        let under = self.boundaries.iter().find_map(|boundary| {
            let here = found.under.and(&boundary.under)?;
            let deed = match &boundary.limit {
                Limit::None => return Some(here),
                Limit::Unknown => return None,
                Limit::To(deed) => deed,
            };
            let reach = if reach == Reach::Named { Reach::Some } else { reach };
            let openings = deed.openings(action, reach, receiver);
            let inside = openings.iter().any(|o| o.named(&here).is_some() && o.reached(&here).is_some());
            (inside && !denied(deed)).then_some(here)
        })?;
        Some(Allowed { lifted, under, ..found })
    }

    /// Whether some statement that allows, on whatever resource and under whatever condition, names an action.
    #[must_use]
    pub fn names(&self, action: &'static Action) -> bool {
        self.deeds.iter().any(|deed| deed.mentions(action.service.prefix, action.name) || deed.is_vague())
    }

    /// Where no statement that allows names an action, on whatever resource and under whatever condition; `None` where one may.
    #[must_use]
    pub fn withholds(&self, action: &'static Action, under: &Under) -> Option<Under> {
        if !self.names(action) {
            return Some(under.clone());
        }
        if self.deeds.iter().any(|deed| deed.is_vague()) {
            return None;
        }
        let naming = self.grants().filter(|grant| grant.allows);
        let named: Vec<Under> = naming
            .flat_map(|grant| grant.named(action).into_iter().filter_map(|(_, here)| here.and(&grant.under)))
            .collect();
        under.beyond(&named)?.into_iter().next()
    }

    /// The ways that are open to become more than this identity is, the shortest first. A way that needs
    /// more than another open one is left out. The first action of a way must reach every resource: who may
    /// pass one role only, or change one function only, is as strong as that one. Where the way itself makes its target
    /// strong, the same one of all the actions is enough, and who may rewrite itself needs no other.
    #[must_use]
    pub fn ways(&self, under: &Under) -> Ways<'a> {
        if under.is_nothing() {
            return Rc::clone(self.open.get_or_init(|| self.work_out_ways(under)));
        }
        self.work_out_ways(under)
    }

    fn work_out_ways(&self, under: &Under) -> Ways<'a> {
        let mut open: Vec<(&'static Escalation, Vec<Allowed<'a>>)> = Vec::new();
        // Most ways need a service of which nothing is allowed: each is asked for once.
        let concerned = escalation::bits(escalation::services(), |service| self.concerns(service));
        for way in escalations() {
            if way.bits & !concerned != 0 || !self.mentions_all(way) {
                continue;
            }
            if open.iter().any(|(known, _)| known.names.iter().all(|name| way.names.contains(name))) {
                continue;
            }
            if way.names == ["ssm:SendCommand"] && !self.sends_own_commands() {
                continue;
            }
            let mut here = under.clone();
            let mut all = Vec::with_capacity(way.actions().len());
            let receiver = way.receiver();
            for (at, action) in way.actions().iter().enumerate() {
                let receiver = receiver.filter(|_| action.name == "PassRole");
                let on = |reach, name| self.allows_for(action, reach, &here, receiver, name);
                let allowed = match way.target {
                    Target::Itself => self.itself.iter().find_map(|name| on(Reach::Named, Some(name))),
                    Target::EverySort if at == 0 => on(Reach::EverySort, None),
                    Target::Every | Target::One | Target::Made if at == 0 => on(Reach::Every, None),
                    Target::Every | Target::EverySort | Target::One | Target::Made => on(Reach::Some, None),
                };
                let Some(allowed) = allowed else { break };
                here = allowed.under.clone();
                all.push(allowed);
            }
            if all.len() == way.names.len() && way.target != Target::Made {
                open.push((way, all));
            } else if let Some(all) = self.on_one_target(way, under) {
                open.push((way, all));
            }
        }
        open.into()
    }

    /// Whether commands may be sent by a document that runs what the caller says. Both the instances and the document must be
    /// allowed, and most documents do the one thing that they are named for.
    fn sends_own_commands(&self) -> bool {
        let Some(send) = actions::lookup("ssm:SendCommand") else { return false };
        let by = |part: &Part<'a>| part.is_everything() || part.arn().is_some_and(names_commands);
        let mut sending = self.grants().filter(|grant| grant.allows && grant.mentions(send));
        sending.any(|grant| grant.all_resources_but || grant.resources.iter().any(by))
    }

    /// What allows all the actions of a way of one and the same target, with nothing in the way.
    fn on_one_target(&self, way: &'static Escalation, under: &Under) -> Option<Vec<Allowed<'a>>> {
        let first = way.actions().first().filter(|_| matches!(way.target, Target::One | Target::Made))?;
        // The narrowest of what the actions reach may be any one's.
        self.deeds.iter().find_map(|deed| {
            let naming: BTreeSet<usize> =
                way.actions().iter().flat_map(|action| deed.naming(action).to_vec()).collect();
            let grants = naming.into_iter().filter_map(|at| deed.grant(at));
            let open = |target: &Part<'a>| {
                let one = covers(&target.text, first, Reach::Some);
                one && (way.target != Target::Made || target.has_open_name())
            };
            let targets = grants.flat_map(|grant| grant.resources.iter().map(move |target| (grant, target)));
            targets.filter(|(_, target)| open(target)).find_map(|(grant, target)| {
                if !self.work.goes_on() {
                    return None;
                }
                let mut all = self.all_of(way, target, under)?;
                // What one text means with each value of a parameter may be open each time: then the value does not matter.
                let same =
                    |part: &&Part<'a>| part.place.zip(target.place).is_some_and(|(one, other)| one.span == other.span);
                let cases = grant.resources.iter().filter(same).filter(|part| open(part)).take(MOST_CASES);
                let cases: Vec<Under> =
                    cases.filter_map(|part| Some(self.all_of(way, part, under)?.pop()?.under)).collect();
                if under.is_covered_by(&cases) {
                    all.iter_mut().for_each(|allowed| allowed.under = under.clone());
                }
                Some(all)
            })
        })
    }

    /// What allows every action of a way of one target.
    fn all_of(&self, way: &'static Escalation, target: &Part<'a>, under: &Under) -> Option<Vec<Allowed<'a>>> {
        let mut here = under.clone();
        let mut all = Vec::with_capacity(way.actions().len());
        for action in way.actions() {
            let allowed = self.allowed_of(action, target, &here)?;
            here = allowed.under.clone();
            all.push(allowed);
        }
        Some(all)
    }

    /// What allows an action of a target; a denial that may be of it, or a boundary that does not leave all of the action, takes that
    /// away.
    fn allowed_of(&self, action: &'static Action, target: &Part<'a>, under: &Under) -> Option<Allowed<'a>> {
        let leaves = |boundary: &Boundary<'a>| {
            let here = under.and(&boundary.under)?;
            let all = |deed: &Deed<'a>| {
                let openings = deed.openings(action, Reach::Every, None);
                let inside = openings.iter().any(|o| o.named(&here).is_some() && o.reached(&here).is_some());
                inside && deed.denying(action).is_empty()
            };
            let open = match &boundary.limit {
                Limit::None => true,
                Limit::Unknown => false,
                Limit::To(deed) => all(deed),
            };
            open.then_some(here)
        };
        let under = match self.boundaries.as_slice() {
            [] => under.clone(),
            all => all.iter().find_map(leaves)?,
        };
        let found = self.deeds.iter().find_map(|deed| {
            deed.naming(action).iter().filter_map(|at| deed.grant(*at)).find_map(|grant| {
                let (place, here) = grant.names(action, &under.and(&grant.under)?)?;
                // Of one role that is there already nobody knows whether it lets in who may ask all of them.
                let asks_all =
                    |part: &Part<'a>| action.name == "AssumeRole" && part.is_everything() && !target.has_open_name();
                let holds = |part: &&Part<'a>| self.work.allows(part, target) && part.holds(target) && !asks_all(part);
                let mut held = grant.resources.iter().filter(holds);
                let here = held.find_map(|part| here.and(&part.under))?;
                Some(Allowed { action, under: here, place, source: grant.source, lifted: None })
            })
        })?;
        let mut lifted = None;
        let mut denies = |denial: &Grant<'a>| {
            let listed = if denial.all_resources_but { Part::holds } else { Part::may_hold };
            let mut resources = denial.resources.iter();
            let listed = resources.any(|part| self.work.allows(part, target) && listed(part, target));
            if listed == denial.all_resources_but {
                return false;
            }
            let lift = denial.lifts.iter().find(|lift| lift.frees(action, self.machine, None));
            lifted = lifted.take().or_else(|| lift.cloned());
            lift.is_none()
        };
        let mut all = self
            .deeds
            .iter()
            .flat_map(|deed| deed.denying(action).to_vec().into_iter().filter_map(|at| deed.grant(at)));
        let denied = all.any(&mut denies);
        // Where nobody looked to the end, something may be denied that was not seen.
        (!denied && self.work.goes_on()).then_some(Allowed { lifted, ..found })
    }
}

impl<'a> Power<'a> {
    /// The first of some ways that leads through one role of the template, which may be passed although others may not. The role
    /// trusts the services that receive it there.
    #[must_use]
    pub fn way_through(
        &self,
        role: &Name<'a>,
        ways: &[&'static Escalation],
        under: &Under,
    ) -> Option<(&'static Escalation, Vec<Allowed<'a>>)> {
        ways.iter().find_map(|way| {
            let receiver = way.receiver()?;
            if !self.work.goes_on() || !self.mentions_all(way) {
                return None;
            }
            let (pass, rest) = way.actions().split_first()?;
            let mut all = vec![self.allows_for(pass, Reach::Named, under, Some(receiver), Some(role))?];
            for action in rest {
                let here = all.last().map_or(under, |before| &before.under);
                all.push(self.allows_for(action, Reach::Some, here, None, None)?);
            }
            Some((*way, all))
        })
    }

    /// Whether all the actions of a way are named by something: most ways need what nothing here names, and often not
    /// even another action of its service.
    fn mentions_all(&self, way: &Escalation) -> bool {
        let mentioned = |name: &&'static str| {
            let (prefix, action) = name.split_once(':').unwrap_or((name, ""));
            self.deeds.iter().any(|deed| deed.mentions(prefix, action))
        };
        way.services.iter().all(|service| self.concerns(service)) && way.names.iter().all(mentioned)
    }
}

/// Whether a service principal is of a service: `ecs-tasks.amazonaws.com` of `ecs`.
#[must_use]
pub fn belongs(host: &str, service: &str) -> bool {
    let whole = |label: &str| label.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    host.split('.').any(whole) || wildcard::matches(host, &format!("{service}.amazonaws.com"), Letters::Ignored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;
    use crate::analysis::iam::actions::lookup;

    /// The ways that a list of statements leaves open.
    fn open(statements: &str) -> Vec<&'static str> {
        ask(statements, |power| power.ways(&Under::always()).iter().map(|(way, _)| way.name).collect())
    }

    fn ask<T>(statements: &str, check: impl FnOnce(&Power<'_>) -> T) -> T {
        let text = format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement: [{statements}]\n"
        );
        with_facts(&text, |facts| {
            let mut power = Power::default();
            power.carry(Rc::new(Deed::of(facts.resolver, facts.statements)));
            check(&power)
        })
    }

    /// A way is open over several statements, when its first action reaches everything.
    #[test]
    fn first_action_must_reach_everything() {
        let run = "{Effect: Allow, Action: [ec2:Run*], Resource: 'arn:aws:ec2:*:*:instance/*'}";
        assert_eq!(open(&format!("{run}, {{Effect: Allow, Action: iam:PassRole, Resource: '*'}}")), ["new-instance"]);
        assert_eq!(
            open(&format!(
                "{run}, {{Effect: Allow, Action: iam:PassRole, Resource: 'arn:aws:iam::111122223333:role/*'}}"
            )),
            ["new-instance"]
        );
        assert_eq!(
            open(&format!(
                "{run}, {{Effect: Allow, Action: iam:PassRole, Resource: 'arn:aws:iam::111122223333:role/app-*'}}"
            )),
            [""; 0]
        );
    }

    /// One target is enough for who makes it strong and takes it on: it is the same of all the actions, and nothing is in the way.
    #[test]
    fn a_target_that_is_made_strong() {
        let on =
            |actions: &str, resource: &str| format!("{{Effect: Allow, Action: [{actions}], Resource: {resource}}}");
        let pattern = "'arn:aws:iam::111122223333:role/app-*'";
        let both = on("'iam:CreateRole', 'iam:PutRolePolicy'", pattern);
        assert_eq!(open(&both), ["new-role-put-policy"]);
        assert_eq!(
            open(&on("'iam:CreateRole', 'iam:PutRolePolicy'", "!Sub 'arn:aws:iam::${AWS::AccountId}:role/app-*'")),
            ["new-role-put-policy"]
        );
        assert_eq!(open(&on("'iam:CreateRole', 'iam:PutRolePolicy'", "'arn:aws:iam::111122223333:role/app'")), [""; 0]);
        assert_eq!(
            open(&on("'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy'", "'arn:aws:iam::111122223333:role/app'")),
            ["put-policy-update-trust"]
        );
        assert_eq!(
            open(&on("'iam:UpdateAssumeRolePolicy', 'iam:AttachRolePolicy'", "!GetAtt Role.Arn")),
            ["attach-policy-update-trust"]
        );
        assert_eq!(open(&on("'iam:*User*', 'iam:CreateAccessKey'", "'arn:aws:iam::*:user/app/*'")).len(), 2);
        let create = on("'iam:CreateRole'", pattern);
        assert_eq!(
            open(&format!("{create}, {}", on("'iam:PutRolePolicy'", "'arn:aws:iam::111122223333:role/app-*'"))),
            ["new-role-put-policy"]
        );
        assert_eq!(
            open(&format!("{create}, {}", on("'iam:PutRolePolicy'", "'arn:aws:iam::111122223333:role/other-*'"))),
            [""; 0]
        );
        assert_eq!(
            open(&format!("{both}, {{Effect: Deny, Action: 'iam:Put*', Resource: 'arn:aws:iam::*:role/*'}}")),
            [""; 0]
        );
        assert_eq!(
            open(&format!("{both}, {{Effect: Deny, Action: 'iam:*', Resource: 'arn:aws:iam::*:role/app-deploy-*'}}")),
            ["new-role-put-policy"]
        );
        let factor = "Condition: {Bool: {'aws:MultiFactorAuthPresent': 'false'}}";
        assert_eq!(
            open(&format!("{both}, {{Effect: Deny, Action: 'iam:*', Resource: '*', {factor}}}")),
            ["new-role-put-policy"]
        );
        let bounded = "Condition: {StringEquals: {'iam:PermissionsBoundary': 'arn:aws:iam::111122223333:policy/b'}}}";
        assert_eq!(open(&both.replace("*'}", &format!("*', {bounded}"))), [""; 0]);
    }

    /// Denials, narrowing conditions and boundaries take power away; a denial of some resources does not.
    #[test]
    fn power_is_taken_away() {
        let attach = "{Effect: Allow, Action: iam:AttachRolePolicy, Resource: '*'}";
        assert_eq!(open(attach), ["attach-role-policy"]);
        assert_eq!(open(&format!("{attach}, {{Effect: Deny, Action: 'iam:Attach*', Resource: '*'}}")), [""; 0]);
        assert_eq!(open(&format!("{attach}, {{Effect: Deny, NotAction: 's3:*', Resource: '*'}}")), [""; 0]);
        assert_eq!(
            open(&format!("{attach}, {{Effect: Deny, Action: 'iam:*', Resource: 'arn:aws:iam::*:role/admin'}}")),
            ["attach-role-policy"]
        );
        assert_eq!(open(&attach.replace("iam:AttachRolePolicy", "'i?m:AttachRolePolicy'")), ["attach-role-policy"]);
        assert_eq!(open(&attach.replace("iam:AttachRolePolicy", "'*:AttachRolePolicy'")), ["attach-role-policy"]);
        assert_eq!(open(&attach.replace("iam:AttachRolePolicy", "'s*:AttachRolePolicy'")), [""; 0]);
        let narrowed = attach.replace(
            "'*'}",
            "'*', Condition: {ArnEquals: {'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess'}}}",
        );
        assert_eq!(open(&narrowed), [""; 0]);
        // The strongest is among them; by its letters nothing is.
        assert_eq!(
            open(&narrowed.replace("ArnEquals", "ArnLike").replace("ReadOnlyAccess", "*")),
            ["attach-role-policy"]
        );
        assert_eq!(open(&narrowed.replace("ReadOnlyAccess", "AdministratorAccess")), ["attach-role-policy"]);
        assert_eq!(open(&narrowed.replace("ReadOnlyAccess", "IAMFullAccess")), ["attach-role-policy"]);
        assert_eq!(open(&narrowed.replace("ArnEquals", "StringEquals").replace("ReadOnlyAccess", "*")), [""; 0]);
        assert_eq!(open(&narrowed.replace("ReadOnlyAccess", "service-role/*")), [""; 0]);
    }

    /// A denial under a condition takes power away where nobody gets around the condition.
    #[test]
    fn conditional_denials() {
        let beside = |condition: &str, machine: bool| {
            let attach = "{Effect: Allow, Action: iam:AttachRolePolicy, Resource: '*'}";
            let deny = format!("{{Effect: Deny, Action: 'iam:*', Resource: '*', Condition: {{{condition}}}}}");
            ask(&format!("{attach}, {deny}"), |power| {
                let power = Power { machine, deeds: power.deeds.clone(), ..Power::default() };
                let ways = power.ways(&Under::always());
                ways.first().map(|(_, all)| all.iter().find_map(|a| a.lifted.as_ref().map(|lift| lift.key.to_owned())))
            })
        };
        let open = |key: &str| Some(Some(key.to_owned()));
        let factor = "BoolIfExists: {'aws:MultiFactorAuthPresent': false}";
        assert_eq!(beside(factor, false), open("aws:MultiFactorAuthPresent"));
        assert_eq!(beside(factor, true), None);
        assert_eq!(beside("Bool: {'aws:MultiFactorAuthPresent': 'false'}", true), open("aws:MultiFactorAuthPresent"));
        assert_eq!(beside("'Null': {'aws:MultiFactorAuthAge': 'true'}", true), None);
        assert_eq!(
            beside("NotIpAddress: {'aws:SourceIp': 192.0.2.0/24}, Bool: {'aws:ViaAWSService': 'false'}", false),
            open("aws:SourceIp")
        );
        assert_eq!(beside("IpAddress: {'aws:SourceIp': 0.0.0.0/0}", false), None);
        assert_eq!(
            beside("StringNotEquals: {'aws:RequestedRegion': [eu-west-1, us-east-1]}", false),
            open("aws:RequestedRegion")
        );
        // IAM is asked in us-east-1.
        assert_eq!(beside("StringNotEquals: {'aws:RequestedRegion': eu-west-1}", false), None);
        assert_eq!(beside("StringEquals: {'aws:RequestedRegion': 'us-*'}", false), open("aws:RequestedRegion"));
        assert_eq!(beside("StringLike: {'aws:RequestedRegion': 'us-*'}", false), None);
        let admin = "'arn:aws:iam::aws:policy/AdministratorAccess'";
        assert_eq!(beside(&format!("ArnEquals: {{'iam:PolicyARN': {admin}}}"), false), open("iam:PolicyARN"));
        assert_eq!(beside(&format!("ArnNotEquals: {{'iam:PolicyARN': {admin}}}"), false), None);
        assert_eq!(beside("StringNotEquals: {'iam:PermissionsBoundary': x}", false), None);
        assert_eq!(beside("'Null': {'iam:PermissionsBoundary': 'true'}", false), None);
        assert_eq!(beside("ArnNotLike: {'aws:PrincipalArn': 'arn:aws:iam::*:role/admin'}", false), None);
        assert_eq!(beside("ArnLike: {'iam:PolicyARN': 'arn:aws:iam::*'}", false), None);
        assert_eq!(beside("StringEquals: {'iam:ResourceTag/kept': 'true'}", false), open("iam:ResourceTag/kept"));
        assert_eq!(beside("StringEqualsIfExists: {'iam:ResourceTag/kept': 'true'}", false), None);
        assert_eq!(beside("StringNotEquals: {'aws:ResourceTag/team': shop}", false), None);
        assert_eq!(beside("StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}", false), None);
    }

    /// A denial of passing roles to some services leaves the others.
    #[test]
    fn roles_are_not_passed_to_some_services() {
        let start = |action: &str| {
            let allow = format!("{{Effect: Allow, Action: [iam:PassRole, {action}], Resource: '*'}}");
            let to = "{StringEquals: {'iam:PassedToService': [ec2.amazonaws.com, ecs-tasks.amazonaws.com]}}";
            open(&format!("{allow}, {{Effect: Deny, Action: iam:PassRole, Resource: '*', Condition: {to}}}"))
        };
        assert_eq!(start("ec2:RunInstances"), [""; 0]);
        assert_eq!(start("cloudformation:CreateStack"), ["new-stack"]);
    }

    /// Passing roles to one service is as good as passing them to all for whoever may start something there.
    #[test]
    fn roles_are_passed_to_services() {
        let pass = |service: &str| {
            let to = format!("{{StringEquals: {{'iam:PassedToService': {service}}}}}");
            let pass = format!("{{Effect: Allow, Action: iam:PassRole, Resource: '*', Condition: {to}}}");
            open(&format!(
                "{pass}, {{Effect: Allow, Action: ['ecs:Ru*', 'ecs:Reg*', 'lambda:Create*'], Resource: '*'}}"
            ))
        };
        assert_eq!(pass("ecs-tasks.amazonaws.com"), ["microvm-shell", "ecs-task-override"]);
        assert_eq!(
            pass("[ec2.amazonaws.com, lambda.amazonaws.com]"),
            ["microvm-shell", "new-function-event-source", "new-web-function"]
        );
        assert_eq!(pass("events.amazonaws.com"), ["microvm-shell"]);
    }

    /// Who makes roles of a pattern of names and furnishes them needs no other; a single name is there already.
    #[test]
    fn roles_are_made_and_furnished() {
        let both = |one: &str, two: &str| {
            open(&format!(
                "{{Effect: Allow, Action: iam:CreateRole, Resource: 'arn:aws:iam::*:role/{one}'}}, {{Effect: Allow, Action: iam:PutRolePolicy, Resource: 'arn:aws:iam::*:role/{two}'}}"
            ))
        };
        for (one, two, ways) in [
            ("app-*", "app-*", &["new-role-put-policy"][..]),
            ("app-*", "app-web-*", &["new-role-put-policy"]),
            ("app-web-*", "app-*", &["new-role-put-policy"]),
            ("app-*", "ops-*", &[]),
            ("app", "app", &[]),
            ("*", "*", &["put-role-policy"]),
        ] {
            assert_eq!(both(one, two), ways, "{one} {two}");
        }
    }

    /// What may be reached at all is told apart from what may be reached entirely.
    #[test]
    fn reach_is_some_or_every() {
        ask("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*'}", |power| {
            let get = lookup("s3:GetObject").expect("an action");
            assert!(power.allows(get, Reach::Some, &Under::always()).is_some());
            assert!(power.allows(get, Reach::Every, &Under::always()).is_none());
            assert!(power.names(get));
        });
    }

    /// A role that is named may be passed where it trusts the service that then runs with it; another may not.
    #[test]
    fn roles_that_are_named() {
        let through = |pass: &str, trusted: &str| {
            let text = format!(
                "Resources:\n  Role: {{Type: AWS::IAM::Role}}\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement: [{{{pass}}}, {{Effect: Allow, Action: ['lambda:Create*', 'lambda:Invoke*'], Resource: '*'}}]\n"
            );
            with_facts(&text, |facts| {
                let mut power = Power::default();
                power.carry(Rc::new(Deed::of(facts.resolver, facts.statements)));
                let role = Name::new("iam", "role", Some("Role"));
                let ways: Vec<_> = escalations().iter().filter(|way| way.receiver() == Some(trusted)).collect();
                let way = power.way_through(&role, &ways, &Under::always());
                way.map(|(way, all)| (way.name, all.len()))
            })
        };
        let pass = "Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Role.Arn";
        assert!(through(pass, "lambda").is_some_and(|(name, actions)| name.starts_with("new-function") && actions > 1));
        assert_eq!(through(pass, "ec2"), None);
        assert_eq!(through(&pass.replace("Allow", "Deny"), "lambda"), None);
        assert_eq!(through(&pass.replace("Role.Arn", "Other.Arn"), "lambda"), None);
        assert!(through(&pass.replace("Action: 'iam:PassRole'", "NotAction: 's3:*'"), "lambda").is_some());
        assert_eq!(through(&pass.replace("iam:PassRole", "iam:GetRole"), "lambda"), None);
    }

    /// One role by reference is some role, not every one.
    #[test]
    fn references_are_some() {
        let attach = "{Effect: Allow, Action: iam:AttachRolePolicy, Resource: !GetAtt Role.Arn}";
        assert_eq!(open(attach), [""; 0]);
        let action = lookup("iam:AttachRolePolicy").expect("an action");
        assert!(ask(attach, |power| power.allows(action, Reach::Some, &Under::always()).is_some()));
    }
}
