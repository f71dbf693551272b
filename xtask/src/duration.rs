//! Durations as they are written on the command line.

use std::time::Duration;

/// Reads a duration: `90s`, `15m`, `1h30m`, `0`.
///
/// # Errors
///
/// Anything else, in words for the command line.
pub(crate) fn read(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; write it as `90s`, `15m` or `1h30m`, or `0` for not at all");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut rest, mut seconds, mut units) = (text, 0_u64, &[('h', 3600), ('m', 60), ('s', 1)][..]);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..end].parse().map_err(|_| wrong())?;
        let unit = rest[end..].chars().next().ok_or_else(wrong)?;
        // From the largest to the smallest, each once.
        let at = units.iter().position(|(name, _)| *name == unit).ok_or_else(wrong)?;
        seconds = number.checked_mul(units[at].1).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        units = &units[at + 1..];
        rest = &rest[end + unit.len_utf8()..];
    }
    // Longer than a week is a slip of the pen.
    Some(Duration::from_secs(seconds)).filter(|_| !text.is_empty() && seconds <= 7 * 24 * 3600).ok_or_else(wrong)
}

/// A duration as it is written on the command line, in whole seconds.
pub(crate) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [("0", 0), ("0s", 0), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("1h1m1s", 3661)] {
            assert_eq!(read(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "15", "m", "15 m", "-1s", "1.5h", "1s1m", "1m1m", "1d", "99999999999999999999s", "1000h", "1é"]
        {
            assert!(read(text).unwrap_err().contains("15m"), "{text}");
        }
    }
}
