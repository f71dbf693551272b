//! Finals that come before their policy lets them.

use crate::calendar::Moment;
use crate::history::History;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::text::count;
use crate::version::Release;

const DAY: i64 = 86_400;

/// Returns `true` if its policy lets a release wait at all, for candidates or for an end of their testing.
pub fn waits(release: Release, config: &Config) -> bool {
    let policy = config.stream(release.kind());
    !release.is_candidate() && (policy.candidates > 0 || policy.testing_days.0 > 0)
}

/// Returns the problem of a final whose candidates, tagged at these times in seconds since 1970, are fewer than its policy
/// asks for, or were not tested for long enough.
pub fn too_early(
    release: Release,
    config: &Config,
    history: &History,
    candidates: &[i64],
    now: Moment,
) -> Option<Problem> {
    if !waits(release, config) {
        return None;
    }
    let (kind, policy) = (release.kind(), config.stream(release.kind()));
    let (wanted, days) = (policy.candidates as usize, policy.testing_days.0);
    let first = candidates.iter().copied().min();
    let over = first.unwrap_or(now.seconds()) + i64::from(days) * DAY;
    let lacks = candidates.len() < wanted || (days > 0 && first.is_none());
    if !lacks && over <= now.seconds() {
        return None;
    }
    let earliest = moment(over.max(now.seconds()));
    let (tested, asked) = (count(days as usize, "day"), count(wanted.max(1), "candidate"));
    let (message, help) = if lacks {
        let next = history.last_candidate(release).and_then(|last| last.candidate).unwrap_or(0) + 1;
        (
            format!(
                "a {kind} follows {asked} and {tested} of testing, and {} of {release} are tagged",
                candidates.len()
            ),
            format!(
                "prepare {} first; {release} can follow on {earliest} at the earliest",
                release.with_candidate(next)
            ),
        )
    } else {
        let since = moment(first.unwrap_or_default());
        (
            format!("a {kind} is tested for {tested}, and the first candidate of {release} was tagged on {since}"),
            format!("{release} can follow on {earliest} at the earliest"),
        )
    };
    Some(Problem::new(message, format!("{help}; `--early \"reason\"` prepares it now")))
}

/// Returns a moment as people write it, in UTC.
fn moment(seconds: i64) -> String {
    let second = seconds.rem_euclid(DAY);
    let day = Moment::new(seconds).map_or_else(String::new, |moment| moment.day().to_string());
    format!("{day} {:02}:{:02} UTC", second / 3600, second / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_release_waits_where_its_policy_asks_for_candidates_or_for_time() {
        let patches = Config::parse(
            "release.toml".into(),
            &crate::text::SourceText::new("[policy.patch]\ncandidates = 1\ntesting-days = 0\n"),
        );
        let (usual, patches) = (Config::default(), patches.unwrap());
        for (release, config, expected) in
            [("0.4.5", &usual, false), ("0.5.0", &usual, true), ("0.5.0rc1", &usual, false), ("0.4.5", &patches, true)]
        {
            assert_eq!(waits(Release::parse(release).unwrap(), config), expected, "{release}");
        }
    }

    #[test]
    fn a_final_waits_for_its_candidates_and_for_the_end_of_its_testing() {
        let now = 1_764_288_000;
        let mut text = String::new();
        for (release, ages) in [
            ("0.4.5", &[][..]),
            ("0.5.0rc1", &[]),
            ("0.5.0", &[]),
            ("0.5.0", &[7 * DAY - 1]),
            ("0.5.0", &[7 * DAY, 0]),
            ("1.0.0", &[20 * DAY]),
            ("1.0.0", &[20 * DAY, DAY]),
            ("1.0.0", &[2 * DAY, DAY]),
        ] {
            let times: Vec<i64> = ages.iter().map(|age| now - age).collect();
            let (release, moment) = (Release::parse(release).unwrap(), Moment::new(now).unwrap());
            let problem = too_early(release, &Config::default(), &History::default(), &times, moment);
            let said = problem.map(|problem| format!("  {}\n  = {}\n", problem.message, problem.help));
            text += &format!("{release} after {ages:?}\n{}", said.unwrap_or_default());
        }
        expect![[r#"
            0.4.5 after []
            0.5.0rc1 after []
            0.5.0 after []
              a minor follows 1 candidate and 7 days of testing, and 0 of 0.5.0 are tagged
              = prepare 0.5.0rc1 first; 0.5.0 can follow on 2025-12-05 00:00 UTC at the earliest; `--early "reason"` prepares it now
            0.5.0 after [604799]
              a minor is tested for 7 days, and the first candidate of 0.5.0 was tagged on 2025-11-21 00:00 UTC
              = 0.5.0 can follow on 2025-11-28 00:00 UTC at the earliest; `--early "reason"` prepares it now
            0.5.0 after [604800, 0]
            1.0.0 after [1728000]
              a major follows 2 candidates and 14 days of testing, and 1 of 1.0.0 are tagged
              = prepare 1.0.0rc1 first; 1.0.0 can follow on 2025-11-28 00:00 UTC at the earliest; `--early "reason"` prepares it now
            1.0.0 after [1728000, 86400]
            1.0.0 after [172800, 86400]
              a major is tested for 14 days, and the first candidate of 1.0.0 was tagged on 2025-11-26 00:00 UTC
              = 1.0.0 can follow on 2025-12-10 00:00 UTC at the earliest; `--early "reason"` prepares it now
        "#]].assert_eq(&text);
    }
}
