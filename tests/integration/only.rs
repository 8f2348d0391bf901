//! A scanner with one built-in rule, for tests that ask what just that one says.

use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Scanner, Settings, examples};

/// A scanner that runs no rule but this, on the day that examples are judged on.
pub(crate) fn only(rule: &str) -> Scanner {
    only_of(Catalogue::builtin(), rule)
}

/// The same with a rule of another catalogue.
pub(crate) fn only_of(catalogue: Catalogue, rule: &str) -> Scanner {
    let choice = Choice::only(&catalogue, rule);
    Scanner::new(Settings::new(catalogue, choice, examples::TODAY))
}

/// A scanner that runs every rule.
pub(crate) fn all() -> Scanner {
    let catalogue = Catalogue::builtin();
    let choice = Choice::everything(&catalogue);
    Scanner::new(Settings::new(catalogue, choice, examples::TODAY))
}
