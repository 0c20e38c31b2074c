use super::*;

const SAMPLE: &str = include_str!("../../../samples/site/letterpost.toml");

#[test]
fn the_sample_reads() {
    let config = Config::from_toml(SAMPLE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.site.code, "eba");
}
