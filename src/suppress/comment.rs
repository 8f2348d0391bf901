//! `# portcullis: ignore[rule] until=2027-01-31 -- reason`: the grammar of our own comments, in scripts behind `//`.

use std::ops::Range;

use crate::config::did_you_mean;
use crate::rulebook::nearest;

/// What a comment says, with the places of its parts in the comment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written<'c> {
    /// `ignore-file` instead of `ignore`.
    pub whole_file: bool,
    /// The names between the brackets.
    pub names: Vec<(Range<usize>, &'c str)>,
    /// What is between the brackets.
    pub list: Range<usize>,
    /// `until=`.
    pub until: Option<(Range<usize>, &'c str)>,
    /// `value=`.
    pub values: Vec<String>,
    /// What comes after `--`.
    pub reason: Option<String>,
    /// What is wrong with it.
    pub complaints: Vec<Complaint>,
}

/// Something wrong with a comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Where in the comment.
    pub at: Range<usize>,
    /// What.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
}

const FORM: &str = "write `# portcullis: ignore[rule] -- reason`";

/// Reads a comment, its `#` or `//` included; `None` when it is not for us.
pub(super) fn read(comment: &str) -> Option<Written<'_>> {
    let body = comment.trim_start_matches(['#', '/', '*']).trim_start();
    let rest = body.strip_prefix("portcullis:")?.trim_end_matches("*/");
    let mut reader = Reader { comment, written: Written::default() };
    reader.directive(rest.trim());
    Some(reader.written)
}

struct Reader<'c> {
    comment: &'c str,
    written: Written<'c>,
}

impl<'c> Reader<'c> {
    fn directive(&mut self, text: &'c str) {
        let end = text.find(|c: char| c == '[' || c.is_whitespace()).unwrap_or(text.len());
        let (verb, rest) = text.split_at(end);
        match verb {
            "ignore" => {}
            "ignore-file" => self.written.whole_file = true,
            _ => {
                let near = did_you_mean(nearest(verb, ["ignore", "ignore-file"]));
                let at = if verb.is_empty() { self.whole() } else { self.at(verb) };
                return self.complain(
                    at,
                    format!("`{verb}` is nothing that portcullis can do here"),
                    near.or_else(form),
                );
            }
        }
        let Some(list) = rest.trim_start().strip_prefix('[') else {
            return self.complain(self.at(verb), format!("`{verb}` names no rule"), form());
        };
        let Some((list, rest)) = list.split_once(']') else {
            return self.complain(self.whole(), "the list of rules is not closed".to_owned(), form());
        };
        self.written.list = self.at(list);
        let names = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|n| !n.is_empty());
        self.written.names = names.map(|name| (self.at(name), name)).collect();
        if self.written.names.is_empty() {
            self.complain(self.at(verb), format!("`{verb}` names no rule"), form());
        }
        self.options(rest);
    }

    fn options(&mut self, text: &'c str) {
        let mut rest = text.trim();
        while !rest.is_empty() {
            let dashes = rest.trim_start_matches(['-', '\u{2013}', '\u{2014}', ':']);
            if dashes.len() != rest.len() {
                return self.reason(dashes);
            }
            let word = option(rest);
            let Some((key, value)) = word.split_once('=') else {
                // Without `--`, as in zizmor's comments.
                return self.reason(rest);
            };
            match key {
                "until" => self.written.until = Some((self.at(value), value)),
                "value" => self.written.values.push(value.trim_matches(['"', '\'']).to_owned()),
                _ => {
                    let near = did_you_mean(nearest(key, ["until", "value", "reason"]).filter(|k| *k != "reason"));
                    let help = near.or_else(|| Some("a reason comes after `--`".to_owned()));
                    return self.complain(self.at(key), format!("unknown option `{key}`"), help);
                }
            }
            rest = rest.get(word.len()..).unwrap_or("").trim_start();
        }
    }

    fn reason(&mut self, text: &str) {
        let text = text.trim();
        self.written.reason = (!text.is_empty()).then(|| text.to_owned());
    }

    fn complain(&mut self, at: Range<usize>, message: String, help: Option<String>) {
        self.written.complaints.push(Complaint { at, message, help });
    }

    fn whole(&self) -> Range<usize> {
        0..self.comment.len()
    }

    /// Where a part of the comment stands in it.
    fn at(&self, part: &str) -> Range<usize> {
        let start = (part.as_ptr() as usize).saturating_sub(self.comment.as_ptr() as usize);
        start..start + part.len()
    }
}

fn form() -> Option<String> {
    Some(FORM.to_owned())
}

/// The first word, to the end of its quotes when its value has them.
fn option(text: &str) -> &str {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| key.len() < end) else {
        return text.get(..end).unwrap_or(text);
    };
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let close = quote.and_then(|q| value.get(1..)?.find(q));
    let end = close.map_or(end, |close| key.len() + 1 + 1 + close + 1);
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        read(text).expect("ours").names.into_iter().map(|(_, n)| n).collect()
    }

    /// Rules, day, values and reason are read, each with its place.
    #[test]
    fn a_comment_is_read() {
        let text =
            "# portcullis: ignore[rule-a, cfn_nag:W11] until=2027-01-31 value=\"s3:Get *\" value=x -- it is -- public";
        let written = read(text).expect("ours");
        assert_eq!(names(text), ["rule-a", "cfn_nag:W11"]);
        assert!(written.names.iter().all(|(at, name)| text.get(at.clone()) == Some(*name)));
        assert_eq!(text.get(written.list.clone()), Some("rule-a, cfn_nag:W11"));
        assert_eq!(
            written.until.as_ref().map(|(at, day)| (text.get(at.clone()), *day)),
            Some((Some("2027-01-31"), "2027-01-31"))
        );
        assert_eq!(written.values, ["s3:Get *", "x"]);
        assert_eq!(written.reason.as_deref(), Some("it is -- public"));
        assert!(written.complaints.is_empty() && !written.whole_file);
    }

    /// People write it in many ways.
    #[test]
    fn people_write_it_in_many_ways() {
        for text in [
            "#portcullis:ignore[a]",
            "## portcullis: ignore [ a ]",
            "# portcullis: ignore[a,]",
            "# portcullis: ignore[a] --",
            "// portcullis: ignore[a]",
            "/* portcullis: ignore[a] */",
        ] {
            let written = read(text).expect("ours");
            assert_eq!(names(text), ["a"], "{text}");
            assert_eq!((written.reason, written.complaints), (None, vec![]), "{text}");
        }
        assert!(read("# portcullis: ignore-file[a]").expect("ours").whole_file);
        for text in [
            "# portcullis: ignore[a] it is public",
            "# portcullis: ignore[a] — it is public",
            "# portcullis: ignore[a]: it is public",
        ] {
            assert_eq!(read(text).expect("ours").reason.as_deref(), Some("it is public"), "{text}");
        }
        assert_eq!(read("# see portcullis: ignore[a]"), None);
        assert_eq!(read("# portcullis is a tool"), None);
    }

    /// What is misspelt is complained about, with what was meant.
    #[test]
    fn what_is_misspelt_is_complained_about() {
        for (text, at, help) in [
            ("# portcullis: ingore[a]", "ingore", "did you mean `ignore`?"),
            ("# portcullis: ignore-flie[a]", "ignore-flie", "did you mean `ignore-file`?"),
            ("# portcullis: ignore", "ignore", FORM),
            ("# portcullis: ignore[]", "ignore", FORM),
            ("# portcullis: ignore[a", "# portcullis: ignore[a", FORM),
            ("# portcullis:", "# portcullis:", FORM),
            ("# portcullis: ignore[a] untill=2027-01-31", "untill", "did you mean `until`?"),
            ("# portcullis: ignore[a] reason=x", "reason", "a reason comes after `--`"),
        ] {
            let written = read(text).expect("ours");
            let found: Vec<_> =
                written.complaints.iter().map(|c| (text.get(c.at.clone()), c.help.as_deref())).collect();
            assert_eq!(found, [(Some(at), Some(help))], "{text}");
        }
    }

    /// No comment makes the reader panic.
    #[test]
    fn no_comment_panics() {
        for text in [
            "# portcullis: ignore[é]value=\"é",
            "# portcullis: =",
            "# portcullis: ignore[a] = = =",
            "# portcullis: ignore[a] value=\"",
            "#portcullis:ï[",
            "# portcullis: ignore[a] é=é",
        ] {
            let _ = read(text);
        }
    }
}
