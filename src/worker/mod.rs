//! What goes on without being asked: notices are delivered, what time has ended is recorded, old answers are forgotten.

pub mod deliver;
pub mod expire;
pub mod forget;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::flow::Gate;
use crate::peer::Messenger;

/// Pause between two looks at the queues, when there was nothing to do.
const PAUSE: Duration = Duration::from_millis(500);

/// The running workers; stopping waits for what is in hand.
pub struct Workers {
    stop: watch::Sender<bool>,
    running: JoinSet<()>,
}

impl Workers {
    pub fn start(gate: Arc<Gate>, messenger: Messenger) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        running.spawn(deliver::run(Arc::clone(&gate), messenger, stopped.clone()));
        running.spawn(expire::run(Arc::clone(&gate), stopped.clone()));
        running.spawn(forget::run(gate, stopped));
        Workers { stop, running }
    }
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.running.join_next().await.is_some() {}
    }
}

/// Waits for the pause or the end, whichever comes first; true at the end.
async fn pause_or_stop(stopped: &mut watch::Receiver<bool>, pause: Duration) -> bool {
    tokio::select! {
        ended = stopped.changed() => ended.is_err() || *stopped.borrow(),
        () = tokio::time::sleep(pause) => *stopped.borrow(),
    }
}
