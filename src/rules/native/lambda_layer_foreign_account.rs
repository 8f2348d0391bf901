//! A layer of another account runs inside the function, with all its rights.

use crate::analysis::walk::at_path;
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let trusted = cx.trusted_accounts(rule);
    for function in cx.resources("AWS::Lambda::Function") {
        for layer in at_path(cx.resolver, function, "Layers[]") {
            let Some(value) = layer.present() else { continue };
            // Holes before the account (partition, region) do not matter.
            let shown = Text::of(&value).seen_from_own_account();
            let parts: Vec<&str> = shown.split(':').collect();
            let ["arn", _, "lambda", _, account, "layer", name, ..] = parts.as_slice() else { continue };
            let number = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            if number && !trusted.iter().any(|t| t == account) {
                let message = format!("layer `{name}` is of account {account}, which is not among those trusted");
                out.report(Hit::new(Spot::at(value)).of(function).under(&layer.under).message(message));
            }
        }
    }
}
