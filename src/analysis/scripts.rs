//! Scripts that machines and builds run, and what they take from the network without asking who gives it.

use std::ops::Range;

use super::walk::at_path;
use crate::resolve::{Case, Resolver, Text, Under};
use crate::template::{Entry, Resource, Template, Value};

/// Where scripts and single commands stand. From the property references of the user guide.
const PLACES: &[(&str, &str)] = &[
    ("AWS::Amplify::App", "BuildSpec"),
    ("AWS::Amplify::Branch", "BuildSpec"),
    (
        "AWS::AppRunner::Service",
        "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.BuildCommand",
    ),
    (
        "AWS::AppRunner::Service",
        "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.StartCommand",
    ),
    ("AWS::AutoScaling::LaunchConfiguration", "UserData"),
    ("AWS::Batch::JobDefinition", "ContainerProperties.Command[]"),
    ("AWS::Batch::JobDefinition", "EcsProperties.TaskProperties[].Containers[].Command[]"),
    ("AWS::CodeBuild::Project", "Source.BuildSpec"),
    ("AWS::CodePipeline::Pipeline", "Stages[].Actions[].Commands[]"),
    ("AWS::EC2::Instance", "UserData"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.UserData"),
    ("AWS::EC2::SpotFleet", "SpotFleetRequestConfigData.LaunchSpecifications[].UserData"),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].Command[]"),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].EntryPoint[]"),
    ("AWS::GreengrassV2::ComponentVersion", "InlineRecipe"),
    ("AWS::ImageBuilder::Component", "Data"),
    ("AWS::ImageBuilder::ContainerRecipe", "DockerfileTemplateData"),
    ("AWS::Lightsail::Instance", "UserData"),
    ("AWS::SageMaker::NotebookInstanceLifecycleConfig", "OnCreate[].Content"),
    ("AWS::SageMaker::NotebookInstanceLifecycleConfig", "OnStart[].Content"),
    ("AWS::SageMaker::StudioLifecycleConfig", "StudioLifecycleConfigContent"),
    ("AWS::SSM::Association", "Parameters.commands[]"),
    ("AWS::SSM::Document", "Content"),
    ("AWS::SSM::Document", "Content.mainSteps[].inputs.runCommand[]"),
    ("AWS::SSM::Document", "Content.mainSteps[].inputs.Parameters.commands[]"),
    (
        "AWS::SSM::MaintenanceWindowTask",
        "TaskInvocationParameters.MaintenanceWindowRunCommandParameters.Parameters.commands[]",
    ),
    ("AWS::WorkspacesInstances::WorkspaceInstance", "ManagedInstance.UserData"),
];

/// A script that was read.
#[derive(Debug)]
pub struct Script<'t, 'a> {
    /// What runs it.
    pub resource: &'t Resource<'a>,
    /// The script.
    pub value: Value<'a>,
    /// The assumption under which it is that.
    pub under: Under,
    /// Its text; what is filled in is `*`.
    pub text: String,
    /// What it takes unchecked.
    pub taken: Vec<Taken>,
}

/// The scripts of a template that take something unchecked.
#[must_use]
pub fn careless<'t, 'a>(template: &'t Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<Script<'t, 'a>> {
    let mut all = Vec::new();
    for resource in &template.resources {
        for case in scripts(resolver, resource) {
            let Some(value) = case.present() else { continue };
            let text = text_of(&value);
            let taken = taken(&text);
            if !taken.is_empty() {
                all.push(Script { resource, value, under: case.under, text, taken });
            }
        }
    }
    all
}

/// The scripts of a resource, those of cfn-init among them.
fn scripts<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Vec<Case<'a>> {
    let paths = PLACES.iter().filter(|(kind, _)| *kind == resource.kind).map(|(_, path)| *path);
    let mut all: Vec<Case<'a>> = paths.flat_map(|path| at_path(resolver, resource, path)).collect();
    if let Some(under) = resolver.under_of(resource) {
        all.extend(init_texts(resource).iter().flat_map(|text| resolver.cases(text, &under)));
    }
    all
}

/// The commands of cfn-init, and what it writes into files: scripts that run later, descriptions of repositories.
fn init_texts<'a>(resource: &Resource<'a>) -> Vec<Value<'a>> {
    let commands = of_init(resource, "commands").filter_map(|command| command.value.get("command"));
    let files = of_init(resource, "files").filter_map(|file| file.value.get("content"));
    commands.chain(files).map(|text| text.value).collect()
}

/// The entries of one section of `AWS::CloudFormation::Init`, in each of its sets: commands, files, packages.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-init.html>
pub fn of_init<'a>(resource: &Resource<'a>, section: &'static str) -> impl Iterator<Item = &'a Entry<'a>> {
    let init = resource.attribute("Metadata").and_then(|all| all.value.get("AWS::CloudFormation::Init"));
    let entries = |value: Value<'a>| value.entries().iter();
    let sets = init.into_iter().flat_map(move |init| entries(init.value));
    sets.filter_map(move |set| set.value.get(section)).flat_map(move |section| entries(section.value))
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
fn text_of(script: &Value<'_>) -> String {
    // A line may go on in the next: two characters for two, so that places stay.
    Text::of(script).pattern().replace("\\\n", "  ")
}

/// How many files are kept in mind until they are run.
const MAX_FILES: usize = 64;

/// What a script takes unchecked.
fn taken(script: &str) -> Vec<Taken> {
    let mut all = Vec::new();
    // Most scripts have neither an address nor an option, nor the settings of a repository.
    if !["http", "--", "gpgcheck", "trusted=yes", "strict-ssl"].iter().any(|sign| script.contains(sign)) {
        return all;
    }
    // What came over plain HTTP into a file, until the file is run.
    let mut files: Vec<(&str, Taken)> = Vec::new();
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        let words = if line.trim_start().starts_with('#') { Vec::new() } else { words(line) };
        let taken = |word: Word<'_>, way: Way| {
            let start = at + word.at;
            // What is filled in is written otherwise.
            let length = word.text.find('*').filter(|at| *at > 0).unwrap_or(word.text.len());
            Taken { part: start..start + length, way }
        };
        for command in words.split(|word| matches!(word.text, ";" | "&&" | "||" | ",")) {
            let run = files.extract_if(.., |(file, _)| runs(command, file));
            all.extend(run.map(|(_, taken)| taken));
            if let Some((word, way)) = download(command).or_else(|| package(command)) {
                all.push(taken(word, way));
            } else if let Some((address, file)) = saved(command).filter(|_| files.len() < MAX_FILES) {
                files.push((file, taken(address, Way::Plain)));
            }
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
    /// `/usr/bin/curl` is `curl`, and `C:\setup\agent.exe` is `agent.exe`.
    fn program(&self) -> &str {
        self.text.rsplit_once(['/', '\\']).map_or(self.text, |(_, name)| name)
    }

    /// Whether it is one of these, as PowerShell reads names: in any case.
    fn is_cmdlet(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.text.eq_ignore_ascii_case(name))
    }

    /// Whether it is options of one letter among which is this one; behind some there is a value.
    fn has_option(&self, letter: char) -> bool {
        let Some(letters) = self.text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
        let valued = |c: char| "AbcCdDeEFHKmoPQrtTuUwxXyYz".contains(c) && c != letter;
        letters.find(letter).is_some_and(|at| !letters[..at].contains(valued))
    }
}

/// The words of a line; quotes stand between words, and what joins commands is a word: so is a comma between the commands of a list.
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

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh"];
const INTERPRETERS: &[&str] = &["python", "python2", "python3", "perl", "ruby", "node", "source", "."];
const INSTALLERS: &[&str] = &["apt", "apt-get", "dnf", "dpkg", "rpm", "yum", "zypper"];

/// The program that a command starts, and what it is given.
fn started<'w, 's>(words: &'w [Word<'s>]) -> Option<(&'w Word<'s>, &'w [Word<'s>])> {
    let before = |word: &Word<'_>| {
        word.text.starts_with('-')
            || word.text.contains('=')
            || matches!(word.text, "sudo" | "env" | "exec" | "nohup" | "time" | "if" | "then" | "do" | "&")
    };
    words.get(words.iter().position(|word| !before(word))?..)?.split_first()
}

/// Whether a command takes commands from what is piped into it: `bash -s`, not `python -m json.tool`, which reads data.
fn obeys(words: &[Word<'_>]) -> bool {
    let Some((program, given)) = started(words) else { return false };
    let name = program.program();
    SHELLS.contains(&name) && given.iter().all(|word| word.text != "-c")
        || INTERPRETERS.contains(&name) && given.first().is_none_or(|word| word.text == "-")
}

/// Whether the words before a program make commands of what it says: `bash -c "$(`, `eval "$(`, `. <(`.
fn makes_commands(before: &[Word<'_>]) -> bool {
    let text = |word: &Word<'_>| matches!(word.text, "-c" | "eval");
    match before {
        [.., by, sign, open] if open.text == "(" => match sign.text {
            "$" => text(by),
            "<" => SHELLS.contains(&by.program()) || INTERPRETERS.contains(&by.program()),
            _ => false,
        },
        [.., by, tick] => tick.text == "`" && text(by),
        [] | [_] => false,
    }
}

/// What a pipeline fetches and runs, or keeps, from whoever answers.
fn download<'s>(words: &[Word<'s>]) -> Option<(Word<'s>, Way)> {
    if words.iter().any(|word| word.is_cmdlet(&["iex", "Invoke-Expression"])) {
        let address = words.iter().find(|word| word.text.strip_prefix("http://").is_some_and(is_elsewhere));
        return address.map(|address| (*address, Way::Plain));
    }
    let programs = ["curl", "wget", "rpm", "yum", "dnf", "microdnf", "zypper", "msiexec", "msiexec.exe"];
    let at = words.iter().position(|word| programs.contains(&word.program()))?;
    let (before, rest) = words.split_at(at);
    let (program, rest) = rest.split_first()?;
    let end = rest.iter().position(|word| matches!(word.text, "|" | ")" | "`")).unwrap_or(rest.len());
    let (arguments, behind) = rest.split_at(end);
    let remote =
        |scheme: &str| arguments.iter().find(|w| w.text.strip_prefix(scheme).is_some_and(is_elsewhere)).copied();
    let plain = remote("http://");
    if !matches!(program.program(), "curl" | "wget") {
        let installs = arguments.iter().any(|word| match program.program() {
            "rpm" => word.has_option('i') || word.has_option('U'),
            "msiexec" | "msiexec.exe" => word.is_cmdlet(&["/i", "-i", "/package"]),
            // They check the signatures of what is in a repository, not of what an address names.
            _ => matches!(word.text, "install" | "localinstall" | "in"),
        });
        return plain.filter(|_| installs).map(|address| (address, Way::Plain));
    }
    let runs = makes_commands(before) || behind.split(|word| word.text == "|").skip(1).any(obeys);
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

/// The address from which a command fetches over plain HTTP, and the file that it makes of it.
fn saved<'s>(words: &[Word<'s>]) -> Option<(Word<'s>, &'s str)> {
    let at = words.iter().position(|word| {
        matches!(word.program(), "curl" | "wget")
            || word.is_cmdlet(&["Invoke-WebRequest", "iwr", "Start-BitsTransfer"])
            || word.text.rsplit('.').next().is_some_and(|method| method.eq_ignore_ascii_case("DownloadFile"))
    })?;
    let (program, arguments) = words.get(at..)?.split_first()?;
    let address = arguments.iter().find(|word| word.text.strip_prefix("http://").is_some_and(is_elsewhere))?;
    let letter = if program.program() == "curl" { 'o' } else { 'O' };
    let names = |word: &Word<'_>| {
        matches!(word.text, "--output" | "--output-document" | ">")
            || word.is_cmdlet(&["-OutFile", "-Destination"])
            || word.has_option(letter)
    };
    let said = arguments.iter().position(names).and_then(|at| arguments.get(at + 1));
    let file = said.unwrap_or(address).text.split('?').next()?;
    let name = file.rsplit_once(['/', '\\']).map_or(file, |(_, name)| name);
    (name.len() > 2 && !name.contains('*')).then_some((*address, name))
}

/// Whether a command runs a file, or installs it.
fn runs(words: &[Word<'_>], file: &str) -> bool {
    let Some((program, given)) = started(words) else { return false };
    let name = program.program();
    let script = given.iter().find(|word| !word.text.starts_with('-'));
    name == file
        || program.is_cmdlet(&["Start-Process", "saps", "msiexec", "msiexec.exe"])
            && given.iter().any(|word| word.program() == file)
        || (SHELLS.contains(&name) || INTERPRETERS.contains(&name)) && script.is_some_and(|word| word.program() == file)
        || INSTALLERS.contains(&name) && given.iter().any(|word| word.program() == file)
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
    (&["rpm"], &["--nosignature"]),
    (&["apk"], &["--allow-untrusted"]),
    (&["zypper"], &["--no-gpg-checks", "--allow-unsigned-rpm"]),
    (&["apt", "apt-get"], &["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"]),
    (&["pip", "pip2", "pip3"], &["--trusted-host"]),
    (&["git"], &["http.sslVerify=false", "http.sslverify=false"]),
    (&["npm"], &["--strict-ssl=false", "strict-ssl=false"]),
];

fn package<'s>(words: &[Word<'s>]) -> Option<(Word<'s>, Way)> {
    if let Some(word) = settled(words) {
        return Some((word, Way::Package));
    }
    let options = CARELESS.iter().filter(|(programs, _)| words.iter().any(|word| programs.contains(&word.program())));
    let mut options = options.flat_map(|(_, options)| options.iter());
    options
        .find_map(|option| {
            words.iter().find(|word| word.text.split('=').next() == Some(option) || word.text == *option)
        })
        .map(|word| (*word, Way::Package))
}

/// What says the same once and for all: in the description of a repository, or in the settings of a program.
fn settled<'s>(words: &[Word<'s>]) -> Option<Word<'s>> {
    let off = |word: &Word<'_>, setting: &str| {
        word.text.strip_prefix(setting).is_some_and(|value| matches!(value, "=0" | "=no" | "=false" | "=False"))
    };
    let deb = words.iter().any(|word| matches!(word.text, "deb" | "deb-src"));
    let trusted = |word: &Word<'_>| deb && word.text.trim_matches(['[', ']']) == "trusted=yes";
    let unchecked = |word: &&Word<'s>| {
        off(word, "gpgcheck") || off(word, "--setopt=gpgcheck") || off(word, "--setopt=*.gpgcheck") || trusted(word)
    };
    let strict = words.windows(2).find(|pair| pair[0].text == "strict-ssl" && pair[1].text == "false");
    words.iter().find(unchecked).or(strict.map(|pair| &pair[0])).copied()
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
            "sudo yum install -y http://get.example.com/x",
            "msiexec.exe /i http://get.example.com/x /qn",
            "iex ((New-Object System.Net.WebClient).DownloadString('http://get.example.com/x'))",
            "iwr http://get.example.com/x -UseBasicParsing | Invoke-Expression",
        ] {
            assert_eq!(seen(script), [("http://get.example.com/x", Way::Plain)], "{script}");
        }
        assert_eq!(seen("curl http://*.s3.amazonaws.com/x | sh"), [("http://", Way::Plain)]);
    }

    /// Plain HTTP into a file, which is run afterwards.
    #[test]
    fn plain_and_run_later() {
        for script in [
            "curl -o /tmp/x.sh http://get.example.com/install\nchmod +x /tmp/x.sh\nsudo bash /tmp/x.sh",
            "wget http://get.example.com/x.sh && chmod 755 x.sh && ./x.sh -q",
            "wget -q http://get.example.com/agent.deb\n  - sudo dpkg -i ./agent.deb",
            "cd /tmp; curl -LO http://get.example.com/agent.rpm; yum install -y agent.rpm",
            "Invoke-WebRequest -Uri http://get.example.com/a -OutFile C:\\agent.msi\nStart-Process msiexec.exe \"/i C:\\agent.msi\"",
            "$c.DownloadFile(\"http://get.example.com/a.exe\", \"C:\\t\\a.exe\")\n& C:\\t\\a.exe /quiet",
        ] {
            assert!(matches!(seen(script).as_slice(), [(_, Way::Plain)]), "{script}: {:?}", seen(script));
        }
        assert_eq!(seen("wget http://get.example.com/x.csv\nsort x.csv\npython3 load.py"), []);
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
        let list = r#"["curl -k https://example.com/x | sh","pip install --trusted-host pypi.example.com x"]"#;
        assert_eq!(seen(list), [("-k", Way::Anyone), ("--trusted-host", Way::Package)]);
        assert_eq!(seen("git -c http.sslVerify=false clone x"), [("http.sslVerify=false", Way::Package)]);
        assert_eq!(seen("rpm -Uvh --nosignature x.rpm"), [("--nosignature", Way::Package)]);
        assert_eq!(seen("dnf install -y --setopt=gpgcheck=0 x"), [("--setopt=gpgcheck=0", Way::Package)]);
        assert_eq!(seen("apk add --allow-untrusted x.apk"), [("--allow-untrusted", Way::Package)]);
        assert_eq!(seen("npm config set strict-ssl false"), [("strict-ssl", Way::Package)]);
    }

    /// Repositories whose packages are taken unsigned; what is signed is the list of them with `repo_gpgcheck`.
    #[test]
    fn repositories() {
        let file = "cat > /etc/yum.repos.d/x.repo <<EOF\n[x]\nbaseurl=https://example.com/x\ngpgcheck=0\nEOF\n";
        assert_eq!(seen(file), [("gpgcheck=0", Way::Package)]);
        let list = "echo 'deb [arch=amd64 trusted=yes] https://example.com/ ./' > /etc/apt/sources.list.d/x.list";
        assert_eq!(seen(list), [("trusted=yes]", Way::Package)]);
        assert_eq!(seen("sed -i 's/gpgcheck=0/gpgcheck=1/' /etc/yum.repos.d/x.repo"), []);
        assert_eq!(seen("[x]\nbaseurl=https://example.com/x\ngpgcheck=1\nrepo_gpgcheck=0\n# gpgcheck=0\n"), []);
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
            "iex ((New-Object System.Net.WebClient).DownloadString('https://example.com/x'))",
            "Invoke-WebRequest http://example.com/x.json -OutFile C:\\x.json",
            "yum install -y epel-release; curl http://example.com/x",
            "yum install -y x",
            "rpm -qa; curl http://example.com/x",
            "curl -s http://example.com/x | python -m json.tool",
            "curl -s http://example.com/x | python3 -c 'import sys, json; print(json.load(sys.stdin))'",
            "curl -s http://example.com/x | sh -c 'cat > y'",
            "python manage.py --address $(curl http://checkip.example.com)",
            "wget http://example.com/x.csv; python load.py x.csv",
        ] {
            assert_eq!(seen(script), [], "{script}");
        }
    }
}
