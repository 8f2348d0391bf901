//! Characters that end a line for some readers of YAML and are nothing to look at for others.
//!
//! YAML 1.1, which CloudFormation reads, takes U+0085, U+2028 and U+2029 for line breaks; YAML 1.2 does not. What
//! stands behind one in a comment is deployed, and no editor shows it as anything but a comment.

use super::{Data, Document, Node, Problem, ProblemKind, Style};
use crate::source::Span;

/// Notes the first of them that stands outside of quotes, where it changes what is read.
pub(super) fn check(document: &mut Document<'_>, text: &str) {
    let Some(first) = all(text).next() else { return };
    let mut quoted = Vec::new();
    for root in &document.roots {
        quotes(root, &mut quoted);
    }
    quoted.sort_unstable_by_key(|span| span.start);
    let inside = |at: u32| {
        let before = quoted.partition_point(|span| span.start <= at);
        before.checked_sub(1).and_then(|i| quoted.get(i)).is_some_and(|span| at < span.end)
    };
    let wild = std::iter::once(first).chain(all(text).skip(1)).find(|(at, _)| !inside(*at));
    let Some((at, c)) = wild else { return };
    let width = u32::try_from(c.len_utf8()).unwrap_or(1);
    let message = format!(
        "the invisible character U+{:04X} ends this line for YAML 1.1, which CloudFormation reads: what follows is a line \
         of its own",
        u32::from(c)
    );
    let span = Span::new(document.file, at, at + width);
    document.problems.push(Problem { kind: ProblemKind::Syntax, span, message, other: None });
    document.problems.sort_by_key(|p| (p.span.start, p.span.end));
}

/// The places of such characters. Most texts have none of the two bytes that they begin with.
fn all(text: &str) -> impl Iterator<Item = (u32, char)> + '_ {
    memchr::memchr2_iter(0xc2, 0xe2, text.as_bytes()).filter_map(|at| {
        let c = text.get(at..)?.chars().next()?;
        matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}').then_some((u32::try_from(at).ok()?, c))
    })
}

/// The spans of quoted scalars; the tree is as deep as the parser lets it be.
fn quotes(node: &Node<'_>, out: &mut Vec<Span>) {
    match node.data {
        Data::Scalar(_, Style::SingleQuoted | Style::DoubleQuoted) => out.push(node.span),
        Data::Scalar(_, Style::Plain | Style::Literal | Style::Folded) | Data::Alias(_) => {}
        Data::Sequence(items, _) => items.iter().for_each(|item| quotes(item, out)),
        Data::Mapping(pairs, _) => {
            for pair in pairs {
                quotes(&pair.key, out);
                quotes(&pair.value, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::source::{Arena, FileId};

    fn told(text: &str) -> Option<(u32, ProblemKind)> {
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), text);
        document.problems.first().map(|problem| (problem.span.start, problem.kind))
    }

    /// A comment that ends for CloudFormation and for nobody else is told at the very character.
    #[test]
    fn comments_that_end_early() {
        for c in ['\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(told(&format!("a: 1 # x{c}b: 2\n")), Some((8, ProblemKind::Syntax)), "{c:?}");
            assert_eq!(told(&format!("a: |\n  x{c}b: 2\n")), Some((8, ProblemKind::Syntax)), "{c:?}");
            assert_eq!(told(&format!("a: x{c}b: 2\n")).map(|(_, kind)| kind), Some(ProblemKind::Syntax), "{c:?}");
        }
    }

    /// Inside of quotes, and in JSON, it is text; and other characters that begin alike are nothing.
    #[test]
    fn text_is_text() {
        assert_eq!(told("a: \"x\u{2028}y\"\nb: ['x\u{2029}', 'é — ©']\n"), None);
        assert_eq!(told("{\"a\": \"x\u{2028}y\u{85}\"}"), None);
        assert_eq!(told("a: é — © # “”\n"), None);
        assert_eq!(told("a: \"x\u{2028}y\"\nb: 1 # \u{2028}\n"), Some((18, ProblemKind::Syntax)));
    }
}
