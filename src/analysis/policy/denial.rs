//! Denials beside a statement that lets everyone in: whether they keep out everyone but those whom they spare.

use super::asked::{covers, is_narrowing};
use super::{Asked, Condition};
use crate::analysis::iam::arn;
use crate::analysis::iam::conditions;
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::{Text, Truth, Under};
use crate::rulebook::{Narrowing, Who};

/// Whether one of some denials leaves of what a statement allows only what is narrow.
#[must_use]
pub fn spared(denials: &[Denial], allowed: &Asked<'_, '_, '_>) -> Truth {
    let mut truth = Truth::No;
    if denials.is_empty() {
        return truth;
    }
    let said = Said::by(allowed);
    // What is denied in some worlds only stays allowed in the others.
    let covering: Vec<&Denial> = denials.iter().filter(|denial| denial.covers(&said)).collect();
    for spares in [Truth::Yes, Truth::Maybe] {
        let alike = covering.iter().filter(|denial| spares == Truth::Maybe || denial.spares == spares);
        if truth == Truth::No && allowed.under.is_covered_by(alike.map(|denial| &denial.under)) {
            truth = spares;
        }
    }
    truth
}

/// How many denials of one resource's policies are compared with what is allowed beside them: more than the longest policy
/// has room for. What later ones take away is reported as if they did not.
const MAX_DENIALS: usize = 500;

/// The denials among statements that leave everyone only what is narrow in some respect.
#[must_use]
pub fn denials<'r, 't: 'r, 'a: 't>(
    statements: impl IntoIterator<Item = Asked<'r, 't, 'a>>,
    how: Narrowing,
) -> Vec<Denial> {
    statements.into_iter().filter_map(|asked| Denial::of(&asked, how)).take(MAX_DENIALS).collect()
}

/// A denial that leaves everyone only what its condition spares.
#[derive(Debug)]
pub struct Denial {
    /// The assumption that it stands under.
    under: Under,
    /// Whether that is narrow: yes or maybe.
    spares: Truth,
    said: Said,
}

impl Denial {
    fn of<'a>(denial: &Asked<'_, '_, 'a>, how: Narrowing) -> Option<Self> {
        let everyone = || denial.principal(Who::Anyone, &[]).iter().any(|answer| answer.truth.yes());
        if !denial.effect("Deny").yes() || denial.has("NotResource") || !everyone() {
            return None;
        }
        let (conditions, unknown) = denial.conditions();
        // All of its conditions must hold for a denial, so each way around one is a way in.
        let narrow =
            conditions.iter().all(|condition| spares(denial, condition).is_some_and(|sort| is_narrowing(sort, how)));
        let spares = if unknown { Truth::Maybe } else { Truth::Yes };
        narrow.then(|| Self { under: denial.under.clone(), spares, said: Said::by(denial) })
    }

    /// Whether it reaches every action and resource that a statement allows.
    fn covers(&self, allowed: &Said) -> bool {
        let actions = || self.said.actions.iter().flatten();
        let all_actions = actions().any(|action| action.bytes().all(|b| b == b'*'));
        let acts = |wanted: &Option<String>| {
            let Some(wanted) = wanted else { return false };
            if self.said.all_actions_but {
                let apart = |spared: &String| Glob::action(spared).intersects(&Glob::action(wanted)) == Truth::No;
                return self.said.actions.iter().all(|action| action.as_ref().is_some_and(apart));
            }
            actions().any(|action| covers(action, wanted))
        };
        if (!all_actions || self.said.all_actions_but) && (allowed.all_actions_but || !allowed.actions.iter().all(acts))
        {
            return false;
        }
        let resources = || self.said.resources.iter().flatten();
        // An API's own policy may leave out the beginning of the name.
        let everything = |resource: &String| matches!(resource.as_str(), "*" | "execute-api:/*");
        if resources().any(everything) || (!self.said.has_resource && !allowed.has_resource) {
            return true;
        }
        let reached = |wanted: &Option<String>| {
            wanted.as_ref().is_some_and(|w| {
                let narrow = Glob::resource(w);
                resources().any(|r| r == w || arn::covers(&Glob::resource(r), &narrow).yes())
            })
        };
        !allowed.all_resources_but && !allowed.resources.is_empty() && allowed.resources.iter().all(reached)
    }
}

/// The actions and resources of a statement as patterns; `None` for one that cannot be told apart from others.
#[derive(Debug)]
struct Said {
    actions: Vec<Option<String>>,
    all_actions_but: bool,
    resources: Vec<Option<String>>,
    has_resource: bool,
    all_resources_but: bool,
}

impl Said {
    fn by(asked: &Asked<'_, '_, '_>) -> Self {
        let texts = |key: &str| -> Vec<Option<String>> {
            asked.items(key).iter().map(|item| asked.resolver.identity_of_arn(&Text::of(&item.present()?))).collect()
        };
        let all_actions_but = asked.has("NotAction");
        Self {
            actions: texts(if all_actions_but { "NotAction" } else { "Action" }),
            all_actions_but,
            resources: texts("Resource"),
            has_resource: asked.has("Resource"),
            all_resources_but: asked.has("NotResource"),
        }
    }
}

/// What a condition of a denial spares; `None` when that is not narrow.
fn spares<'a>(denial: &Asked<'_, '_, 'a>, condition: &Condition<'a>) -> Option<conditions::Narrows> {
    let operator = condition.operator.to_ascii_lowercase();
    // `ForAnyValue:` does not hold where the key is missing, so whoever comes without it is spared.
    let operator = operator.strip_prefix("forallvalues:").unwrap_or(&operator);
    let (operator, when_missing) =
        operator.strip_suffix("ifexists").map_or((operator, false), |operator| (operator, true));
    let contrary = match operator {
        "stringnotequals" => "StringEquals",
        "stringnotequalsignorecase" => "StringEqualsIgnoreCase",
        "stringnotlike" => "StringLike",
        "arnnotequals" | "arnnotlike" => "ArnLike",
        "notipaddress" => "IpAddress",
        "bool" => "Bool",
        _ => return None,
    };
    let items = denial.resolver.items(&condition.value, &denial.under);
    let known: Vec<_> = items.iter().filter_map(|item| Text::of(&item.present()?).known()).collect();
    if contrary == "Bool" {
        // What is denied to requests that are not from AWS's services is left to those that are.
        let only_false =
            !known.is_empty() && known.len() == items.len() && known.iter().all(|v| v.eq_ignore_ascii_case("false"));
        // Of a request without a signature nobody knows who asks: it is denied only where the missing key counts.
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
        let narrow = conditions::narrows("Bool", condition.key, ["true"]).filter(|_| only_false);
        return narrow.filter(|sort| when_missing || *sort != conditions::Narrows::Agent);
    }
    conditions::narrows(contrary, condition.key, known.iter().map(AsRef::as_ref)).filter(|_| !items.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;

    /// Whether a denial leaves of what a statement allows only what its condition spares, and that is narrow in some
    /// respect. `Deny` unless `aws:PrincipalOrgID` is yours says of `Allow` what the condition would say in its place.
    fn spares_few<'a>(denial: &Asked<'_, '_, 'a>, allowed: &Asked<'_, '_, 'a>, how: Narrowing) -> Truth {
        match Denial::of(denial, how) {
            Some(denial) if denial.covers(&Said::by(allowed)) => denial.spares,
            Some(_) | None => Truth::No,
        }
    }

    /// Whether the first of two statements of a queue's policy is narrowed by the second.
    fn spared(denial: &str) -> Truth {
        let allow = "{Effect: Allow, Principal: '*', Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn}";
        let text = format!(
            "Resources:\n  Queue: {{Type: AWS::SQS::Queue}}\n  Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Queue]\n      PolicyDocument:\n        Statement:\n          - {allow}\n          - {{Effect: Deny, {denial}}}\n"
        );
        with_facts(&text, |facts| match facts.statements {
            [allowed, denial] => {
                spares_few(&denial.asked(facts.resolver), &allowed.asked(facts.resolver), Narrowing::Any)
            }
            other => panic!("{} statements", other.len()),
        })
    }

    /// Everyone but one's own organisation, network or account is kept out.
    #[test]
    fn strangers_are_denied() {
        let denial = "Principal: '*', Action: 'sqs:*', Resource: '*', Condition";
        for condition in [
            "{StringNotEquals: {'aws:PrincipalOrgID': o-1}}",
            "{StringNotEqualsIfExists: {'aws:PrincipalOrgID': o-1}, BoolIfExists: {'aws:PrincipalIsAWSService': 'false'}}",
            "{NotIpAddress: {'aws:SourceIp': 192.0.2.0/24}}",
            "{ArnNotLike: {'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*'}}",
            "{'ForAllValues:StringNotEquals': {'aws:SourceVpce': vpce-1}}",
        ] {
            assert_eq!(spared(&format!("{denial}: {condition}")), Truth::Yes, "{condition}");
        }
        let same = "Action: 'SQS:Send*', Resource: !GetAtt Queue.Arn, Condition: {StringNotEquals: {'aws:SourceAccount': '111122223333'}}";
        assert_eq!(spared(&format!("Principal: {{AWS: '*'}}, {same}")), Truth::Yes);
        assert_eq!(spared("NotPrincipal: {AWS: '111122223333'}, Action: '*', Resource: '*'"), Truth::Yes);
        let but = "Principal: '*', NotAction: 'sqs:Receive*', Resource: '*', Condition: {StringNotEquals: {'aws:PrincipalOrgID': o-1}}";
        assert_eq!(spared(but), Truth::Yes);
    }

    /// Denials that do not hold for strangers, not for what is allowed, or not for everyone.
    #[test]
    fn strangers_are_let_in() {
        let organisation = "Condition: {StringNotEquals: {'aws:PrincipalOrgID': o-1}}";
        for denial in [
            format!("Principal: '*', Action: 'sqs:ReceiveMessage', Resource: '*', {organisation}"),
            format!("Principal: '*', Action: 'sqs:*', Resource: 'arn:aws:sqs:*:*:other', {organisation}"),
            format!("Principal: '*', Action: 'sqs:*', Resource: 'arn:aws:sqs:*:*:?', {organisation}"),
            format!("Principal: {{AWS: '111122223333'}}, Action: 'sqs:*', Resource: '*', {organisation}"),
            format!("Principal: '*', NotAction: 'sqs:*', Resource: '*', {organisation}"),
            format!("Principal: '*', NotAction: 'sqs:Send*', Resource: '*', {organisation}"),
            "NotPrincipal: '*', Action: '*', Resource: '*'".to_owned(),
            "NotPrincipal: {AWS: ['111122223333', '*']}, Action: '*', Resource: '*'".to_owned(),
        ] {
            assert_eq!(spared(&denial), Truth::No, "{denial}");
        }
        for condition in [
            "{Bool: {'aws:SecureTransport': 'false'}}",
            "{StringEquals: {'aws:PrincipalOrgID': o-1}}",
            "{StringNotLike: {'aws:PrincipalOrgID': '*'}}",
            "{'ForAnyValue:StringNotEquals': {'aws:PrincipalOrgID': o-1}}",
            "{'Null': {'aws:PrincipalOrgID': 'true'}}",
            "{StringNotEquals: {'aws:ResourceOrgID': o-1}}",
            "{StringNotEquals: {'aws:PrincipalOrgID': '${aws:PrincipalOrgID}'}}",
            "{StringNotEqualsIfExists: {'aws:PrincipalOrgID': o-1}, Bool: {'aws:PrincipalIsAWSService': 'false'}}",
            "{StringNotEquals: {'aws:SourceVpce': vpce-1}, Bool: {'aws:ViaAWSService': 'false'}}",
            "{IpAddress: {'aws:SourceIp': 192.0.2.0/24}}",
        ] {
            let denial = format!("Principal: '*', Action: 'sqs:*', Resource: '*', Condition: {condition}");
            assert_eq!(spared(&denial), Truth::No, "{condition}");
        }
    }
}
