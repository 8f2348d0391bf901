//! The keys without which a rule has nothing to say: most resources lack what most rules ask about.

use super::pattern::{Check, Path, Pattern, Step};

/// Keys of which a subject must have one of each group, or the rule certainly says nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needed {
    /// The groups; none when nothing is known.
    pub groups: Vec<Vec<Key>>,
}

/// A key of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// True for a key beside `Properties`.
    pub attribute: bool,
    /// The key.
    pub name: String,
}

impl Needed {
    /// What a check needs of its subjects.
    #[must_use]
    pub fn of(check: &Check) -> Self {
        let mut groups = groups(&check.bad);
        groups.extend(check.when.iter().flat_map(self::groups));
        groups.dedup();
        Self { groups }
    }
}

fn groups(pattern: &Pattern) -> Vec<Vec<Key>> {
    match pattern {
        Pattern::All(all) => all.iter().flat_map(groups).collect(),
        // One of them must hold, so one of the keys must be there of which each needs one.
        Pattern::Any(any) => {
            let each: Option<Vec<Vec<Key>>> = any.iter().map(|one| groups(one).into_iter().next()).collect();
            each.filter(|each| !each.is_empty()).map(|each| each.concat()).into_iter().collect()
        }
        Pattern::At(path, inner) if of_nothing(inner) == Some(false) => {
            first(path).map(|key| vec![key]).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The key that a path begins with; `None` for one that is found whatever its case, and for items.
fn first(path: &Path) -> Option<Key> {
    match path.steps.first() {
        Some(Step::Key(name)) if !name.contains(':') => Some(Key { attribute: path.attribute, name: name.clone() }),
        Some(Step::Key(_) | Step::Items) | None => None,
    }
}

/// What a pattern says where there is nothing, if that can be told without looking at anything else.
fn of_nothing(pattern: &Pattern) -> Option<bool> {
    match pattern {
        Pattern::Absent => Some(true),
        Pattern::Not(inner) => of_nothing(inner).map(|yes| !yes),
        Pattern::All(all) => of_several(all, false),
        Pattern::Any(any) => of_several(any, true),
        Pattern::At(path, inner) if !path.attribute => of_nothing(inner),
        Pattern::Present
        | Pattern::Is(_)
        | Pattern::In(_)
        | Pattern::AnyCase(_)
        | Pattern::Matches(_)
        | Pattern::Compared(..)
        | Pattern::Contains(_)
        | Pattern::StartsWith(_)
        | Pattern::EndsWith(_)
        | Pattern::Below(_)
        | Pattern::Above(_)
        | Pattern::Kind(_)
        | Pattern::Literal
        | Pattern::Some(_)
        | Pattern::Every(_)
        | Pattern::RefersTo(_)
        | Pattern::Plaintext
        | Pattern::Credential
        | Pattern::LookedUp(_)
        | Pattern::Ended(_) => Some(false),
        _ => None,
    }
}

/// What several patterns say of nothing, of which one that says `decisive` is enough.
fn of_several(patterns: &[Pattern], decisive: bool) -> Option<bool> {
    let mut answers = patterns.iter().map(of_nothing);
    if answers.clone().any(|answer| answer == Some(decisive)) {
        return Some(decisive);
    }
    answers.all(|answer| answer.is_some()).then_some(!decisive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(check: &str) -> Vec<Vec<String>> {
        let card = format!(
            "name: n-n\ntitle: t\ncategory: exposure\nseverity: low\nwhy: w\nremedy: r\ncheck: {{on: AWS::S3::Bucket, {check}}}\n"
        );
        let card = crate::rulebook::parse(&card).expect("the rule is a rule");
        let name = |key: Key| if key.attribute { format!("${}", key.name) } else { key.name };
        let groups = Needed::of(&card.logic.check.expect("it has a check")).groups.into_iter();
        groups.map(|group| group.into_iter().map(name).collect()).collect()
    }

    /// What must be there is needed; what may be missing, or is found otherwise, is not.
    #[test]
    fn keys_without_which_nothing_is_said() {
        let none: Vec<Vec<String>> = Vec::new();
        for (check, groups) in [
            ("bad: {A.B: {above: 3}}", vec![vec!["A"]]),
            ("bad: {A: present, B: absent}", vec![vec!["A"]]),
            ("bad: {any: [{A: x}, {$B: y}]}", vec![vec!["A", "$B"]]),
            ("bad: {A: {not: absent}}, when: {C: x}", vec![vec!["A"], vec!["C"]]),
        ] {
            assert_eq!(needed(check), groups, "{check}");
        }
        for check in [
            "bad: {A: absent}",
            "bad: {A: {not: x}}",
            "bad: {any: [{A: x}, {B: absent}]}",
            "bad: {A: {default: 3, above: 2}}",
            "bad: {'aws:SourceIp': x}",
            "bad: {not: {A: x}}",
            "bad: {A: {length: {below: 3}}}",
            "bad: {owner: {A: x}}",
        ] {
            assert_eq!(needed(check), none, "{check}");
        }
    }
}
