//! Schemathesis: asks an API for everything that its own description allows, and for much that it does not.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,ignored_auth";

/// What came of it.
#[derive(Debug)]
pub struct Found {
    /// Whether everything was as described.
    pub nothing: bool,
    /// All that it said.
    pub said: String,
}

/// Asks the API that is described at this URL, with this token: so many calls of each kind (`--max-examples`), or for so
/// many seconds (`--max-time`).
pub fn ask_for_everything(description: &str, token: &str, how_much: &[&str]) -> Found {
    ask_about(description, token, ["none", "1"], how_much)
}

/// The same of an API that has this run and this letter.
pub fn ask_about(description: &str, token: &str, [run, letter]: [&str; 2], how_much: &[&str]) -> Found {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packages = root.join("target/schemathesis");
    assert!(packages.join("schemathesis").exists(), "{} has no schemathesis: `./test` installs it", packages.display());
    // It reads its settings from the folder that it runs in, and leaves its own files there.
    let folder = TempDir::new().expect("a folder");
    let settings = fs::read_to_string(root.join("tests/acceptance/fuzz/schemathesis.toml")).expect("a file");
    let settings = settings.replace("THIS_RUN", run).replace("THIS_LETTER", letter);
    fs::write(folder.path().join("schemathesis.toml"), settings).expect("a file");
    let mut command = Command::new("python3");
    command.args(["-m", "schemathesis.cli", "run", description, "--checks", CHECKS]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]);
    command.args(how_much);
    command.args(["--phases", "examples,coverage,fuzzing,stateful", "--workers", "1", "--continue-on-failure", "--no-color"]);
    // A slow machine is no fault of the API.
    command.args(["--suppress-health-check", "all", "--request-timeout", "60", "--generation-database", "none"]);
    command.env("PYTHONPATH", packages).env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").env("HOME", folder.path());
    let ended = command.current_dir(folder.path()).stdin(Stdio::null()).output().expect("python3 starts");
    let said = format!("{}\n{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    Found { nothing: ended.status.success(), said }
}
