//! The operator's side of a relay: settings, logs, metrics, backups, the service manager, documents.

mod config;
mod docs;
mod layers;
mod logs;
mod metrics;
mod operate;
mod service;
