//! The map as a Mermaid flow chart.

use std::fmt::Write;

use super::picture::{Column, Picture, Tone};

const STYLES: &str = "  classDef danger stroke:#d1242f,color:#d1242f,stroke-width:2px
  classDef unknown stroke-dasharray:4 3
";

/// One chart; several templates are a frame each.
pub(super) fn write(pictures: &[Picture]) -> String {
    let mut out = String::from("flowchart LR\n");
    for (t, picture) in pictures.iter().enumerate() {
        let framed = pictures.len() > 1;
        if framed {
            let _ = writeln!(out, "  subgraph t{t}[{}]", quoted(&[&picture.file]));
        }
        for (at, node) in picture.nodes.iter().enumerate() {
            let text = quoted(&[&node.label, &node.sort]);
            let shape = match node.column {
                Column::From => format!("([{text}])"),
                Column::Runs => format!("[{text}]"),
                Column::Role => format!("{{{{{text}}}}}"),
                Column::Reached => format!("[({text})]"),
            };
            let class = match node.tone {
                Tone::Danger | Tone::Unknown => format!(":::{}", node.tone.name()),
                Tone::Plain | Tone::Reads | Tone::Writes => String::new(),
            };
            let _ = writeln!(out, "  n{t}_{at}{shape}{class}");
        }
        for edge in &picture.edges {
            let arrow = if edge.loose { "-.->" } else { "-->" };
            let label = if edge.label.is_empty() { String::new() } else { format!("|{}|", quoted(&[&edge.label])) };
            let _ = writeln!(out, "  n{t}_{} {arrow}{label} n{t}_{}", edge.from, edge.to);
        }
        if framed {
            out.push_str("  end\n");
        }
    }
    out.push_str(STYLES);
    out
}

/// A chart of more than 50,000 characters is refused: no name takes more than its part of that.
const LONGEST: usize = 120;

/// Lines as one label; whatever means something to Mermaid or to HTML becomes a number.
fn quoted(lines: &[&str]) -> String {
    // A colon and a number after the word `style` lose their semicolon.
    let harmless = |c: char| c.is_alphanumeric() || " .,/_-+?!*'()".contains(c);
    let line = |text: &&str| {
        let mut out = String::new();
        for (at, c) in apart(text).chars().enumerate() {
            if at == LONGEST {
                out.push('…');
                break;
            }
            if harmless(c) {
                out.push(c);
            } else {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
        out
    };
    format!("\"{}\"", lines.iter().map(line).collect::<Vec<_>>().join("<br>"))
}

/// The text with a blank inside of what means something even when it is written in numbers: formulas (`$$`), breaks
/// (`\n`) and icons (`fa:fa-car`).
fn apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        out.push(c);
        let together = match c {
            '$' => rest.starts_with('$'),
            '\\' => rest.starts_with('n'),
            ':' => rest.starts_with("fa-"),
            _ => false,
        };
        if together {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing of a label ends it, opens a tag or is taken for Markdown.
    #[test]
    fn labels_are_labels() {
        assert_eq!(quoted(&["a\"<b>`#", "c"]), "\"a#34;#60;b#62;#96;#35;<br>c\"");
        assert_eq!(quoted(&["style a:#f00"]), "\"style a#58;#35;f00\"");
    }

    /// What Mermaid replaces after it has read the numbers is taken apart, and a long name is cut.
    #[test]
    fn replaced_late() {
        assert_eq!(apart("$$$x fab:fa-car \\n \\u a:b $"), "$ $ $x fab: fa-car \\ n \\u a:b $");
        assert_eq!(quoted(&[&"x".repeat(1_000)]).chars().count(), LONGEST + 3);
    }
}
