//! The suppression that silences a finding, for whoever wants it written: editors, the command line.

use std::sync::Arc;

use super::Text;
use super::layout::{Block, Layout};
use crate::finding::{Edit, Finding, Fix, Place, Safety};
use crate::fix::{Operation, compose};
use crate::rulebook::Literal;
use crate::syntax::Notation;

/// How much a suppression that is to be written covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The line of the finding.
    Line,
    /// The resource, and what is made from it.
    Resource,
    /// The file.
    File,
}

/// What writes suppressions into a text, for one finding after the other.
pub struct Writer<'t, 'a> {
    text: &'t Text<'a>,
    layout: Layout<'t, 'a>,
}

impl<'t, 'a> Writer<'t, 'a> {
    /// What writes into a text, which is looked through once.
    #[must_use]
    pub fn new(text: &'t Text<'a>) -> Self {
        Self { text, layout: Layout::new(text, true) }
    }

    /// The edits that silence a finding in the file that holds it: a comment in YAML and in scripts, metadata in JSON.
    ///
    /// `None` where it cannot be said: JSON has no lines, a line of a block scalar no comments. The edits
    /// count as unsafe, so that nothing applies them unasked.
    #[must_use]
    pub fn silence(&self, finding: &Finding, reach: Reach, reason: &str) -> Option<Fix> {
        silence(self.text, &self.layout, finding, reach, reason)
    }
}

/// The edits that silence a finding in the file that holds it: a comment in YAML and in scripts, metadata in JSON.
///
/// `None` where it cannot be said: JSON has no lines, a line of a block scalar no comments. The edits
/// count as unsafe, so that nothing applies them unasked.
fn silence<'a>(text: &Text<'a>, layout: &Layout<'_, 'a>, finding: &Finding, reach: Reach, reason: &str) -> Option<Fix> {
    let block = || {
        let by_id = layout.blocks().iter().find(|b| finding.resource.as_deref() == Some(b.id));
        by_id.or_else(|| layout.block_at(finding.place.start))
    };
    let reason = one_line(reason);
    let edits = match (text.document.notation, reach) {
        (Notation::Yaml | Notation::Script, Reach::Line) => vec![above_line(text, layout, finding, &reason)?],
        (Notation::Yaml | Notation::Script, Reach::Resource) => {
            vec![above(text, block()?.key.start, "ignore", &finding.rule, &reason)?]
        }
        (Notation::Yaml | Notation::Script, Reach::File) => vec![at_top(text, &finding.rule, &reason)],
        (Notation::Json, Reach::Line) => return None,
        (Notation::Json, Reach::Resource) => in_metadata(text, Some(block()?), &finding.rule, &reason)?,
        (Notation::Json, Reach::File) => in_metadata(text, None, &finding.rule, &reason)?,
    };
    let what = match reach {
        Reach::Line => "here",
        Reach::Resource => "for this resource",
        Reach::File => "for this file",
    };
    Some(Fix { title: format!("silence `{}` {what}", finding.rule), safety: Safety::Unsafe, edits })
}

fn above_line(text: &Text<'_>, layout: &Layout<'_, '_>, finding: &Finding, reason: &str) -> Option<Edit> {
    let place = &finding.place;
    let line = layout.line(place.start);
    // A comment above covers one line; and above a line that a scalar goes on in there is none.
    if line != layout.line(place.end.max(place.start + 1) - 1) || !layout.starts_afresh(line) {
        return None;
    }
    let start = text.source.lines().start(line);
    let content = text.source.lines().content(text.source.text(), line);
    let indent = u32::try_from(content.len() - content.trim_start().len()).ok()?;
    above(text, start + indent, "ignore", &finding.rule, reason)
}

/// A comment on a line of its own above the line of a byte, as far in as that byte.
fn above(text: &Text<'_>, offset: u32, verb: &str, rule: &str, reason: &str) -> Option<Edit> {
    let lines = text.source.lines();
    let start = lines.start(lines.line(offset));
    let indent = text.source.text().get(start as usize..offset as usize)?;
    // In braces, something else stands before it.
    if !indent.trim_start_matches('\u{feff}').trim().is_empty() {
        return None;
    }
    let at = start + u32::try_from(indent.len() - indent.trim_start_matches('\u{feff}').len()).ok()?;
    let indent = indent.trim_start_matches('\u{feff}');
    let line = format!("{indent}{}{}", comment(text, verb, rule, reason), newline(text));
    Some(Edit { place: Place::new(Arc::clone(text.source), at, at), text: line })
}

fn at_top(text: &Text<'_>, rule: &str, reason: &str) -> Edit {
    // Behind the mark that some editors put first.
    let at = if text.source.text().starts_with('\u{feff}') { 3 } else { 0 };
    let line = format!("{}{}", comment(text, "ignore-file", rule, reason), newline(text));
    Edit { place: Place::new(Arc::clone(text.source), at, at), text: line }
}

fn in_metadata(text: &Text<'_>, block: Option<&Block<'_>>, rule: &str, reason: &str) -> Option<Vec<Edit>> {
    let anchor = match block {
        // Functions of serverless.yml have no metadata.
        Some(block) => block.body.get("Type").map(|_| block.key)?,
        None => text.document.root()?.span,
    };
    let mut entry = vec![("rule".to_owned(), Literal::Text(rule.to_owned()))];
    if !reason.is_empty() {
        entry.push(("reason".to_owned(), Literal::Text(reason.to_owned())));
    }
    let path = ["Metadata", "portcullis", "ignore"].map(str::to_owned).to_vec();
    let operation = Operation::Append { path, value: Literal::Map(entry) };
    let changes = compose(text.document, text.source, anchor, &[operation]).ok()?;
    let place = |at: std::ops::Range<u32>| Place::new(Arc::clone(text.source), at.start, at.end);
    let edits: Vec<_> = changes.into_iter().map(|(at, text)| Edit { place: place(at), text }).collect();
    (!edits.is_empty()).then_some(edits)
}

fn comment(text: &Text<'_>, verb: &str, rule: &str, reason: &str) -> String {
    let mark = if text.document.notation == Notation::Script { "//" } else { "#" };
    let end = if reason.is_empty() { String::new() } else { format!(" -- {reason}") };
    format!("{mark} portcullis: {verb}[{rule}]{end}")
}

fn newline(text: &Text<'_>) -> &'static str {
    if text.source.text().contains("\r\n") { "\r\n" } else { "\n" }
}

/// A reason ends with its line.
fn one_line(reason: &str) -> String {
    let words: Vec<_> = reason.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, judge};
    use super::*;
    use crate::source::{Arena, FileId, Source};
    use crate::syntax::parse_file;

    fn written(text: &str, word: &str, resource: &str, reach: Reach) -> Option<String> {
        written_in("template", text, word, resource, reach)
    }

    fn written_in(name: &str, text: &str, word: &str, resource: &str, reach: Reach) -> Option<String> {
        let source = Arc::new(Source::new(name, text));
        let arena = Arena::new();
        let document = parse_file(&arena, FileId(0), name, source.text());
        let finding = finding(&source, "wildcard", word, Some(resource));
        let own = Text { source: &source, document: &document };
        let fix = Writer::new(&own).silence(&finding, reach, "it is\n public")?;
        let mut out = text.to_owned();
        for edit in fix.edits.iter().rev() {
            out.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
        }
        Some(out)
    }

    const YAML: &str =
        "Resources:\r\n  A:\r\n    Type: X\r\n    List:\r\n      - '*'\r\n    Text: |\r\n      rm *;\r\n";

    /// In YAML a comment comes above the line, the resource or everything.
    #[test]
    fn yaml_gets_a_comment() {
        let comment = |verb: &str| format!("# portcullis: {verb}[wildcard] -- it is public\r\n");
        let put = |before: &str, line: String| YAML.replacen(before, &format!("{line}{before}"), 1);
        assert_eq!(
            written(YAML, "'*'", "A", Reach::Line),
            Some(put("      - '*'", format!("      {}", comment("ignore"))))
        );
        assert_eq!(written(YAML, "'*'", "A", Reach::Resource), Some(put("  A:", format!("  {}", comment("ignore")))));
        assert_eq!(written(YAML, "'*'", "A", Reach::File), Some(put("Resources", comment("ignore-file"))));
        assert_eq!(written(YAML, "rm *;", "A", Reach::Line), None);
        let tagged = "Resources:\n  A:\n    - !Sub '*'\n";
        let line = format!("    {}\n", comment("ignore").trim_end());
        assert_eq!(
            written(tagged, "'*'", "A", Reach::Line),
            Some(tagged.replacen("    -", &format!("{line}    -"), 1))
        );
        assert_eq!(written("Resources: {A: {Type: X, a: '*'}}", "'*'", "A", Reach::Resource), None);
    }

    /// In a script a comment begins with two strokes.
    #[test]
    fn scripts_get_a_comment() {
        let text = "module.exports = {\n  functions: {\n    f: {\n      a: '*',\n    },\n  },\n}\n";
        let written = |reach| written_in("serverless.js", text, "'*'", "f", reach);
        let put = |verb: &str, before: &str, indent: &str| {
            let line = format!("{indent}// portcullis: {verb}[wildcard] -- it is public\n");
            Some(text.replacen(before, &format!("{line}{before}"), 1))
        };
        assert_eq!(written(Reach::Line), put("ignore", "      a:", "      "));
        assert_eq!(written(Reach::Resource), put("ignore", "    f:", "    "));
        assert_eq!(written(Reach::File), put("ignore-file", "module", ""));
    }

    /// In JSON an entry comes into the metadata, which is made when missing.
    #[test]
    fn json_gets_metadata() {
        let json = "{\n  \"Resources\": {\n    \"A\": {\n      \"Type\": \"X\",\n      \"a\": \"*\"\n    }\n  }\n}\n";
        for reach in [Reach::Resource, Reach::File] {
            let out = written(json, "\"*\"", "A", reach).expect("it can be said");
            let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
            let at = if reach == Reach::File { "/Metadata" } else { "/Resources/A/Metadata" };
            let entry = value.pointer(&format!("{at}/portcullis/ignore/0"));
            assert_eq!(entry, Some(&serde_json::json!({"rule": "wildcard", "reason": "it is public"})), "{out}");
        }
        assert_eq!(written(json, "\"*\"", "A", Reach::Line), None);
    }

    /// What is written silences what it was written for.
    #[test]
    fn what_is_written_silences() {
        for reach in [Reach::Line, Reach::Resource, Reach::File] {
            let out = written(YAML, "'*'", "A", reach).expect("it can be said");
            let answer = judge(&Arc::new(Source::new("template", out)), |_| ());
            assert!(answer.findings.first().is_some_and(|f| f.suppressed.is_some()), "{reach:?}");
            assert!(answer.notices.is_empty(), "{reach:?}");
        }
    }
}
