// ajv, a validator that is not ours, judges what the faker makes by the schemas that "hookrig schema" prints: every
// event of every built-in contract, twenty bodies each. Then it has to refuse what breaks them: a wrong event name, and a
// wrong type in each place of the first body where the schema is that narrow in our own eyes ("hookrig validate").
import { execFileSync, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const hookrig = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "hookrig");
const run = (...args) => execFileSync(hookrig, args, { encoding: "utf8", maxBuffer: 1 << 28 });
const rows = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

// The same seed makes the same bytes.
const fakes = ["fake", "--all", "-n", "20", "--seed", "1", "--meta"];
const stream = run(...fakes);
if (run(...fakes) !== stream) throw new Error("the same seed made other bytes");

const bodies = new Map();
for (const row of rows(stream)) {
  const key = `${row.provider} ${row.event}`;
  bodies.set(key, [...(bodies.get(key) ?? []), row.body]);
}

let judged = 0;
let refused = 0;
let faults = 0;
const fault = (text) => {
  faults++;
  console.log(text);
};

for (const { provider, event } of rows(run("events", "--format", "json"))) {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  const validate = ajv.compile(JSON.parse(run("schema", provider, event)));
  const made = bodies.get(`${provider} ${event}`) ?? [];
  if (made.length !== 20) fault(`${provider} ${event}: ${made.length} bodies, not 20`);
  for (const body of made) {
    judged++;
    if (!validate(body)) fault(`${provider} ${event}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body)}`);
  }

  // Every copy with one value replaced: ajv and we must agree.
  const wrong = spoiled(made[0]);
  const { stdout } = spawnSync(hookrig, ["validate", provider, event, "--format", "json"], {
    input: wrong.map((body) => JSON.stringify(body)).join("\n"),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const ours = new Set(rows(stdout).filter((row) => row.rule).map((row) => row.line));
  wrong.forEach((body, i) => {
    const theirs = !validate(body);
    if (theirs) refused++;
    if (theirs !== ours.has(i + 1)) fault(`${provider} ${event}: ajv ${theirs ? "refuses" : "accepts"}, we do not: ${JSON.stringify(body)}`);
  });
}

// spoiled yields copies of a value with one member replaced by something of another kind.
function spoiled(body) {
  const out = [];
  const visit = (at) => {
    for (const key of Object.keys(at)) {
      const kept = at[key];
      for (const other of [null, "hookrig: no such value", -1.5, [], { hookrig: true }]) {
        at[key] = other;
        out.push(structuredClone(body));
      }
      at[key] = kept;
      if (kept !== null && typeof kept === "object") visit(kept);
    }
  };
  body = structuredClone(body);
  visit(body);
  return out;
}

console.log(`${judged} bodies judged, ${refused} spoiled copies refused, ${faults} faults`);
process.exit(faults > 0 || judged !== 247 * 20 || refused === 0 ? 1 : 0);
