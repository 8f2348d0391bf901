//! The map for Graphviz.

use std::fmt::Write;

use super::picture::{Column, Picture, Tone};

/// One graph; several templates are a frame each.
pub(super) fn write(pictures: &[Picture]) -> String {
    let mut out = String::from(
        "digraph permissions {\n  rankdir=LR\n  node [shape=box, style=rounded, fontname=\"Helvetica\"]\n  edge [fontname=\"Helvetica\", fontsize=10]\n",
    );
    for (t, picture) in pictures.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{t} {{\n    label={}", quoted(&[&picture.file]));
        for (at, node) in picture.nodes.iter().enumerate() {
            let shape = match node.column {
                Column::From => ", shape=oval",
                Column::Runs => "",
                Column::Role => ", shape=hexagon",
                Column::Reached => ", shape=cylinder",
            };
            let colour = match node.tone {
                Tone::Danger => ", color=\"#d1242f\", fontcolor=\"#d1242f\", penwidth=2",
                Tone::Unknown => ", style=\"rounded,dashed\"",
                Tone::Plain | Tone::Reads | Tone::Writes => "",
            };
            let _ = writeln!(out, "    n{t}_{at} [label={}{shape}{colour}]", quoted(&[&node.label, &node.sort]));
        }
        for edge in &picture.edges {
            let colour = match edge.tone {
                Tone::Plain => "#5f6b7a",
                Tone::Reads => "#0969da",
                Tone::Writes => "#b45309",
                Tone::Danger => "#d1242f",
                Tone::Unknown => "#93a0b0",
            };
            let dashed = if edge.loose { ", style=dashed" } else { "" };
            let label =
                if edge.label.is_empty() { String::new() } else { format!(", label={}", quoted(&[&edge.label])) };
            let _ = writeln!(out, "    n{t}_{} -> n{t}_{} [color=\"{colour}\"{dashed}{label}]", edge.from, edge.to);
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

/// Lines as one label.
fn quoted(lines: &[&str]) -> String {
    // Entities are read in labels of every kind.
    let line = |text: &&str| text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", lines.iter().map(line).collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    /// Nothing of a label ends it.
    #[test]
    fn labels_are_labels() {
        assert_eq!(quoted(&["a\"\\", "b"]), "\"a\\\"\\\\\\nb\"");
        assert_eq!(quoted(&["&lt;b&gt;"]), "\"&amp;lt;b&amp;gt;\"");
    }
}
