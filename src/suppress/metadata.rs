//! Suppressions in `Metadata`, ours and peers': the only way in JSON.

use super::Date;
use super::collect::{Collector, Draft};
use super::directive::{Rules, Scope, Wanted};
use crate::config::{Peer, Voice};
use crate::rulebook::nearest;
use crate::source::Span;
use crate::syntax::Node;

/// What our plugin for the Serverless Framework is told, in the block where suppressions stand.
const PLUGIN_KEYS: [&str; 6] = ["enabled", "failOn", "profile", "config", "baseline", "args"];

/// Reads the `Metadata` of a resource, or of the template.
pub(super) fn read(out: &mut Collector<'_, '_>, metadata: &Node<'_>, scope: &Scope) {
    blocks(out, metadata, scope, &[]);
}

/// Reads the `custom` of serverless.yml, which has no metadata of its own.
pub(super) fn read_custom(out: &mut Collector<'_, '_>, custom: &Node<'_>, scope: &Scope) {
    blocks(out, custom, scope, &PLUGIN_KEYS);
}

fn blocks(out: &mut Collector<'_, '_>, metadata: &Node<'_>, scope: &Scope, settings: &[&str]) {
    for pair in metadata.pairs() {
        let (Some(name), block) = (pair.name(), &pair.value) else { continue };
        match name {
            "portcullis" => own(out, block, scope, settings),
            "cfn_nag" => listed(out, block, scope, &CFN_NAG),
            "cdk_nag" => listed(out, block, scope, &CDK_NAG),
            "aws:cdk:path" => acknowledged(out, block, scope),
            "checkov" | "bridgecrew" => listed(out, block, scope, &CHECKOV),
            "cfn-lint" => cfn_lint(out, block, scope),
            "guard" => guard(out, block, scope),
            _ => {
                // What is spelt with the wrong dash does nothing in the peer either.
                let known = ["portcullis", "cfn_nag", "cdk_nag", "checkov", "cfn-lint"];
                let same = |k: &&&str| k.replace('-', "_").eq_ignore_ascii_case(&name.replace('-', "_"));
                if let Some(meant) = known.iter().find(same) {
                    out.misspelt(pair.key.span, name, Some(meant), "block of suppressions");
                }
            }
        }
    }
}

/// `portcullis: {ignore: [{rule, reason, until, values}]}`, and settings that are somebody else's business.
fn own(out: &mut Collector<'_, '_>, block: &Node<'_>, scope: &Scope, settings: &[&str]) {
    if !out.honors(Voice::Native) {
        return;
    }
    for pair in block.pairs() {
        let name = pair.name().unwrap_or("");
        if settings.contains(&name) {
            continue;
        }
        if name != "ignore" {
            out.misspelt(
                pair.key.span,
                name,
                nearest(name, settings.iter().copied().chain(["ignore"])).or(Some("ignore")),
                "key of `portcullis`",
            );
            continue;
        }
        if let Some(text) = pair.value.text() {
            own_entry(out, &[(text, pair.value.span)], &pair.value, scope);
        }
        for item in pair.value.items() {
            let names = match item.text() {
                Some(text) => vec![(text, item.span)],
                None => ["rule", "rules"].iter().filter_map(|k| item.get(k)).flat_map(texts).collect(),
            };
            own_entry(out, &names, item, scope);
        }
        if pair.value.is_mapping() {
            let names: Vec<_> = ["rule", "rules"].iter().filter_map(|k| pair.value.get(k)).flat_map(texts).collect();
            own_entry(out, &names, &pair.value, scope);
        }
    }
}

const OWN_KEYS: [&str; 5] = ["rule", "rules", "reason", "until", "values"];

fn own_entry(out: &mut Collector<'_, '_>, names: &[(&str, Span)], entry: &Node<'_>, scope: &Scope) {
    let mut understood = true;
    for pair in entry.pairs() {
        let name = pair.name().unwrap_or("");
        if !OWN_KEYS.contains(&name) {
            out.misspelt(pair.key.span, name, nearest(name, OWN_KEYS), "key of a suppression");
            understood = false;
        }
    }
    if names.is_empty() {
        return out.nameless(entry.span, "rule");
    }
    let mut draft = Draft::new(entry.span, Voice::Native, "metadata", scope.clone());
    draft.reason = reason(entry, "reason");
    if let Some(until) = entry.get("until") {
        match until.text().and_then(Date::parse) {
            Some(day) => draft.until = Some((day, until.span)),
            None => return out.no_day(until.span, until.text().unwrap_or("")),
        }
    }
    let about = entry.get("values");
    let values: Vec<_> = about.into_iter().flat_map(texts).map(|(text, _)| text.to_owned()).collect();
    if let Some(about) = about.filter(|_| values.is_empty()) {
        out.valueless(about.span);
        understood = false;
    }
    for (name, span) in names {
        let wanted = values.iter().cloned().map(Wanted::Exact).collect();
        out.own_target(&mut draft, name, *span, wanted);
    }
    // Half understood it may mean less than it says, as in a comment: it does not count.
    if understood {
        out.push(draft);
    }
}

/// A peer whose suppressions are a list of maps with an id and a reason.
struct Listed {
    voice: Voice,
    peer: Peer,
    list: &'static str,
    reason: &'static str,
    others: &'static [&'static str],
}

const CFN_NAG: Listed =
    Listed { voice: Voice::CfnNag, peer: Peer::CfnNag, list: "rules_to_suppress", reason: "reason", others: &[] };
const CDK_NAG: Listed =
    Listed { voice: Voice::CdkNag, peer: Peer::CdkNag, list: "rules_to_suppress", reason: "reason", others: &[] };
const CHECKOV: Listed =
    Listed { voice: Voice::Checkov, peer: Peer::Checkov, list: "skip", reason: "comment", others: &[] };

fn listed(out: &mut Collector<'_, '_>, block: &Node<'_>, scope: &Scope, peer: &Listed) {
    if !out.honors(peer.voice) {
        return;
    }
    for pair in block.pairs() {
        let name = pair.name().unwrap_or("");
        if name != peer.list {
            if let Some(meant) = nearest(name, [peer.list]).filter(|_| !peer.others.contains(&name)) {
                out.misspelt(pair.key.span, name, Some(meant), "key");
            }
            continue;
        }
        for entry in pair.value.items() {
            // checkov and cfn_nag want maps; a bare id is what people write at first.
            let Some(id) = entry.get("id").filter(|id| id.text().is_some_and(|t| !t.is_empty())) else {
                out.nameless(entry.span, "id");
                continue;
            };
            listed_entry(out, entry, id, scope, peer);
        }
    }
}

fn listed_entry(out: &mut Collector<'_, '_>, entry: &Node<'_>, id: &Node<'_>, scope: &Scope, peer: &Listed) {
    let mut draft = Draft::new(entry.span, peer.voice, peer.voice.name(), scope.clone());
    draft.reason = reason(entry, peer.reason);
    let mut name = id.text().unwrap_or("");
    let mut wanted = Vec::new();
    if peer.peer == Peer::CdkNag {
        let finding;
        (name, finding) = of_finding(name);
        wanted.extend(finding);
        if let Some(applies) = entry.get("applies_to").or_else(|| entry.get("appliesTo")) {
            wanted.extend(applies.items().iter().filter_map(applies_to));
            // A list of what we cannot read is about something, so it is not about everything.
            if wanted.is_empty() {
                return;
            }
        }
        if entry.get("is_reason_encoded").and_then(Node::text) == Some("true") {
            draft.reason = draft.reason.take().map(decoded);
        }
    }
    let rules = Rules::some(out.catalogue().rules_of(peer.peer, name));
    draft.target(name, id.span, rules, wanted);
    out.push(draft);
}

/// An id of cdk-nag: version 3 puts the finding into it, version 2 into a list of its own.
fn of_finding(id: &str) -> (&str, Option<Wanted>) {
    match id.strip_suffix(']').and_then(|id| id.split_once('[')) {
        Some((rule, finding)) => (rule, Some(Wanted::Finding(finding.to_owned()))),
        None => (id, None),
    }
}

/// What the app acknowledges of the construct that a resource was synthesised from: version 3 of cdk-nag asks the app itself, and so does
/// the CDK's own validation, by cfn-lint's ids.
fn acknowledged(out: &mut Collector<'_, '_>, construct: &Node<'_>, scope: &Scope) {
    let Some(path) = construct.text() else { return };
    for (id, reason) in out.acknowledged(path) {
        let (name, finding) = of_finding(&id);
        let asked = [(Voice::CdkNag, Peer::CdkNag), (Voice::CfnLint, Peer::CfnLint)].into_iter();
        let mut asked = asked.map(|(voice, peer)| (voice, out.catalogue().rules_of(peer, name)));
        // What is acknowledged of other tools is none of ours, and no mistake.
        let Some((voice, rules)) = asked.find(|(voice, rules)| out.honors(*voice) && !rules.is_empty()) else {
            continue;
        };
        let mut draft = Draft::new(construct.span, voice, voice.name(), scope.clone());
        draft.reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        draft.target_elsewhere(name, construct.span, Rules::some(rules), finding.into_iter().collect());
        out.push(draft);
    }
}

fn applies_to(item: &Node<'_>) -> Option<Wanted> {
    if let Some(text) = item.text() {
        return Some(Wanted::Finding(text.to_owned()));
    }
    // `/…/flags`, as JavaScript writes patterns.
    let pattern = item.get("regex")?.text()?;
    let (body, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let built = regex::RegexBuilder::new(body).case_insensitive(flags.contains('i')).size_limit(1 << 20).build();
    built.ok().map(Wanted::Pattern)
}

/// cdk-nag writes a reason beyond Latin-1 in base64.
fn decoded(reason: String) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(&reason);
    bytes.ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or(reason)
}

/// `cfn-lint: {config: {ignore_checks: [W2]}}`: beginnings of ids.
fn cfn_lint(out: &mut Collector<'_, '_>, block: &Node<'_>, scope: &Scope) {
    if !out.honors(Voice::CfnLint) {
        return;
    }
    let Some(config) = block.get("config") else { return };
    for pair in config.pairs() {
        let name = pair.name().unwrap_or("");
        if name != "ignore_checks" {
            if let Some(meant) = nearest(name, ["ignore_checks"]) {
                out.misspelt(pair.key.span, name, Some(meant), "key");
            }
            continue;
        }
        for (id, span) in texts(&pair.value) {
            let mut draft = Draft::new(span, Voice::CfnLint, Voice::CfnLint.name(), scope.clone());
            let begins =
                |known: &str| known.get(..id.len()).is_some_and(|k| k.eq_ignore_ascii_case(id)) && !id.is_empty();
            let mut names = out.catalogue().rules_where(Peer::CfnLint, begins);
            names.extend(out.catalogue().rules_where(Peer::ServerlessRules, begins));
            draft.target(id, span, Rules::some(names), Vec::new());
            out.push(draft);
        }
    }
}

/// `guard: {SuppressedRules: [S3_BUCKET_SSL_REQUESTS_ONLY]}`.
fn guard(out: &mut Collector<'_, '_>, block: &Node<'_>, scope: &Scope) {
    if !out.honors(Voice::Guard) {
        return;
    }
    for pair in block.pairs() {
        let name = pair.name().unwrap_or("");
        if name != "SuppressedRules" {
            if let Some(meant) = nearest(name, ["SuppressedRules"]) {
                out.misspelt(pair.key.span, name, Some(meant), "key");
            }
            continue;
        }
        for (id, span) in texts(&pair.value) {
            let mut draft = Draft::new(span, Voice::Guard, Voice::Guard.name(), scope.clone());
            let rules = Rules::some(out.catalogue().rules_of(Peer::Guard, id));
            draft.target(id, span, rules, Vec::new());
            out.push(draft);
        }
    }
}

fn reason(entry: &Node<'_>, key: &str) -> Option<String> {
    let text = entry.get(key)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text, or each text of a list, with its place.
fn texts<'a>(node: &Node<'a>) -> Vec<(&'a str, Span)> {
    let alone = node.text().map(|text| (text, node.span));
    let items = node.items().iter().filter_map(|item| Some((item.text()?, item.span)));
    alone.into_iter().chain(items).collect()
}
