//! What carries runs out, as `engine:` has it: this process, or Temporal.

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::yaml::{At, shape};

shape! {
    /// What carries runs out.
    pub(super) struct Engine {
        /// Temporal does.
        temporal: Temporal,
    }
}

shape! {
    /// Where Temporal is.
    pub(super) struct Temporal {
        /// The `HOST:PORT` of a Temporal that runs the jobs, for [several machines](operations.md#several-machines-temporal); only if
        /// casebridge was built with `--features temporal`.
        ///
        /// Default: none: this process runs them
        address: At<String>,
        /// Its namespace.
        ///
        /// Default: `default`
        namespace: String,
        /// The task queue that the instances of one installation share. Names of workflows and schedules begin with it.
        ///
        /// Default: `casebridge`
        task_queue: At<String>,
        /// How to talk to it by TLS; without this, it is not.
        tls: Tls,
    }
}

shape! {
    /// How to talk to Temporal by TLS.
    pub(super) struct Tls {
        /// A file of certificates (PEM) that sign the server's, instead of those that the system trusts. `tls: {}` uses TLS with the
        /// system's.
        ///
        /// Default: none: no TLS
        ca: String,
        /// The file of this host's certificate (PEM).
        ///
        /// Default: none
        cert: At<String>,
        /// The file of its key (PEM).
        ///
        /// Default: none
        key: At<String>,
        /// The name in the server's certificate, if it is not the one in `address`.
        ///
        /// Default: none
        server_name: String,
    }
}

/// Where Temporal is that carries runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporalSettings {
    /// The host and the port of its frontend.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue that this installation's instances share.
    pub task_queue: String,
    /// How to talk to it by TLS; `None` where it is not.
    pub tls: Option<TemporalTls>,
}

/// How to talk to Temporal by TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporalTls {
    /// The file of certificates that the server's may be signed by, instead of those that the system trusts.
    pub ca: Option<PathBuf>,
    /// The files of this host's certificate and of its key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The name in the server's certificate, where it is not the one in the address.
    pub server_name: Option<String>,
}

/// Whether this casebridge was built with what talks to Temporal.
const IS_BUILT_IN: bool = cfg!(feature = "temporal");

impl Engine {
    pub(super) fn settings(self, faults: &mut Vec<Diagnostic>) -> Option<TemporalSettings> {
        let Temporal { address, namespace, task_queue, tls, .. } = self.temporal?;
        let Some(address) = address else {
            faults.push(
                Diagnostic::without_place("`engine.temporal` names no `address`".to_owned())
                    .help("write the host and the port of Temporal's frontend, such as localhost:7233"),
            );
            return None;
        };
        if !IS_BUILT_IN {
            faults.push(
                address
                    .error("this casebridge was built without Temporal")
                    .help("build it with `--features temporal`, or leave `engine` out: then this process carries runs out itself"),
            );
            return None;
        }
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
        if !address.value.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && !host.contains('/') && is_port(port)) {
            faults.push(address.error("this names no host and port").help("write them as in localhost:7233"));
        }
        // Another installation's workflows and schedules would pass for this one's, or share its queue.
        let is_plain = |name: &str| !name.is_empty() && !name.contains('/') && !name.ends_with("-messages");
        if let Some(task_queue) = task_queue.as_ref().filter(|task_queue| !is_plain(&task_queue.value)) {
            faults.push(task_queue.error("this cannot be a task queue's name").help("use neither `/` nor `-messages` at its end"));
        }
        Some(TemporalSettings {
            address: address.value,
            namespace: namespace.unwrap_or_else(|| "default".to_owned()),
            task_queue: task_queue.map_or_else(|| "casebridge".to_owned(), |task_queue| task_queue.value),
            tls: tls.map(|tls| tls.settings(faults)),
        })
    }
}

impl Tls {
    fn settings(self, faults: &mut Vec<Diagnostic>) -> TemporalTls {
        let identity = match (self.cert, self.key) {
            (Some(cert), Some(key)) => Some((cert.value.into(), key.value.into())),
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => {
                faults.push(one.error("`cert` and `key` belong together").help("name the files of both, or of neither"));
                None
            }
        };
        TemporalTls { ca: self.ca.map(PathBuf::from), identity, server_name: self.server_name }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::settings::{Flags, Settings, TemporalSettings};

    fn read(variables: &[(&str, &str)]) -> Result<Option<TemporalSettings>, Vec<Diagnostic>> {
        let variables = variables.iter().map(|(name, value)| (format!("CASEBRIDGE_ENGINE_TEMPORAL_{name}"), (*value).to_owned()));
        Settings::read(&Flags::default(), variables).map(|settings| settings.temporal)
    }

    #[test]
    fn without_a_key_of_its_own_there_is_no_engine() {
        assert_eq!(read(&[]).unwrap(), None);
        assert!(read(&[("NAMESPACE", "firms")]).is_err(), "an engine has an address");
    }

    #[cfg(feature = "temporal")]
    #[test]
    fn the_environment_says_all_of_it() {
        let temporal = read(&[
            ("ADDRESS", "temporal.firm.example:7233"),
            ("TLS_CA", "/etc/ca.pem"),
            ("TLS_CERT", "/etc/this.pem"),
            ("TLS_KEY", "/etc/this.key"),
        ]);
        let temporal = temporal.unwrap().unwrap();
        assert_eq!((&*temporal.namespace, &*temporal.task_queue), ("default", "casebridge"));
        let tls = temporal.tls.unwrap();
        assert_eq!((tls.ca, tls.identity), (Some("/etc/ca.pem".into()), Some(("/etc/this.pem".into(), "/etc/this.key".into()))));
        for wrong in ["temporal.firm.example", "http://temporal.firm.example:7233", ":7233", "temporal:0", "temporal:port"] {
            assert!(read(&[("ADDRESS", wrong)]).is_err(), "{wrong}");
        }
        for wrong in ["casebridge/east", "casebridge-messages", ""] {
            assert!(read(&[("ADDRESS", "temporal:7233"), ("TASK_QUEUE", wrong)]).is_err(), "{wrong}");
        }
        assert!(read(&[("ADDRESS", "temporal:7233"), ("TLS_CERT", "/etc/this.pem")]).is_err(), "a certificate without its key");
    }

    #[cfg(not(feature = "temporal"))]
    #[test]
    fn what_was_built_without_it_says_so() {
        let faults = read(&[("ADDRESS", "temporal.firm.example:7233")]).unwrap_err();
        assert!(faults.iter().any(|fault| format!("{fault:?}").contains("built without Temporal")), "{faults:?}");
    }
}
