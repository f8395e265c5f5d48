// ajv judges what the faker makes of the official JSON Schema suite: the schemas of the folder that HOOKRIG_SUITE names, in
// three shapes, twenty instances each. Its word counts for the schemas that it compiles and whose own tests in the suite
// it gets right.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import Ajv2019 from "ajv/dist/2019.js";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const suite = process.env.HOOKRIG_SUITE;
if (!suite) {
  console.log("skipped: HOOKRIG_SUITE names no folder with suite-*.jsonl");
  process.exit(0);
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "hookrig-suite-"));
const file = join(folder, "instances.jsonl");
let rows;
try {
  execFileSync("go", ["test", "./faker", "-count=1", "-run", "^TestSuiteForOthers$"], {
    cwd: root,
    env: { ...process.env, HOOKRIG_SUITE: suite, HOOKRIG_SUITE_OUT: file },
    stdio: ["ignore", "inherit", "inherit"],
  });
  rows = readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// The dialects that this ajv has: draft-04 is not one of them.
const dialects = { "draft-06": Ajv, "draft-07": Ajv, "2019-09": Ajv2019, "2020-12": Ajv2020 };
const remotes = JSON.parse(readFileSync(join(suite, "suite-remotes.json"), "utf8"));
const draft06 = JSON.parse(readFileSync(join(root, "e2e", "node_modules", "ajv", "dist", "refs", "json-schema-draft-06.json"), "utf8"));

function compile({ dialect, schema }, validateFormats) {
  const ajv = addFormats(new dialects[dialect]({ strict: false, logger: false, validateFormats }));
  if (dialect === "draft-06") ajv.addMetaSchema(draft06);
  if (JSON.stringify(schema).includes("localhost:1234")) {
    for (const [url, document] of Object.entries(remotes)) {
      try {
        ajv.addSchema(document, url);
      } catch {
        // of another dialect
      }
    }
  }
  return ajv.compile(schema);
}

// judge is ajv's validate function for a schema, or why its word does not count.
function judge(row) {
  let tested;
  try {
    tested = compile(row, row.assertFormat === true);
  } catch {
    return "does not compile it";
  }
  try {
    if (row.tests.some(({ data, valid }) => tested(data) !== valid)) return "gets its tests wrong";
  } catch {
    return "gets its tests wrong";
  }
  return compile(row, true);
}

const table = new Map();
const unjudged = new Map();
const faults = [];
for (const row of rows) {
  if (!dialects[row.dialect]) continue;
  const counts = table.get(row.file) ?? { schemas: 0, judged: 0, good: { minimal: 0, typical: 0, full: 0 } };
  table.set(row.file, counts);
  counts.schemas++;
  const validate = judge(row);
  if (typeof validate === "string") {
    unjudged.set(validate, [...(unjudged.get(validate) ?? []), `${row.file} ${row.id}`]);
    continue;
  }
  counts.judged++;
  for (const [shape, instances] of Object.entries(row.instances)) {
    const bad = instances.find((instance) => !validate(instance));
    if (bad === undefined && instances.length === 20) counts.good[shape]++;
    else faults.push({ name: `${row.file} ${row.id} ${shape}`, bad, errors: bad === undefined ? [] : [...validate.errors] });
  }
}

for (const [why, names] of unjudged) console.log(`ajv ${why}: ${names.join(", ")}`);
for (const { name, bad, errors } of faults) {
  console.log(`${name}: ${JSON.stringify(bad)}: ${errors.map((e) => `${e.instancePath} ${e.keyword} ${e.schemaPath}`).join("; ")}`);
}
console.log("schemas  judged by ajv  all 20 valid: minimal  typical  full");
let judged = 0;
for (const [file, { schemas, judged: n, good }] of table) {
  judged += n;
  console.log(`${file.padEnd(24)} ${schemas}  ${n}  ${good.minimal}  ${good.typical}  ${good.full}`);
}
process.exit(faults.length > 0 || judged === 0 ? 1 : 0);
