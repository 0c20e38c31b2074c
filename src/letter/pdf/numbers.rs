//! Numbers as a content stream has them: with no more digits than they need.

/// Numbers with two decimals at most, each followed by a space, then an operator.
pub(in crate::letter) fn numbers(out: &mut Vec<u8>, values: &[f64], operator: &str) {
    for value in values {
        decimal(out, hundredths(*value));
        out.push(b' ');
    }
    out.extend_from_slice(operator.as_bytes());
}

pub(in crate::letter) fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}

/// A number of hundredths, with no more digits than it needs.
pub(in crate::letter) fn decimal(out: &mut Vec<u8>, hundredths: i64) {
    if hundredths < 0 {
        out.push(b'-');
    }
    let hundredths = hundredths.abs();
    if hundredths >= 100 || hundredths == 0 {
        integer(out, hundredths / 100);
    }
    let (tenths, rest) = (hundredths % 100 / 10, hundredths % 10);
    if tenths + rest > 0 {
        out.push(b'.');
        integer(out, tenths);
        if rest > 0 {
            integer(out, rest);
        }
    }
}

/// A whole number, digit by digit: a page has a hundred of them.
pub(in crate::letter) fn integer(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        first -= 1;
        if let Some(digit) = digits.get_mut(first) {
            *digit = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_two_decimals_at_most() {
        let mut out = Vec::new();
        numbers(&mut out, &[0.0, 72.0, 1.5, -1.25, 0.049_9, -0.001, 306.999], "re");
        assert_eq!(String::from_utf8(out).unwrap(), "0 72 1.5 -1.25 .05 0 307 re");
    }
}
