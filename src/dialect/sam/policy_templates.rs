//! SAM's policy templates: a name and parameters become statements.

use std::sync::OnceLock;

use foldhash::HashMap;

use super::make::Make;
use crate::template::Value;

static TEXT: &str = include_str!("policy_templates.txt");

/// A policy template.
#[derive(Clone, Copy)]
pub(super) struct PolicyTemplate {
    /// Its parameters: all of them are required.
    parameters: &'static str,
    statements: &'static str,
}

/// The template of a name.
pub(super) fn named(name: &str) -> Option<PolicyTemplate> {
    static ALL: OnceLock<HashMap<&'static str, PolicyTemplate>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let blocks = TEXT.split("\n@").skip(1).filter_map(|block| {
            let (head, statements) = block.split_once('\n')?;
            let (name, parameters) = head.split_once(' ').unwrap_or((head, ""));
            Some((name, PolicyTemplate { parameters, statements }))
        });
        blocks.collect()
    });
    all.get(name).copied()
}

impl PolicyTemplate {
    /// The document, with the parameters' values put in; a missing one is unknown.
    pub(super) fn document<'a>(&self, make: Make<'a>, given: Value<'a>) -> Value<'a> {
        let missing = |name: &str| {
            make.build.unknown(&format!("the policy template's parameter `{name}` is missing"), make.origin)
        };
        let values: Vec<_> = self
            .parameters
            .split_whitespace()
            .map(|name| (name, given.get(name).map_or_else(|| missing(name), |e| e.value)))
            .collect();
        let statements: Vec<_> = self.statements.lines().filter_map(|line| statement(make, line, &values)).collect();
        make.map(&[("Statement", make.list(&statements))])
    }
}

fn statement<'a>(make: Make<'a>, line: &'static str, values: &[(&'static str, Value<'a>)]) -> Option<Value<'a>> {
    let mut fields = line.split('\t');
    let (service, names) = fields.next()?.split_once(':')?;
    let actions: Vec<_> = names.split(',').map(|name| make.made(&format!("{service}:{name}"))).collect();
    let resources: Vec<_> = fields.next()?.split(' ').map(|r| text(make, r, values)).collect();
    let resource = match resources.as_slice() {
        [one] => *one,
        many => make.list(many),
    };
    let mut entries = vec![("Effect", make.text("Allow")), ("Action", make.list(&actions)), ("Resource", resource)];
    if let (Some(key), Some(value)) = (fields.next(), fields.next()) {
        let equals = make.map(&[(key, text(make, value, values))]);
        entries.push(("Condition", make.map(&[("StringEquals", equals)])));
    }
    Some(make.map(&entries))
}

/// A text with `~x:` and `{Parameter}` spelled out; it points at the parameter's value when it has one.
fn text<'a>(make: Make<'a>, text: &'static str, values: &[(&'static str, Value<'a>)]) -> Value<'a> {
    let used = values.iter().find(|(name, _)| text.contains(&format!("{{{name}}}")));
    let spelled = match (text.strip_prefix("~~"), text.strip_prefix('~').and_then(|t| t.split_once(':'))) {
        (Some(rest), _) => format!("arn:${{AWS::Partition}}:{rest}"),
        (None, Some((service, rest))) => {
            format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")
        }
        (None, None) => text.to_owned(),
    };
    let Some((name, value)) = used else {
        return if spelled.contains("${") { make.sub(&spelled) } else { make.text(text) };
    };
    if spelled == format!("{{{name}}}") {
        return *value;
    }
    let from = make.build.derived(value.origin, "SAM puts it into the policy template", None);
    let mut spelled = spelled;
    for (name, _) in values {
        spelled = spelled.replace(&format!("{{{name}}}"), &format!("${{{name}}}"));
    }
    let used: Vec<_> = values.iter().filter(|(name, _)| spelled.contains(&format!("${{{name}}}"))).copied().collect();
    make.at(from).sub_with(&spelled, &used)
}
