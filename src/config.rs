//! The settings of a server, read once from arguments and environment. Nothing else reads either.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// `rxgate serve`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "RXGATE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// `postgres://…`, or the path of an SQLite file.
    #[arg(
        long,
        env = "RXGATE_DATABASE",
        default_value = "data/rxgate.sqlite",
        hide_env_values = true
    )]
    pub database: String,
    /// Folder of the national catalogue and the regions.
    #[arg(long, env = "RXGATE_CATALOGUE", default_value = "catalogue")]
    pub catalogue: PathBuf,
    /// Folder of the secret keys; made on the first start, unless in production.
    #[arg(long, env = "RXGATE_KEYS", default_value = "data/keys")]
    pub keys: PathBuf,
    /// HTTP worker threads.
    #[arg(long, env = "RXGATE_WORKERS", default_value_t = 2)]
    pub workers: usize,
    /// Refuse what only a trial may do: making keys, migrating, settling on assumed figures.
    #[arg(long, env = "RXGATE_PRODUCTION")]
    pub production: bool,
}
