//! Faults of the relay's process, files, disk, clock and network, and their effects.

mod faults_admission;
mod faults_clock;
mod faults_disk;
mod faults_frames;
mod faults_hostile;
mod faults_journal;
mod faults_kills;
#[cfg(target_os = "linux")]
mod faults_network;
mod faults_past;
mod faults_process;
mod faults_storage;
mod floods;
#[cfg(target_os = "linux")]
mod unread;
