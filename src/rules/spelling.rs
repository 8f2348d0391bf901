//! Whether a rule asks for what AWS has: a misspelt property is never there, and a rule about it never right.

use std::collections::BTreeMap;

use super::Rule;
use crate::analysis::knowledge::properties::{self, Way};
use crate::rulebook::{Check, Name, Path, Pattern, SECTIONS, Step, TEMPLATE, nearest};

/// A resource type or property that AWS does not have, or has added since the tables were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    what: String,
    /// The name that is so much like it that it was meant.
    near: Option<&'static str>,
    /// True when it is a mistake, whatever AWS has added since the tables were made.
    pub certain: bool,
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        self.near.map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

impl Rule {
    /// The resource types and properties of the rule that AWS does not have.
    #[must_use]
    pub fn unknown_names(&self) -> Vec<UnknownName> {
        let named = |kind: &&str| kind.starts_with("AWS::") && !kind.ends_with('*');
        let types: Vec<&str> = self.head.resources.iter().map(Name::as_str).filter(named).collect();
        let (known, mut unknown): (Vec<&str>, Vec<&str>) =
            types.into_iter().partition(|kind| properties::has_type(kind));
        if let Some(check) = &self.logic().check {
            let mut related = Vec::new();
            check.when.iter().chain([&check.bad]).for_each(|pattern| related_types(pattern, &mut related));
            unknown.extend(related.into_iter().filter(named).filter(|kind| !properties::has_type(kind)));
        }
        unknown.sort_unstable();
        unknown.dedup();
        let no_type = |kind: &str| UnknownName {
            what: format!("AWS has no resource type `{kind}`"),
            near: properties::nearest_type(kind),
            certain: properties::nearest_type(kind).is_some(),
        };
        let mut told: Vec<UnknownName> = unknown.into_iter().map(no_type).collect();
        let Some(check) = self.logic().check.as_ref().filter(|check| check.statements.is_none()) else { return told };
        told.extend(self.not_as_written(check));
        // What a custom resource takes is nobody's schema.
        if self.head.resources.iter().any(|kind| kind.starts_with("Custom::")) {
            return told;
        }
        // A rule about several types may ask for what only one of them has.
        let mut lost: BTreeMap<String, Vec<Way>> = BTreeMap::new();
        let framework = self.head.resources.iter().any(|kind| kind.starts_with("Serverless::"));
        // Nor need what it asks of the items at one path be there at another.
        let bases = |kind| {
            let all: Vec<&[Step]> = check.each_of(kind).map(|path| path.steps.as_slice()).collect();
            if all.is_empty() { vec![[].as_slice()] } else { all }
        };
        for (kind, each) in known.iter().flat_map(|kind| bases(kind).into_iter().map(move |each| (kind, each))) {
            let mut paths = vec![each.to_vec()];
            let fixes = self.logic().fixes.iter().filter_map(|fix| fix.when.as_ref());
            check.when.iter().chain([&check.bad]).chain(fixes).for_each(|pattern| collect(pattern, each, &mut paths));
            for path in paths {
                // Keys of serverless.yml are in lower case, and no property of AWS's.
                if framework && matches!(path.first(), Some(Step::Key(key)) if key.starts_with(char::is_lowercase)) {
                    continue;
                }
                let own = path.strip_prefix(each).filter(|own| !own.is_empty()).unwrap_or(&path);
                let shown = Path { attribute: false, steps: own.to_vec() }.to_string();
                lost.entry(shown).or_default().push(properties::way(kind, &path));
            }
        }
        for (path, ways) in lost {
            let near = ways.iter().map(|way| match way {
                Way::There => None,
                Way::Past(step) => Some((step, None, true)),
                Way::Lost(step, near) => Some((step, *near, false)),
            });
            let Some(near) = near.collect::<Option<Vec<_>>>() else { continue };
            let Some((step, near, past)) = near.iter().find(|(_, near, _)| near.is_some()).or_else(|| near.first())
            else {
                continue;
            };
            let step = match () {
                () if *past => {
                    format!(": `{step}` is asked of a list; `[]` behind the list's name steps into its items")
                }
                () if **step == *"Properties" => ": paths begin at the properties, leave `Properties` out".to_owned(),
                () if path == **step => String::new(),
                () => format!(": there is no `{step}`"),
            };
            let certain = *past || near.is_some() || step.contains("leave `Properties` out");
            let what = format!("{} has no property `{path}`{step}", known.join(" and "));
            told.push(UnknownName { what, near: *near, certain });
        }
        told
    }
}

impl Rule {
    /// Paths of a rule about what is no resource that cannot lead anywhere: serverless.yml's own keys are in lower case, and a
    /// template has its sections.
    fn not_as_written(&self, check: &Check) -> Vec<UnknownName> {
        let of = |start: &str| self.head.resources.iter().all(|kind| kind.starts_with(start));
        let each = check.each.first().map(|(_, path)| path.steps.clone()).unwrap_or_default();
        let mut paths = vec![each.clone()];
        check.when.iter().chain([&check.bad]).for_each(|pattern| collect(pattern, &each, &mut paths));
        let firsts = paths.iter().filter_map(|path| match path.first() {
            Some(Step::Key(key)) => Some(key),
            Some(Step::Items) | None => None,
        });
        let mut told = Vec::new();
        for first in firsts {
            let lower =
                format!(".{}{}", first.get(..1).unwrap_or_default().to_lowercase(), first.get(1..).unwrap_or_default());
            let (what, near) = if of(TEMPLATE) && !SECTIONS.contains(&first.as_str()) {
                (format!("a template has no `{first}`"), nearest(first, SECTIONS))
            } else if of("Serverless::") && first.starts_with(|c: char| c.is_ascii_uppercase()) {
                (format!("serverless.yml has no `{first}`: write the path as it is there, `{lower}`"), None)
            } else {
                continue;
            };
            told.push(UnknownName { what, near, certain: true });
        }
        told.dedup();
        told
    }
}

/// The types that a pattern asks about beside the rule's own.
fn related_types<'r>(pattern: &'r Pattern, types: &mut Vec<&'r str>) {
    match pattern {
        Pattern::Not(inner)
        | Pattern::Default(_, inner)
        | Pattern::Owner(inner)
        | Pattern::Some(inner)
        | Pattern::Every(inner)
        | Pattern::At(_, inner) => related_types(inner, types),
        Pattern::All(all) | Pattern::Any(all) => all.iter().for_each(|inner| related_types(inner, types)),
        Pattern::Type(named) => types.extend(named.iter().map(String::as_str)),
        Pattern::RefersTo(relation) | Pattern::ReferredBy(relation) | Pattern::TemplateHas(relation) => {
            types.extend(relation.types.iter().map(String::as_str));
            relation.with.iter().for_each(|inner| related_types(inner, types));
        }
        _ => {}
    }
}

/// The property paths that a pattern asks for.
fn collect(pattern: &Pattern, base: &[Step], paths: &mut Vec<Vec<Step>>) {
    match pattern {
        Pattern::Not(inner) | Pattern::Default(_, inner) => collect(inner, base, paths),
        Pattern::Owner(inner) => collect(inner, &[], paths),
        Pattern::All(all) | Pattern::Any(all) => all.iter().for_each(|inner| collect(inner, base, paths)),
        Pattern::Some(inner) | Pattern::Every(inner) => collect(inner, &[base, &[Step::Items]].concat(), paths),
        // Attributes are CloudFormation's own, and keys with colons are those of conditions.
        Pattern::At(path, _) if path.attribute || path.keys().any(|key| key.contains(':')) => {}
        Pattern::At(path, inner) => {
            let whole = [base, &path.steps].concat();
            paths.push(whole.clone());
            collect(inner, &whole, paths);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Catalogue;

    fn told(check: &str) -> Vec<String> {
        let card = format!(
            "name: spelt\ntitle: t\ncategory: exposure\nseverity: low\nwhy: w\nremedy: r\ncheck: {{{check}}}\n"
        );
        let mut catalogue = Catalogue::builtin();
        catalogue.add([("spelt.yaml".into(), card)]).expect("the rule is a rule");
        catalogue.get("spelt").expect("it was added").unknown_names().iter().map(ToString::to_string).collect()
    }

    /// Types and properties that AWS does not have are told, with what was meant; others are not.
    #[test]
    fn what_aws_does_not_have_is_told() {
        let bucket = "on: AWS::S3::Bucket";
        for (check, wanted) in [
            (
                "on: AWS::S3::Buckt, bad: {Anything: absent}".to_owned(),
                "AWS has no resource type `AWS::S3::Buckt`; did you mean `AWS::S3::Bucket`?",
            ),
            (
                format!("{bucket}, bad: {{VersioningConfigurtion.Status: absent}}"),
                "AWS::S3::Bucket has no property `VersioningConfigurtion.Status`: there is no `VersioningConfigurtion`; did you mean `VersioningConfiguration`?",
            ),
            (
                format!("{bucket}, when: {{not: {{any: [{{Tag: present}}]}}}}, bad: {{BucketName: absent}}"),
                "AWS::S3::Bucket has no property `Tag`; did you mean `Tags`?",
            ),
            (
                format!("{bucket}, each: 'LifecycleConfiguration.Rules[]', bad: {{Statos: absent}}"),
                "AWS::S3::Bucket has no property `Statos`; did you mean `Status`?",
            ),
            (
                format!("{bucket}, bad: {{Tags: {{some: {{Kay: a}}}}}}"),
                "AWS::S3::Bucket has no property `Tags[].Kay`: there is no `Kay`",
            ),
            (
                format!("{bucket}, bad: {{Tags.Key: a}}"),
                "AWS::S3::Bucket has no property `Tags.Key`: `Key` is asked of a list; `[]` behind the list's name steps into its items",
            ),
            (
                format!("{bucket}, bad: {{Properties.BucketName: absent}}"),
                "AWS::S3::Bucket has no property `Properties.BucketName`: paths begin at the properties, leave `Properties` out",
            ),
            (
                "on: [AWS::S3::Bucket, Serverless::Service], bad: {any: [{Tag: absent}, {.provider.stage: dev}]}"
                    .to_owned(),
                "AWS::S3::Bucket has no property `Tag`; did you mean `Tags`?",
            ),
            (
                "on: Template, bad: {Parameter: absent}".to_owned(),
                "a template has no `Parameter`; did you mean `Parameters`?",
            ),
            (
                "on: 'Serverless::Service', bad: {Provider.stage: dev}".to_owned(),
                "serverless.yml has no `Provider`: write the path as it is there, `.provider`",
            ),
        ] {
            assert_eq!(told(&check), [wanted], "{check}");
        }
        for check in [
            "on: AWS::S3::Bucket, bad: {Tags: {some: {Key: a}}, $DeletionPolicy: absent}",
            "on: [AWS::S3::Bucket, AWS::SQS::Queue], bad: {any: [{QueueName: absent}, {BucketName: absent}]}",
            "on: [AWS::S3::Bucket, Serverless::Service], bad: {any: [{BucketName: absent}, {.provider.stage: dev}]}",
            "on: 'AWS::*', bad: {Whatever: absent}",
            "on: Template, each: 'Parameters[]', bad: {NoEcho: absent}",
            "on: 'Serverless::Function', bad: {.timeout: absent}",
            "on: Own::Service::Thing, bad: {Whatever: absent}",
            "on: AWS::IAM::Role, bad: {'AssumeRolePolicyDocument.Statement[].Condition': {'aws:SourceArn': absent}}",
            "statements: all, on: AWS::IAM::Role, bad: {Efect: Allow}",
        ] {
            assert_eq!(told(check), [""; 0], "{check}");
        }
    }
}
