//! A real mail server (aiosmtpd), a child process on a free loopback port.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::Leashed;

/// A mail server that is up until dropped.
pub struct MailServer {
    _child: Leashed,
    folder: TempDir,
    pub port: u16,
}

impl MailServer {
    /// Starts one; what `plan` can say is in `smtp_server.py`. `None` where what it needs is not installed, which CI does not let pass.
    pub fn start(mut plan: Value) -> Option<MailServer> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let packages = root.join("target/python");
        if !packages.join("aiosmtpd").exists() {
            assert!(std::env::var_os("CI").is_none(), "{} has no aiosmtpd: ./test installs it", packages.display());
            eprintln!("skipped: ./test installs the mail server that this needs");
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        plan["folder"] = json!(folder.path());
        let mut command = Command::new("python3");
        command.arg(root.join("tests/acceptance/mail/smtp_server.py")).arg(plan.to_string()).env("PYTHONPATH", packages);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3 starts");
        let mut child = Leashed(child);
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("the server says its port");
        Some(MailServer { _child: child, folder, port })
    }

    /// The messages that it took, in their order, decoded.
    pub fn taken(&self) -> Vec<Value> {
        let read = |number: usize| fs::read_to_string(self.path(&format!("{number}.json"))).ok();
        (1..).map_while(read).map(|text| serde_json::from_str(&text).expect("JSON")).collect()
    }

    /// The only message that it took.
    #[track_caller]
    pub fn only(&self) -> Value {
        let mut taken = self.taken();
        assert_eq!(taken.len(), 1, "{taken:#?}");
        taken.remove(0)
    }

    /// What it was told, a line each: the command, whom it was about, and whether TLS was on.
    pub fn commands(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("commands.txt")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Where the certificate is that has signed the server's.
    pub fn ca_file(&self) -> PathBuf {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
