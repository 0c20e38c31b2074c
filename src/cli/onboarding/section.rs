//! The `[[vendor]]` that is added to a configuration. What is not said there has its default, as everywhere.

use std::path::Path;

use super::arguments::AddArgs;

/// The text of the section. Paths are written as they are given.
pub fn section(args: &AddArgs, certificate: &Path, known_hosts: &Path) -> String {
    let mut lines = vec![
        String::new(),
        "# Added by 'letterpost vendor add'. The sample configuration explains each key, and names more.".to_owned(),
        "[[vendor]]".to_owned(),
        format!("code = {}", quoted(&args.code)),
        format!("name = {}", quoted(&args.name)),
    ];
    let mut add = |key: &str, value: Option<String>| lines.extend(value.map(|value| format!("{key} = {value}")));
    add("languages", list(&args.language));
    add("formats", list(&args.format));
    add("countries", list(&args.country));
    add("layout", args.layout.map(|layout| quoted(layout.as_str())));
    add("letters_a_package", args.letters_a_package.map(|count| count.to_string()));
    add("package_mib", args.package_mib.map(|count| count.to_string()));
    add("print_days", list(&args.print_day));
    add("cut_off", args.cut_off.as_deref().map(quoted));
    add("duplex", args.duplex.then(|| "true".to_owned()));
    add("certificate", Some(path(certificate)));
    let (inbox, outbox) = (quoted(&args.inbox), quoted(&args.outbox));
    match &args.sftp_host {
        None => {
            add("inbox", Some(inbox));
            add("outbox", Some(outbox));
        }
        Some(host) => {
            add("courier", Some(quoted("sftp")));
            lines.extend([String::new(), "[vendor.sftp]".to_owned(), format!("host = {}", quoted(host))]);
            let mut add = |key: &str, value: String| lines.push(format!("{key} = {value}"));
            add("port", args.sftp_port.to_string());
            add("user", quoted(args.sftp_user.as_deref().unwrap_or_default()));
            add("key", path(args.sftp_key.as_deref().unwrap_or(Path::new(""))));
            add("known_hosts", path(known_hosts));
            add("inbox", inbox);
            add("outbox", outbox);
        }
    }
    lines.join("\n") + "\n"
}

/// The configuration with the section at its end.
pub fn appended(text: &str, section: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}{section}")
}

fn list<T: ToString>(items: &[T]) -> Option<String> {
    let items: Vec<String> = items.iter().map(|item| quoted(&item.to_string())).collect();
    (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
