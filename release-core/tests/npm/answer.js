const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n");

const ANSWERS = {
  version: ({ text }) => semver.parse(text)?.version ?? null,
  range: ({ text }) => semver.validRange(text),
  contains: ({ text, version }) =>
    semver.satisfies(version, text),
  order: ({ texts }) => {
    const order = texts.map((_, index) => index).sort((left, right) => semver.compare(texts[left], texts[right]));
    const ranks = texts.map(() => 0);
    for (let at = 1; at < order.length; at++) {
      ranks[order[at]] = ranks[order[at - 1]] + (semver.eq(texts[order[at - 1]], texts[order[at]]) ? 0 : 1);
    }
    return ranks;
  },
};

for (const line of lines) {
  if (line) {
    const question = JSON.parse(line);
    process.stdout.write(JSON.stringify(ANSWERS[question.kind](question)) + "\n");
  }
}
