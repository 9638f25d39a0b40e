//! What waits for a thread: a few classes, each bounded, the first class first.
//!
//! A full class refuses at once, so that a caller hears "busy" instead of waiting for ever.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Which commands go first (DESIGN §4): a patient waits at the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    Dispense,
    Submit,
    Admin,
}

const CLASSES: usize = 3;

pub struct Queue<T> {
    inner: Mutex<Inner<T>>,
    came: Condvar,
    depth: usize,
}

struct Inner<T> {
    waiting: [VecDeque<T>; CLASSES],
    closed: bool,
}

/// Why something was not queued; it is given back.
pub enum NotQueued {
    Full,
    Closed,
}

impl<T> Queue<T> {
    /// At most `depth` of each class wait.
    pub fn new(depth: usize) -> Queue<T> {
        let waiting = std::array::from_fn(|_| VecDeque::new());
        Queue { inner: Mutex::new(Inner { waiting, closed: false }), came: Condvar::new(), depth }
    }

    pub fn push(&self, class: Class, item: T) -> Result<(), NotQueued> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(NotQueued::Closed);
        }
        let Some(queue) = inner.waiting.get_mut(class as usize) else {
            return Err(NotQueued::Closed);
        };
        if queue.len() >= self.depth {
            return Err(NotQueued::Full);
        }
        queue.push_back(item);
        self.came.notify_one();
        Ok(())
    }

    /// Waits until something is there and takes up to `most`, first class first, in order of arrival within a class.
    /// Empty: the queue is closed and nothing is left.
    pub fn take(&self, most: usize) -> Vec<T> {
        let nothing =
            |inner: &mut Inner<T>| !inner.closed && inner.waiting.iter().all(VecDeque::is_empty);
        let waited = self.came.wait_while(self.lock(), nothing);
        let mut inner = waited.unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        for queue in &mut inner.waiting {
            let room = most - taken.len();
            let some = queue.len().min(room);
            taken.extend(queue.drain(..some));
        }
        if inner.waiting.iter().any(|queue| !queue.is_empty()) {
            // There is work for another thread.
            self.came.notify_one();
        }
        taken
    }

    /// Nothing more is taken in; what waits is still done.
    pub fn close(&self) {
        self.lock().closed = true;
        self.came.notify_all();
    }

    /// Nobody holds the lock while anything can panic, so that a poisoned lock still holds a whole queue.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
