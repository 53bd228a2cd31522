//! A separate listener for metrics, on the operator's network and not for devices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Sources;

/// How long one request may take in all. Prometheus gives up after 10 s by itself.
const WHOLE_REQUEST: Duration = Duration::from_secs(10);

/// How many requests may run at once, which bounds their file descriptors.
const AT_ONCE: usize = 8;

/// The pause after a failed accept, for example without free descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The content type of the format. Source: the OpenMetrics specification.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The bound listener.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener);

impl Listener {
    /// Binds the address.
    ///
    /// # Errors
    /// The system's error, with advice.
    pub(crate) fn bind(addr: SocketAddr) -> anyhow::Result<Self> {
        let bind = || {
            let listener = std::net::TcpListener::bind(addr)?;
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        };
        let bound = bind().with_context(|| {
            format!(
                "cannot listen on {addr} for metrics: if another program has this port, choose one \
                 with --metrics ADDRESS:PORT"
            )
        })?;
        tracing::info!("metrics are at http://{}/metrics", bound.local_addr()?);
        Ok(Self(bound))
    }

    /// Answers requests until the future is dropped.
    pub(crate) async fn run(self, sources: Sources) {
        let router = Router::new()
            .route("/metrics", get(metrics))
            .fallback(async || (StatusCode::NOT_FOUND, "The metrics are at /metrics.\n"))
            .with_state(sources);
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            match self.0.accept().await {
                Ok((tcp, _)) => {
                    let router = router.clone();
                    tokio::spawn(async move {
                        answer(tcp, router).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection for metrics");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Answers one request of one connection.
async fn answer(tcp: TcpStream, router: Router) {
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(tcp), TowerToHyperService::new(router));
    if !matches!(timeout(WHOLE_REQUEST, served).await, Ok(Ok(()))) {
        tracing::debug!("somebody asked for metrics and went, or took too long");
    }
}

async fn metrics(State(sources): State<Sources>) -> Response {
    match sources.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
