//! A spool in a bucket: what is read and what is refused.

use std::path::Path;
use std::time::Duration;

use super::super::{Config, SpoolPlace};
use super::LEAST;
use crate::adapters::object_spool::BucketPlace;

fn read(spool: &str, section: &str) -> Result<SpoolPlace, String> {
    let text = format!("{LEAST}[folders]\nspool = \"{spool}\"\n[spool]\n{section}\n");
    let config = Config::from_toml(&text).map_err(|error| error.to_string())?;
    Ok(config.paths(Path::new("/srv/eba")).spool)
}

#[test]
fn a_bucket_is_read_with_its_defaults() {
    let place = BucketPlace {
        bucket: "letters".to_owned(),
        prefix: String::new(),
        endpoint: None,
        region: "eu-central-1".to_owned(),
        path_style: true,
        answer_limit: Duration::from_secs(30),
        least_bytes_a_second: 65_536,
    };
    assert_eq!(read("s3://letters", "region = \"eu-central-1\""), Ok(SpoolPlace::Bucket(place.clone())));
    let section =
        "endpoint = \"https://s3.example:9000/\"\npath_style = false\nanswer_seconds = 5\nleast_bytes_a_second = 1000";
    let own = BucketPlace {
        prefix: "eba/spool".to_owned(),
        endpoint: Some("https://s3.example:9000".to_owned()),
        region: "us-east-1".to_owned(),
        path_style: false,
        answer_limit: Duration::from_secs(5),
        least_bytes_a_second: 1000,
        ..place
    };
    assert_eq!(read("s3://letters/eba/spool/", section), Ok(SpoolPlace::Bucket(own)));
    assert_eq!(read("packages", ""), Ok(SpoolPlace::Folder("/srv/eba/packages".into())));
}

#[test]
fn what_leaves_the_machine_has_tls() {
    for within in ["http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost", "https://192.0.2.7"] {
        assert!(read("s3://letters", &format!("endpoint = \"{within}\"")).is_ok(), "{within}");
    }
    let write = "write \"https://\" and the server's name: \"https://s3.example:9000\"";
    for (endpoint, wrong) in [
        ("http://s3.example", "goes over the network without TLS"),
        ("http://127.0.0.1.s3.example", "goes over the network without TLS"),
        ("https://key:secret@s3.example", "has credentials in it, which belong into the environment"),
        ("s3.example", "names no server"),
        ("https://s3.example/letters", "names no server"),
        ("ftp://s3.example", "names no server"),
    ] {
        let told = read("s3://letters", &format!("endpoint = \"{endpoint}\"")).unwrap_err();
        assert_eq!(told, format!("line 26: [spool] endpoint {wrong}; {write}"), "{endpoint}");
    }
}

#[test]
fn what_is_no_bucket_is_refused() {
    let write = "write the path of a folder between quotes, or \"s3://\", a bucket and a prefix: \"s3://letters/eba\"";
    for place in [
        "s3://",
        "s3://Letters",
        "s3://ab",
        "s3://letters//eba",
        "s3://letters/../eba",
        "s3://letters/e ba",
        "gs://letters",
    ] {
        let told = read(place, "").unwrap_err();
        assert_eq!(told, format!("line 24: [folders] spool is \"{place}\"; {write}"));
    }
    let told = read("s3://letters", "").unwrap_err();
    assert!(told.contains("[spool] region is missing; write the bucket's region"), "{told}");
    let told = read("spool", "region = \"us-east-1\"").unwrap_err();
    assert_eq!(told, "line 26: [spool] region is about a bucket; write [folders] spool = \"s3://…\", or remove it");
    let told = read("s3://letters", "region = \"us-east-1\"\nanswer_seconds = 0").unwrap_err();
    assert!(told.contains("[spool] answer_seconds is 0; write a whole number from 1 to 600"), "{told}");
}
