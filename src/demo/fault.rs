//! Why a demo ended badly.

use std::path::PathBuf;

use crate::app::CannotStart;

#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    #[error(transparent)]
    Start(#[from] CannotStart),
    #[error("cannot read {0}: {1}")]
    World(PathBuf, String),
    #[error("cannot load the demo world: {0}")]
    Load(#[from] store::StoreError),
    #[error("the gateway did not answer: {0}")]
    Silent(#[from] reqwest::Error),
    #[error("the gateway answered {path} with {status}: {body}")]
    Answer { path: String, status: u16, body: String },
    #[error("the partner's listener cannot start: {0}")]
    Listener(std::io::Error),
    #[error("cannot make a temporary folder: {0}")]
    Folder(std::io::Error),
    #[error("expiry could not be recorded: {0}")]
    Expiry(&'static str),
    #[error("a task of the demo failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}
