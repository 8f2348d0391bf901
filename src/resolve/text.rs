//! Text with holes, and what can be said of it all the same.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::Truth;
use crate::rulebook::Expression;
use crate::template::{External, ExternalKind, Intrinsic, Kind, Value};

/// A text as a sequence of literal pieces and holes.
#[derive(Debug, Clone, Default)]
pub struct Text<'a> {
    /// The pieces, in order; neighbouring literals are not merged.
    pub pieces: SmallVec<[Piece<'a>; 3]>,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Known characters.
    Literal(&'a str),
    /// Unknown ones.
    Hole(Hole<'a>),
}

/// Something whose characters are not known before deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole<'a> {
    /// A pseudo parameter, such as `AWS::Region`.
    Pseudo(&'a str),
    /// A parameter without a known value.
    Parameter {
        /// Its name.
        name: &'a str,
    },
    /// `Ref` to a resource.
    Resource(&'a str),
    /// `GetAtt` of a resource.
    Attribute(&'a str, &'a str),
    /// `Fn::ImportValue`, and `Fn::GetStackOutput`.
    Import(&'a str),
    /// A dynamic reference: `{{resolve:service:key}}`.
    Dynamic {
        /// `ssm`, `ssm-secure` or `secretsmanager`.
        service: &'a str,
        /// What is asked for.
        key: &'a str,
    },
    /// A variable of serverless.yml.
    External(External<'a>),
    /// Anything else.
    Other,
}

/// Where a text begins to refer: `{{resolve:`. Few texts have a brace, and one letter is found much more cheaply than ten.
#[must_use]
pub fn reference_in(text: &str) -> Option<usize> {
    memchr::memchr(b'{', text.as_bytes()).and_then(|_| text.find("{{resolve:"))
}

/// What stands around a blank that a template engine fills before CloudFormation sees it: `{{ account }}`, `<%= region %>`.
/// Scripts and documents, which have lines, are left as they are: braces may mean something of their own there.
fn blank_in(text: &str) -> Option<(&str, &str)> {
    if text.len() > 400 || text.contains('\n') {
        return None;
    }
    let blank = |(open, close): &(&str, &str)| {
        let at = text.find(open)?;
        let (inside, after) = text.get(at + open.len()..)?.split_once(close)?;
        // Braces are JSON's too; between the others stands code.
        let of_json = *open == "{{" && inside.contains(['{', '"']);
        let plain = !inside.trim().is_empty() && inside.len() <= 80 && !inside.contains('<') && !of_json;
        (plain && !inside.starts_with("resolve:")).then_some((text.get(..at)?, after))
    };
    [("{{", "}}"), ("<%", "%>")].iter().filter_map(blank).min_by_key(|(before, _)| before.len())
}

impl<'a> Hole<'a> {
    /// Whether there is something in it for certain: what a resource is called, its ARN or its id, a pseudo parameter.
    const fn is_never_empty(&self) -> bool {
        match self {
            Self::Pseudo(_) | Self::Resource(_) => true,
            Self::Attribute(_, name) => matches!(name.as_bytes(), b"Arn" | b"Id"),
            Self::Parameter { .. } | Self::Import(_) | Self::Dynamic { .. } | Self::External(_) | Self::Other => false,
        }
    }

    /// What a person writes in its place, in `Fn::Sub`; `None` for what has no such name.
    fn written(&self) -> Option<String> {
        match self {
            Self::Pseudo(name) | Self::Parameter { name } | Self::Resource(name) => Some(format!("${{{name}}}")),
            Self::Attribute(id, attribute) if !attribute.is_empty() => Some(format!("${{{id}.{attribute}}}")),
            Self::Attribute(..) | Self::Import(_) | Self::Dynamic { .. } | Self::External(_) | Self::Other => None,
        }
    }

    /// Whether a wildcard may be in it: what AWS calls a thing has none.
    #[must_use]
    pub fn may_be_wild(&self) -> bool {
        match self {
            Self::Pseudo(_) | Self::Resource(_) => false,
            Self::Attribute(_, name) => {
                !["Arn", "Id", "Name"].iter().any(|end| !name.contains('.') && name.ends_with(end))
            }
            Self::External(external) => external.kind != ExternalKind::Aws,
            Self::Parameter { .. } | Self::Import(_) | Self::Dynamic { .. } | Self::Other => true,
        }
    }

    /// The id of the resource that it stands for, by `Ref` or by an attribute.
    #[must_use]
    pub const fn resource_id(&self) -> Option<&'a str> {
        match self {
            Self::Resource(id) | Self::Attribute(id, _) => Some(id),
            Self::Pseudo(_)
            | Self::Parameter { .. }
            | Self::Import(_)
            | Self::Dynamic { .. }
            | Self::External(_)
            | Self::Other => None,
        }
    }
}

impl<'a> Text<'a> {
    /// The text of a resolved value: literals, holes, or both. Lists and maps are one hole.
    #[must_use]
    pub fn of(value: &Value<'a>) -> Self {
        let mut text = Self::default();
        text.push(value, 0);
        if text.pieces.len() > 2 {
            text.join_references();
        }
        text
    }

    /// The text with its holes named, so that two texts are the same when their identities are. `None` when something in it cannot be
    /// told apart from other things.
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Hole(hole) => out.push_str(&match hole {
                    Hole::Pseudo(_) | Hole::Parameter { .. } | Hole::Resource(_) | Hole::Attribute(..) => {
                        hole.written()?
                    }
                    Hole::Import(name) if !name.is_empty() => format!("${{import {name}}}"),
                    Hole::Dynamic { service, key } => format!("${{resolve {service} {key}}}"),
                    Hole::External(external) => external.written.to_owned(),
                    Hole::Import(_) | Hole::Other => return None,
                }),
            }
        }
        Some(out)
    }

    /// `{{resolve:secretsmanager:` and `${Secret}` and `}}` are one hole. References to plain parameters stay in
    /// pieces: what they stand for is told from others by all of its name.
    fn join_references(&mut self) {
        let opens = |piece: &Piece<'a>| match piece {
            // A search for several characters begins with a table; hardly any text needs it.
            Piece::Literal(text) if !text.as_bytes().contains(&b'{') => None,
            Piece::Literal(text) => text.rfind("{{resolve:").filter(|at| {
                let rest = &text[at + "{{resolve:".len()..];
                (rest.starts_with("secretsmanager:") || rest.starts_with("ssm-secure:")) && !rest.contains("}}")
            }),
            Piece::Hole(_) => None,
        };
        for at in 0..self.pieces.len() {
            let Some((Piece::Literal(first), start)) = self.pieces.get(at).and_then(|p| Some((*p, opens(p)?))) else {
                continue;
            };
            let closes = |piece: &Piece<'a>| matches!(piece, Piece::Literal(text) if text.contains("}}"));
            let Some(end) = self.pieces.iter().skip(at + 1).position(closes).map(|more| at + 1 + more) else { return };
            let (service, key) = first[start + "{{resolve:".len()..].split_once(':').unwrap_or_default();
            let (tail, after) = match self.pieces.get(end) {
                Some(Piece::Literal(text)) => text.split_once("}}").unwrap_or_default(),
                Some(Piece::Hole(_)) | None => ("", ""),
            };
            // Without a name the key says at least what is read of the secret: `:SecretString:password`.
            let key = if key.is_empty() { tail } else { key };
            let before = Piece::Literal(&first[..start]);
            let joined = [before, Piece::Hole(Hole::Dynamic { service, key }), Piece::Literal(after)];
            let tail: SmallVec<[Piece<'a>; 3]> = self.pieces.iter().skip(end + 1).copied().collect();
            self.pieces.truncate(at);
            self.pieces.extend(joined.into_iter().filter(|piece| *piece != Piece::Literal("")));
            self.pieces.extend(tail);
        }
    }

    fn push(&mut self, value: &Value<'a>, depth: usize) {
        match value.kind {
            Kind::Text(literal) => self.push_literal(literal),
            Kind::Number(_) | Kind::Bool(_) => self.pieces.extend(value.as_text().map(Piece::Literal)),
            Kind::Intrinsic(intrinsic) => self.push_intrinsic(intrinsic, depth),
            Kind::Null | Kind::List(_) | Kind::Map(_) | Kind::Unknown(_) => self.pieces.push(Piece::Hole(Hole::Other)),
        }
    }

    fn push_intrinsic(&mut self, intrinsic: &Intrinsic<'a>, depth: usize) {
        let hole = match intrinsic {
            Intrinsic::Ref(name) if name.starts_with("AWS::") => Hole::Pseudo(name),
            Intrinsic::Ref(name) => Hole::Resource(name),
            Intrinsic::GetAtt(id, attribute) => Hole::Attribute(id, attribute.as_text().unwrap_or("")),
            Intrinsic::ImportValue(name) => Hole::Import(name.as_text().unwrap_or("")),
            Intrinsic::StackOutput(name, _) => Hole::Import(name),
            Intrinsic::External(external) => Hole::External(*external),
            Intrinsic::Join(separator, items) if separator.as_text() == Some("") && depth < 16 => {
                items.as_list().unwrap_or(&[]).iter().for_each(|item| self.push(item, depth + 1));
                return;
            }
            Intrinsic::Sub { pieces, .. } if depth < 16 && !pieces.is_empty() => {
                pieces.iter().for_each(|piece| self.push(piece, depth + 1));
                return;
            }
            // How the resolver marks a parameter whose value it does not know.
            Intrinsic::Other("Parameter", name) => Hole::Parameter { name: name.as_text().unwrap_or("") },
            _ => Hole::Other,
        };
        self.pieces.push(Piece::Hole(hole));
    }

    /// A literal may hold dynamic references, which are holes.
    fn push_literal(&mut self, mut literal: &'a str) {
        if memchr::memchr2(b'{', b'<', literal.as_bytes()).is_none() {
            self.pieces.push(Piece::Literal(literal));
            return;
        }
        while let Some(at) = reference_in(literal) {
            let Some(end) = literal[at..].find("}}") else { break };
            if at > 0 {
                self.pieces.push(Piece::Literal(&literal[..at]));
            }
            let inner = &literal[at + "{{resolve:".len()..at + end];
            let (service, key) = inner.split_once(':').unwrap_or((inner, ""));
            self.pieces.push(Piece::Hole(Hole::Dynamic { service, key }));
            literal = &literal[at + end + 2..];
        }
        while let Some((before, after)) = blank_in(literal) {
            if !before.is_empty() {
                self.pieces.push(Piece::Literal(before));
            }
            self.pieces.push(Piece::Hole(Hole::Other));
            literal = after;
        }
        if !literal.is_empty() || self.pieces.is_empty() {
            self.pieces.push(Piece::Literal(literal));
        }
    }

    /// The characters, when all are known.
    #[must_use]
    pub fn known(&self) -> Option<Cow<'a, str>> {
        match self.pieces.as_slice() {
            [Piece::Literal(text)] => Some(Cow::Borrowed(text)),
            pieces if pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) => None,
            pieces => {
                let literal = |piece: &Piece<'a>| if let Piece::Literal(text) = *piece { text } else { "" };
                Some(Cow::Owned(pieces.iter().map(literal).collect()))
            }
        }
    }

    /// True for a value that certainly is a text of no characters.
    #[must_use]
    pub fn is_empty(value: &Value<'a>) -> bool {
        match value.kind {
            Kind::Text(text) => text.is_empty(),
            Kind::Intrinsic(_) => Self::of(value).pieces.iter().all(|piece| *piece == Piece::Literal("")),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) | Kind::Unknown(_) => false,
        }
    }

    /// The hole, when there is nothing else.
    #[must_use]
    pub fn only_hole(&self) -> Option<Hole<'a>> {
        match self.pieces.as_slice() {
            [Piece::Hole(hole)] => Some(*hole),
            _ => None,
        }
    }

    /// The holes.
    pub fn holes(&self) -> impl Iterator<Item = Hole<'a>> + '_ {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(*hole),
            Piece::Literal(_) => None,
        })
    }

    /// The literal pieces.
    pub fn literals(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(*text),
            Piece::Hole(_) => None,
        })
    }

    /// The text with `*` for each hole: for matching against, and for showing what is matched.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => *text,
                Piece::Hole(_) => "*",
            })
            .collect()
    }

    /// Whether it is exactly this text.
    #[must_use]
    pub fn is(&self, text: &str) -> Truth {
        match self.known() {
            Some(own) => Truth::from(own == text),
            None => self.possible(text),
        }
    }

    /// Whether it begins with this text.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> Truth {
        let first = match self.pieces.first() {
            Some(Piece::Literal(text)) => *text,
            Some(Piece::Hole(_)) | None => "",
        };
        if let Some(own) = self.known() {
            Truth::from(own.starts_with(prefix))
        } else if first.starts_with(prefix) {
            Truth::Yes
        } else if prefix.starts_with(first) {
            Truth::Maybe
        } else {
            Truth::No
        }
    }

    /// Whether it ends with this text.
    #[must_use]
    pub fn ends_with(&self, suffix: &str) -> Truth {
        let last = match self.pieces.last() {
            Some(Piece::Literal(text)) => *text,
            Some(Piece::Hole(_)) | None => "",
        };
        if let Some(own) = self.known() {
            Truth::from(own.ends_with(suffix))
        } else if last.ends_with(suffix) {
            Truth::Yes
        } else if suffix.ends_with(last) {
            Truth::Maybe
        } else {
            Truth::No
        }
    }

    /// The text as a person writes it: what stands for something has its name, `${AWS::Partition}`.
    #[must_use]
    pub fn written(&self) -> Cow<'a, str> {
        if let Some(own) = self.known() {
            return own;
        }
        let shown = |piece: &Piece<'a>| match piece {
            Piece::Literal(literal) => (*literal).to_owned(),
            Piece::Hole(hole) => hole.written().unwrap_or_else(|| "…".to_owned()),
        };
        Cow::Owned(self.pieces.iter().map(shown).collect())
    }

    /// The text as its deployment sees it: `own` for the account that it is deployed in, `?` for every other hole.
    #[must_use]
    pub fn seen_from_own_account(&self) -> String {
        let shown = |piece: &Piece<'a>| match piece {
            Piece::Literal(literal) => *literal,
            Piece::Hole(Hole::Pseudo("AWS::AccountId")) => "own",
            Piece::Hole(_) => "?",
        };
        self.pieces.iter().map(shown).collect()
    }

    /// Whether it contains this text.
    #[must_use]
    pub fn contains(&self, needle: &str) -> Truth {
        match self.known() {
            Some(own) => Truth::from(own.contains(needle)),
            None if self.literals().any(|text| text.contains(needle)) => Truth::Yes,
            // Neither an ARN nor a name that AWS gives has a wildcard, or one of IAM's variables.
            None if matches!(needle, "*" | "${") && !self.holes().any(|hole| hole.may_be_wild()) => Truth::No,
            // The region, the account and the stack have names of which the signs are known.
            None if needle == "."
                && self.holes().all(|hole| matches!(hole, Hole::Pseudo(name) if !typical(name).contains('.'))) =>
            {
                Truth::No
            }
            None => Truth::Maybe,
        }
    }

    /// Whether a regular expression matches. Pseudo parameters are given a typical value, whose shape is
    /// always the same; with any other hole it matches when it does in what stands between the holes.
    #[must_use]
    pub fn matches(&self, expression: &Expression) -> Truth {
        if let [Piece::Literal(whole)] = self.pieces.as_slice() {
            return Truth::from(expression.is_match(whole));
        }
        let mut runs = vec![String::new()];
        for piece in &self.pieces {
            match (piece, runs.last_mut()) {
                (Piece::Literal(literal), Some(run)) => run.push_str(literal),
                (Piece::Hole(Hole::Pseudo(name)), Some(run)) => run.push_str(typical(name)),
                (Piece::Hole(_), _) | (_, None) => runs.push(String::new()),
            }
        }
        if let [whole] = runs.as_slice() {
            return Truth::from(expression.is_match(whole));
        }
        let last = runs.len() - 1;
        let inside =
            runs.iter().enumerate().any(|(at, run)| !run.is_empty() && within(expression, run, at == 0, at == last));
        if inside { Truth::Yes } else { Truth::Maybe }
    }

    /// Whether the holes could be filled so that it becomes `text`.
    fn possible(&self, text: &str) -> Truth {
        if text.is_empty() && self.holes().any(|hole| hole.is_never_empty()) {
            return Truth::No;
        }
        if matches!(self.pieces.last(), Some(Piece::Literal(last)) if !text.ends_with(last)) {
            return Truth::No;
        }
        let mut rest = text;
        for (at, piece) in self.pieces.iter().enumerate() {
            if let Piece::Literal(literal) = piece {
                match rest.find(literal) {
                    Some(0) => rest = &rest[literal.len()..],
                    Some(found) if at > 0 => rest = &rest[found + literal.len()..],
                    Some(_) | None => return Truth::No,
                }
            }
        }
        Truth::Maybe
    }
}

/// Whether a regular expression matches some of a run of text, whatever stands before and behind it: `/0$` does in
/// `${Address}/0`. What an assertion sees of a neighbour is whether there is one and whether it belongs to a word.
fn within(expression: &Expression, run: &str, first: bool, last: bool) -> bool {
    let neighbours = |none: bool| if none { &[""][..] } else { &["x", " "][..] };
    neighbours(first).iter().all(|before| {
        neighbours(last).iter().all(|behind| {
            let text = [*before, run, *behind].concat();
            let end = before.len() + run.len();
            expression.is_match_within(&text, before.len()..end)
        })
    })
}

/// A value of the shape that a pseudo parameter always has.
fn typical(name: &str) -> &'static str {
    match name {
        "AWS::AccountId" => "111122223333",
        "AWS::Region" => "eu-central-1",
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        "AWS::StackName" => "stack",
        "AWS::StackId" => {
            "arn:aws:cloudformation:eu-central-1:111122223333:stack/stack/00000000-0000-0000-0000-000000000000"
        }
        part => super::stack::typical(part),
    }
}
