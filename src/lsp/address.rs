//! Where a document is: `file:` addresses to paths and back.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The path of a `file:` address; `None` for documents that are not on this disk.
pub(super) fn path(address: &str) -> Option<PathBuf> {
    let rest = address.strip_prefix("file:")?;
    let (host, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/')?),
        None => ("", rest),
    };
    let path = decoded(path.split(['?', '#']).next()?)?;
    if path.contains('\0') {
        return None;
    }
    // A drive of Windows: `/c:/folder`.
    let drive = path.strip_prefix('/').filter(|p| p.as_bytes().get(1) == Some(&b':'));
    match (host, drive) {
        ("" | "localhost", Some(path)) if cfg!(windows) => Some(PathBuf::from(path)),
        ("" | "localhost", _) if path.starts_with('/') => Some(PathBuf::from(path)),
        (host, _) if cfg!(windows) && !host.is_empty() => Some(PathBuf::from(format!("//{host}{path}"))),
        _ => None,
    }
}

/// The address of an absolute path.
pub(super) fn of(path: &Path) -> Option<Uri> {
    let text = path.to_str()?;
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    let mut address = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for &byte in text.as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&address).ok()
}

/// The last part of an address: what a document that has no path is called.
pub(super) fn name(address: &str) -> String {
    let last = address.rsplit(['/', ':']).next().unwrap_or(address);
    decoded(last).unwrap_or_else(|| last.to_owned())
}

/// Text without `%`-escapes; `None` when they are no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&byte, rest)) = bytes.split_first() {
        let escape = match (byte, rest) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        out.push(escape.unwrap_or(byte));
        bytes = if escape.is_some() { rest.get(2..).unwrap_or_default() } else { rest };
    }
    String::from_utf8(out).ok()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Every path survives the way to an address and back, whatever is in its names.
    #[test]
    fn paths_survive() {
        for name in ["/a/b.yml", "/a b/ä 東京/🦀.yaml", "/100%/%41[x]#?.json", "/c:/x"] {
            let address = of(Path::new(name)).expect("an address");
            assert_eq!(path(address.as_str()), Some(PathBuf::from(name)), "{}", address.as_str());
        }
    }

    /// Addresses are read as editors write them, and those of other schemes or hosts have no path.
    #[test]
    fn addresses_have_paths() {
        for (address, expected) in [
            ("file:///a/b%20c.yml", Some("/a/b c.yml")),
            ("file://localhost/a.yml", Some("/a.yml")),
            ("file:/a.yml", Some("/a.yml")),
            ("file:///a/%C3%A4.yml", Some("/a/ä.yml")),
            ("file:///a/%zz.yml", Some("/a/%zz.yml")),
            ("file://server/share/a.yml", None),
            ("file:///a%00b", None),
            ("untitled:Untitled-1", None),
            ("vscode-notebook-cell:/a.yml", None),
            ("file:", None),
        ] {
            assert_eq!(path(address), expected.map(PathBuf::from), "{address}");
        }
        assert_eq!(name("untitled:Untitled-1"), "Untitled-1");
    }
}
