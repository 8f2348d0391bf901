//! `${file(path):key}` and `.env`: other files of the project, each read once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dotenv::{self, Line};
use super::sources::{ANY_STAGE, Outcome};
use super::variables::{Turn, Variables};
use crate::source::{FileId, LoadError, Source, Span};
use crate::syntax::{self, Node, Notation};
use crate::template::{ExternalKind, Kind, Origin, Reader, Schema, Value};

/// How many files one service may include.
const MAX_FILES: usize = 256;

/// How many includes chosen by stage are tried.
const MAX_TRIED: usize = 16;

/// Names that stages usually have: what to try when a file is chosen by stage.
const USUAL_STAGES: [&str; 8] = ["dev", "prod", "production", "staging", "stage", "test", "qa", "uat"];

/// The files read so far, by path as asked for.
#[derive(Default)]
pub(super) struct Files<'a> {
    read: BTreeMap<String, Loaded<'a>>,
    dotenv: BTreeMap<String, Option<&'a [Line<'a>]>>,
    /// Includes chosen by stage that were tried under the usual names.
    tried: usize,
    /// What leads from the file to the folder that the service is deployed from, once an include said so.
    above: Option<&'static str>,
}

/// How far above its file a service may be deployed from.
const ABOVE: [&str; 4] = ["", "../", "../../", "../../../"];

#[derive(Clone, Copy)]
enum Loaded<'a> {
    /// A value with places.
    Value(Value<'a>),
    /// There is no such file.
    Missing,
    /// A file that we do not execute or may not read.
    Closed,
}

impl<'a> Variables<'a, '_> {
    /// `${file(path)}`, `${file(path):a.b}`. Variables in the file are resolved as if they stood in ours.
    pub(super) fn file(
        &mut self,
        path: &'a str,
        address: Option<&'a str>,
        written: &'a str,
        at: Origin<'a>,
    ) -> Outcome<'a> {
        let path = match self.argument(path, at) {
            Ok(path) => path.trim(),
            Err(open) => {
                let key = self.shown(open);
                return Outcome::Found(self.external(ExternalKind::File, key, written, at));
            }
        };
        if let (Turn::Any, Some((before, after))) = (self.turn, path.split_once(ANY_STAGE)) {
            self.try_stages(before, after);
            return Outcome::Missing(None);
        }
        let address = match self.argument(address.unwrap_or(""), at) {
            Ok(address) => address,
            Err(_) => {
                let why = format!("which value `{written}` is will only be known while deploying");
                return Outcome::Found(self.build.unknown(&why, at));
            }
        };
        match self.load(path, at) {
            Loaded::Value(root) => {
                let segments: Vec<&str> = address.split('.').filter(|s| !s.is_empty()).collect();
                match self.navigate(root, &segments) {
                    // Code may add what is not written.
                    Outcome::Missing(_) if root.get("Fn::Transform").is_some() => {
                        Outcome::Found(self.external(ExternalKind::File, path, written, at))
                    }
                    outcome @ (Outcome::Found(_) | Outcome::Missing(_)) => outcome,
                }
            }
            Loaded::Missing => Outcome::Missing(Some(self.external(ExternalKind::File, path, written, at))),
            Loaded::Closed => Outcome::Found(self.external(ExternalKind::File, path, written, at)),
        }
    }

    /// The variables of a `.env` file, when there is one.
    pub(super) fn dotenv(&mut self, path: &str) -> Option<&'a [Line<'a>]> {
        if let Some(known) = self.files.dotenv.get(path) {
            return *known;
        }
        let lines = self.open_file(path).ok().map(|(file, text)| {
            let lines = dotenv::parse(self.input.arena, file, text);
            &*self.input.arena.alloc_slice_copy(&lines)
        });
        self.files.dotenv.insert(path.to_owned(), lines);
        lines
    }

    /// The file that serverless-dotenv-plugin reads: named, of the stage, or `.env`.
    pub(super) fn dotenv_of_plugin(&mut self, root: Value<'a>) -> &'a [Line<'a>] {
        let named = root.at(&["custom", "dotenv", "path"]).and_then(|v| v.as_text()).map(str::to_owned);
        let stage = self.stages.names.first().map(|stage| format!(".env.{stage}"));
        let paths = named.into_iter().chain(stage).chain([".env".to_owned()]);
        let mut read = paths.map(|path| self.dotenv(&path));
        read.find_map(|lines| lines).unwrap_or_default()
    }

    /// A file is chosen by stage: those that exist tell which stages there are.
    fn try_stages(&mut self, before: &str, after: &str) {
        self.files.tried += 1;
        if after.contains(ANY_STAGE) || self.files.tried > MAX_TRIED {
            return;
        }
        for stage in USUAL_STAGES {
            if self.input.loader.load(self.main_path(), &format!("{before}{stage}{after}")).is_ok() {
                self.stages.add(stage);
            }
        }
    }

    fn load(&mut self, path: &'a str, at: Origin<'a>) -> Loaded<'a> {
        if let Some(known) = self.files.read.get(path) {
            return *known;
        }
        let loaded = self.read_file(path, at);
        self.files.read.insert(path.to_owned(), loaded);
        loaded
    }

    fn read_file(&mut self, path: &str, at: Origin<'a>) -> Loaded<'a> {
        let (file, text) = match self.open_file(path) {
            Ok(opened) => opened,
            Err(LoadError::Missing(_)) => return Loaded::Missing,
            Err(
                LoadError::Outside(_)
                | LoadError::TooLarge(..)
                | LoadError::NotText { .. }
                | LoadError::Unreadable { .. },
            ) => return Loaded::Closed,
        };
        match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yml" | "yaml" | "json" | "tfstate" | "js" | "cjs" | "mjs" | "ts" | "mts" | "cts") => {
                let document = syntax::parse_file(self.input.arena, file, path, text);
                let literal = |root: &Node<'_>| root.is_mapping() || root.tag.is_none();
                if document.notation == Notation::Script && !document.root().is_some_and(literal) {
                    return Loaded::Closed;
                }
                self.closed |= document.notation == Notation::Script;
                if document.broken() {
                    self.unknown_parts.push((at, "an included file that could not be read to its end"));
                }
                let Some(root) = document.root() else { return Loaded::Missing };
                let given = &self.input.options.parameters;
                let mut reader = Reader::new(self.input.arena, self.input.sources, Schema::Core12, given)
                    .with_imports(self.input.loader);
                let value = reader.value(root);
                self.unknown_parts.extend(reader.take_unknown_parts());
                Loaded::Value(value)
            }
            _ => {
                let trimmed = text.trim();
                let start = u32::try_from(text.len() - text.trim_start().len()).unwrap_or(0);
                let end = start.saturating_add(u32::try_from(trimmed.len()).unwrap_or(0));
                let origin = Span::new(file, start, end);
                Loaded::Value(Value::new(Kind::Text(trimmed), Origin::written(origin)))
            }
        }
    }

    fn open_file(&mut self, path: &str) -> Result<(FileId, &'a str), LoadError> {
        if self.files.read.len() + self.files.dotenv.len() >= MAX_FILES {
            return Err(LoadError::Outside(path.to_owned()));
        }
        let source = self.service_file(path)?;
        let file = self.input.sources.add(source).ok_or_else(|| LoadError::Outside(path.to_owned()))?;
        Ok((file, self.input.sources.get(file).text()))
    }

    /// A file of the service. `serverless deploy --config services/users.yml` is given above that file, and there the includes
    /// begin: where the first that is found says. A file that has the usual name is taken to be deployed from where it is.
    fn service_file(&mut self, path: &str) -> Result<Arc<Source>, LoadError> {
        let from = self.main_path();
        let usual = from.rsplit('/').next().is_some_and(|name| name.starts_with("serverless."));
        if let Some(above) = self.files.above.or(usual.then_some("")) {
            return self.input.loader.load(from, &format!("{above}{path}"));
        }
        let mut first = None;
        for above in ABOVE {
            match self.input.loader.load(from, &format!("{above}{path}")) {
                Ok(source) => {
                    self.files.above = Some(above);
                    return Ok(source);
                }
                Err(error) => {
                    first.get_or_insert(error);
                }
            }
        }
        Err(first.unwrap_or_else(|| LoadError::Missing(path.to_owned())))
    }

    /// Paths are relative to the service, wherever they are written.
    fn main_path(&self) -> &'a str {
        self.input.sources.get(self.root.origin.span.file).path()
    }
}
