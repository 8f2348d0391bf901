//! Fixes of JSON.

use super::{append, assert_fixed, lead, map, remove, set, text};
use crate::rulebook::Literal;

const TRUE: Literal = Literal::Bool(true);
const PRETTY: &str =
    "{\n    \"B\": {\n        \"Type\": \"X\",\n        \"Properties\": {\n            \"A\": 1\n        }\n    }\n}\n";

/// Pretty JSON stays pretty, as deep as it is.
#[test]
fn pretty_json_stays_pretty() {
    assert_fixed(
        PRETTY,
        "B",
        &[set("Properties.Enc.On", TRUE), append("Tags", map(&[("Key", text("k"))]))],
        "{\n    \"B\": {\n        \"Type\": \"X\",\n        \"Properties\": {\n            \"A\": 1,\n            \"Enc\": {\n                \"On\": true\n            }\n        },\n        \"Tags\": [\n            {\n                \"Key\": \"k\"\n            }\n        ]\n    }\n}\n",
    );
    assert_fixed(
        "{\n  \"B\": {}\n}",
        "B",
        &[set("P.Q", TRUE)],
        "{\n  \"B\": {\n    \"P\": {\n      \"Q\": true\n    }\n  }\n}",
    );
    assert_fixed(
        "{\n  \"B\": null,\n  \"C\": 1\n}",
        "B",
        &[set("P", TRUE)],
        "{\n  \"B\": {\n    \"P\": true\n  },\n  \"C\": 1\n}",
    );
}

/// JSON on one line stays on one line.
#[test]
fn one_line_stays_one_line() {
    assert_fixed(
        "{\"B\":{\"A\":1}}",
        "B",
        &[set("P.Q", text("a\"b"))],
        "{\"B\":{\"A\":1, \"P\": {\"Q\": \"a\\\"b\"}}}",
    );
    assert_fixed("{\"B\":[]}", "B", &[append("", TRUE)], "{\"B\":[true]}");
    assert_fixed("{\"B\":[1]}", "B", &[append("", text("on"))], "{\"B\":[1, \"on\"]}");
}

/// Replacing and removing keep commas right.
#[test]
fn commas_are_kept_right() {
    assert_fixed(PRETTY, "B", &[set("Properties.A", text("x"))], &PRETTY.replace('1', "\"x\""));
    assert_fixed(PRETTY, "B", &[remove("Properties")], "{\n    \"B\": {\n        \"Type\": \"X\"\n    }\n}\n");
    assert_fixed(PRETTY, "B", &[remove("Type")], &PRETTY.replace("\"Type\": \"X\",\n        ", ""));
    assert_fixed(PRETTY, "B.Properties", &[remove("A"), set("Z", TRUE)], &PRETTY.replace("\"A\": 1", "\"Z\": true"));
}

/// Short forms of functions become long ones.
#[test]
fn functions_become_long() {
    for (short, long) in [
        ("!Ref A", "{\"Ref\": \"A\"}"),
        ("!GetAtt Q.Arn", "{\"Fn::GetAtt\": [\"Q\", \"Arn\"]}"),
        ("!GetAtt N.Outputs.X", "{\"Fn::GetAtt\": [\"N\", \"Outputs.X\"]}"),
        ("!Sub \"${A}/*\"", "{\"Fn::Sub\": \"${A}/*\"}"),
        ("!If [C, 1, !Ref A]", "{\"Fn::If\": [\"C\", 1, {\"Ref\": \"A\"}]}"),
    ] {
        assert_fixed(
            "{\"B\": {\"A\": 1}}",
            "B",
            &[set("Q", text(short))],
            &format!("{{\"B\": {{\"A\": 1, \"Q\": {long}}}}}"),
        );
    }
}

/// What is indented with tabs stays so.
#[test]
fn tabs_stay_tabs() {
    assert_fixed(
        "{\n\t\"B\": {\n\t\t\"A\": 1\n\t}\n}\n",
        "B",
        &[set("P.Q", TRUE), lead("V", text("x"))],
        "{\n\t\"B\": {\n\t\t\"V\": \"x\",\n\t\t\"A\": 1,\n\t\t\"P\": {\n\t\t\t\"Q\": true\n\t\t}\n\t}\n}\n",
    );
    assert_fixed(
        "{\n\t\"B\": {\n\t\t\t\"A\": 1\n\t}\n}\n",
        "B",
        &[append("L", TRUE)],
        "{\n\t\"B\": {\n\t\t\t\"A\": 1,\n\t\t\t\"L\": [\n\t\t\t\t\ttrue\n\t\t\t]\n\t}\n}\n",
    );
}
