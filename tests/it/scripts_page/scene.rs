//! A working folder with the shipped rules and scripts, and the sandbox's Hartwell behind them.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use casebridge::sandbox::{Config, Faults, Sandbox, data};
use serde_json::Value;
use tempfile::TempDir;

pub struct Scene {
    folder: TempDir,
    sandbox: Sandbox,
}

/// A command that has ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// What it said, logs and errors first: they come while it is at work.
    pub fn said(&self) -> String {
        format!("{}\n{}", self.stderr.trim_end(), self.stdout)
    }

    /// What it answered with `--json`.
    pub fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.stdout).map_err(|error| format!("no JSON: {error}\n{}", self.said()))
    }
}

impl Scene {
    pub async fn start(files: &BTreeMap<String, String>) -> Scene {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config =
            Config { casepeer: anywhere, case_status: anywhere, firms: vec![data::hartwell(), data::okafor()], faults: Faults::none() };
        let scene = Scene { folder: TempDir::new().expect("a folder"), sandbox: Sandbox::start(config).await.expect("free ports") };
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["rules", "scripts"] {
            for entry in fs::read_dir(shipped.join(folder)).expect("a folder") {
                let entry = entry.expect("an entry");
                let text = fs::read_to_string(entry.path()).expect("a file");
                scene.write(&format!("{folder}/{}", entry.file_name().display()), &scene.at_the_sandbox(&text));
            }
        }
        files.iter().for_each(|(path, text)| scene.write(path, text));
        scene
    }

    fn at_the_sandbox(&self, text: &str) -> String {
        let Scene { sandbox, .. } = self;
        // Nobody is spared here; that leaves the files' lines as they are.
        let text = text.replace("requests_per_second: 20", "requests_per_second: 2000");
        text.replace("http://127.0.0.1:7101", &sandbox.casepeer_url()).replace("http://127.0.0.1:7102", &sandbox.case_status_url())
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casebridge"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).env_clear().env("HOME", self.folder.path());
        for firm in [data::hartwell(), data::okafor()] {
            let name = firm.name.to_uppercase();
            command.env(format!("{name}_CASEPEER_KEY"), firm.casepeer_key).env(format!("{name}_CASE_STATUS_KEY"), firm.case_status_key);
        }
        let output = command.output().expect("the binary starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// How many requests changed something.
    pub fn writes(&self) -> usize {
        self.sandbox.journal().iter().filter(|entry| entry.wrote).count()
    }

    /// Somebody moves a case in Case Status.
    pub fn move_case(&self, case: u64, stage: i64) {
        let moved = self.sandbox.world("hartwell", |world| world.existing_mut(case).map(|existing| existing["stage"] = stage.into()));
        assert!(moved.flatten().is_some(), "Case Status has no case {case}");
    }
}
