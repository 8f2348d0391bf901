//! SARIF, against its published schema and against what GitHub wants.

use std::sync::Arc;

use portcullis::finding::{Place, Run};
use portcullis::report::{Format, Options};
use portcullis::rulebook::Severity;
use portcullis::source::Source;

use super::made_up::{clean, finding, options, place, render, run};

fn sarif(run: &Run, options: &Options) -> serde_json::Value {
    // The published pattern of language tags has a stray bracket, which only JavaScript forgives.
    let schema =
        include_str!("../../../testdata/reports/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let value = serde_json::from_str(&render(Format::Sarif, run, options)).expect("SARIF is JSON");
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    value
}

/// SARIF is valid, with findings, with suppressed ones, with a category, and with nothing at all.
#[test]
fn sarif_is_valid() {
    sarif(&run(), &options());
    let clean = sarif(&clean(), &options());
    assert_eq!(clean["runs"][0]["results"], serde_json::json!([]));
    let all = Options {
        show_suppressed: true,
        sarif_category: Some("svc-a".to_owned()),
        prefix: "services/a b/".to_owned(),
        ..options()
    };
    let value = sarif(&run(), &all);
    assert_eq!(value["runs"][0]["automationDetails"]["id"], "svc-a/");
    let results = value["runs"][0]["results"].as_array().expect("results");
    assert!(results.iter().any(|r| r["suppressions"][0]["justification"] == "goes away with v2"));
    let uri = |r: &serde_json::Value| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert!(results.iter().all(|r| uri(r).as_str().is_some_and(|u| u.starts_with("services/a%20b/"))));
}

/// Every primary region of SARIF is of one line, and every rule has few tags.
#[test]
fn sarif_is_as_github_wants_it() {
    let value = sarif(&run(), &options());
    let run = &value["runs"][0];
    assert!(run.get("automationDetails").is_none());
    let results = run["results"].as_array().expect("results");
    for result in results {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], region["endLine"], "{result}");
        assert!(result.get("suppressions").is_none());
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        for related in result["relatedLocations"].as_array().into_iter().flatten() {
            let link = format!("]({})", related["id"]);
            assert!(result["message"]["text"].as_str().is_some_and(|t| t.contains(&link)), "{result}");
        }
    }
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        assert!(rule["properties"]["tags"].as_array().expect("tags").len() <= 9);
    }
}

/// Two results of one rule on one line have fingerprints of their own; two rules share the line's.
#[test]
fn further_results_of_a_line_are_told_apart() {
    let source = Arc::new(Source::new("a.yaml", "a: [x, x, x]\n"));
    let mut run = Run::default();
    for (rule, nth) in [("one", 0), ("one", 1), ("two", 0), ("one", 2)] {
        run.findings.push(finding(rule, Severity::High, "t", "m", place(&source, "x", nth)));
    }
    run.sort();
    let value = sarif(&run, &options());
    let prints: Vec<(String, String)> = value["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|r| {
            let hash = r["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a hash");
            (r["ruleId"].as_str().expect("an id").to_owned(), hash.to_owned())
        })
        .collect();
    let line = &prints[0].1;
    assert_eq!(prints[1], ("two".to_owned(), line.clone()));
    assert_eq!(prints[2], ("one".to_owned(), format!("{line}-1")));
    assert_eq!(prints[3], ("one".to_owned(), format!("{line}-2")));
}

/// More than 5,000 results are cut to the most severe, and the file says so.
#[test]
fn sarif_is_capped() {
    let source = Arc::new(Source::new("a.yaml", "x\n".repeat(5_010)));
    let mut run = Run::default();
    for i in 0..5_010 {
        let severity = if i >= 5_000 { Severity::Critical } else { Severity::Low };
        run.findings.push(finding("one", severity, "t", "m", Place::new(Arc::clone(&source), i * 2, i * 2 + 1)));
    }
    let value: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &run, &options())).expect("SARIF is JSON");
    let results = value["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 5_000);
    assert!(results.iter().take(10).all(|r| r["level"] == "error") && results[10]["level"] == "note");
    let said = &value["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(said.as_str().is_some_and(|t| t.contains("5010")), "{said}");
}
