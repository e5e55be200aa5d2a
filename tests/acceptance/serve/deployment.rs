//! The files in `docs/deploy` say what this casebridge understands: every setting that they name is one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::host::Host;

const COMPOSE: &str = include_str!("../../../docs/deploy/compose.yaml");
const KUBERNETES: &str = include_str!("../../../docs/deploy/kubernetes.yaml");

/// The value of this key in the only document that has this kind, or in the only one that there is.
fn document(text: &str, kind: Option<&str>) -> Value {
    let documents = text.split("\n---\n").map(|part| serde_yaml::from_str::<Value>(part).expect("YAML"));
    let mut wanted = documents.filter(|document| kind.is_none_or(|kind| document["kind"] == kind));
    let found = wanted.next().expect("such a document");
    assert_eq!(wanted.next(), None, "one {kind:?}");
    found
}

/// A host with the secrets that the files mount.
fn host(mut settings: impl FnMut(&mut Host)) -> Host {
    let mut host = Host::new();
    host.folder("mounted");
    host.write("mounted/database-password", "not-for-logs-77\n");
    host.write("mounted/seal-key", &"7a".repeat(32));
    settings(&mut host);
    host
}

/// `check` has nothing to say, but that Temporal belongs to another build where this one has none.
#[track_caller]
fn is_understood(host: &Host) {
    let checked = host.run(&["check"]);
    if cfg!(feature = "temporal") {
        let checked = checked.exits(0);
        assert_eq!(checked.stderr, "");
    } else {
        let checked = checked.exits(2);
        assert_eq!(checked.stderr.matches("error").count(), 1, "{}", checked.stderr);
        assert!(checked.stderr.contains("temporal"), "{}", checked.stderr);
    }
}

#[test]
fn every_setting_of_the_compose_file_is_one() {
    let compose = document(COMPOSE, None);
    let settings = compose["x-casebridge"]["environment"].as_object().expect("settings");
    assert!(settings.keys().all(|name| name.starts_with("CASEBRIDGE_")), "{settings:#?}");
    // Compose takes two of these for one.
    let settings: BTreeMap<&str, String> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text").replace("$$", "$"))).collect();
    let host = host(|host| {
        settings.iter().for_each(|(name, value)| host.set(name, value));
        host.set("CASEBRIDGE_SECRETS_DIR", "mounted");
        // The database that has the rules is not here.
        host.set("CASEBRIDGE_RULES_SOURCE", "folder");
    });
    is_understood(&host);
    for service in ["casebridge-1", "casebridge-2"] {
        assert_eq!(compose["services"][service]["image"], compose["x-casebridge"]["image"], "{service}");
    }
    let dynamic = compose["configs"]["temporal-dynamic"]["content"].as_str().expect("a text");
    let dynamic: Value = serde_yaml::from_str(dynamic).expect("YAML");
    assert!(dynamic["worker.schedulerNamespaceStartWorkflowRPS"][0]["value"].as_u64() > Some(30), "{dynamic:#}");
    let temporal = &compose["services"]["temporal"];
    assert_eq!(temporal["environment"]["DYNAMIC_CONFIG_FILE_PATH"], temporal["configs"][0]["target"]);
    assert_eq!(settings["CASEBRIDGE_RULES_SOURCE"], "store", "the console writes rules");
    for secret in ["database-password", "seal-key"] {
        assert!(compose["secrets"][secret]["file"].is_string(), "{secret}");
    }
}

#[test]
fn the_settings_in_kubernetes_are_settings() {
    let settings = document(KUBERNETES, Some("ConfigMap"))["data"]["casebridge.yaml"].as_str().expect("a file").to_owned();
    let local = settings.replace("/run/secrets/casebridge", "mounted").replace("/var/lib/casebridge", "var");
    let host = host(|host| host.write("casebridge.yaml", &local));
    is_understood(&host);
}

#[test]
fn what_kubernetes_probes_is_there_to_be_probed() {
    let deployment = document(KUBERNETES, Some("Deployment"));
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    for (probe, path) in [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        assert_eq!(container[probe]["httpGet"]["path"], path, "{probe}");
    }
    // A stop takes ten seconds at most.
    assert!(pod["terminationGracePeriodSeconds"].as_u64() > Some(10));
    let mounted: Vec<&Value> = container["volumeMounts"].as_array().expect("mounts").iter().map(|mount| &mount["name"]).collect();
    let volumes: Vec<&Value> = pod["volumes"].as_array().expect("volumes").iter().map(|volume| &volume["name"]).collect();
    assert_eq!(mounted, volumes);
}
