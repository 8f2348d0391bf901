//! serverless.yml, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::Template;

mod config;
mod config_merge;
mod config_plugins;
mod config_schema;
mod config_version;
mod dotenv;
mod grammar;
mod lower;
mod sources;
mod sources_file;
mod stages;
mod variables;
mod variables_intrinsic;
mod variables_text;

/// The CloudFormation that the Serverless Framework makes of a service; `None` when a variable turns out to name
/// another provider than AWS.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Option<Template<'a>> {
    let config = config::Config::read(root, input);
    let provider = config.root.get("provider").map(|e| e.value);
    let name = provider.and_then(|p| p.as_text().or_else(|| p.get("name").and_then(|e| e.value.as_text())));
    if name.is_some_and(|name| name != "aws") {
        return None;
    }
    let first = root.pairs().first().map_or(root.span, |p| p.key.span);
    Some(lower::lower(&config, input, first))
}
