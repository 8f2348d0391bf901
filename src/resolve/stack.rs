//! The id of the stack, taken apart: names are made unique with a piece of it, and the same piece is the same text.

use crate::template::{Build, Intrinsic, Kind, Origin, Value};

/// `arn:aws:cloudformation:eu-central-1:111122223333:stack/name/51af3dc0-da77-11e4-872e-1234567db123`
const ID: &str = "AWS::StackId";

/// The five groups of letters that the id ends in. They go by names that no pseudo parameter of AWS has.
const GROUPS: [&str; 5] = ["AWS::StackId/1", "AWS::StackId/2", "AWS::StackId/3", "AWS::StackId/4", "AWS::StackId/5"];

/// What stands between the dashes of the whole id begins so; which part of the id that is depends on the region.
const DASHED: &str = "AWS::StackId-";

/// How many parts of the whole id can be told from each other.
const MAX_PARTS: usize = 32;

/// True for the id of the stack.
pub(super) fn is_id(value: &Value<'_>) -> bool {
    matches!(value.kind, Kind::Intrinsic(Intrinsic::Ref(name)) if *name == ID)
}

/// What the part of `!Split ['-', !Ref AWS::StackId]` with this number is called.
pub(super) fn dashed(list: &Value<'_>, index: usize) -> Option<String> {
    let Kind::Intrinsic(Intrinsic::Split(separator, text)) = list.kind else { return None };
    let apart = separator.as_text() == Some("-") && is_id(text) && index < MAX_PARTS;
    apart.then(|| format!("{DASHED}{index}"))
}

/// The pieces of a text with the stack's id as the pieces that it always has.
pub(super) fn taken_apart<'a>(pieces: Vec<Value<'a>>, build: &Build<'a>, place: Origin<'a>) -> Vec<Value<'a>> {
    let [one, two, three, four, five] = GROUPS;
    let id = [
        "arn:",
        "AWS::Partition",
        ":cloudformation:",
        "AWS::Region",
        ":",
        "AWS::AccountId",
        ":stack/",
        "AWS::StackName",
        "/",
    ];
    let id = || id.into_iter().chain([one, "-", two, "-", three, "-", four, "-", five]);
    let piece =
        |text: &str| if text.starts_with("AWS::") { build.reference(text, place) } else { build.text(text, place) };
    let mut all = Vec::new();
    for one in pieces {
        if is_id(&one) { all.extend(id().map(piece)) } else { all.push(one) }
    }
    all
}

/// What a part of the id looks like.
pub(super) fn typical(name: &str) -> &'static str {
    match GROUPS.iter().position(|group| *group == name) {
        Some(0) => "51af3dc0",
        Some(4) => "1234567db123",
        Some(_) => "da77",
        None if name.starts_with(DASHED) => "11e4",
        None => "",
    }
}
