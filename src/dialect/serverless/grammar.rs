//! Where the variables of serverless.yml stand in a text, and what each asks for.
//!
//! What only looks like a variable is left alone: `${AWS::Region}` and `${Table.Arn}` are for
//! CloudFormation, `${aws:username}` is for IAM.

use std::ops::Range;

use crate::template::{Kind, Schema};

/// True when a text may hold a variable at all; everything else costs nothing.
pub(super) fn may_vary(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"${").is_some()
}

/// A part of a text.
#[derive(Debug)]
pub(super) enum Piece<'t> {
    /// Text that stays.
    Text(&'t str),
    /// A variable.
    Variable(Variable<'t>),
}

/// `${…}`: sources to be asked one after the other.
#[derive(Debug)]
pub(super) struct Variable<'t> {
    /// The bytes of the text it stands at, `${` and `}` included.
    pub range: Range<usize>,
    /// Those bytes.
    pub written: &'t str,
    /// What to ask; the first that knows a value decides.
    pub alternatives: Vec<Alternative<'t>>,
}

/// One of the comma-separated parts of a variable.
#[derive(Debug)]
pub(super) enum Alternative<'t> {
    /// `type:address`, `type(parameters)` or both. Either may hold variables itself.
    Source {
        /// `self`, `opt`, `file` …
        kind: &'t str,
        /// Between the parentheses.
        parameters: Option<&'t str>,
        /// Behind the colon.
        address: Option<&'t str>,
    },
    /// A literal: text in quotes, a number, `true`, `null`; a word without quotes is taken for text.
    Literal(Kind<'t>),
    /// Text that holds a variable: `${self:custom.${sls:stage}}` as a fallback.
    Nested(&'t str),
}

/// How one version of the framework reads variables.
#[derive(Clone, Copy)]
pub(super) struct Syntax {
    /// Whether `\${` is not a variable (until v3).
    pub escapes: bool,
    /// Whether white space may stand before the first source (not in v3).
    pub blanks: bool,
}

/// Divides a text into variables and the rest.
pub(super) fn pieces(text: &str, syntax: Syntax) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let last = text.rfind('}');
    let mut literal = 0;
    let mut at = 0;
    let push = |range: Range<usize>, pieces: &mut Vec<_>| {
        if let Some(part) = text.get(range).filter(|p| !p.is_empty()) {
            pieces.push(Piece::Text(part));
        }
    };
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("${")).map(|found| at + found) {
        let slashes = text.as_bytes()[..open].iter().rev().take_while(|b| **b == b'\\').count();
        // Of backslashes before an opening, one half says that the other is meant.
        let kept = if syntax.escapes { slashes - slashes.div_ceil(2) } else { slashes };
        let before = literal..(open - slashes + kept).max(literal);
        if syntax.escapes && slashes % 2 == 1 && open > literal {
            push(before, &mut pieces);
            literal = open;
            at = open + 2;
            continue;
        }
        let blank = text.as_bytes().get(open + 2).is_some_and(u8::is_ascii_whitespace);
        match variable(text, open).filter(|_| syntax.blanks || !blank) {
            Some(variable) => {
                push(before, &mut pieces);
                at = variable.range.end;
                literal = at;
                pieces.push(Piece::Variable(variable));
            }
            // Nothing closes any more.
            None if last.is_none_or(|last| last < open) => break,
            // A variable may stand inside of what CloudFormation replaces: `${Table${sls:stage}}`.
            None => at = open + 2,
        }
    }
    push(literal..text.len(), &mut pieces);
    pieces
}

/// The variable that opens at a byte, unless it is not one of ours.
///
/// Until v2 a project could say how its variables are written, and `${{self:service}}` is what most said, so that
/// `${}` is left to CloudFormation. It means nothing else anywhere, so that nobody need be asked.
fn variable(text: &str, open: usize) -> Option<Variable<'_>> {
    let mut alternatives = Vec::new();
    let doubled = text.get(open + 2..)?.starts_with('{');
    let mut at = open + 2 + usize::from(doubled);
    loop {
        at += blank(text.get(at..)?);
        let (alternative, next) = alternative(text, at)?;
        alternatives.push(alternative);
        at = next + blank(text.get(next..)?);
        match text.as_bytes().get(at)? {
            b',' => at += 1,
            b'}' if !doubled => break,
            b'}' if text.as_bytes().get(at + 1) == Some(&b'}') => {
                at += 1;
                break;
            }
            _ => return None,
        }
    }
    let range = open..at + 1;
    ours(&alternatives).then_some(())?;
    Some(Variable { written: text.get(range.clone())?, range, alternatives })
}

/// How much white space a text begins with.
fn blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn alternative(text: &str, at: usize) -> Option<(Alternative<'_>, usize)> {
    let rest = text.get(at..)?;
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let length = rest.bytes().skip(1).take(MAX_LENGTH).position(|b| char::from(b) == quote)?;
        return Some((Alternative::Literal(Kind::Text(rest.get(1..=length)?)), at + length + 2));
    }
    let name = rest.bytes().take(64).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let kind = rest.get(..name)?;
    let named = kind.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    // Until v2 a region stood behind the source: `${ssm.eu-west-1:/path}`.
    let regional =
        rest.get(name..).and_then(|behind| behind.strip_prefix('.')).filter(|_| matches!(kind, "ssm" | "cf" | "s3"));
    let region =
        regional.map_or(0, |r| 1 + r.bytes().take(32).take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count());
    let name = name + region;
    match rest.as_bytes().get(name) {
        Some(b':') if named => {
            let (address, next) = until_comma(text, at + name + 1)?;
            Some((Alternative::Source { kind, parameters: None, address: Some(address) }, next))
        }
        Some(b'(') if named => {
            let (parameters, next) = until_parenthesis(text, at + name + 1)?;
            let (address, next) = match text.as_bytes().get(next) {
                Some(b':') => until_comma(text, next + 1).map(|(address, next)| (Some(address), next))?,
                _ => (None, next),
            };
            Some((Alternative::Source { kind, parameters: Some(parameters), address }, next))
        }
        _ => {
            let (word, next) = until_comma(text, at)?;
            let alternative = match word.contains("${") {
                true => Alternative::Nested(word),
                false => Alternative::Literal(Schema::Core12.resolve(word)),
            };
            Some((alternative, next))
        }
    }
}

/// The text up to the comma or brace that ends it, and where that stands.
fn until_comma(text: &str, at: usize) -> Option<(&str, usize)> {
    let end = scan(text, at, |b| matches!(b, b',' | b'}'))?;
    Some((text.get(at..end)?.trim(), end))
}

/// The text up to the parenthesis that ends it, without quotes around it, and the byte behind.
fn until_parenthesis(text: &str, at: usize) -> Option<(&str, usize)> {
    let end = scan(text, at, |b| b == b')')?;
    let inner = text.get(at..end)?.trim();
    let bare = ['"', '\''].iter().find_map(|q| inner.strip_prefix(*q)?.strip_suffix(*q));
    Some((bare.unwrap_or(inner), end + 1))
}

/// How long an address or a literal may be: what keeps a text full of `${` from taking forever.
const MAX_LENGTH: usize = 2048;

/// The first byte from `at` on that ends something, nested variables skipped.
fn scan(text: &str, at: usize, ends: impl Fn(u8) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..at + MAX_LENGTH).unwrap_or(bytes);
    let (mut at, mut depth) = (at, 0_usize);
    loop {
        match (bytes.get(at)?, depth) {
            (b'$', _) if bytes.get(at + 1) == Some(&b'{') => {
                let braces = 1 + usize::from(bytes.get(at + 2) == Some(&b'{'));
                depth += braces;
                at += braces;
            }
            (byte, 0) if ends(*byte) => return Some(at),
            (b'}', 0) => return None,
            (b'}', _) => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Keys of AWS's own policy variables: `${ec2:SourceInstanceARN}` is text to the framework's users.
const POLICY_VARIABLES: [&str; 9] =
    ["iot", "ec2", "sts", "saml", "transfer", "redshift", "identitystore", "www", "cognito-identity"];

/// True when the first source is one that the framework or a plugin would read.
fn ours(alternatives: &[Alternative<'_>]) -> bool {
    let Some(Alternative::Source { kind, parameters, address }) = alternatives.first() else { return false };
    let address = address.unwrap_or("");
    match *kind {
        "aws" if parameters.is_none() => {
            let read = matches!(address, "accountId" | "region" | "partition");
            read || ["${", "ssm:", "s3:", "cf:", "secretsmanager:"].iter().any(|resolver| address.starts_with(resolver))
        }
        // `${s3:prefix}` has no key behind a bucket's name.
        "s3" => parameters.is_some() || address.contains('/') || address.contains("${"),
        other => !POLICY_VARIABLES.contains(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V3: Syntax = Syntax { escapes: true, blanks: false };
    const V4: Syntax = Syntax { escapes: false, blanks: true };

    fn only(text: &str) -> Vec<Alternative<'_>> {
        match pieces(text, V3).pop() {
            Some(Piece::Variable(variable)) => variable.alternatives,
            other => panic!("{other:?}"),
        }
    }

    fn source<'t>(kind: &'t str, address: &'t str) -> Alternative<'t> {
        Alternative::Source { kind, parameters: None, address: Some(address) }
    }

    fn equal(ours: &[Alternative<'_>], theirs: &[Alternative<'_>]) {
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }

    /// Text before, between and behind variables is kept, with its place.
    #[test]
    fn text_around_variables_is_kept() {
        let pieces = pieces("a-${self:x}-${sls:stage}", V3);
        assert_eq!(pieces.len(), 4);
        assert!(matches!(&pieces[0], Piece::Text("a-")));
        assert!(matches!(&pieces[1], Piece::Variable(v) if v.written == "${self:x}" && v.range == (2..11)));
        assert!(matches!(&pieces[2], Piece::Text("-")));
    }

    /// Sources, nested addresses, parameters and fallbacks are told apart.
    #[test]
    fn alternatives_are_read() {
        equal(&only("${self:custom.a.0}"), &[source("self", "custom.a.0")]);
        equal(&only("${opt:stage, self:provider.stage}"), &[source("opt", "stage"), source("self", "provider.stage")]);
        equal(&only("${self:custom.${sls:stage}.x}"), &[source("self", "custom.${sls:stage}.x")]);
        let file = |parameters, address| Alternative::Source { kind: "file", parameters: Some(parameters), address };
        equal(&only("${file(./a.yml)}"), &[file("./a.yml", None)]);
        equal(&only("${file(\"a b.yml\"):k.${opt:s}}"), &[file("a b.yml", Some("k.${opt:s}"))]);
        equal(&only("${file(a-${opt:s}.yml):k}"), &[file("a-${opt:s}.yml", Some("k"))]);
        equal(&only("${ssm.eu-west-1:/p~true}"), &[source("ssm", "/p~true")]);
        equal(&only("${opt:a, ${self:b}}"), &[source("opt", "a"), Alternative::Nested("${self:b}")]);
    }

    /// Literals keep their types; a quoted brace or comma does not end the variable.
    #[test]
    fn literals_keep_their_types() {
        let literal = |text: &'static str| match only(text).pop() {
            Some(Alternative::Literal(kind)) => format!("{kind:?}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(literal("${opt:a, 'x, }y'}"), "Text(\"x, }y\")");
        assert_eq!(literal("${opt:a, \"x\"}"), "Text(\"x\")");
        assert_eq!(literal("${opt:a, ''}"), "Text(\"\")");
        assert_eq!(literal("${opt:a, 42}"), "Number(\"42\")");
        assert_eq!(literal("${opt:a, true}"), "Bool(true)");
        assert_eq!(literal("${opt:a, null}"), "Null");
        assert_eq!(literal("${opt:a, dev}"), "Text(\"dev\")");
    }

    /// What CloudFormation and IAM replace is text.
    #[test]
    fn foreign_variables_are_text() {
        for text in [
            "${AWS::Region}",
            "${Foo}",
            "${foo}",
            "${foo.Arn}",
            "${!Literal}",
            "${aws:username}",
            "${aws:PrincipalTag/team}",
            "${iot:Connection.Thing.ThingName}",
            "${transfer:UserName}",
            "${s3:prefix}",
            "${cognito-identity.amazonaws.com:sub}",
            "${ssm.Arn}",
            "${self:open",
            "${",
            "${}",
        ] {
            assert_eq!(pieces(text, V3).len(), 1, "{text}");
            assert!(matches!(pieces(text, V3)[0], Piece::Text(_)), "{text}");
        }
    }

    /// A variable inside of what CloudFormation replaces is found.
    #[test]
    fn variables_inside_foreign_ones_are_found() {
        let pieces = pieces("${Table${sls:stage}.Arn}", V3);
        assert!(matches!(&pieces[..], [Piece::Text("${Table"), Piece::Variable(_), Piece::Text(".Arn}")]));
    }

    /// A backslash keeps a variable from being one, save in v4.
    #[test]
    fn backslash_escapes() {
        assert!(matches!(&pieces("\\${self:x}", V3)[..], [Piece::Text("${self:x}")]));
        assert!(matches!(&pieces("a\\${self:x}", V3)[..], [Piece::Text("a"), Piece::Text("${self:x}")]));
        assert!(matches!(&pieces("\\${self:x}", V4)[..], [Piece::Text("\\"), Piece::Variable(_)]));
    }

    /// Of doubled backslashes one is left, and what comes behind them is a variable again.
    #[test]
    fn backslashes_escape_each_other() {
        assert!(matches!(&pieces("a\\\\${self:x}", V3)[..], [Piece::Text("a\\"), Piece::Variable(_)]));
        assert!(matches!(&pieces("\\\\\\${self:x}", V3)[..], [Piece::Text("\\"), Piece::Text("${self:x}")]));
    }

    /// Two braces are what projects of versions 1 and 2 chose, to keep `${}` for CloudFormation.
    #[test]
    fn braces_may_be_doubled() {
        equal(&only("${{opt:stage, 'dev'}}"), &[source("opt", "stage"), Alternative::Literal(Kind::Text("dev"))]);
        equal(&only("${{self:custom.${{opt:stage}}.x}}"), &[source("self", "custom.${{opt:stage}}.x")]);
        let pieces = pieces("a-${{sls:stage}}-${Table}", V3);
        assert!(
            matches!(&pieces[..], [Piece::Text("a-"), Piece::Variable(v), Piece::Text("-${Table}")] if v.written == "${{sls:stage}}")
        );
        for text in ["${{ secrets.TOKEN }}", "${{self:x}", "${{AWS::Region}}"] {
            assert!(matches!(super::pieces(text, V3)[..], [Piece::Text(_)]), "{text}");
        }
    }

    /// White space before the first source makes it no variable to version 3.
    #[test]
    fn blanks_before_a_source() {
        assert!(matches!(&pieces("${ self:x }", V3)[..], [Piece::Text("${ self:x }")]));
        assert!(matches!(&pieces("${ self:x }", V4)[..], [Piece::Variable(_)]));
    }

    /// A text full of openings takes no longer than it is long.
    #[test]
    fn openings_without_end_are_passed() {
        assert_eq!(pieces(&"${self:".repeat(100_000), V3).len(), 1);
        let closed = format!("{}}}", "${self:".repeat(20_000));
        assert_eq!(pieces(&closed, V3).len(), 2);
    }
}
