//! Rules that YAML cannot say: one paragraph of Rust each, named as its card.

use super::{Context, Rule, Sink};

/// What a native rule is: it looks, and reports.
type Check = for<'a> fn(&Rule, &Context<'_, 'a>, &mut Sink<'a>);

/// Declares the native rules: the list is the modules, and their names are the cards' names.
macro_rules! natives {
    ($($module:ident = $name:literal),* $(,)?) => {
        $(mod $module;)*
        /// Every native rule, by its card's name.
        const NATIVES: &[(&str, Check)] = &[$(($name, $module::check)),*];
    };
}

natives! {
}

/// Runs a native rule; one without Rust is caught by a test.
pub(super) fn run<'a>(rule: &Rule, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    if let Some((_, check)) = NATIVES.iter().find(|(name, _)| *name == rule.head.name) {
        check(rule, context, sink);
    }
}

/// The names of the native rules, for the test that holds cards and natives one to one.
#[must_use]
pub fn names() -> Vec<&'static str> {
    NATIVES.iter().map(|(name, _)| *name).collect()
}
