//! `casebridge demo --serve`: the demo's two firms go on, under the always-on host and its console.

use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::demo::{FIRMS, SCRIPTS, at_the_sandbox};
use super::{Context, Exit, Refusal, output, serve};
use crate::auth::{Password, add_user};
use crate::domain::{Email, FirmId, PasswordUse, ReferencePolicy, Role, StoreAddress};
use crate::rules::BUILT_IN;
use crate::sandbox::{Sandbox, SandboxFirm};
use crate::settings::{RulesSource, Settings};
use crate::store::{Store, private_folder};

/// Who may sign in to the demo's console.
const SUPPORT: &str = "support@demo.example";
const STAFF: &str = "jo@hartwell.example";

/// Serves the demo's firms from `folder` until it is stopped.
pub(super) async fn go_on(context: &Context, folder: &Path, sandbox: &Sandbox, firms: &[SandboxFirm]) -> Result<Exit, Refusal> {
    let cannot = |error: std::io::Error| Refusal::failed(format!("{} cannot be written: {}", folder.display(), error.kind()));
    let (rules_dir, scripts_dir, secrets_dir) = (folder.join("rules"), folder.join("scripts"), folder.join("secrets"));
    for made in [&rules_dir, &scripts_dir, &secrets_dir] {
        private_folder(made)?;
    }
    std::fs::write(rules_dir.join("_defaults.yaml"), BUILT_IN).map_err(cannot)?;
    for (name, text) in FIRMS {
        // A file is where a key of the demo's is: the environment of a process that runs is not to be changed.
        let text = firms.iter().fold(at_the_sandbox(sandbox, text), |text, firm| {
            text.replace(&format!("${{env:{}_", firm.name.to_uppercase()), &format!("${{file:{}-", firm.name))
        });
        std::fs::write(rules_dir.join(name), text).map_err(cannot)?;
    }
    for (name, text) in SCRIPTS {
        std::fs::write(scripts_dir.join(name), text).map_err(cannot)?;
    }
    for firm in firms {
        let name = &firm.name;
        std::fs::write(secrets_dir.join(format!("{name}-CASEPEER_KEY")), &firm.casepeer_key).map_err(cannot)?;
        std::fs::write(secrets_dir.join(format!("{name}-CASE_STATUS_KEY")), &firm.case_status_key).map_err(cannot)?;
    }
    let password = format!("demo-{:016x}", getrandom::u64().map_err(|_| Refusal::failed("this machine has no randomness"))?);
    add_people(folder, &password).await?;
    enable(folder, firms).await?;
    let listen = context.settings.listen;
    output::line(format_args!(
        "\nOpen http://{listen} and sign in as
  {SUPPORT}   integration support: both firms, their rules, runs, scripts, people
  {STAFF}    the staff of Hartwell: connect, sync, send
with the password {password}
Both vendors are simulated; Ctrl-C ends it.\n"
    ));
    let settings = Settings {
        rules_dir,
        scripts_dir,
        rules_source: RulesSource::Folder,
        references: Arc::new(ReferencePolicy { folder: Some(secrets_dir), ..ReferencePolicy::clone(&context.settings.references) }),
        data_dir: folder.to_owned(),
        database: StoreAddress::Sqlite(folder.join("casebridge.db")),
        ..context.settings.clone()
    };
    serve::serve(&Context { settings, stored_rules: None, ..context.clone() }).await
}

async fn enable(folder: &Path, firms: &[SandboxFirm]) -> Result<(), Refusal> {
    let store = Store::open(folder, &StoreAddress::Sqlite(folder.join("casebridge.db"))).await?;
    for firm in firms.iter().filter_map(|firm| FirmId::new(&firm.name)) {
        store.enable_firm(&firm, false).await?;
    }
    store.close().await;
    Ok(())
}

async fn add_people(folder: &Path, password: &str) -> Result<(), Refusal> {
    let store = Store::open(folder, &StoreAddress::Sqlite(folder.join("casebridge.db"))).await?;
    let staff = FirmId::new("hartwell").map(Role::Staff);
    for (email, role) in [(SUPPORT, Some(Role::Support)), (STAFF, staff)] {
        let password = Password::new(SecretString::from(password), email).map_err(|weak| Refusal::failed(weak.to_string()))?;
        if let Some(role) = role {
            add_user(&store, Email::new(email), role, password, PasswordUse::Own).await?;
        }
    }
    store.close().await;
    Ok(())
}
