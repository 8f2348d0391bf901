//! Findings counted, by the rules that found them or by what a framework asks for.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::bail;
use portcullis::config::Config;
use portcullis::finding::{self, Run};
use portcullis::report::Format;
use portcullis::rulebook::by_number;
use portcullis::rules::Catalogue;
use serde_json::json;

use crate::args::By;
use crate::terminal;

/// Writes the counts, as JSON or for people.
pub(crate) fn write(by: By, format: Format, run: &Run, catalogue: &Catalogue, config: &Config) -> anyhow::Result<()> {
    let (text, json) = match by {
        By::Rules => {
            let counts = by_rule(run);
            (
                of_rules(&counts, run),
                counts.iter().map(|(r, s, n)| json!({"rule": r, "severity": s, "count": n})).collect::<Vec<_>>(),
            )
        }
        By::Controls => {
            let controls = by_control(run, catalogue, config);
            if controls.is_empty() {
                bail!("no framework is selected whose controls could be counted: `--select pack:<framework>`");
            }
            (of_controls(&controls), controls.iter().map(Control::json).collect())
        }
    };
    if format == Format::Json { terminal::json(&json) } else { Ok(terminal::out(text.as_bytes())?) }
}

/// How often each rule found something, the most frequent first.
fn by_rule(run: &Run) -> Vec<(&str, &'static str, usize)> {
    let mut counts = BTreeMap::new();
    for finding in run.active() {
        *counts.entry((&*finding.rule, finding.severity.name())).or_insert(0_usize) += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().map(|((rule, severity), count)| (rule, severity, count)).collect();
    // Stable: rules that are alike stay in the order of their names.
    rows.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    rows
}

fn of_rules(counts: &[(&str, &str, usize)], run: &Run) -> String {
    let mut out = String::new();
    for (rule, severity, count) in counts {
        let _ = writeln!(out, "{count:>6}  {severity:<8}  {}", finding::shown(rule, false));
    }
    let _ = writeln!(out, "{:>6}  in total", run.active().count());
    out
}

/// Something that a framework asks for, and what was found against it.
struct Control<'a> {
    framework: &'a str,
    id: &'a str,
    rules: BTreeMap<&'a str, usize>,
}

impl Control<'_> {
    fn count(&self) -> usize {
        self.rules.values().sum()
    }

    fn json(&self) -> serde_json::Value {
        json!({"framework": self.framework, "control": self.id, "count": self.count(), "rules": self.rules})
    }
}

/// What the selected frameworks ask for, as people count; also where nothing was found.
fn by_control<'a>(run: &Run, catalogue: &'a Catalogue, config: &Config) -> Vec<Control<'a>> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in run.active() {
        *found.entry(&*finding.rule).or_default() += 1;
    }
    let mut controls: BTreeMap<(&str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for rule in catalogue.rules() {
        for (framework, ids) in &rule.prose().compliance {
            if config.asks_for(framework) {
                for id in ids {
                    let rules = controls.entry((framework, id)).or_default();
                    rules.extend(found.get(rule.head.name.as_str()).map(|count| (rule.head.name.as_str(), *count)));
                }
            }
        }
    }
    let mut controls: Vec<_> =
        controls.into_iter().map(|((framework, id), rules)| Control { framework, id, rules }).collect();
    controls.sort_by(|a, b| a.framework.cmp(b.framework).then_with(|| by_number(a.id, b.id)));
    controls
}

fn of_controls(controls: &[Control<'_>]) -> String {
    let width = |text: &str| finding::shown(text, false).chars().count();
    let framework = controls.iter().map(|control| width(control.framework)).max().unwrap_or(0);
    let id = controls.iter().map(|control| width(control.id)).max().unwrap_or(0);
    let mut out = String::new();
    for control in controls {
        let rules: Vec<_> = control.rules.keys().map(|rule| finding::shown(rule, false)).collect();
        let line = format!(
            "{:>6}  {:<framework$}  {:<id$}  {}",
            control.count(),
            finding::shown(control.framework, false),
            finding::shown(control.id, false),
            rules.join(", ")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    let found = controls.iter().filter(|control| !control.rules.is_empty()).count();
    let _ = writeln!(out, "{found} of {} controls that a template can answer have findings", controls.len());
    out
}
