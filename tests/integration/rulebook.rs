//! Every rule holds what its card promises.

use portcullis::rules::Catalogue;
use portcullis::scan::examples;

/// Each rule speaks at exactly the marked lines of its bad examples and is silent on the others.
/// `RULE=name` runs those whose name contains it.
#[test]
fn examples_hold() {
    let only = std::env::var("RULE").unwrap_or_default();
    let wrong = examples::run(Catalogue::builtin(), |rule| rule.head.name.contains(&only));
    let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} examples are judged otherwise:\n{}", wrong.len(), shown.join("\n"));
}
