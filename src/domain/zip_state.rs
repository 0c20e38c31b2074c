//! Which states and areas a ZIP code can lie in, by its first three digits.
//!
//! The table is the facts of where post offices are, drawn in November 2026 from two public lists of ZIP codes that
//! agreed wherever both had a prefix. A prefix that crosses a state line names every state that it reaches.

/// First and last prefix of a run, and the states and areas in it. Sorted; a prefix outside every run is not in use.
const RUNS: [(u16, u16, &[&str]); 108] = [
    (5, 5, &["NY"]),
    (6, 7, &["PR"]),
    (8, 8, &["VI"]),
    (9, 9, &["PR"]),
    (10, 27, &["MA"]),
    (28, 29, &["RI"]),
    (30, 38, &["NH"]),
    (39, 49, &["ME"]),
    (50, 54, &["VT"]),
    (55, 55, &["MA"]),
    (56, 59, &["VT"]),
    (60, 62, &["CT"]),
    (63, 63, &["CT", "NY"]),
    (64, 69, &["CT"]),
    (70, 89, &["NJ"]),
    (90, 99, &["AE"]),
    (100, 149, &["NY"]),
    (150, 196, &["PA"]),
    (197, 199, &["DE"]),
    (200, 200, &["DC"]),
    (201, 201, &["VA"]),
    (202, 204, &["DC"]),
    (205, 205, &["DC", "MD", "VA"]),
    (206, 212, &["MD"]),
    (214, 219, &["MD"]),
    (220, 246, &["VA"]),
    (247, 268, &["WV"]),
    (270, 289, &["NC"]),
    (290, 299, &["SC"]),
    (300, 319, &["GA"]),
    (320, 339, &["FL"]),
    (340, 340, &["AA"]),
    (341, 342, &["FL"]),
    (344, 344, &["FL"]),
    (346, 347, &["FL"]),
    (349, 349, &["FL"]),
    (350, 352, &["AL"]),
    (354, 369, &["AL"]),
    (370, 385, &["TN"]),
    (386, 397, &["MS"]),
    (398, 399, &["GA"]),
    (400, 418, &["KY"]),
    (420, 427, &["KY"]),
    (430, 459, &["OH"]),
    (460, 479, &["IN"]),
    (480, 499, &["MI"]),
    (500, 516, &["IA"]),
    (520, 528, &["IA"]),
    (530, 532, &["WI"]),
    (534, 535, &["WI"]),
    (537, 549, &["WI"]),
    (550, 551, &["MN"]),
    (553, 567, &["MN"]),
    (569, 569, &["DC"]),
    (570, 577, &["SD"]),
    (580, 588, &["ND"]),
    (590, 599, &["MT"]),
    (600, 620, &["IL"]),
    (622, 629, &["IL"]),
    (630, 631, &["MO"]),
    (633, 641, &["MO"]),
    (644, 658, &["MO"]),
    (660, 662, &["KS"]),
    (664, 679, &["KS"]),
    (680, 681, &["NE"]),
    (683, 693, &["NE"]),
    (700, 701, &["LA"]),
    (703, 708, &["LA"]),
    (710, 714, &["LA"]),
    (716, 725, &["AR"]),
    (726, 726, &["AR", "MO"]),
    (727, 729, &["AR"]),
    (730, 731, &["OK"]),
    (733, 733, &["TX"]),
    (734, 738, &["OK"]),
    (739, 739, &["OK", "TX"]),
    (740, 741, &["OK"]),
    (743, 749, &["OK"]),
    (750, 770, &["TX"]),
    (772, 799, &["TX"]),
    (800, 816, &["CO"]),
    (820, 831, &["WY"]),
    (832, 833, &["ID"]),
    (834, 834, &["ID", "WY"]),
    (835, 838, &["ID"]),
    (840, 847, &["UT"]),
    (850, 853, &["AZ"]),
    (855, 857, &["AZ"]),
    (859, 860, &["AZ"]),
    (863, 865, &["AZ"]),
    (870, 871, &["NM"]),
    (873, 884, &["NM"]),
    (885, 885, &["TX"]),
    (888, 888, &["DC"]),
    (889, 891, &["NV"]),
    (893, 895, &["NV"]),
    (897, 898, &["NV"]),
    (900, 908, &["CA"]),
    (910, 928, &["CA"]),
    (930, 961, &["CA"]),
    (962, 966, &["AP"]),
    (967, 967, &["AS", "HI"]),
    (968, 968, &["HI"]),
    (969, 969, &["FM", "GU", "MH", "MP", "PW"]),
    (970, 979, &["OR"]),
    (980, 986, &["WA"]),
    (988, 994, &["WA"]),
    (995, 999, &["AK"]),
];

/// The states and areas whose ZIP codes begin with these three digits; empty where no ZIP code does, or where the
/// text does not begin with three digits.
#[must_use]
pub fn states_of(zip: &str) -> &'static [&'static str] {
    let Some(prefix) = zip.get(..3).filter(|p| p.bytes().all(|b| b.is_ascii_digit())).and_then(|p| p.parse().ok())
    else {
        return &[];
    };
    let after = RUNS.partition_point(|(first, _, _)| *first <= prefix);
    match after.checked_sub(1).and_then(|place| RUNS.get(place)) {
        Some((_, last, states)) if prefix <= *last => states,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::state;
    use super::*;

    #[test]
    fn runs_are_sorted_apart_and_of_known_states() {
        assert!(RUNS.is_sorted_by(|a, b| a.1 < b.0));
        assert!(RUNS.iter().all(|(first, last, _)| first <= last));
        assert!(RUNS.iter().flat_map(|(_, _, states)| *states).all(|code| state::name(code).is_some()));
    }

    #[test]
    fn every_state_and_area_has_a_prefix() {
        for code in state::codes() {
            assert!(RUNS.iter().any(|(_, _, states)| states.contains(&code)), "{code}");
        }
    }

    #[test]
    fn well_known_post_offices_lie_in_their_states() {
        let known = [
            ("00501", "NY"),
            ("00901", "PR"),
            ("00802", "VI"),
            ("02108", "MA"),
            ("09012", "AE"),
            ("20001", "DC"),
            ("34002", "AA"),
            ("60601", "IL"),
            ("90210", "CA"),
            ("96350", "AP"),
            ("96799", "AS"),
            ("96813", "HI"),
            ("96910", "GU"),
            ("96941", "FM"),
            ("99501", "AK"),
        ];
        for (zip, state) in known {
            assert!(states_of(zip).contains(&state), "{zip} {state}");
        }
        assert_eq!(states_of("06390-0001"), ["CT", "NY"], "Fishers Island is reached through Connecticut");
        for unused in ["00000", "21300", "98700", "", "12", "1a345", "é1234", "+12"] {
            assert!(states_of(unused).is_empty(), "{unused}");
        }
    }
}
