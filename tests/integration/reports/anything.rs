//! Any text and any places: hostile input makes odd reports, never none.

use std::sync::Arc;

use portcullis::finding::{Edit, Finding, Fix, Label, Place, Run, Safety};
use portcullis::report::{Format, Options};
use portcullis::rulebook::{Category, Severity};
use portcullis::source::Source;
use proptest::prelude::*;

use super::made_up::{finding, options, render};

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z]{1,8}: ?",
        2 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("\u{feff}".to_owned()),
        1 => Just("日本語😀".to_owned()),
        1 => Just("e\u{301}\u{200d}\u{202e}".to_owned()),
        1 => Just("\"secret-in-here\"".to_owned()),
        1 => Just("x".repeat(900)),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever the text and wherever the places, every report is written, and SARIF is valid.
    #[test]
    fn is_reported(
        texts in prop::collection::vec(text(), 1..3),
        places in prop::collection::vec((0_u32..1_500, 0_u32..60, any::<bool>()), 1..12),
    ) {
        let sources: Vec<_> =
            texts.iter().enumerate().map(|(i, t)| Arc::new(Source::new(format!("f{i}.yaml"), t.clone()))).collect();
        let at = |(start, length, _): (u32, u32, bool)| {
            let source = &sources[start as usize % sources.len()];
            let start = start % (u32::try_from(source.text().len()).expect("small") + 2);
            Place::new(Arc::clone(source), start, start + length)
        };
        let mut run = Run::default();
        for (i, &one) in places.iter().enumerate() {
            let other = places[(i * 7 + 3) % places.len()];
            let mut edits = vec![Edit { place: at(one), text: texts[0].chars().take(80).collect() }];
            if one.2 {
                edits.push(Edit { place: at(other), text: String::new() });
            }
            run.findings.push(Finding {
                category: if one.2 { Category::Secrets } else { Category::Iam },
                resource: Some(texts[0].chars().take(5).collect()),
                related: if one.2 { vec![Label { place: at(other), message: texts[0].clone() }] } else { Vec::new() },
                fixes: vec![Fix { title: texts[0].clone(), safety: Safety::Safe, edits }],
                label: one.2.then(|| texts[0].clone()),
                ..finding("rule", Severity::ALL[i % 5], "title", &texts[0], at(one))
            });
        }
        run.sort();
        for &format in Format::ALL {
            let options = Options { width: 30 + places.len() * 10, unicode: places.len() > 4, ..options() };
            prop_assert!(!render(format, &run, &options).is_empty());
        }
    }
}
