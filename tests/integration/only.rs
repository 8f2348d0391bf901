//! A scanner with one built-in rule, for tests that ask what just that one says.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::dialect::Options;
use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Scanner, Settings, examples};

/// A scanner that runs no rule but this, on the day that examples are judged on.
pub(crate) fn only(rule: &str) -> Scanner {
    only_of(Catalogue::builtin(), rule)
}

/// The same with a rule of another catalogue.
pub(crate) fn only_of(catalogue: Catalogue, rule: &str) -> Scanner {
    let choice = Choice::only(&catalogue, rule);
    chosen(catalogue, choice)
}

/// A scanner that runs every rule.
pub(crate) fn all() -> Scanner {
    let catalogue = Catalogue::builtin();
    let choice = Choice::everything(&catalogue);
    chosen(catalogue, choice)
}

fn chosen(catalogue: Catalogue, choice: Choice) -> Scanner {
    let choice = Arc::new(choice);
    Scanner::new(Settings {
        catalogue,
        today: examples::TODAY.to_owned(),
        options: Options::default(),
        open: false,
        parameters: BTreeMap::new(),
        silence: None,
        choose: Box::new(move |_| choice.clone()),
    })
}
