//! Questions about a statement: what it allows, on what, to whom, and under which condition.

use std::sync::Arc;

use super::principal::{is_principal, symbolic_resource};
use crate::analysis::iam::actions::{self, Action, Level, ResourceType};
use crate::analysis::iam::conditions::{self, Narrows};
use crate::analysis::iam::wildcard::{self, Case as Letters};
use crate::analysis::iam::{escalation, grant, managed};
use crate::analysis::memo::Memo;
use crate::resolve::{Case, Hole, Known, Piece, Resolver, Text, Truth, Under};
use crate::rulebook::{Narrowing, Sort, Who, Width};
use crate::template::{Origin, Value};

/// An answer about a statement, where it was found, and under which assumption.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The answer.
    pub truth: Truth,
    /// The part of the statement that gave it.
    pub place: Option<Origin<'a>>,
    /// What stands there.
    pub value: Option<Value<'a>>,
    /// The assumption under which it is the answer.
    pub under: Under,
}

/// An entry of a `Condition`.
#[derive(Debug, Clone)]
pub struct Condition<'a> {
    /// `StringEquals`.
    pub operator: &'a str,
    /// Where it stands.
    pub operator_origin: Origin<'a>,
    /// `aws:SourceArn`.
    pub key: &'a str,
    /// Where it stands.
    pub origin: Origin<'a>,
    /// One value or a list of them.
    pub value: Value<'a>,
    /// The assumption under which it stands there.
    pub under: Under,
}

impl Condition<'_> {
    /// The operator without `ForAnyValue:` and `IfExists`.
    #[must_use]
    pub fn bare_operator(&self) -> &str {
        let bare = self.operator.rsplit_once(':').map_or(self.operator, |(_, bare)| bare);
        bare.strip_suffix("IfExists").unwrap_or(bare)
    }
}

/// How many items of a statement's list are looked at. The longest policy is a key's with 32 kB, and `"s3:*",` is
/// the shortest thing to say in it: nobody can deploy as many. <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
pub(super) const MAX_ITEMS: usize = 6_000;

/// What one can ask of a statement.
pub struct Asked<'r, 't, 'a> {
    /// Resolves what the statement says.
    pub resolver: &'r Resolver<'t, 'a>,
    /// The statement.
    pub value: Value<'a>,
    /// The assumption it stands under.
    pub under: Under,
}

impl<'a> Asked<'_, '_, 'a> {
    /// The items of a key, such as the actions; of a list that no policy can be as long as, the first ones.
    #[must_use]
    pub fn items(&self, key: &str) -> Vec<Case<'a>> {
        let mut all = Vec::new();
        for case in self.resolver.get(&self.value, key, &self.under) {
            match case.present() {
                Some(value) => all.extend(self.resolver.items(&value, &case.under)),
                None if matches!(case.value, Known::Unknown(_)) => all.push(case),
                None => {}
            }
        }
        if let Some(first) = all.get(MAX_ITEMS) {
            let beyond = Case { value: Known::Unknown("longer than a policy may be"), ..first.clone() };
            all.truncate(MAX_ITEMS);
            all.push(beyond);
        }
        all
    }

    /// Whether a key is there, in some case.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        let Some(entry) = self.value.get(key) else { return false };
        let left_out = |case: &Case<'a>| matches!(case.value, Known::Absent);
        entry.value.as_intrinsic().is_none() || !self.resolver.cases(&entry.value, &self.under).iter().all(left_out)
    }

    /// Every item of `key` judged; the strongest answer of each, without the certain noes.
    fn any(&self, key: &str, judge: impl Fn(&Text<'a>) -> Truth) -> Vec<Answer<'a>> {
        let mut answers = Vec::new();
        for case in self.items(key) {
            let truth = case.present().map_or(Truth::Maybe, |v| judge(&Text::of(&v)));
            if truth != Truth::No {
                answers.push(Answer { truth, place: Some(case.place), value: case.present(), under: case.under });
            }
        }
        answers
    }

    /// Whether the statement allows one of some actions. `NotAction` allows whatever it does not name.
    #[must_use]
    pub fn allows(&self, actions: &[String]) -> Vec<Answer<'a>> {
        if self.effect("Allow") == Truth::No {
            return Vec::new();
        }
        if self.has("NotAction") {
            let excluded = self.items("NotAction");
            let left = actions.iter().any(|wanted| {
                !excluded.iter().any(|e| e.present().is_some_and(|v| covers(&Text::of(&v).pattern(), wanted)))
            });
            let place = excluded.first().map(|case| case.place);
            return if left {
                vec![Answer { truth: Truth::Yes, place, value: None, under: self.under.clone() }]
            } else {
                Vec::new()
            };
        }
        self.any("Action", |text| match text.known() {
            Some(action) => Truth::from(actions.iter().any(|wanted| covers(&action, wanted))),
            None => Truth::Maybe,
        })
    }

    /// Actions of a sort that the statement allows, wildcards taken into account. `NotAction` is not read:
    /// it allows nearly all there is, which is another matter.
    #[must_use]
    pub fn allows_a(&self, sort: Sort) -> Vec<Answer<'a>> {
        if self.effect("Allow") == Truth::No {
            return Vec::new();
        }
        self.any("Action", |text| match text.known() {
            Some(action) if width_of(&action) == Some(Width::Everything) => Truth::Yes,
            Some(action) => Truth::from(means_a(sort, &action)),
            None => Truth::Maybe,
        })
    }

    /// Whether `Effect` is this.
    #[must_use]
    pub fn effect(&self, wanted: &str) -> Truth {
        let cases = self.resolver.get(&self.value, "Effect", &self.under);
        cases.iter().map(|c| c.present().map_or(Truth::Maybe, |v| Text::of(&v).is(wanted))).fold(Truth::No, Truth::or)
    }

    /// Actions that are wildcards of a width.
    #[must_use]
    pub fn wildcard_action(&self, width: Width) -> Vec<Answer<'a>> {
        self.any("Action", |text| match text.known() {
            // Of a service that there is not it allows nothing, which is told as what it is.
            Some(action) => Truth::from(
                width_of(&action) == Some(width)
                    && (width != Width::Service || (actions::expand(&action).next().is_some() && !is_agents(&action))),
            ),
            // Whatever the service is called.
            None if width == Width::Service && every_action(text) => Truth::Yes,
            None => Truth::Maybe,
        })
    }

    /// Whether the statement covers every resource.
    #[must_use]
    pub fn any_resource(&self) -> Vec<Answer<'a>> {
        if self.has("NotResource") {
            let place = self.value.get("NotResource").map(|e| e.key_origin);
            return vec![Answer { truth: Truth::Yes, place, value: None, under: self.under.clone() }];
        }
        self.any("Resource", everything)
    }

    /// Whether the statement covers every resource that an action of a sort has: `arn:aws:s3:::*` is all there is to
    /// whoever reads objects.
    #[must_use]
    pub fn every_resource(&self, sort: Sort) -> Vec<Answer<'a>> {
        self.all_there_are(|action| is_a(sort, action), |action, is_one| action.resources().any(is_one))
    }

    /// The same of some actions.
    #[must_use]
    pub fn every_resource_of(&self, actions: &[String]) -> Vec<Answer<'a>> {
        // What an action may take along beside, a group of parameters or a queue, is not what it is done to.
        let done_to = |action: &Action, is_one: &dyn Fn(&ResourceType) -> bool| {
            let all_but = action.required().next().is_none();
            action.required().any(is_one) || (all_but && action.resources().any(is_one))
        };
        self.all_there_are(|action| actions.iter().any(|name| action.is(name)), done_to)
    }

    fn all_there_are(
        &self,
        wanted: impl Fn(&Action) -> bool,
        done_to: impl Fn(&Action, &dyn Fn(&ResourceType) -> bool) -> bool,
    ) -> Vec<Answer<'a>> {
        let mut answers = self.any_resource();
        if answers.iter().any(|answer| answer.truth.yes()) || self.has("NotAction") {
            return answers;
        }
        // What a framework writes by itself names what it has to, and nobody here could name less, save where it was
        // given a wildcard to put in, `S3CrudPolicy: {BucketName: "*"}`, and points at that.
        let ours = self.value.origin.is_written();
        let resources = self.items("Resource");
        let mut resources = resources
            .iter()
            .filter_map(|c| Some((c, c.present()?)))
            .filter(|(_, value)| ours || value.origin.span != self.value.origin.span)
            .map(|(c, value)| (c, Text::of(&value)))
            .filter(|(_, text)| is_wild(text))
            .peekable();
        if resources.peek().is_none() {
            return answers;
        }
        let patterns = self.items("Action");
        let patterns: Vec<_> = patterns.iter().filter_map(|c| Text::of(&c.present()?).known()).collect();
        // Whoever may do everything is told of that.
        let patterns = || patterns.iter().filter(|p| width_of(p) != Some(Width::Everything));
        for (case, text) in resources {
            // Few patterns name all of something, so that is asked before what the actions are.
            let kinds = grant::covered_kinds(&text);
            // By their ARNs: the roles of `sts` are those of `iam`.
            let is_one = |r: &ResourceType| kinds.iter().any(|kind| kind.parts() == r.parts());
            let mut actions = patterns().filter(|_| !kinds.is_empty()).flat_map(|p| actions::expand(p));
            if actions.any(|action| wanted(action) && done_to(action, &is_one)) {
                answers.push(Answer {
                    truth: Truth::Yes,
                    place: Some(case.place),
                    value: case.present(),
                    under: case.under.clone(),
                });
            }
        }
        answers
    }

    /// Whether principals that are named are all there are: `*`, `{AWS: "*"}`.
    fn names_all(&self, principals: &Value<'a>, under: &Under) -> bool {
        let all = |list: &Value<'a>| {
            let items = self.resolver.items(list, under);
            items
                .iter()
                .any(|item| item.present().is_some_and(|value| Text::of(&value).is("*").yes()) && item.under.is(under))
        };
        all(principals) || principals.get("AWS").is_some_and(|entry| all(&entry.value))
    }

    /// Principals of a sort. Everyone who is a service of AWS is every service, whoever it acts for.
    #[must_use]
    pub fn principal(&self, who: Who, trusted: &[String]) -> Vec<Answer<'a>> {
        let mut answers = self.named(who, trusted);
        if who == Who::Service && answers.is_empty() && self.has("Condition") {
            answers = self.named(Who::Anyone, trusted);
            if !answers.is_empty() && !self.is_for_services() {
                answers.clear();
            }
        }
        answers
    }

    /// Whether a condition leaves services of AWS only.
    fn is_for_services(&self) -> bool {
        self.conditions().0.iter().any(|c| self.sort(c.operator, c.key, &c.value) == Some(Narrows::Agent))
    }

    fn named(&self, who: Who, trusted: &[String]) -> Vec<Answer<'a>> {
        let mut answers = Vec::new();
        if self.has("NotPrincipal") {
            // Everyone but those named; where all are named, nobody.
            let place = self.value.get("NotPrincipal").map(|e| e.key_origin);
            let spared = self.resolver.get(&self.value, "NotPrincipal", &self.under).into_iter();
            let all = |case: &Case<'a>| case.present().is_some_and(|spared| self.names_all(&spared, &case.under));
            let rest = spared.filter(|case| who == Who::Anyone && !all(case));
            answers.extend(rest.map(|case| Answer { truth: Truth::Yes, place, value: None, under: case.under }));
            return answers;
        }
        for case in self.resolver.get(&self.value, "Principal", &self.under) {
            let Some(principal) = case.present() else {
                if matches!(case.value, Known::Unknown(_)) {
                    answers.push(Answer {
                        truth: Truth::Maybe,
                        place: Some(case.place),
                        value: None,
                        under: case.under,
                    });
                }
                continue;
            };
            if principal.as_map().is_none() {
                for item in self.resolver.items(&principal, &case.under) {
                    let truth =
                        item.present().map_or(Truth::Maybe, |v| is_principal("AWS", &Text::of(&v), who, trusted));
                    answers.push(Answer { truth, place: Some(item.place), value: item.present(), under: item.under });
                }
                continue;
            }
            for entry in principal.entries() {
                for list in self.resolver.cases(&entry.value, &case.under) {
                    let Some(value) = list.present() else { continue };
                    for item in self.resolver.items(&value, &list.under) {
                        let truth = item
                            .present()
                            .map_or(Truth::Maybe, |v| is_principal(entry.key, &Text::of(&v), who, trusted));
                        answers.push(Answer {
                            truth,
                            place: Some(item.place),
                            value: item.present(),
                            under: item.under,
                        });
                    }
                }
            }
        }
        answers.retain(|a| a.truth != Truth::No);
        answers
    }

    /// The entries of `Condition`, and whether there may be others that cannot be read.
    #[must_use]
    pub fn conditions(&self) -> (Vec<Condition<'a>>, bool) {
        let (mut all, mut unknown) = (Vec::new(), false);
        for case in self.resolver.get(&self.value, "Condition", &self.under) {
            let Some(condition) = case.present() else {
                unknown |= matches!(case.value, Known::Unknown(_));
                continue;
            };
            unknown |= condition.as_map().is_none();
            for operator in condition.entries() {
                for keys in self.resolver.cases(&operator.value, &case.under) {
                    if matches!(keys.value, Known::Absent) {
                        continue;
                    }
                    let map = keys.present().and_then(|k| k.as_map());
                    unknown |= map.is_none();
                    for key in map.map(|m| m.entries).unwrap_or_default() {
                        let entry = |value, under| Condition {
                            operator: operator.key,
                            operator_origin: operator.key_origin,
                            key: key.key,
                            origin: key.key_origin,
                            value,
                            under,
                        };
                        let cases = key.value.as_intrinsic().map(|_| self.resolver.cases(&key.value, &keys.under));
                        let left_out = |case: &Case<'a>| matches!(case.value, Known::Absent);
                        match cases.filter(|cases| cases.iter().any(left_out)) {
                            // What a choice leaves out asks for nothing.
                            Some(cases) => all.extend(cases.into_iter().filter(|case| !left_out(case)).map(|case| {
                                let value = case.present().unwrap_or(key.value);
                                entry(value, case.under)
                            })),
                            None => all.push(entry(key.value, keys.under.clone())),
                        }
                    }
                }
            }
        }
        (all, unknown)
    }

    /// Whether a condition limits the statement in some respect. A condition that is there but cannot be
    /// read is a maybe.
    #[must_use]
    pub fn narrowed(&self, how: Narrowing) -> Truth {
        let (conditions, unknown) = self.conditions();
        let start = if unknown { Truth::Maybe } else { Truth::No };
        // A statement of an identity's own names no principal.
        let identity = how == Narrowing::Anything
            && ["Principal", "NotPrincipal"].into_iter().all(|key| self.value.get(key).is_none());
        let asked = conditions.iter().filter(|c| !(identity && self.holds_of_own(c)));
        asked.fold(start, |truth, c| truth.or(self.narrows(c.operator, c.key, &c.value, how)))
    }

    /// Whether a condition of an identity's policy holds for all that there is in its own account: whoever has the policy is in
    /// the account and in its organisation, and so is what it is asked for there.
    fn holds_of_own(&self, condition: &Condition<'a>) -> bool {
        let own = |key: &str| {
            let account = |text: Text<'a>| {
                text.only_hole() == Some(Hole::Pseudo("AWS::AccountId"))
                    || text.known().is_some_and(|text| text == "${aws:PrincipalAccount}")
            };
            let items = self.resolver.items(&condition.value, &self.under);
            key.ends_with(":resourceaccount") && items.iter().filter_map(Case::present).any(|i| account(Text::of(&i)))
        };
        let key = condition.key.to_ascii_lowercase();
        !condition.operator.to_ascii_lowercase().contains("not")
            && (["aws:principalorgid", "aws:principalaccount", "aws:resourceorgid"].contains(&key.as_str())
                || own(&key))
    }

    fn narrows(&self, operator: &str, key: &str, value: &Value<'a>, how: Narrowing) -> Truth {
        Truth::from(self.sort(operator, key, value).is_some_and(|sort| is_narrowing(sort, how)))
    }

    /// What an entry of the condition narrows.
    fn sort(&self, operator: &str, key: &str, value: &Value<'a>) -> Option<Narrows> {
        let items = self.resolver.items(value, &self.under);
        // What is not known before deployment is taken for something narrow.
        // Of an address the length of its network is enough, when it is none.
        // Which partition it is, nobody asks.
        let partition = |text: &Text<'a>| text.only_hole().is_none() && open_in_partition(text);
        let said = |text: Text<'a>| {
            let network = || text.ends_with("/0").yes().then_some("0.0.0.0/0".into());
            text.known().or_else(network).or_else(|| partition(&text).then(|| text.pattern().into()))
        };
        let known: Vec<_> = items.iter().filter_map(|i| said(Text::of(&i.present()?))).collect();
        conditions::narrows(operator, key, known.iter().map(AsRef::as_ref)).filter(|_| !items.is_empty())
    }
}

/// Whether all that is not known of a text is AWS's partition.
fn open_in_partition(text: &Text<'_>) -> bool {
    text.holes().all(|hole| hole == Hole::Pseudo("AWS::Partition"))
}

/// Whether what a condition narrows is what was asked for.
pub(super) const fn is_narrowing(sort: Narrows, how: Narrowing) -> bool {
    match how {
        Narrowing::Anything => true,
        Narrowing::Any => sort.keeps_strangers_out(),
        Narrowing::Source => matches!(sort, Narrows::Source | Narrows::Service | Narrows::Way),
        Narrowing::Principal => matches!(sort, Narrows::Principal | Narrows::Identity | Narrows::Claim),
        Narrowing::Network => matches!(sort, Narrows::Network),
    }
}

/// Whether an action is of a sort.
fn is_a(sort: Sort, action: &Action) -> bool {
    match sort {
        Sort::Credentials => {
            // One key opens every instance of a region that was made without another, and it has no name to ask for.
            escalation::returns_credentials(action)
                && (action.scopable() || action.is("lightsail:DownloadDefaultKeyPair"))
        }
        Sort::Data => escalation::exfiltrates(action) && action.scopable(),
        // Passing roles has rules of its own, and so have calls that return credentials.
        Sort::Permissions => {
            action.level == Level::Permissions
                && action.scopable()
                && action.name != "PassRole"
                && !CHANGES_NOBODY.iter().any(|name| action.is(name))
                && !escalation::returns_credentials(action)
        }
        // A key or a password of IAM is a permission, and told as what it is.
        Sort::Write => {
            escalation::modifies_infrastructure(action)
                && !(action.service.prefix == "iam" && escalation::returns_credentials(action))
        }
        Sort::Scopable => action.scopable() && !NAMES_NOTHING.iter().any(|name| action.is(name)),
    }
}

/// Actions of the level of permissions after which nobody may do more: services say what a role of theirs may do, and who may
/// use it; a device counts once it is enabled for somebody; a network interface is attached where both sides agree; of a topic
/// that is there already only its ARN is returned; a stack's policy keeps updates away from resources, and the delivery of logs is allowed
/// to AWS.
const CHANGES_NOBODY: [&str; 7] = [
    "iam:CreateServiceLinkedRole",
    "iam:CreateVirtualMFADevice",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterfacePermission",
    "sns:CreateTopic",
    "cloudformation:SetStackPolicy",
    "ecs:AllowVendedLogDeliveryForResource",
];

/// Actions that can be limited to what they may take along, a lexicon, a glossary or a model of one's own, and then refuse the
/// plain call.
const NAMES_NOTHING: [&str; 6] = [
    "comprehend:DetectEntities",
    "rekognition:DetectModerationLabels",
    "polly:SynthesizeSpeech",
    "polly:StartSpeechSynthesisTask",
    "translate:TranslateText",
    "translate:TranslateDocument",
];

/// Whether one of the actions that a pattern means is of a sort.
pub(crate) fn means_a(sort: Sort, pattern: &str) -> bool {
    // A bit for each sort: whoever asks for one asks for the others.
    static KNOWN: Memo<String, u8> = Memo::new(10_000);
    let bit = |sort: Sort| 1 << sort as u8;
    let all = || {
        let found = |all: u8, action| Sort::ALL.iter().filter(|s| is_a(**s, action)).fold(all, |all, s| all | bit(*s));
        actions::expand(pattern).fold(0, found)
    };
    KNOWN.answer(pattern, |_| 1, all) & bit(sort) != 0
}

/// The actions of a sort among those that a pattern means.
pub(crate) fn of_sort(sort: Sort, pattern: &str) -> Arc<[&'static Action]> {
    static KNOWN: Memo<(Sort, String), Arc<[&'static Action]>> = Memo::new(200_000);
    let all = || actions::expand(pattern).filter(|action| is_a(sort, action)).collect();
    KNOWN.answer(&(sort, pattern.to_owned()), |all| all.len(), all)
}

/// The actions of a sort that a policy of AWS's allows on every resource that they have, whatever the request is.
pub(crate) fn given_everywhere(policy: &managed::Policy, sort: Sort) -> Vec<&'static Action> {
    let mut all = Vec::new();
    let statements = policy.statements().unwrap_or_default().iter();
    for statement in statements.filter(|s| s.allows && !s.except && !s.elsewhere && s.condition.is_none()) {
        let everywhere = statement.resources.contains(&"*");
        let texts = statement.resources.iter().filter(|text| !everywhere && text.contains('*'));
        let kinds: Vec<_> = texts
            .flat_map(|text| grant::covered_kinds(&Text { pieces: [Piece::Literal(text)].into_iter().collect() }))
            .collect();
        if everywhere || !kinds.is_empty() {
            let is_one = |r: &ResourceType| kinds.iter().any(|kind| kind.parts() == r.parts());
            let actions = statement.actions.iter().flat_map(|pattern| of_sort(sort, pattern).to_vec());
            all.extend(actions.filter(|action| everywhere || action.resources().any(is_one)));
        }
    }
    all
}

/// Whether a text with holes ends in `:*`, and the holes are before that.
fn every_action(text: &Text<'_>) -> bool {
    let Some((Piece::Literal(last), before)) = text.pieces.split_last() else { return false };
    let plain = before.iter().all(|piece| matches!(piece, Piece::Hole(_)));
    plain && last.split_once(':').is_some_and(|(_, verb)| !verb.is_empty() && verb.bytes().all(|b| b == b'*'))
}

/// Resources that have nothing in common, and are called what nobody calls them: what covers them all covers
/// whatever there is.
const ANYTHING: [&str; 3] =
    ["arn:aws:s3:::qqzx", "arn:aws:iam::998877665544:role/qqzx/y", "arn:aws:ec2:qq-zx-1:665544998877:instance/i-0"];

/// How much of what there is a resource of a statement may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Some of it.
    Some,
    /// All of a kind.
    Kind,
    /// Everything.
    Everything,
}

impl Extent {
    /// The most that a text may name.
    #[must_use]
    pub fn of(text: &Text<'_>) -> Self {
        match everything(text) {
            Truth::Yes | Truth::Maybe => Self::Everything,
            Truth::No if is_wild(text) && !grant::covered_kinds(text).is_empty() => Self::Kind,
            Truth::No => Self::Some,
        }
    }
}

/// Whether a resource of a statement is every resource.
fn everything(text: &Text<'_>) -> Truth {
    match text.known() {
        Some(resource) => Truth::from(is_everything(&resource)),
        // `arn:${AWS::Partition}:*`
        None if open_in_partition(text) => Truth::from(text.only_hole().is_none() && is_everything(&text.pattern())),
        // `!Ref Param` may be `*`; text with anything else around its holes is not everything.
        None if text.only_hole().is_some() && symbolic_resource(text) => Truth::No,
        None => text.is("*"),
    }
}

fn is_wild(text: &Text<'_>) -> bool {
    text.literals().any(|piece| piece.contains(['*', '?']))
}

/// Whether a pattern covers every resource.
fn is_everything(pattern: &str) -> bool {
    pattern.contains('*') && ANYTHING.iter().all(|arn| wildcard::matches(pattern.trim(), arn, Letters::Exact))
}

/// All that the agent on a machine has to say to Systems Manager: AWS's own policy for it lists every one of these actions.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html>
fn is_agents(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    ["ssmmessages", "ec2messages"].iter().any(|own| own.eq_ignore_ascii_case(service))
}

/// How wide a wildcard an action is; `None` when it is none.
#[must_use]
pub fn width_of(action: &str) -> Option<Width> {
    if !action.contains(['*', '?']) {
        return None;
    }
    match action.split_once(':') {
        None => Some(Width::Everything),
        Some((service, _)) if service.contains('*') && service.bytes().all(|b| matches!(b, b'*' | b'?')) => {
            Some(Width::Everything)
        }
        // `s3:?*` is every action, too: none has an empty name.
        Some((_, verb)) if verb.contains('*') && verb.bytes().all(|b| matches!(b, b'*' | b'?')) => Some(Width::Service),
        Some(_) => Some(Width::Partial),
    }
}

/// Whether a pattern with `*` and `?` covers a text, whatever the case, as IAM compares actions.
#[must_use]
pub fn covers(pattern: &str, text: &str) -> bool {
    wildcard::matches(pattern, text, Letters::Ignored)
}
