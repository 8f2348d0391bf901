//! What a rule says of itself in SARIF: everything GitHub shows beside an alert.

use std::collections::BTreeMap;

use serde_json::json;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};

use super::super::summary::visible;
use super::super::{Options, Rule};
use crate::finding::{Run, scale};

/// GitHub keeps ten tags and asks for fewer.
const TAGS: usize = 9;
/// GitHub's limit of a description.
const DESCRIPTION: usize = 1_024;

/// Every rule by name: those that were enabled, and those of findings that nobody told us about.
pub(super) fn all(run: &Run, rules: &[Rule], options: &Options) -> Vec<Rule> {
    let mut all: BTreeMap<String, Rule> = rules.iter().map(|rule| (rule.name.clone(), rule.clone())).collect();
    for (_, finding) in visible(run, options) {
        all.entry(finding.rule.to_string()).or_insert_with(|| Rule {
            name: finding.rule.to_string(),
            title: finding.title.to_string(),
            category: finding.category,
            severity: finding.severity,
            confidence: finding.confidence,
            why: String::new(),
            remedy: String::new(),
            references: Vec::new(),
            cwe: Vec::new(),
            tags: Vec::new(),
            bad: None,
            good: None,
            url: None,
        });
    }
    all.into_values().collect()
}

/// A rule in SARIF.
pub(super) fn of(rule: &Rule) -> ReportingDescriptor {
    let scale = scale(rule.severity);
    let mut properties = BTreeMap::new();
    properties.insert("precision".to_owned(), json!(rule.confidence.name()));
    if let Some(score) = scale.score {
        properties.insert("security-severity".to_owned(), json!(score));
    } else {
        // Without a score the alert is one of quality, and this is its severity.
        properties.insert("problem.severity".to_owned(), json!("recommendation"));
    }
    let bag = PropertyBag::builder().tags(tags(rule)).additional_properties(properties).build();
    let first = rule.why.split("\n\n").next().unwrap_or("");
    let full = if first.trim().is_empty() { sentence(&rule.title) } else { one_line(first) };
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.name.clone())
        .name(pascal(&rule.name))
        .short_description(text(&cut(&sentence(&rule.title))))
        .full_description(text(&cut(&full)))
        .help(MultiformatMessageString::builder().text(plain_help(rule)).markdown(markdown_help(rule)).build())
        .default_configuration(ReportingConfiguration::builder().level(scale.sarif).build())
        .properties(bag)
        .build();
    descriptor.help_uri.clone_from(&rule.url);
    descriptor
}

fn tags(rule: &Rule) -> Vec<String> {
    let mut tags = Vec::new();
    if scale(rule.severity).score.is_some() {
        tags.push("security".to_owned());
    }
    tags.push(rule.category.name().to_owned());
    tags.extend(rule.tags.iter().cloned());
    for cwe in &rule.cwe {
        let number = cwe.trim_start_matches(|c: char| !c.is_ascii_digit());
        // GitHub writes three digits at least: CWE-022.
        tags.push(format!("external/cwe/cwe-{number:0>3}"));
    }
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        if !kept.contains(&tag) && kept.len() < TAGS {
            kept.push(tag);
        }
    }
    kept
}

fn plain_help(rule: &Rule) -> String {
    let parts = [sentence(&rule.title), rule.why.trim().to_owned(), rule.remedy.trim().to_owned()];
    parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join("\n\n")
}

/// The manual page of a rule in Markdown.
fn markdown_help(rule: &Rule) -> String {
    let mut page = format!("# {}\n", sentence(&rule.title).trim_end_matches('.'));
    let mut section = |title: &str, body: &str| {
        if !body.trim().is_empty() {
            page.push_str(&format!("\n## {title}\n\n{}\n", body.trim()));
        }
    };
    section("Why", &rule.why);
    section("What to do", &rule.remedy);
    section("Reported", &rule.bad.as_deref().map_or_else(String::new, fenced));
    section("Not reported", &rule.good.as_deref().map_or_else(String::new, fenced));
    let references: Vec<String> = rule.references.iter().map(|r| format!("- <{r}>")).collect();
    section("Read more", &references.join("\n"));
    let about = [format!("severity {}", rule.severity), format!("confidence {}", rule.confidence), rule.cwe.join(", ")];
    let about: Vec<&str> = about.iter().map(String::as_str).filter(|a| !a.is_empty()).collect();
    page.push_str(&format!("\n`{}`: {}\n", rule.name, about.join(", ")));
    page
}

/// A block of code whose fence no line of it can close.
fn fenced(code: &str) -> String {
    let mut fence = "```".to_owned();
    while code.contains(&fence) {
        fence.push('`');
    }
    let language = if code.trim_start().starts_with('{') { "json" } else { "yaml" };
    format!("{fence}{language}\n{}\n{fence}", code.trim_end())
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// Titles are lower case without a full stop; a description is a sentence.
fn sentence(title: &str) -> String {
    let mut chars = title.trim().chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    let sentence = format!("{}{}", first.unwrap_or_else(|| "-".to_owned()), chars.as_str());
    if sentence.ends_with(['.', '!', '?']) { sentence } else { format!("{sentence}.") }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.to_owned();
    }
    text.chars().take(DESCRIPTION - 1).chain(['…']).collect()
}

/// `s3-bucket-public` as `S3BucketPublic`.
fn pascal(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |c| format!("{}{}", c.to_ascii_uppercase(), chars.as_str()))
        })
        .collect()
}
