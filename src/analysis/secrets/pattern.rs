//! Expressions over bytes that compile quickly: they are tried on texts that hold a keyword already.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

/// Compiles an expression; `None` when it is malformed, which tests rule out.
///
/// Credentials are ASCII, and classes of ASCII are several times cheaper to compile than Unicode's. A search for
/// literals of its own would cost as much again and find the keyword that is known to be there.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    let config = Config::new().auto_prefilter(false).onepass(false).utf8_empty(false);
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    Regex::builder().configure(config).syntax(syntax).build(pattern).ok()
}
