//! What the assertions of a template (`Rules`) leave of a parameter's values: CloudFormation refuses the others before it deploys
//! anything. Only what names one parameter and literals is read, and only where it is asserted whatever else is given.

use crate::source::Arena;
use crate::template::{Entry, Intrinsic, Kind, Parameter, Value};

/// How deep assertions nest that are read.
const MAX_DEPTH: usize = 8;

/// Takes the values from parameters that no deployment can have.
pub(super) fn narrow<'a>(arena: &'a Arena, rules: &[Entry<'a>], parameters: &mut [Parameter<'a>]) {
    let always = rules.iter().filter(|rule| rule.value.get("RuleCondition").is_none());
    for assertion in always.filter_map(|rule| rule.value.get("Assertions")).flat_map(|list| list.value.items()) {
        if let Some(assert) = assertion.get("Assert") {
            assume(arena, &assert.value, parameters, 0);
        }
    }
}

fn assume<'a>(arena: &'a Arena, assert: &Value<'a>, parameters: &mut [Parameter<'a>], depth: usize) {
    match assert.as_intrinsic() {
        Some(Intrinsic::Equals(one, other)) => {
            let sides = [(one, other), (other, one)];
            sides.into_iter().for_each(|(of, value)| keep(arena, of, &[*value], true, parameters));
        }
        Some(Intrinsic::Not(Value { kind: Kind::Intrinsic(Intrinsic::Equals(one, other)), .. })) => {
            let sides = [(one, other), (other, one)];
            sides.into_iter().for_each(|(of, value)| keep(arena, of, &[*value], false, parameters));
        }
        Some(Intrinsic::Other("Fn::Contains", arguments)) => {
            if let [list, of] = arguments.items().as_slice() {
                keep(arena, of, list.as_list().unwrap_or_default(), true, parameters);
            }
        }
        Some(Intrinsic::And(items)) if depth < MAX_DEPTH => {
            items.iter().for_each(|item| assume(arena, item, parameters, depth + 1));
        }
        _ => {}
    }
}

/// Allows a parameter these values only, or all but these; its default is told all the same. Where none would be left nothing
/// can be deployed, and all is as it is written.
fn keep<'a>(arena: &'a Arena, of: &Value<'a>, values: &[Value<'a>], these: bool, parameters: &mut [Parameter<'a>]) {
    let Some(Intrinsic::Ref(name)) = of.as_intrinsic() else { return };
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_text).collect();
    let plain = |parameter: &&mut Parameter<'a>| parameter.name == *name && parameter.kind == "String";
    let (Some(texts), Some(parameter)) = (texts, parameters.iter_mut().find(plain)) else { return };
    let left: Vec<Value<'a>> = match parameter.allowed {
        [] if these => values.to_vec(),
        allowed => {
            allowed.iter().filter(|v| v.as_text().is_some_and(|v| texts.contains(&v)) == these).copied().collect()
        }
    };
    if !left.is_empty() {
        parameter.allowed = arena.alloc_slice_copy(&left);
    }
}
