use super::*;

/// The vector of the specification's first implementation, Go's `sumdb/note`.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::new(name, &[seed; 32]).unwrap()
}

#[test]
fn the_published_note_is_good() {
    let known: VerifierKey = VKEY.parse().unwrap();
    assert_eq!(known.to_string(), VKEY);
    let opened = open(NOTE, std::slice::from_ref(&known)).unwrap();
    assert_eq!(opened.text, "This is an example message.\n");
    assert_eq!(opened.signers, [known]);
}

#[test]
fn any_other_bit_of_the_published_note_is_refused() {
    let known = [VKEY.parse().unwrap()];
    for at in 0..NOTE.len() {
        for bit in 0..8 {
            let mut bytes = NOTE.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8(bytes);
            assert!(changed.is_err() || open(&changed.unwrap(), &known).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn any_other_bit_of_a_key_is_refused() {
    for at in 0..VKEY.len() {
        let mut bytes = VKEY.as_bytes().to_vec();
        bytes[at] ^= 1;
        let changed = String::from_utf8(bytes).unwrap();
        // The name is under the id too.
        assert!(changed.parse::<VerifierKey>().is_err(), "{changed}");
    }
}

#[test]
fn a_signing_key_comes_back_from_its_text_and_hides_elsewhere() {
    let made = key("agency.example/letters", 7);
    let text = made.to_text();
    let read = SigningKey::parse(&format!("{}\n", text.as_str())).unwrap();
    assert_eq!(read.verifier(), made.verifier());
    assert_eq!(read.to_text(), text);
    let secret = text.rsplit('+').next().unwrap();
    assert!(!format!("{made:?} {:?}", made.verifier()).contains(secret));
    assert!(SigningKey::parse(&text.replace("letters", "lettres")).is_err());
    assert!(SigningKey::parse(&made.verifier().to_string()).is_err());
}

#[test]
fn names_that_no_signature_line_can_carry_are_refused() {
    for name in ["", "two words", "no\u{a0}break", "a+b", "line\nend"] {
        assert!(SigningKey::new(name, &[1; 32]).is_err(), "{name:?}");
    }
}

#[test]
fn unknown_signers_are_passed_over_and_one_known_is_enough() {
    let keys: Vec<SigningKey> = (0..16).map(|seed| key("agency.example/letters", seed)).collect();
    let note = sign("one\n\ntwo\n", &keys.iter().collect::<Vec<_>>()).unwrap();
    // All have one name, and each its own id.
    let known = [keys[11].verifier().clone()];
    let opened = open(&note, &known).unwrap();
    assert_eq!((opened.text.as_str(), opened.signers.as_slice()), ("one\n\ntwo\n", known.as_slice()));
    let stranger = key("agency.example/letters", 99);
    assert!(matches!(open(&note, &[stranger.verifier().clone()]), Err(NoteError::Unknown(_))));
    assert!(matches!(open(&note, &[]), Err(NoteError::Unknown(_))));
}

#[test]
fn a_bad_signature_by_a_known_key_spoils_a_note_that_another_signed() {
    let (one, two) = (key("one", 1), key("two", 2));
    let mine = sign("text\n", &[&one]).unwrap();
    let other = sign("other\n", &[&two]).unwrap();
    let line = other.lines().last().unwrap();
    let mixed = format!("{mine}{line}\n");
    assert!(open(&mixed, &[one.verifier().clone()]).is_ok());
    let known = [one.verifier().clone(), two.verifier().clone()];
    assert_eq!(open(&mixed, &known), Err(NoteError::BadSignature(two.verifier().label())));
}

#[test]
fn texts_and_notes_out_of_form_are_refused() {
    let signer = key("one", 1);
    for text in ["", "no end", "tab\there\n", "\r\n"] {
        assert!(sign(text, &[&signer]).is_err(), "{text:?}");
    }
    assert!(sign("text\n", &[]).is_err());
    let good = sign("text\n", &[&signer]).unwrap();
    let bad = [
        String::new(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        good.trim_end().to_owned(),
        good.replace("\n\n", "\n"),
        good.replace('\u{2014}', "-"),
        good.replace("text", "t\u{1}xt"),
        format!("{good}\n"),
        format!("{good}more\n"),
        good.replace('=', ""),
    ];
    for note in bad {
        assert!(matches!(open(&note, &[signer.verifier().clone()]), Err(NoteError::NotANote(_))), "{note:?}");
    }
}

#[test]
fn the_house_of_another_implementation_agrees() {
    use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, Verifier as _, VerifierList};

    let mine = key("agency.example/letters", 5);
    let vkey = mine.verifier().to_string();
    // Theirs opens what ours signed, with what ours calls the key.
    let note = sign("agency.example/letters\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", &[&mine]).unwrap();
    let theirs = StandardVerifier::new(&vkey).unwrap();
    assert_eq!(format!("{}+{:08x}", theirs.name(), theirs.key_id()), mine.verifier().label());
    let (good, _) =
        Note::from_bytes(note.as_bytes()).unwrap().verify(&VerifierList::new(vec![Box::new(theirs)])).unwrap();
    assert_eq!(good.len(), 1);
    // And ours opens what theirs signed, with the secret key that ours wrote.
    let signer = StandardSigner::new(&mine.to_text()).unwrap();
    assert_eq!(signer.name(), "agency.example/letters");
    let mut made = Note::new(b"of the other house\n", &[]).unwrap();
    made.add_sigs(&[&signer]).unwrap();
    let made = String::from_utf8(made.to_bytes()).unwrap();
    assert_eq!(open(&made, &[mine.verifier().clone()]).unwrap().text, "of the other house\n");
}
