//! What nobody notices until it is wrong: how deep we look, where a value was written, what cannot hold together.

use super::asking::asking_alone;
use super::{Case, Known, Resolver, Text, Truth, Under};
use crate::source::Sources;
use crate::template::Value;

/// Does something with the resolver of a template and its first resource's property `P`.
fn with<R>(text: &str, ask: impl for<'t, 'a> FnOnce(&Resolver<'t, 'a>, &Value<'a>, &Sources) -> R) -> R {
    asking_alone(text, |resolver, sources| {
        let resource = resolver.template().resources.first().expect("the test's template has a resource");
        let property = resource.properties.get("P").expect("the resource has a `P`");
        ask(resolver, &property.value, sources)
    })
}

fn property(head: &str, property: &str) -> String {
    format!("{head}\nResources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {property}\n")
}

fn shown(case: &Case<'_>) -> String {
    match case.value {
        Known::Present(value) => Text::of(&value).pattern(),
        Known::Absent => "absent".to_owned(),
        Known::Unknown(why) => format!("unknown: {why}"),
    }
}

/// A regular expression matches a text with holes where it does whatever they hold, and is not sure elsewhere.
#[test]
fn expressions_match_between_holes() {
    let ask = |text: &str, expression: &str| {
        let regex = crate::rulebook::Expression::parse(expression).expect("an expression");
        with(&property("", &format!("!Sub \"{text}\"")), |resolver, value, _| {
            let cases = resolver.cases(value, &Under::always());
            cases.iter().filter_map(Case::present).map(|v| Text::of(&v).matches(&regex)).collect::<Vec<_>>()
        })
    };
    let sure = [
        ("${A.B}/0", "/0+$"),
        ("${A.B}:iam::aws:policy/AdministratorAccess", ":iam::aws:policy/AdministratorAccess$"),
        ("arn:${A.B}", "^arn:"),
        ("${A.B}-prod-${A.B}", "prod"),
        ("${A.B}.prod.${A.B}", r"\bprod\b"),
        ("${AWS::Region}", "^eu-central-1$"),
    ];
    for (text, expression) in sure {
        assert_eq!(ask(text, expression), [Truth::Yes], "{text} {expression}");
    }
    let perhaps = [
        ("${A.B}/0", "^/0$"),
        ("${A.B}/0${A.B}", "/0$"),
        ("${A.B}prod", r"\bprod"),
        ("prod${A.B}", r"prod\b"),
        ("prod${A.B}", r"prod\B"),
        ("${A.B}", "^$"),
        ("${A.B}/16", "/0$"),
        ("a${A.B}b", "a.*b"),
    ];
    for (text, expression) in perhaps {
        assert_eq!(ask(text, expression), [Truth::Maybe], "{text} {expression}");
    }
}

/// Lists in lists are one list, to a depth of nine.
#[test]
fn lists_are_flattened_to_a_depth() {
    for (depth, found) in [(1, 1), (8, 1), (9, 1), (10, 0)] {
        let text = property("", &format!("{}a{}", "[".repeat(depth), "]".repeat(depth)));
        let items = with(&text, |resolver, value, _| resolver.items(value, &Under::always()).len());
        assert_eq!(items, found, "{depth}");
    }
}

/// The items of what turns out to be a list are its items, and a value that is no list is its own.
#[test]
fn items_of_what_becomes_a_list() {
    let head = "Parameters:\n  L: {Type: CommaDelimitedList, Default: 'a,b'}\n  E: {Type: String}\nConditions:\n  C: !Equals [!Ref E, x]";
    for (value, items) in [
        ("!Ref L", vec!["a", "b"]),
        ("[!Ref L, c]", vec!["a", "b", "c"]),
        ("!If [C, [a, b], c]", vec!["a", "b", "c"]),
        ("[!If [C, [a], !Ref AWS::NoValue], b]", vec!["a", "b"]),
        ("a", vec!["a"]),
        ("", vec![]),
    ] {
        let found = with(&property(head, value), |resolver, value, _| {
            resolver.items(value, &Under::always()).iter().map(shown).collect::<Vec<_>>()
        });
        assert_eq!(found, items, "{value}");
    }
}

/// Two assumptions hold together only where a world is left, and say both of what they assume.
#[test]
fn assumptions_meet() {
    let head = "Parameters:\n  E: {Type: String, AllowedValues: [a, b]}\n  F: {Type: String, AllowedValues: [a, b]}\nConditions:\n  A: !Equals [!Ref E, a]\n  B: !Equals [!Ref E, b]\n  C: !Equals [!Ref F, a]";
    with(&property(head, "x"), |resolver, _, _| {
        let assume = |name| resolver.assume(&Under::always(), name, true).expect("it can be");
        let [a, b, c] = ["A", "B", "C"].map(assume);
        assert!(resolver.both(&a, &b).is_none());
        let both = resolver.both(&a, &c).and_then(|under| under.describe());
        assert_eq!(both.as_deref(), Some("A is true and C is true"));
        assert_eq!(resolver.both(&a, &Under::always()).and_then(|u| u.describe()).as_deref(), Some("A is true"));
    });
}

/// A mapping's value that looks itself up is unknown, and says why.
#[test]
fn a_mapping_that_looks_itself_up() {
    let head = "Mappings:\n  M:\n    A:\n      B: !FindInMap [M, A, B]";
    let cases = with(&property(head, "!FindInMap [M, A, B]"), |resolver, value, _| {
        resolver.cases(value, &Under::always()).iter().map(shown).collect::<Vec<_>>()
    });
    assert_eq!(cases, ["unknown: nested too deep"]);
}

/// A value that a condition chooses says where among the allowed values it is written.
#[test]
fn values_know_their_place() {
    let head =
        "Parameters:\n  E: {Type: String, Default: a, AllowedValues: [a, b]}\nConditions:\n  IsB: !Equals [!Ref E, b]";
    with(&property(head, "!If [IsB, !Ref E, !Ref E]"), |resolver, value, sources| {
        let cases = resolver.cases(value, &Under::always());
        let places = cases.iter().filter_map(|case| {
            let value = case.present()?;
            let at = value.origin.step?.at?;
            Some((value.as_text()?.to_owned(), sources.get(at.file).slice(at).to_owned()))
        });
        let pairs: Vec<_> = places.collect();
        assert!(pairs.iter().all(|(value, written)| value == written), "{pairs:?}");
        assert!(["a", "b"].iter().all(|wanted| pairs.iter().any(|(value, _)| value == wanted)), "{pairs:?}");
    });
}

/// A text of pieces inside a text is a part of it; what is too much to look at is noted.
#[test]
fn texts_of_pieces_and_notes() {
    let inside = property("", "!Join ['', [a, !Join ['', [!Ref AWS::Region, b]], c]]");
    let cases = with(&inside, |resolver, value, _| {
        assert_eq!(resolver.notes(), [] as [String; 0]);
        resolver.cases(value, &Under::always()).iter().map(shown).collect::<Vec<_>>()
    });
    assert_eq!(cases, ["a*bc"]);
    let long = property("", &format!("!Join ['', ['{0}', '{0}']]", "x".repeat(600 << 10)));
    let notes = with(&long, |resolver, value, _| {
        assert!(resolver.cases(value, &Under::always()).iter().all(|case| case.present().is_none()));
        resolver.notes()
    });
    assert!(notes.iter().any(|note| note.contains("1048576 bytes")), "{notes:?}");
}
