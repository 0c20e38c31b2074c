use letterpost::portal::{Notice, Portal, PortalError, RawRequest, Verdict};
use zeroize::Zeroizing;

/// A person asks for a letter: what to show. The answer is the same whether there is such an account or not.
pub async fn ask_for_a_letter(portal: &Portal, request: &RawRequest) -> Result<String, PortalError> {
    match portal.submit(request).await {
        Ok(()) => Ok("If this account gets its password by post, a letter is on its way within a day.".to_owned()),
        Err(PortalError::Refused(problems)) => {
            Ok(problems.iter().map(|it| format!("{}: {}; {}\n", it.column, it.problem, it.remedy)).collect())
        }
        Err(error) => Err(error),
    }
}

/// A person types the password from the letter. `Ok(None)` lets them choose a new one; else this is what to show.
pub async fn sign_in(
    portal: &Portal,
    username: &str,
    typed: &Zeroizing<String>,
) -> Result<Option<&'static str>, PortalError> {
    Ok(answer(portal.check(username, typed).await?.verdict))
}

/// The person has chosen a new password: inside the portal's own transaction, which is committed only after `Ok(None)`.
pub async fn set_new_password(
    portal: &Portal,
    username: &str,
    typed: &Zeroizing<String>,
) -> Result<Option<&'static str>, PortalError> {
    Ok(answer(portal.redeem(username, typed).await?.verdict))
}

fn answer(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Accepted => None,
        Verdict::Wrong => Some("That is not right. Compare it with your newest letter, letter by letter."),
        Verdict::Expired => Some("This password has ended. Ask for a new letter."),
        Verdict::Used => Some("This password was used to make a new one. Sign in with that."),
        Verdict::Revoked => Some("This letter does not count any more. Use the newest one, or ask for another."),
        Verdict::NotYet => Some("This password is not good yet. Try again tomorrow."),
        Verdict::Locked => Some("There were too many wrong tries. Ask for a new letter."),
    }
}

/// Every few minutes: what to tell people. Keep the `id` of the last one that was passed on, and begin after it.
pub async fn pass_on_notices(
    portal: &Portal,
    mut last: i64,
    mut tell: impl FnMut(&Notice),
) -> Result<i64, PortalError> {
    loop {
        let notices = portal.notices(last).await?;
        let Some(newest) = notices.last() else { return Ok(last) };
        notices.iter().for_each(&mut tell);
        last = newest.id;
    }
}
