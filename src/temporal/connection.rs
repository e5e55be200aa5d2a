//! The connection to Temporal, and what is asked over it.

use std::path::Path;
use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::grpc::WorkflowService;
use temporalio_client::{
    Client, ClientOptions, ClientTlsOptions, Connection, ConnectionOptions, TlsOptions, Url, WorkflowStartOptions, tonic,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use thiserror::Error;

use super::firm_work::{Entry, FirmWork, Waiting};
use super::ids::WorkflowIds;
use crate::domain::FirmId;
use crate::settings::TemporalSettings;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// Why there is no connection.
#[derive(Debug, Error)]
pub(super) enum NoConnection {
    /// A file of certificates cannot be read.
    #[error("{file} cannot be read: {why}")]
    File {
        /// Which.
        file: String,
        /// Why not.
        why: std::io::ErrorKind,
    },
    /// The address is none.
    #[error("`engine.temporal.address` is no address")]
    Address,
    /// Temporal does not answer.
    #[error("Temporal does not answer: {0}")]
    NoAnswer(String),
}

/// Connects.
pub(super) async fn connect(settings: &TemporalSettings) -> Result<Client, NoConnection> {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let url = Url::parse(&format!("{scheme}://{}", settings.address)).map_err(|_| NoConnection::Address)?;
    let mut tls = None;
    if let Some(wanted) = &settings.tls {
        let ca = match &wanted.ca {
            Some(file) => Some(read(file).await?),
            None => None,
        };
        let identity = match &wanted.identity {
            Some((cert, key)) => {
                Some(ClientTlsOptions::builder().client_cert(read(cert).await?).client_private_key(read(key).await?).build())
            }
            None => None,
        };
        let options = TlsOptions::builder().maybe_server_root_ca_cert(ca).maybe_domain(wanted.server_name.clone());
        tls = Some(options.maybe_client_tls_options(identity).build());
    }
    let options = ConnectionOptions::new(url)
        .identity(format!("casebridge {}", std::process::id()))
        .connect_timeout(CONNECT)
        .maybe_tls_options(tls)
        .build();
    let connecting = tokio::time::timeout(2 * CONNECT, Connection::connect(options)).await;
    let connection = connecting.map_err(|_| NoConnection::NoAnswer("it took too long".to_owned()))?;
    let connection = connection.map_err(|error| NoConnection::NoAnswer(error.to_string()))?;
    Client::new(connection, ClientOptions::new(&settings.namespace).build()).map_err(|error| NoConnection::NoAnswer(error.to_string()))
}

async fn read(file: &Path) -> Result<Vec<u8>, NoConnection> {
    tokio::fs::read(file).await.map_err(|error| NoConnection::File { file: file.display().to_string(), why: error.kind() })
}

/// Whether Temporal answers, and knows the namespace.
pub(super) async fn answers(client: &Client) -> bool {
    let request = DescribeNamespaceRequest { namespace: client.options().namespace.clone(), ..DescribeNamespaceRequest::default() };
    let mut service = client.connection().workflow_service();
    let asking = WorkflowService::describe_namespace(&mut *service, tonic::Request::new(request));
    matches!(tokio::time::timeout(CONNECT, asking).await, Ok(Ok(_)))
}

/// Asks a firm's workflow for something, and begins the workflow if it is not under way.
pub(super) async fn signal_firm(client: &Client, names: &WorkflowIds, firm: &FirmId, entry: Entry) -> Result<(), WorkflowStartError> {
    let lane = entry.asked.lane();
    let options = WorkflowStartOptions::new(names.task_queue(lane), names.firm_work(firm, lane)).build();
    let waiting = Waiting { firm: firm.to_string(), entries: Vec::new() };
    client.signal_with_start_workflow(FirmWork::run, waiting, FirmWork::ask, entry, options).await.map(|_| ())
}
