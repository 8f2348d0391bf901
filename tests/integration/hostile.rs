//! Files made to break us: bounded time and memory, a clear word with a place, and the files beside them checked.
//!
//! Every file is made here, in a temporary folder. The binary runs under a limit of CPU time and of memory,
//! so that no test depends on how busy the machine is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

mod disk;
mod many;
mod meaning;
mod output;
mod scripts;
mod text;

/// A template beside the hostile one, of which something is always to be said.
const NEIGHBOUR: &str =
    "Resources:\n  Open:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n";

/// The finding of the neighbour that must always be told.
const TOLD: &str = "neighbour.yaml:5:22: medium s3-bucket-acl-public";

/// Seconds of CPU that a run may take: an unoptimised binary, and far more than any of these needs.
const SECONDS: u32 = 20;

/// Kilobytes of address space that a run may take.
const KILOBYTES: u32 = 512 << 10;

/// A folder with a neighbour in it.
struct Folder {
    root: TempDir,
}

struct Told {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { root: tempfile::tempdir().expect("a temporary folder") };
        folder.write("neighbour.yaml", NEIGHBOUR);
        folder
    }

    fn with(name: &str, text: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(name, text);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// The binary under its limits, in the folder.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = if cfg!(target_os = "linux") {
            let limits = format!("ulimit -t {SECONDS}; ulimit -v {KILOBYTES}; exec \"$0\" \"$@\"");
            let mut shell = Command::new("sh");
            shell.args(["-c", &limits, env!("CARGO_BIN_EXE_portcullis")]);
            shell
        } else {
            Command::new(env!("CARGO_BIN_EXE_portcullis"))
        };
        command.args(args).current_dir(self.root.path()).stdin(Stdio::null());
        // Each thread's own heap would reserve 64 MB of addresses.
        command.env("MALLOC_ARENA_MAX", "1").env("RUST_BACKTRACE", "0").env_remove("PORTCULLIS_CONFIG");
        command
    }

    fn run(&self, args: &[&str]) -> Told {
        told(&self.command(args).output().expect("the binary runs"), args)
    }

    /// Everything in the folder, judged by every rule.
    fn check(&self, more: &[&str]) -> Told {
        let all = ["check", "--no-config", "--profile", "all", "--format", "concise", "--jobs", "2"];
        self.run(&[&all, more].concat())
    }

    /// Everything is checked, and the neighbour is told of whatever stands beside it.
    fn checked(&self, code: i32) -> Told {
        let told = self.check(&[]);
        assert_eq!(told.code, code, "{}\n{}", told.head(), told.err);
        assert!(told.out.contains(TOLD), "the neighbour was forgotten:\n{}\n{}", told.head(), told.err);
        told
    }
}

impl Told {
    /// The beginning of what was said, for messages.
    fn head(&self) -> String {
        self.out.chars().take(2_000).collect()
    }

    /// Fails unless some line begins and goes on like this.
    fn says(&self, place: &str, words: &str) {
        let said = self.out.lines().any(|line| line.starts_with(place) && line.contains(words));
        assert!(said, "nothing like `{place} … {words}`:\n{}", self.head());
    }
}

fn told(output: &Output, args: &[&str]) -> Told {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("we write UTF-8");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let code = output.status.code();
    let code = code.unwrap_or_else(|| panic!("{args:?} was killed, {}: {err}", output.status));
    assert!(!err.contains("panicked"), "{args:?}: {err}");
    assert!(err.len() < 1 << 20, "{args:?} says too much");
    Told { code, out, err }
}

/// One hostile file in a folder of its own: the code, and the word at its place.
fn one(name: &str, text: impl AsRef<[u8]>, code: i32, place: &str, words: &str) -> Told {
    let told = Folder::with(name, text).checked(code);
    told.says(&format!("{name}{place}"), words);
    told
}

/// True where a path is there: some systems have no `/dev/full`.
fn there(path: &str) -> bool {
    Path::new(path).exists()
}
