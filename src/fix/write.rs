//! Writes a literal the way the text around it is written.

use std::fmt::Write as _;

use crate::rulebook::Literal;
use crate::source::{Arena, FileId};
use crate::syntax::{Data, Node, Notation, Style, parse};

use super::manner::Manner;
use super::same::long_form;

impl Manner<'_> {
    /// A line break and `column` blanks.
    pub(super) fn new_line(&self, column: usize) -> String {
        format!("{}{}", self.line_break, self.indent.repeat(column))
    }

    /// True when a literal takes lines of its own in block layout.
    pub(super) fn is_block(value: &Literal) -> bool {
        match value {
            Literal::Map(pairs) => !pairs.is_empty(),
            Literal::List(items) => !items.is_empty(),
            Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_) => false,
        }
    }

    /// `key: value` in block layout, the key standing at `column`; the first line is not indented.
    pub(super) fn block_pair(&self, key: &str, value: &Literal, column: usize) -> String {
        let key = self.key(key, false);
        if Self::is_block(value) {
            format!("{key}:{}", self.block_below(value, column))
        } else {
            format!("{key}: {}", self.scalar(value, false, None))
        }
    }

    /// A mapping or list below the key that stands at `column`, beginning with a line break.
    pub(super) fn block_below(&self, value: &Literal, column: usize) -> String {
        let mut out = String::new();
        match value {
            Literal::Map(pairs) => {
                let column = column + self.step;
                for (key, value) in pairs {
                    let _ = write!(out, "{}{}", self.new_line(column), self.block_pair(key, value, column));
                }
            }
            Literal::List(items) => {
                let column = column + self.dash;
                for item in items {
                    let _ = write!(out, "{}{}", self.new_line(column), self.block_item(item, column));
                }
            }
            Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_) => {}
        }
        out
    }

    /// `- item`, the dash standing at `column`; the first line is not indented.
    pub(super) fn block_item(&self, item: &Literal, column: usize) -> String {
        let mut out = "- ".to_owned();
        match item {
            Literal::Map(pairs) if !pairs.is_empty() => {
                for (i, (key, value)) in pairs.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&self.new_line(column + 2));
                    }
                    out.push_str(&self.block_pair(key, value, column + 2));
                }
            }
            Literal::List(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&self.new_line(column + 2));
                    }
                    out.push_str(&self.block_item(item, column + 2));
                }
            }
            Literal::Null
            | Literal::Bool(_)
            | Literal::Number(_)
            | Literal::Text(_)
            | Literal::List(_)
            | Literal::Map(_) => {
                out.push_str(&self.flow(item, None));
            }
        }
        out
    }

    /// A value between brackets: on one line, or, with the column of the line it begins on, on many.
    pub(super) fn flow(&self, value: &Literal, pretty: Option<usize>) -> String {
        let (open, close, parts): (char, char, Vec<String>) = match value {
            Literal::List(items) => {
                let inner = pretty.map(|column| column + self.step);
                ('[', ']', items.iter().map(|item| self.flow(item, inner)).collect())
            }
            Literal::Map(pairs) => {
                let inner = pretty.map(|column| column + self.step);
                ('{', '}', pairs.iter().map(|(key, value)| self.flow_pair(key, value, inner)).collect())
            }
            Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_) => {
                return self.scalar(value, true, None);
            }
        };
        match pretty {
            Some(column) if !parts.is_empty() => {
                let inner = self.new_line(column + self.step);
                let joined = parts.join(&format!(",{inner}"));
                format!("{open}{inner}{joined}{}{close}", self.new_line(column))
            }
            Some(_) | None => format!("{open}{}{close}", parts.join(", ")),
        }
    }

    /// A key and its value between brackets.
    pub(super) fn flow_pair(&self, key: &str, value: &Literal, pretty: Option<usize>) -> String {
        format!("{}: {}", self.key(key, true), self.flow(value, pretty))
    }

    fn key(&self, key: &str, flow: bool) -> String {
        self.text(key, flow, None)
    }

    /// A scalar; text that stands for quoted text gets the same quote.
    pub(super) fn scalar(&self, value: &Literal, flow: bool, quote: Option<char>) -> String {
        match value {
            Literal::Null => "null".to_owned(),
            Literal::Bool(yes) => yes.to_string(),
            Literal::Number(number) => number.clone(),
            Literal::Text(text) => match (short_form(text), self.notation) {
                (Some(_), Notation::Json) => long(text),
                (Some((tag, argument)), Notation::Yaml | Notation::Script) => {
                    let bare = argument.starts_with(['[', '{', '"', '\'']) || is_plain(argument, flow);
                    if bare { text.clone() } else { format!("{tag} {}", quoted(argument, quote.unwrap_or(self.quote))) }
                }
                (None, Notation::Json | Notation::Yaml | Notation::Script) => self.text(text, flow, quote),
            },
            Literal::List(_) | Literal::Map(_) => self.flow(value, None),
        }
    }

    fn text(&self, text: &str, flow: bool, quote: Option<char>) -> String {
        if self.notation == Notation::Json {
            return json_text(text);
        }
        match quote {
            None if is_plain(text, flow) && reads_as_text(text) => text.to_owned(),
            None => quoted(text, self.quote),
            Some(quote) => quoted(text, quote),
        }
    }
}

/// A short-form function: its tag and its argument.
pub(super) fn short_form(text: &str) -> Option<(&str, &str)> {
    // Nearly every text is none, and lists of thousands are asked.
    let after = text.strip_prefix('!')?;
    let name = after.split_once(' ')?.0;
    let (tag, argument) = text.split_at(1 + name.len());
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':');
    let argument = argument.trim();
    (named && !argument.is_empty()).then_some((tag, argument))
}

/// A short-form function in JSON: its long form.
fn long(text: &str) -> String {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    document.root().map_or_else(|| json_text(text), json)
}

/// A piece of YAML in JSON: of a pair, that pair, without braces; `None` for what is a word, or no YAML.
#[must_use]
pub fn in_json(text: &str) -> Option<String> {
    if !(text.contains(": ") || text.starts_with('!')) || text.contains('\n') {
        return None;
    }
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let root = document.root().filter(|_| document.problems.is_empty())?;
    let out = json(root);
    // What is written without braces is to be typed into a map.
    let bare = root.is_mapping() && !text.starts_with('{');
    Some(if bare { out.get(1..out.len() - 1)?.to_owned() } else { out })
}

fn json(node: &Node<'_>) -> String {
    let node = node.target();
    if let Some(tag) = node.tag.and_then(|tag| tag.name.strip_prefix('!')).filter(|tag| !tag.is_empty()) {
        let argument = match node.data {
            Data::Scalar(text, _) if tag == "GetAtt" => match text.split_once('.') {
                Some((resource, attribute)) => format!("[{}, {}]", json_text(resource), json_text(attribute)),
                None => json_text(text),
            },
            Data::Scalar(text, _) => json_text(text),
            Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_) => json(&Node { tag: None, ..*node }),
        };
        return format!("{{{}: {argument}}}", json_text(&long_form(tag)));
    }
    match node.data {
        Data::Scalar(text, Style::Plain) if matches!(text, "true" | "false" | "null") || is_json_number(text) => {
            text.to_owned()
        }
        Data::Scalar(text, _) => json_text(text),
        Data::Sequence(items, _) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Data::Mapping(pairs, _) => {
            let pair =
                |p: &crate::syntax::Pair<'_>| format!("{}: {}", json_text(p.name().unwrap_or("")), json(&p.value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Data::Alias(_) => "null".to_owned(),
    }
}

fn is_json_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    let parts = digits.split('.').count() <= 2
        && digits.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    parts && (whole == "0" || !whole.starts_with('0'))
}

fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 || matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Text between quotes; what single quotes cannot hold goes between double ones.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let plain = text.chars().all(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'));
    // Double quotes would need escapes where single ones do not, and the other way round.
    let single = plain && if quote == '\'' { true } else { text.contains(['"', '\\']) && !text.contains('\'') };
    if single { format!("'{}'", text.replace('\'', "''")) } else { json_text(text) }
}

/// True when text can stand without quotes, whatever it is then read as.
fn is_plain(text: &str, flow: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let indicator = match first {
        '-' | '?' | ':' => second.is_none_or(|c| c == ' ' || ",[]{}".contains(c)),
        _ => " ,[]{}#&*!|>'\"%@`=".contains(first),
    };
    let inner = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    let flowing = flow && (text.contains([',', '[', ']', '{', '}']) || text.starts_with([':', '?', '-']));
    let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !(indicator || inner || flowing || text.starts_with("---") || text.starts_with("...") || text.contains(odd))
}

/// True when no YAML reads plain text as anything but text: neither as a truth, nor a number, date or nothing.
pub(super) fn reads_as_text(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "" | "~"
            | "null"
            | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "y"
            | "n"
            | "<<"
            | "="
            | ".inf"
            | "+.inf"
            | "-.inf"
            | ".nan"
    );
    let number = lower.trim_start_matches(['+', '-', '.']).starts_with(|c: char| c.is_ascii_digit())
        && lower.chars().all(|c| c.is_ascii_hexdigit() || "xo_+-.:".contains(c));
    let bytes = text.as_bytes();
    let date = bytes.len() >= 8 && bytes.iter().take(4).all(u8::is_ascii_digit) && bytes.get(4) == Some(&b'-');
    !(word || number || date)
}
