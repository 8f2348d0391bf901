//! SARIF 2.1.0, as GitHub code scanning wants it: one run, one-line regions, stable fingerprints.

use std::io::{Result, Write};

use serde_sarif::sarif::{
    Invocation, Location, Message, Notification, PhysicalLocation, Region, ResultColumnKind, Run as SarifRun,
    RunAutomationDetails, Sarif, Tool, ToolComponent,
};

use super::quiet;
use super::{Options, Rule};
use crate::finding::{Failure, Run, shown};

mod descriptor;
mod linehash;
mod result;

/// GitHub keeps as many results of a run and drops the rest as it likes; we drop the least severe.
const MOST: usize = 5_000;
const SCHEMA: &str = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json";

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let rules = descriptor::all(run, rules, options);
    let (found, results) = result::worst(run, &rules, options, MOST);

    let mut notifications: Vec<Notification> = run.failures.iter().map(|f| notification(f, "error", options)).collect();
    notifications.extend(run.notes.iter().map(|f| notification(f, "note", options)));
    if found > MOST {
        let text = format!("{found} results were found; only the {MOST} most severe are in this file");
        notifications.push(Notification::builder().message(message(text)).level("warning").build());
    }
    let mut invocation = Invocation::builder().execution_successful(run.failures.is_empty()).build();
    if !notifications.is_empty() {
        invocation.tool_execution_notifications = Some(notifications);
    }

    let mut driver = ToolComponent::builder()
        .name("portcullis")
        .version(options.version.clone())
        .semantic_version(options.version.clone())
        .rules(rules.iter().map(descriptor::of).collect::<Vec<_>>())
        .build();
    driver.information_uri.clone_from(&options.home);
    let mut sarif_run = SarifRun::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![invocation])
        .column_kind(serde_json::json!(ResultColumnKind::Utf16CodeUnits))
        .results(results)
        .build();
    sarif_run.automation_details = options.sarif_category.as_deref().map(|category| {
        // What stands after the last slash names the run, what stands before it the category.
        RunAutomationDetails::builder().id(format!("{}/", category.trim_end_matches('/'))).build()
    });
    let sarif = Sarif::builder().schema(SCHEMA).version(serde_json::json!("2.1.0")).runs(vec![sarif_run]).build();
    quiet::write_pretty(&sarif, out)
}

fn notification(failure: &Failure, level: &str, options: &Options) -> Notification {
    let mut place = PhysicalLocation::builder().artifact_location(result::artifact(&failure.file, options)).build();
    if let Some((line, column)) = failure.at {
        let (line, column) = (i64::from(line.max(1)), i64::from(column.max(1)));
        place.region = Some(Region::builder().start_line(line).start_column(column).build());
    }
    Notification::builder()
        .message(message(shown(&failure.message, false)))
        .level(level)
        .locations(vec![Location::builder().physical_location(place).build()])
        .build()
}

fn message(text: String) -> Message {
    // Required texts may not be empty.
    Message::builder().text(if text.trim().is_empty() { "-".to_owned() } else { text }).build()
}
