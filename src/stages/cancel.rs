//! Cancel: a request is given up, and what can still be stopped is stopped.
//!
//! A request that waits is withdrawn. One that is being made into a letter at this moment is left alone. Once there is a
//! letter, its password ends; while the letter is not mailed, its vendor is ordered to take it out. Durable when it
//! returns: all of that, in one transaction.

use super::decision::{Desk, Planned, Step, not_allowed};
use super::outcome::{StageError, StageResult};
use super::world::World;
use super::{pull, site::Site};
use crate::domain::exception::{LetterCase, Stop};
use crate::domain::request::RequestStatus;
use crate::package::pull::PullOrder;
use crate::ports::ledger::{Decision, RequestRecord};

/// What cancelling a request comes to.
#[derive(Debug, Clone)]
pub enum CancelPlan {
    /// The request waits, and is withdrawn.
    Withdraw,
    /// Its letter was made: its password ends, and an order goes to the vendor where one helps.
    Stop {
        /// The letter.
        case: Box<LetterCase>,
        /// What can still be stopped.
        stop: Stop,
        /// The order to the vendor.
        order: Option<Box<PullOrder>>,
    },
}

/// Plans to cancel a request.
///
/// # Errors
/// Where there is nothing to cancel, or the ledger fails.
pub async fn plan(desk: &Desk, request: &RequestRecord, reason: &str) -> StageResult<CancelPlan> {
    let reference = &request.reference;
    match request.status {
        RequestStatus::Pending | RequestStatus::Held => return Ok(CancelPlan::Withdraw),
        RequestStatus::Lettered => {}
        RequestStatus::Claimed => {
            return Err(not_allowed(format!(
                "request {reference} is being made into a letter at this moment; wait until the run is over (or start \
                 it again if it died), then cancel: the letter can be pulled"
            )));
        }
        RequestStatus::Withdrawn | RequestStatus::Routed => {
            return Err(not_allowed(format!(
                "request {reference} is {} already: there is no letter to stop",
                request.status
            )));
        }
    }
    let Some(case) = desk.ledger.case_of_request(reference).await? else {
        return Err(StageError::Alarm(format!("request {reference} is lettered and the ledger has no letter of it")));
    };
    let stop = case.cancel().map_err(not_allowed)?;
    let order = match stop {
        Stop::PasswordAndLetter => {
            Some(Box::new(pull::order_for(desk, &case.package, vec![case.letter_id], reason).await?))
        }
        Stop::Password | Stop::Nothing => None,
    };
    Ok(CancelPlan::Stop { case: Box::new(case), stop, order })
}

/// What the plan does, in words.
#[must_use]
pub fn describe(plan: &CancelPlan, request: &RequestRecord, site: &Site) -> Planned {
    let subject = format!("request {}", request.reference);
    let message = match plan {
        CancelPlan::Withdraw => format!("is {} and is withdrawn; the portal is told", request.status),
        CancelPlan::Stop { case, stop, .. } => {
            let letter = case.letter_id;
            let password = if case.is_password_good() { "its password ends at once" } else { "its password has ended" };
            match stop {
                Stop::PasswordAndLetter => {
                    let vendor = site.vendor(&case.vendor).map_or(case.vendor.as_str(), |vendor| &vendor.name);
                    format!("letter {letter} is {}: {password}, and {vendor} is ordered to pull it", case.status)
                }
                Stop::Password if case.pull_order.is_some() => {
                    format!("letter {letter} is {}: {password}; the vendor has its order to pull it", case.status)
                }
                Stop::Password => format!("letter {letter} is mailed and cannot be stopped any more: {password}"),
                Stop::Nothing => format!("letter {letter} is {}: {password}; no other letter is made", case.status),
            }
        }
    };
    Planned::new(Step::Do, subject, message)
}

/// Does what was planned where no order goes out.
///
/// # Errors
/// Where the ledger fails, or the request is not as it was judged; then nothing was done.
pub async fn apply(desk: &Desk, plan: &CancelPlan, request: &RequestRecord, decision: &Decision) -> StageResult<()> {
    match plan {
        CancelPlan::Withdraw => {
            desk.ledger.cancel_request(&request.reference, decision, desk.now, desk.today).await?;
        }
        CancelPlan::Stop { case, .. } => {
            desk.ledger.cancel_lettered(case.letter_id, decision, None, desk.now, desk.today).await?;
        }
    }
    Ok(())
}

/// Does what was planned, with the order to the vendor.
///
/// # Errors
/// Where the key cannot seal, the ledger fails, or the letter is not as it was judged; then nothing was done.
pub async fn apply_with_order(
    world: &World,
    case: &LetterCase,
    order: &PullOrder,
    decision: &Decision,
) -> StageResult<()> {
    let (now, today) = world.now()?;
    let sealed = pull::seal(world, order)?;
    Ok(world.ledger.cancel_lettered(case.letter_id, decision, Some(&sealed), now, today).await?)
}
