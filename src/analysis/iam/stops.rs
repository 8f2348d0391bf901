//! Sets of actions, and what denials take away whatever the request.
//!
//! A role of `*` is asked of every action that there is; with hundreds of denials each would be compared with each.

use super::actions::{self, Action};
use super::grant::Grant;
use crate::resolve::Under;

/// Actions, a bit for each, by service.
#[derive(Debug, Default)]
pub(super) struct Set(Vec<Vec<u64>>);

impl Set {
    /// Adds what the actions of a statement name, as far as they count.
    pub(super) fn add(&mut self, grant: &Grant<'_>, counts: impl Fn(&Action) -> bool) {
        if !grant.all_actions_but {
            return grant.listed().filter(|action| counts(action)).for_each(|action| self.insert(action));
        }
        for action in actions::expand("*") {
            if !self.has(action) && grant.mentions(action) && counts(action) {
                self.insert(action);
            }
        }
    }

    fn insert(&mut self, action: &Action) {
        let (service, word, bit) = action.number();
        if self.0.len() <= service {
            self.0.resize_with(service + 1, Vec::new);
        }
        let words = &mut self.0[service];
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= bit;
    }

    /// Whether an action is one of them.
    pub(super) fn has(&self, action: &Action) -> bool {
        let (service, word, bit) = action.number();
        self.0.get(service).and_then(|words| words.get(word)).is_some_and(|word| word & bit != 0)
    }
}

/// The actions that statements deny under no condition of the request.
#[derive(Debug, Default)]
pub(super) struct Stops {
    under: Vec<Stopped>,
}

/// Those of one assumption.
#[derive(Debug)]
struct Stopped {
    under: Under,
    /// On every resource.
    on_all: Set,
    /// On all but some.
    on_most: Set,
}

impl Stops {
    /// Adds what a statement denies; it must be one for which [`Grant::stops`] holds.
    pub(super) fn add(&mut self, grant: &Grant<'_>) {
        let at = self.under.iter().position(|known| known.under.is(&grant.under)).unwrap_or_else(|| {
            self.under.push(Stopped { under: grant.under.clone(), on_all: Set::default(), on_most: Set::default() });
            self.under.len() - 1
        });
        let known = &mut self.under[at];
        let set = if grant.all_resources_but { &mut known.on_most } else { &mut known.on_all };
        set.add(grant, |action| grant.reaches_all_of(action));
    }

    /// Whether an action is denied wherever an assumption holds: on every resource, or on all but some as well.
    pub(super) fn has(&self, action: &Action, on_all: bool, under: &Under) -> bool {
        self.under.iter().any(|known| {
            (known.on_all.has(action) || (!on_all && known.on_most.has(action))) && under.implies(&known.under)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;
    use crate::analysis::iam::deed::Deed;

    /// Of many denials the same is said as of each by itself.
    #[test]
    fn many_are_as_each() {
        let denials = [
            "Action: ['s3:Get*', 's3:P?tObject', S3:DeleteBucket], Resource: '*'",
            "Action: '*:*Tag*', Resource: '*'",
            "NotAction: ['s3:*', 'iam:*', 'sqs:*'], Resource: '*'",
            "Action: 'iam:*', NotResource: 'arn:aws:iam::*:role/app'",
            "Action: 'iam:Create*', Resource: '*'",
            "Action: 'sqs:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}",
            "Action: ['sqs:Send*', 'sqs:Receive*'], Resource: 'arn:aws:sqs:*:*:jobs'",
            "Action: [!Sub 's3:${Verb}*', 'nothing', 'nosuch:*'], Resource: '*'",
        ];
        let template = |denials: &[&str]| {
            let all: Vec<String> = denials.iter().map(|denial| format!("{{Effect: Deny, {denial}}}")).collect();
            let (parameters, all) = ("Parameters: {Verb: {Type: String}}", all.join(", "));
            format!(
                "{parameters}\nResources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement: [{all}]\n"
            )
        };
        let ask = |denials: &[&str], ask: &dyn Fn(&Deed<'_>, &'static Action, bool) -> bool| {
            with_facts(&template(denials), |facts| {
                let deed = Deed::of(facts.resolver, facts.statements);
                let asked = ["s3:*", "iam:*", "sqs:*", "sns:*"].into_iter().flat_map(actions::expand);
                asked.map(|action| [true, false].map(|on_all| ask(&deed, action, on_all))).collect::<Vec<[bool; 2]>>()
            })
        };
        let always = Under::always();
        let together = ask(&denials, &|deed, action, on_all| {
            let mut stops = Stops::default();
            deed.add_stops(&mut stops);
            stops.has(action, on_all, &always)
        });
        let alone = |denial| ask(&[denial], &|deed, action, on_all| deed.stopped(action, on_all, &always));
        let each: Vec<Vec<[bool; 2]>> = denials.iter().map(|denial| alone(denial)).collect();
        for sort in [[true, true], [false, true], [false, false]] {
            assert!(together.contains(&sort), "{sort:?}");
        }
        for (at, answer) in together.iter().enumerate() {
            assert_eq!(*answer, [0, 1].map(|which| each.iter().any(|one| one[at][which])), "{at}");
        }
    }
}
