//! What granit-parser refuses, said to the person who wrote the text, at the place that helps them.

use std::ops::Range;

use granit_parser::ErrorKind;

/// A place and a sentence.
pub(super) struct Complaint {
    pub(super) range: Range<usize>,
    pub(super) message: String,
}

/// True for errors that an unclosed quote leads to, once the text behind it is taken into it.
pub(super) const fn about_quotes(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::UnknownQuotedScalarEscape
    )
}

/// The complaint for an error at byte `at`; everything before byte `seen` was read well.
pub(super) fn of(kind: &ErrorKind, text: &str, at: usize, seen: usize) -> Complaint {
    let mut at = floor(text, at);
    // The end of the text is no place to look at: the last thing written is.
    if at == text.len() {
        at = floor(text, text.trim_end().len().saturating_sub(1));
    }
    let open_quote = matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar
    );
    if open_quote && let Some(quote) = quote_between(text, seen, at) {
        at = quote;
    }
    if matches!(kind, ErrorKind::UnknownQuotedScalarEscape) {
        at += wrong_escape(text.get(at..).unwrap_or(""));
    }
    let indent = line_indent(text, at);
    if indent.contains('\t') && is_layout(kind) {
        at = indent_start(text, at) + indent.find('\t').unwrap_or(0);
    }
    if matches!(kind, ErrorKind::MappingValueNotAllowed)
        && let Some(key) = deeper_key(text, at)
    {
        let message = "this line is indented deeper than the one above, which has its value already".to_owned();
        return Complaint { range: key, message };
    }
    if let Some(braces) = braces(text, at).filter(|_| !about_quotes(kind)) {
        return braces;
    }
    let here = text.get(at..).and_then(|rest| rest.chars().next());
    let end = at + here.filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
    Complaint { range: at..end, message: message(kind, here) }
}

/// What is wrong with a line where a template engine's braces stand, or a reference without quotes.
fn braces(text: &str, at: usize) -> Option<Complaint> {
    let start = indent_start(text, at);
    let line = text.get(start..)?.lines().next()?;
    let (from, sign) = ["{%", "{{", "<%"].iter().filter_map(|sign| Some((line.find(sign)?, *sign))).min()?;
    // In quotes they are text, and `${{…}}` is somebody's variable.
    if line.get(..from)?.contains(['"', '\'', '$']) {
        return None;
    }
    let range = start + from..start + from + sign.len();
    Some(Complaint { range, message: about_braces(line.get(from..)?, sign) })
}

fn about_braces(rest: &str, sign: &str) -> String {
    if rest.starts_with("{{resolve:") {
        "a dynamic reference needs quotes: `'{{resolve:…}}'`".to_owned()
    } else {
        format!(
            "`{sign}` is a template engine's: check what this file renders to, and leave the file out with `exclude`"
        )
    }
}

/// The complaint about a key that is a map and begins at a byte, where it is none: for YAML `{{name}}` is a map's key.
pub(super) fn of_key(text: &str, at: usize) -> Option<Complaint> {
    let outer = at.checked_sub(1)?;
    let rest = text.get(outer..).filter(|rest| rest.starts_with("{{"))?;
    Some(Complaint { range: outer..at + 1, message: about_braces(rest, "{{") })
}

fn message(kind: &ErrorKind, here: Option<char>) -> String {
    use ErrorKind as E;
    let fixed = match kind {
        _ if here == Some('\t') && is_layout(kind) => "a tab cannot indent YAML: use spaces",
        E::UnexpectedEofFlowSequence | E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping
            if matches!(here, Some(',' | ':' | ']' | '}')) =>
        {
            "expected a value before this"
        }
        E::UnexpectedEofFlowSequence => "the text ends before the `]` of this list",
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => {
            "the text ends before the `}` of this mapping"
        }
        E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping | E::UnexpectedEof => {
            "the text ends too early here"
        }
        E::DuplicateVersionDirective => "a second %YAML line",
        E::UnsupportedYamlMajorVersion => "only YAML 1.x can be read",
        E::DuplicateTagDirective => "a second %TAG line for this handle",
        E::ExpectedDocumentStart => {
            "expected `---` or the end of the text here: is this line indented less than the first one?"
        }
        E::MissingDocumentEndBeforeDirective => "expected `...` before a line that begins with `%`",
        E::ExpectedNodeContent => match here {
            Some(',' | ']' | '}' | ':') => "expected a value before this",
            _ => "expected a value here",
        },
        E::ExpectedBlockMappingKey => "expected a key here, at the indentation of the keys above",
        E::ExpectedFlowMappingSeparator => "expected `,` or `}` here",
        E::ExpectedFlowSequenceSeparator => "expected `,` or `]` here",
        E::ExpectedBlockSequenceEntry => "expected `- ` here, at the indentation of the items above",
        E::UndeclaredTagHandle => "this tag's handle was not declared; write `!Name`",
        E::SimpleKeyExpected => "expected `:` behind this",
        E::InvalidSimpleKey => "expected `:` behind the key, on the same line",
        E::InvalidDocumentEnd => "nothing may follow `...` on its line",
        E::InvalidIndentation => "wrong indentation",
        E::BomInsideDocument => "a byte order mark in the middle of the text",
        E::UnexpectedCharacter { character } => return unexpected(*character),
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation | E::TabInPlainScalar => {
            "a tab cannot stand here: use spaces"
        }
        E::TabAtBlockScalarStart => "a tab cannot indent a block of text: use spaces",
        E::CommentInterceptedScalar => "a comment cannot stand between the lines of a text",
        E::ExpectedWhitespace => "expected a space here",
        E::CommentNotSeparated => "expected a space before `#`",
        E::DocumentIndicatorInQuotedScalar | E::UnclosedQuotedScalar => "this quote is never closed",
        E::InvalidQuotedScalarIndent => {
            "this quote is not closed on its line: close it, or indent the lines that continue it deeper"
        }
        E::InvalidTrailingSingleQuotedScalar => {
            "expected nothing more behind the closing quote; write '' for a quote inside the text"
        }
        E::InvalidTrailingDoubleQuotedScalar => {
            "expected nothing more behind the closing quote; write \\\" for a quote inside the text"
        }
        E::UnknownQuotedScalarEscape => "there is no such escape; write `\\\\` for a backslash, or use single quotes",
        E::InvalidQuotedScalarHexEscape => "expected a hexadecimal digit in this escape",
        E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => "this escape is no character",
        E::MissingAnchorOrAliasName if here == Some('*') => {
            "expected a name behind `*`; text that begins with `*` needs quotes"
        }
        E::MissingAnchorOrAliasName => "expected a name here; text that begins with `*` or `&` needs quotes",
        E::MisplacedFlowCollectionEnd => "this bracket closes nothing",
        E::MismatchedFlowCollectionEnd { open, close } => return format!("this `{open}` is closed by `{close}`"),
        E::UnclosedFlowCollection { open } => return format!("`{open}` is never closed"),
        E::RecursionLimitExceeded => return format!("nested deeper than {} levels", super::MAX_DEPTH),
        E::BlockEntryInFlowCollection => "`- ` cannot stand inside brackets",
        E::BlockSequenceEntryNotAllowed => "a list item cannot begin here; put it on a line of its own",
        E::InvalidBlockEntryWhitespace => "expected a space behind `-`",
        E::ZeroBlockScalarIndent => "the indentation of a block of text cannot be 0",
        E::InvalidBlockScalarHeader => "expected the end of the line behind `|` or `>`",
        E::InvalidBlockScalarIndent => "this line is indented less than the first line of its text",
        E::InvalidFlowScalarIndent => "wrong indentation inside brackets",
        E::PlainScalarStartsWithDashFlowIndicator => "text that begins with `-` and a bracket or comma needs quotes",
        E::UnexpectedEndOfPlainScalar => "expected a value here",
        E::MappingKeyNotAllowed => "a key cannot stand here: is the indentation right?",
        E::FlowMappingValueAdjacentCollection | E::InvalidMappingValueWhitespace => "expected a space behind `:`",
        E::InvalidColonPlacement => "a `:` cannot stand here: is a comma or a closing bracket missing before it?",
        E::MappingValueNotAllowed => "a second `: ` on the line: text with `: ` in it needs quotes",
        E::MissingTagUri
        | E::InvalidTagTerminator
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8
        | E::InvalidGlobalTagCharacter
        | E::ExpectedTagBang => "this is no tag; text that begins with `!` needs quotes",
        E::TooManyComments => "too many comments in a row",
        _ => return kind.to_string().to_lowercase(),
    };
    fixed.to_owned()
}

fn unexpected(character: char) -> String {
    match character {
        '`' | '@' => format!("text that begins with `{character}` needs quotes"),
        '%' => "text that begins with `%` needs quotes".to_owned(),
        c if c.is_control() => format!("the control character U+{:04X} cannot stand here", u32::from(c)),
        c => format!("`{c}` cannot stand here"),
    }
}

/// Errors that a tab among the indentation explains better than their own words.
const fn is_layout(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation
            | ErrorKind::ExpectedDocumentStart
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::UnexpectedCharacter { character: '\t' }
    )
}

/// The blanks at the beginning of the line that holds a byte.
fn line_indent(text: &str, at: usize) -> &str {
    let rest = text.get(indent_start(text, at)..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    rest.get(..blanks).unwrap_or("")
}

/// The key before the colon at a byte, when it is the first one on its line.
fn deeper_key(text: &str, colon: usize) -> Option<Range<usize>> {
    let line = text.get(indent_start(text, colon)..colon)?;
    let key = line.trim_start_matches([' ', '\t']);
    let key = key.strip_prefix("- ").map_or(key, str::trim_start);
    (!key.is_empty() && !key.contains(": ")).then(|| colon - key.len()..colon)
}

/// Where the line begins that holds a byte.
fn indent_start(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or("").rfind(['\n', '\r']).map_or(0, |i| i + 1)
}

/// The first quote that can open a text between two bytes.
fn quote_between(text: &str, from: usize, to: usize) -> Option<usize> {
    let from = floor(text, from);
    let part = text.get(from..to)?;
    let mut comment = false;
    let mut before = ' ';
    for (i, c) in part.char_indices() {
        match c {
            '\n' | '\r' => comment = false,
            '#' if before.is_whitespace() => comment = true,
            '"' | '\'' if !comment => return Some(from + i),
            _ => {}
        }
        before = c;
    }
    None
}

/// Where the first backslash stands that begins no escape of YAML.
fn wrong_escape(text: &str) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped && !"0abtnvfre \"/\\N_LPxuU\t\n\r".contains(c) {
            return i - 1;
        }
        escaped = c == '\\' && !escaped;
    }
    0
}

/// The nearest character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
