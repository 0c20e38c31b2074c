//! What was measured, as tables in Markdown.

use crate::night::Night;
use crate::peers::Peer;

/// How busy the machine is: the mean of the last minute.
pub fn load() -> String {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap();
    told.split(' ').next().unwrap().to_owned()
}

/// A night in one line.
pub fn in_short(night: &Night) -> String {
    format!(
        "  {:.1} s, {} letters a second, {:.2} times its verifiers, {:.0} MiB",
        night.seconds(),
        grouped(night.letters as f64 / night.seconds()),
        night.seconds() / night.verifiers_seconds(),
        night.peak_mib()
    )
}

/// Prints the tables.
pub fn print(nights: &[Night], peers: &[Peer]) {
    stages(nights);
    sizes(nights);
    if nights.iter().any(|night| night.aftermath.is_some()) {
        aftermath(nights);
    }
    if !peers.is_empty() {
        beside(nights, peers);
    }
}

fn stages(nights: &[Night]) {
    println!(
        "| ledger | verifier | workers | letters | collect, s | produce, s | deliver, s | the three, s | letters a second | verifiers alone, s | \
         the three ÷ verifiers | processor, µs a letter | of a verifier | peak, MiB | time a letter against the fewest |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for night in nights {
        let plan = &night.plan;
        println!(
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {:.2} | {:.2} | {} | {} | {:.0} | {:.2} |",
            plan.ledger,
            plan.verifier,
            plan.workers,
            grouped(night.letters as f64),
            night.collect.seconds,
            night.produce.seconds,
            night.deliver.seconds,
            night.seconds(),
            grouped(night.letters as f64 / night.seconds()),
            night.verifiers_seconds(),
            night.seconds() / night.verifiers_seconds(),
            grouped(night.processor_seconds() * 1e6 / night.letters as f64),
            grouped(night.verifiers.processor_us),
            night.peak_mib(),
            night.a_letter() / fewest(nights, night).a_letter(),
        );
    }
}

/// The same night with the fewest letters.
fn fewest<'a>(nights: &'a [Night], like: &'a Night) -> &'a Night {
    let is_like = |night: &&Night| {
        let (one, other) = (&night.plan, &like.plan);
        (one.ledger, one.verifier, one.workers) == (other.ledger, other.verifier, other.workers)
    };
    nights.iter().filter(is_like).min_by_key(|night| night.letters).unwrap_or(like)
}

/// Sizes hardly depend on workers and verifiers: the first night of each ledger and number of letters tells them.
fn sizes(nights: &[Night]) {
    println!(
        "\n| ledger | letters | ledger, MiB | bytes a letter | spool, MiB | bytes a letter | written to disks, MiB | database log, MiB |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut told = Vec::new();
    for night in nights {
        if told.contains(&(night.plan.ledger, night.plan.letters)) {
            continue;
        }
        told.push((night.plan.ledger, night.plan.letters));
        let a_letter = |mib: f64| grouped(mib * f64::from(1 << 20) / night.letters as f64);
        println!(
            "| {} | {} | {:.1} | {} | {:.1} | {} | {:.1} | {} |",
            night.plan.ledger,
            grouped(night.letters as f64),
            night.ledger_mib,
            a_letter(night.ledger_mib),
            night.spool_mib,
            a_letter(night.spool_mib),
            night.written_mib,
            night.log_mib.map_or_else(String::new, |mib| format!("{mib:.1}")),
        );
    }
}

fn aftermath(nights: &[Night]) {
    println!(
        "\n| ledger | letters | import of a file, s | ingest of what is printed, s | of what is mailed, s | peak, MiB | expire, s | peak, MiB |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for night in nights {
        let Some(after) = &night.aftermath else { continue };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
            night.plan.ledger,
            grouped(night.letters as f64),
            after.import.seconds,
            after.ingest_printed.seconds,
            after.ingest_mailed.seconds,
            after.ingest_printed.peak_mib.max(after.ingest_mailed.peak_mib),
            after.expire.seconds,
            after.expire.peak_mib,
        );
    }
}

/// The scripts, and the night of as many letters that is nearest to each: on SQLite, with the same verifier, the fastest.
fn beside(nights: &[Night], peers: &[Peer]) {
    println!(
        "\n| who | verifier | letters | seconds | letters a second | peak, MiB | letterpost, letters a second | times as fast |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for peer in peers {
        let a_second = peer.letters as f64 / peer.measured.seconds;
        let ours = nights
            .iter()
            .filter(|night| night.plan.verifier == peer.verifier && night.plan.letters == peer.letters)
            .map(|night| night.letters as f64 / night.seconds())
            .fold(None, |best: Option<f64>, rate| Some(best.map_or(rate, |best| best.max(rate))));
        println!(
            "| {} | {} | {} | {:.1} | {:.1} | {:.0} | {} | {} |",
            peer.printer,
            if peer.verifier == crate::verifiers::Verifier::Least { "none" } else { "default" },
            grouped(peer.letters as f64),
            peer.measured.seconds,
            a_second,
            peer.measured.peak_mib,
            ours.map_or_else(String::new, grouped),
            ours.map_or_else(String::new, |ours| format!("{:.0}", ours / a_second)),
        );
    }
}

/// A whole number with commas.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let places = digits.len();
    let comma = |(place, digit): (usize, char)| {
        let apart = place > 0 && (places - place).is_multiple_of(3);
        apart.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}
