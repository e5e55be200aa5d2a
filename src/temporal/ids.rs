//! What workflows, schedules and task queues are called.

use crate::domain::FirmId;
use crate::rules::JobKind;
use crate::runs::Lane;

/// The names of one installation: all begin with its task queue, so that two may share a namespace.
#[derive(Debug, Clone)]
pub struct WorkflowIds {
    task_queue: String,
}

impl WorkflowIds {
    /// Of the installation with this task queue.
    pub fn new(task_queue: &str) -> WorkflowIds {
        WorkflowIds { task_queue: task_queue.to_owned() }
    }

    /// The task queue of a lane.
    pub fn task_queue(&self, lane: Lane) -> String {
        match lane {
            Lane::Bulk => self.task_queue.clone(),
            Lane::Messages => format!("{}-messages", self.task_queue),
        }
    }

    /// The workflow of a firm's lane.
    pub fn firm_work(&self, firm: &FirmId, lane: Lane) -> String {
        match lane {
            Lane::Bulk => format!("{}/{firm}", self.task_queue),
            Lane::Messages => format!("{}/{firm}/messages", self.task_queue),
        }
    }

    /// A firm's schedule, and, with its time behind it, the workflow of one of its occurrences.
    pub fn schedule(&self, firm: &FirmId, what: &JobKind) -> String {
        format!("{}/{firm}/{what}", self.task_queue)
    }

    /// The firm whose schedule this is; `None` if it is none of this installation's.
    pub fn firm_of<'a>(&self, schedule: &'a str) -> Option<&'a str> {
        let (firm, what) = schedule.strip_prefix(&self.task_queue)?.strip_prefix('/')?.split_once('/')?;
        (!what.is_empty()).then_some(firm)
    }
}
