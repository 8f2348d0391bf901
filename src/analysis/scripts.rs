//! Scripts that machines and builds run, and what they take from the network without asking who gives it.

use std::ops::Range;

use super::walk::at_path;
use crate::resolve::{Case, Resolver, Text};
use crate::template::{Resource, Value};

/// Where scripts and single commands stand. From the property references of the user guide.
const PLACES: &[(&str, &str)] = &[
    ("AWS::AutoScaling::LaunchConfiguration", "UserData"),
    ("AWS::CodeBuild::Project", "Source.BuildSpec"),
    ("AWS::EC2::Instance", "UserData"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.UserData"),
    ("AWS::EC2::SpotFleet", "SpotFleetRequestConfigData.LaunchSpecifications[].UserData"),
    ("AWS::ImageBuilder::Component", "Data"),
    ("AWS::Lightsail::Instance", "UserData"),
    ("AWS::SageMaker::NotebookInstanceLifecycleConfig", "OnCreate[].Content"),
    ("AWS::SageMaker::NotebookInstanceLifecycleConfig", "OnStart[].Content"),
    ("AWS::SSM::Document", "Content"),
    ("AWS::SSM::Document", "Content.mainSteps[].inputs.runCommand[]"),
];

/// The scripts of a resource, those of cfn-init among them.
#[must_use]
pub fn scripts<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Vec<Case<'a>> {
    let paths = PLACES.iter().filter(|(kind, _)| *kind == resource.kind).map(|(_, path)| *path);
    let mut all: Vec<Case<'a>> = paths.flat_map(|path| at_path(resolver, resource, path)).collect();
    if let Some(under) = resolver.under_of(resource) {
        all.extend(init_commands(resource).iter().flat_map(|command| resolver.cases(command, &under)));
    }
    all
}

/// The commands in `AWS::CloudFormation::Init`: of each of its sets those that have a name.
fn init_commands<'a>(resource: &Resource<'a>) -> Vec<Value<'a>> {
    let init = resource.attribute("Metadata").and_then(|all| all.value.get("AWS::CloudFormation::Init"));
    let entries = |value: Option<Value<'a>>| value.and_then(|v| v.as_map()).map_or(&[][..], |map| map.entries);
    let sets = entries(init.map(|init| init.value)).iter();
    let commands = sets.flat_map(|set| entries(set.value.get("commands").map(|commands| commands.value)));
    commands.filter_map(|command| command.value.get("command").map(|command| command.value)).collect()
}

/// Something that a script takes as it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What makes it so: an address, or an option.
    pub part: Range<usize>,
    /// How it comes.
    pub way: Way,
}

/// How something comes that a script takes unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over plain HTTP, and is run.
    Plain,
    /// From whoever answers, since the certificate is not checked, and is run.
    Anyone,
    /// From whoever answers, and is kept.
    Kept,
    /// As a package whose signature, or whose server, is not checked.
    Package,
}

/// The text of a script; what is filled in is `*`.
#[must_use]
pub fn text_of(script: &Value<'_>) -> String {
    // A line may go on in the next: two characters for two, so that places stay.
    Text::of(script).pattern().replace("\\\n", "  ")
}

/// What a script takes unchecked.
#[must_use]
pub fn taken(script: &str) -> Vec<Taken> {
    let mut all = Vec::new();
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            let words = words(line);
            let pipelines = words.split(|word| matches!(word.text, ";" | "&&" | "||"));
            let found = pipelines.filter_map(|words| download(words).or_else(|| package(words)));
            all.extend(found.map(|(word, way)| {
                let start = at + word.at;
                // What is filled in is written otherwise.
                let length = word.text.find('*').filter(|at| *at > 0).unwrap_or(word.text.len());
                Taken { part: start..start + length, way }
            }));
        }
        at += line.len();
    }
    all
}

#[derive(Debug, Clone, Copy)]
struct Word<'s> {
    at: usize,
    text: &'s str,
}

impl Word<'_> {
    /// `/usr/bin/curl` is `curl`.
    fn program(&self) -> &str {
        self.text.rsplit_once('/').map_or(self.text, |(_, name)| name)
    }

    /// Whether it is options of one letter among which is this one; behind some there is a value.
    fn has_option(&self, letter: char) -> bool {
        let Some(letters) = self.text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
        let valued = |c: char| "AbcCdDeEFHKmoPQrtTuUwxXyYz".contains(c) && c != letter;
        letters.find(letter).is_some_and(|at| !letters[..at].contains(valued))
    }
}

/// The words of a line; quotes stand between words, and what joins commands is a word.
fn words(line: &str) -> Vec<Word<'_>> {
    let joins = |c: char| matches!(c, '|' | ';' | '&' | '(' | ')' | '<' | '>' | '`');
    let mut all: Vec<Word<'_>> = Vec::new();
    let mut rest = 0;
    while let Some(start) = line[rest..].find(|c: char| !c.is_whitespace() && !matches!(c, '"' | '\'')) {
        let at = rest + start;
        let tail = &line[at..];
        let double = ["&&", "||"].iter().any(|two| tail.starts_with(two));
        let length = if double {
            2
        } else if tail.starts_with(joins) {
            1
        } else {
            // A lone `&` may stand in an address.
            tail.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'') || joins(c) && c != '&')
                .unwrap_or(tail.len())
        };
        all.push(Word { at, text: &tail[..length] });
        rest = at + length;
    }
    all
}

const SHELLS: &[&str] =
    &["sh", "bash", "zsh", "dash", "ksh", "python", "python3", "perl", "ruby", "node", "eval", "source", "."];

/// What a pipeline fetches and runs, or keeps, from whoever answers.
fn download<'s>(words: &[Word<'s>]) -> Option<(Word<'s>, Way)> {
    let at = words.iter().position(|word| matches!(word.program(), "curl" | "wget" | "rpm"))?;
    let (before, rest) = words.split_at(at);
    let (program, rest) = rest.split_first()?;
    let end = rest.iter().position(|word| matches!(word.text, "|" | ")" | "`")).unwrap_or(rest.len());
    let (arguments, behind) = rest.split_at(end);
    let remote =
        |scheme: &str| arguments.iter().find(|w| w.text.strip_prefix(scheme).is_some_and(is_elsewhere)).copied();
    let plain = remote("http://");
    if program.program() == "rpm" {
        let installs = arguments.iter().any(|word| word.has_option('i') || word.has_option('U'));
        return plain.filter(|_| installs).map(|address| (address, Way::Plain));
    }
    let is_shell = |word: &Word<'_>| SHELLS.contains(&word.program());
    // `curl … | sudo -E bash`, `bash -c "$(curl …)"`, `. <(curl …)`
    let piped = behind.split(|word| word.text == "|").skip(1).any(|stage| {
        let skipped = |word: &&Word<'_>| word.text.starts_with('-') || matches!(word.program(), "sudo" | "env");
        stage.iter().find(|word| !skipped(word)).is_some_and(is_shell)
    });
    let runs =
        piped || before.last().is_some_and(|word| matches!(word.text, "(" | "`" | "$")) && before.iter().any(is_shell);
    if let Some(address) = plain.filter(|_| runs) {
        return Some((address, Way::Plain));
    }
    let curl = program.program() == "curl";
    let unchecked = |word: &&Word<'s>| match curl {
        true => word.text == "--insecure" || word.has_option('k'),
        false => word.text == "--no-check-certificate",
    };
    let option = arguments.iter().find(unchecked).filter(|_| remote("https://").is_some())?;
    let says = |texts: &[&str]| arguments.iter().any(|word| texts.contains(&word.text));
    let kept = match curl {
        true => {
            says(&["--output", "--remote-name", ">"])
                || arguments.iter().any(|w| w.has_option('o') || w.has_option('O'))
        }
        false => !says(&["--spider", "-O-", "-qO-"]),
    };
    let way = if runs { Way::Anyone } else { Way::Kept };
    (runs || kept && !says(&["/dev/null"])).then_some((*option, way))
}

/// Whether an address is of another machine, as far as it is said.
fn is_elsewhere(address: &str) -> bool {
    let host = address.split(['/', ':', '?']).next().unwrap_or("");
    let own =
        ["localhost", "127.", "169.254.", "10.", "192.168.", "0.0.0.0"].iter().any(|start| host.starts_with(start));
    let inside = [".internal", ".local", ".localdomain"].iter().any(|end| host.ends_with(end));
    let named = host.split_once('.').is_some_and(|(_, domain)| domain.contains(|c: char| c.is_ascii_alphanumeric()));
    named && !own && !inside
}

/// The options by which programs install what nobody signed, or what comes from whoever answers.
const CARELESS: &[(&[&str], &[&str])] = &[
    (&["yum", "dnf", "microdnf"], &["--nogpgcheck", "--no-gpgchecks"]),
    (&["zypper"], &["--no-gpg-checks", "--allow-unsigned-rpm"]),
    (&["apt", "apt-get"], &["--allow-unauthenticated", "--force-yes"]),
    (&["pip", "pip2", "pip3"], &["--trusted-host"]),
    (&["git"], &["http.sslVerify=false", "http.sslverify=false"]),
    (&["npm"], &["--strict-ssl=false"]),
];

fn package<'s>(words: &[Word<'s>]) -> Option<(Word<'s>, Way)> {
    let options = CARELESS.iter().filter(|(programs, _)| words.iter().any(|word| programs.contains(&word.program())));
    let mut options = options.flat_map(|(_, options)| options.iter());
    options
        .find_map(|option| {
            words.iter().find(|word| word.text.split('=').next() == Some(option) || word.text == *option)
        })
        .map(|word| (*word, Way::Package))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is taken, and how.
    fn seen(script: &str) -> Vec<(&str, Way)> {
        taken(script).into_iter().map(|taken| (&script[taken.part], taken.way)).collect()
    }

    /// Plain HTTP into a shell, in the ways that people write it.
    #[test]
    fn plain_and_run() {
        for script in [
            "curl -sSL http://get.example.com/x | sudo -E bash -",
            "wget -qO- \"http://get.example.com/x\"|sh",
            "bash -c \"$(curl -fsSL http://get.example.com/x)\"",
            "bash <(curl -s http://get.example.com/x)",
            "cd /tmp && curl http://get.example.com/x | python3; echo",
            "curl -o - \\\n  http://get.example.com/x \\\n  | sh".replace("\\\n", "  ").as_str(),
            "rpm -Uvh http://get.example.com/x",
        ] {
            assert_eq!(seen(script), [("http://get.example.com/x", Way::Plain)], "{script}");
        }
        assert_eq!(seen("curl http://*.s3.amazonaws.com/x | sh"), [("http://", Way::Plain)]);
    }

    /// Without a look at the certificate, into a shell or a file.
    #[test]
    fn from_whoever_answers() {
        assert_eq!(seen("curl -fsSLk https://example.com/x | bash"), [("-fsSLk", Way::Anyone)]);
        assert_eq!(seen("curl --insecure https://example.com/x -o x.zip"), [("--insecure", Way::Kept)]);
        assert_eq!(seen("curl -kLO https://example.com/x.zip"), [("-kLO", Way::Kept)]);
        assert_eq!(seen("wget --no-check-certificate https://example.com/x"), [("--no-check-certificate", Way::Kept)]);
    }

    /// Packages whose signature nobody looks at.
    #[test]
    fn packages() {
        assert_eq!(seen("pip3 install --trusted-host pypi.example.com x"), [("--trusted-host", Way::Package)]);
        assert_eq!(seen("sudo yum -y --nogpgcheck install x"), [("--nogpgcheck", Way::Package)]);
        assert_eq!(seen("apt-get install -y --allow-unauthenticated x"), [("--allow-unauthenticated", Way::Package)]);
        assert_eq!(seen("git -c http.sslVerify=false clone x"), [("http.sslVerify=false", Way::Package)]);
    }

    /// What is checked, what is only looked at, and what the machine says to itself.
    #[test]
    fn nothing_wrong() {
        for script in [
            "curl -sSL https://get.example.com/x | bash",
            "# curl http://get.example.com/x | bash",
            "curl http://169.254.169.254/latest/meta-data/x | sh",
            "curl -k https://localhost:8443/health -o /dev/null",
            "curl -k https://$HOST/x -o x",
            "curl http://*/x | sh",
            "curl -s http://example.com/status | grep ok",
            "curl -k -X POST https://api.example.com/x",
            "curl -okube.tgz https://example.com/x",
            "curl -H 'k: v' https://example.com/x -o x",
            "curl -O http://example.com/x.txt",
            "yum install -y x",
            "rpm -qa; curl http://example.com/x",
        ] {
            assert_eq!(seen(script), [], "{script}");
        }
    }
}
