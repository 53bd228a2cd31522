//! What whoever runs a relay meets: settings, logs, metrics, backups, the service manager, documents.

mod config;
mod docs;
mod layers;
mod logs;
mod metrics;
mod operate;
mod service;
