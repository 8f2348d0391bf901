//! Which line of a CDK app made a resource, and which findings the app acknowledges: it leaves that beside the templates that it
//! synthesises.
//! <https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth>

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::Construct;
use crate::source::{Arena, FileId, Loader, Source};
use crate::syntax::{self, Node};
use crate::template::Resource;

/// How many files about stacks are read for one template.
const MAX_FILES: usize = 50;

/// How many bytes of them.
const MAX_BYTES: usize = 8 << 20;

/// How many folders up from the template the app may be: stages have folders of their own in the one that is synthesised to.
const MAX_UP: usize = 3;

/// How many steps of a path are tried: it is absolute, and perhaps of another machine.
const MAX_STEPS: usize = 12;

/// What apps are written in: a path comes from a file that anyone may have written, and nothing else is opened for it.
const LANGUAGES: &[&str] =
    &["cjs", "cs", "cts", "fs", "go", "java", "js", "jsx", "kt", "mjs", "mts", "py", "ts", "tsx"];

/// What an app left beside one template, read when it is asked for.
pub(super) struct Synthesis<'s> {
    template: &'s str,
    loader: &'s dyn Loader,
    said: OnceCell<Said>,
    /// The files of the app by the paths that they have in it.
    files: RefCell<BTreeMap<String, Option<Arc<Source>>>>,
}

/// The accounts that a template is deployed to, as the list of what was synthesised says: that of its stack, or, of a nested one, which
/// is not in it, those of the stacks that are.
pub(super) fn accounts(template: &str, loader: &dyn Loader) -> Vec<String> {
    let mut all = Vec::new();
    let name = template.rsplit('/').next().unwrap_or(template);
    let manifest = name.ends_with(".template.json").then(|| loader.load(template, "manifest.json").ok()).flatten();
    let Some(manifest) = manifest else { return all };
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), manifest.text());
    let artifacts = document.root().and_then(|root| root.get("artifacts")).map(Node::pairs).unwrap_or_default();
    for artifact in artifacts {
        let text = |node: Option<&Node<'_>>| node.and_then(Node::text).unwrap_or_default().to_owned();
        if text(artifact.value.get("type")) != "aws:cloudformation:stack" {
            continue;
        }
        // `aws://111122223333/eu-central-1`; what is not known yet is `unknown-account`.
        let environment = text(artifact.value.get("environment"));
        let account = environment.strip_prefix("aws://").and_then(|rest| rest.split('/').next());
        let account = account.filter(|one| one.len() == 12 && one.bytes().all(|b| b.is_ascii_digit()));
        let account = account.map(str::to_owned);
        if text(artifact.value.get("properties").and_then(|properties| properties.get("templateFile"))) == name {
            return account.into_iter().collect();
        }
        all.extend(account.filter(|one| !all.contains(one)));
    }
    all
}

/// What an app says of its constructs, by their paths.
#[derive(Debug, Default)]
struct Said {
    /// The first line of the app that led to a construct.
    frames: BTreeMap<String, Frame>,
    /// The rules of cdk-nag that need not hold for a construct and what is in it, with the reasons.
    acknowledged: BTreeMap<String, Vec<(String, String)>>,
}

/// A line of a stack trace.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    path: String,
    line: u32,
    column: u32,
}

impl<'s> Synthesis<'s> {
    /// Nothing is read yet.
    pub(super) fn new(template: &'s str, loader: &'s dyn Loader) -> Self {
        Self { template, loader, said: OnceCell::new(), files: RefCell::default() }
    }

    /// The construct of a resource, and where the app makes it.
    pub(super) fn construct(&self, resource: &Resource<'_>) -> Option<Construct> {
        let path = resource.construct()?.to_owned();
        let made = resource.construct_path().and_then(|path| self.made(nearest(&self.said().frames, path)?));
        Some(Construct { path, made })
    }

    /// Whether the app acknowledges any finding.
    pub(super) fn acknowledges(&self) -> bool {
        !self.said().acknowledged.is_empty()
    }

    /// What the app acknowledges of the construct at a path, or of one around it: ids of cdk-nag, with the reasons.
    pub(super) fn acknowledged(&self, path: &str) -> Vec<(String, String)> {
        let said = &self.said().acknowledged;
        let around = path.match_indices('/').map(|(at, _)| &path[..at]).chain(["", path]);
        around.filter_map(|path| said.get(path)).flatten().cloned().collect()
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| self.read())
    }

    fn made(&self, frame: &Frame) -> Option<(String, u32, u32)> {
        let mut files = self.files.borrow_mut();
        let file = files.entry(frame.path.clone()).or_insert_with(|| self.file(&frame.path)).as_ref()?;
        // A file that has grown shorter is not what the app was synthesised from.
        (1..=file.lines().count()).contains(&frame.line).then(|| (file.path().to_owned(), frame.line, frame.column))
    }

    fn read(&self) -> Said {
        let mut said = Said::default();
        // What is said of nested stacks is said with their parents'.
        let own = self.template.rsplit('/').next().and_then(|name| name.strip_suffix(".template.json"));
        match own.map(|stack| format!("{stack}.metadata.json")).and_then(|name| self.load(&name)) {
            Some(metadata) => collect(&metadata, &mut said),
            None => self.manifest(&mut said),
        }
        said
    }

    /// All that the list of what was synthesised says, or names the files of.
    fn manifest(&self, said: &mut Said) {
        let Some(manifest) = self.load("manifest.json") else { return };
        let arena = Arena::new();
        let document = syntax::parse(&arena, FileId(0), manifest.text());
        let artifacts = document.root().and_then(|root| root.get("artifacts")).map(Node::pairs).unwrap_or_default();
        let mut bytes = 0;
        for artifact in artifacts.iter().take(MAX_FILES) {
            if let Some(metadata) = artifact.value.get("metadata") {
                of_constructs(metadata, said);
            }
            let further = artifact.value.get("additionalMetadataFile").and_then(Node::text);
            if let Some(metadata) = further.and_then(|name| self.load(name)) {
                bytes += metadata.text().len();
                if bytes > MAX_BYTES {
                    return;
                }
                collect(&metadata, said);
            }
        }
    }

    fn load(&self, name: &str) -> Option<Arc<Source>> {
        self.loader.load(self.template, name).ok()
    }

    /// The file of the app that an absolute path means: the one whose path ends like it the longest.
    fn file(&self, path: &str) -> Option<Arc<Source>> {
        let steps: Vec<&str> = path.split(['/', '\\']).filter(|step| !step.is_empty()).collect();
        let hidden = |step: &&str| step.starts_with('.') || *step == "node_modules";
        let is_code = path.rsplit_once('.').is_some_and(|(_, language)| LANGUAGES.contains(&language));
        if !is_code || steps.iter().any(hidden) {
            return None;
        }
        let first = steps.len().saturating_sub(MAX_STEPS);
        (first..steps.len()).find_map(|from| {
            let end = steps.get(from..)?.join("/");
            (0..=MAX_UP).find_map(|up| self.load(&format!("{}{end}", "../".repeat(up))))
        })
    }
}

fn collect(metadata: &Source, said: &mut Said) {
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), metadata.text());
    if let Some(root) = document.root() {
        of_constructs(root, said);
    }
}

/// `{"/Stack/Bucket/Resource": [{"type": "aws:cdk:creationStack", "data": ["new Site (/app/lib/site.ts:12:20)"]}]}`; older
/// versions write `{"type": "aws:cdk:logicalId", "trace": […]}` when they are asked for it. What `Validations.acknowledge` is told is
/// `{"type": "aws:cdk:acknowledged-rules", "data": {"Annotation::AwsSolutions-S1": "the reason"}}`.
fn of_constructs(metadata: &Node<'_>, said: &mut Said) {
    for pair in metadata.pairs() {
        let Some(construct) = pair.name().and_then(|name| name.strip_prefix('/')) else { continue };
        for item in pair.value.items() {
            if item.get("type").and_then(Node::text) == Some("aws:cdk:acknowledged-rules") {
                let rules = item.get("data").map(Node::pairs).unwrap_or_default();
                let rules = rules.iter().filter_map(|rule| {
                    let id = rule.name()?;
                    // Plugins of other names have ids of their own; what the CDK validates by itself has cfn-lint's.
                    let known = |of: &str| {
                        ["annotation", "cloudformation-validate"].iter().any(|name| of.eq_ignore_ascii_case(name))
                    };
                    let id = match id.split_once("::") {
                        Some((of, id)) => known(of).then_some(id)?,
                        None => id,
                    };
                    Some((id.to_owned(), rule.value.text().unwrap_or_default().to_owned()))
                });
                said.acknowledged.entry(construct.to_owned()).or_default().extend(rules);
            }
        }
        let stacks = pair.value.items().iter().filter_map(|item| match item.get("type").and_then(Node::text)? {
            "aws:cdk:creationStack" => item.get("data"),
            "aws:cdk:logicalId" => item.get("trace"),
            _ => None,
        });
        let lines = stacks.flat_map(Node::items).filter_map(Node::text);
        if let Some(frame) = lines.filter_map(Frame::of).next() {
            said.frames.entry(construct.to_owned()).or_insert(frame);
        }
    }
}

/// The line of a construct. What the library makes by itself, deep within, is made for the construct around it.
fn nearest<'f>(frames: &'f BTreeMap<String, Frame>, path: &str) -> Option<&'f Frame> {
    let mut around = path;
    loop {
        if let Some(frame) = frames.get(around) {
            // That a stack is made somewhere says nothing of what is in it.
            return (around == path).then_some(frame);
        }
        let within = format!("{around}/");
        let own = ["Resource", "Default"].iter().find_map(|name| frames.get(&format!("{within}{name}")));
        let first = || frames.range(within.clone()..).next().filter(|(key, _)| key.starts_with(&within));
        if let Some(frame) = own.or_else(|| first().map(|(_, frame)| frame)) {
            return Some(frame);
        }
        (around, _) = around.rsplit_once('/')?;
        if !around.contains('/') {
            return None;
        }
    }
}

impl Frame {
    /// `new Site (/app/lib/site.ts:12:20)` or without the function's name; what is of libraries is none of the app's.
    fn of(line: &str) -> Option<Self> {
        // A function without a name is written as if its place were its name, less the column.
        if let Some((path, line)) = line.strip_suffix(" (:)").and_then(|place| place.rsplit_once(':')) {
            return Self::new(path, line, "1");
        }
        let place = line.strip_suffix(')').and_then(|line| line.rsplit_once('(')).map_or(line, |(_, place)| place);
        let (rest, column) = place.rsplit_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        Self::new(path, line, column)
    }

    fn new(path: &str, line: &str, column: &str) -> Option<Self> {
        let path = path.trim_start().trim_start_matches("file://");
        let (line, column) = (line.parse().ok()?, column.parse().ok()?);
        (!path.contains("node_modules") && !path.starts_with("node:")).then(|| Self {
            path: path.to_owned(),
            line,
            column,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of what the library makes is that of the construct it belongs to, and never one of another.
    #[test]
    fn what_the_library_makes_is_made_for_something() {
        let frame = |line| Frame { path: "/app/app.ts".to_owned(), line, column: 1 };
        let frames: BTreeMap<_, _> =
            [("Shop", 1), ("Shop/Site/Resource", 2), ("Shop/Web/Service/Service", 3), ("Shop/Webs/Resource", 4)]
                .map(|(path, line)| (path.to_owned(), frame(line)))
                .into();
        let line = |path: &str| nearest(&frames, path).map(|frame| frame.line);
        assert_eq!(line("Shop/Site/Resource"), Some(2));
        assert_eq!(line("Shop/Site/Policy/Resource"), Some(2));
        assert_eq!(line("Shop/Web/Balancer/Listener/Resource"), Some(3));
        assert_eq!(line("Shop/LogRetention/Role/Resource"), None);
        assert_eq!(line("Shop/We/Role/Resource"), None);
    }

    #[test]
    fn frames_say_file_line_and_column() {
        let frame = |path: &str| Some(Frame { path: path.to_owned(), line: 54, column: 15 });
        assert_eq!(Frame::of("<anonymous> (/app/bin/app.ts:54:15)"), frame("/app/bin/app.ts"));
        assert_eq!(Frame::of("file:///app/app.mjs:54:15"), frame("/app/app.mjs"));
        assert_eq!(Frame::of(r"new Site (C:\app\lib\site.ts:54:15)"), frame(r"C:\app\lib\site.ts"));
        let unnamed = Frame { path: "/app/bin/app.ts".to_owned(), line: 20, column: 1 };
        assert_eq!(Frame::of("/app/bin/app.ts:20 (:)"), Some(unnamed));
        assert_eq!(Frame::of("...new DatabaseInstance2 in aws-cdk-lib..."), None);
        assert_eq!(Frame::of("Module._compile (node:internal/modules/cjs/loader:1521:14)"), None);
        assert_eq!(Frame::of("new Rule (/app/node_modules/x/rule.js:1:15)"), None);
    }
}
