// The AsyncAPI project's own parser judges the built-in contracts, or the files named on the command line.
// One line per document; exit code 1 if any of them has an error or a warning.
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Parser } from "@asyncapi/parser";

const catalog = join(dirname(fileURLToPath(import.meta.url)), "..", "contracts", "catalog");
const severities = ["error", "warning", "info", "hint"];

async function builtIns() {
  const found = [];
  for (const entry of await readdir(catalog, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== "testdata") found.push(join(catalog, entry.name, "asyncapi.yaml"));
  }
  return found.sort();
}

const parser = new Parser();
let failed = false;

for (const file of process.argv.length > 2 ? process.argv.slice(2) : await builtIns()) {
  const name = relative(process.cwd(), file);
  const text = await readFile(file, "utf8").catch((err) => err);
  if (text instanceof Error) {
    failed = true;
    console.log(`${name}: unreadable: ${text.message}`);
    continue;
  }
  const { document, diagnostics } = await parser.parse(text, { source: file });
  for (const d of diagnostics) {
    const { line, character } = d.range.start;
    console.log(`${name}:${line + 1}:${character + 1}: ${severities[d.severity]}: ${d.message} (${d.code} at /${d.path.join("/")})`);
  }
  const grave = diagnostics.filter((d) => d.severity < 2).length;
  if (grave > 0 || !document) {
    failed = true;
    console.log(`${name}: refused, ${grave} errors and warnings`);
  } else {
    console.log(`${name}: accepted, AsyncAPI ${document.version()}, ${document.messages().length} messages, ${diagnostics.length} remarks`);
  }
}
process.exit(failed ? 1 : 0);
