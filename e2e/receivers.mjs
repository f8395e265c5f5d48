// Receivers that are not ours and not in Go, judged by "hookrig verify" over the network: plain Node, one that is right and
// some with one bug each, as people write them; and Debian's webhook package with a hook that checks the signature.
// Everything that is found has to be true of the receiver, and nothing that is wrong may be missed. Exit code 1 otherwise.
import { spawn, spawnSync } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const hookrig = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "hookrig");
const secret = "e4nRJ04Ss2m3EkQxn19V";
const sign = (body) => createHmac("sha1", secret).update(body).digest("hex");

// The right receiver, step by step; a bug replaces a step.
const right = {
  trusts: (request, body) => {
    const received = Buffer.from(String(request.headers["shoptet-webhook-signature"] ?? ""));
    const expected = Buffer.from(sign(body));
    return received.length === expected.length && timingSafeEqual(received, expected);
  },
  parse: (body) => {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    const event = JSON.parse(text);
    if (event === null || typeof event !== "object" || Array.isArray(event)) throw new Error("no object");
    return event;
  },
  key: (_event, body) => body.toString("latin1"), // the same bytes are the same event
  async act(done, key, text) {
    if (!done.has(key)) done.set(key, text);
  },
};

const receivers = [
  { name: "right", step: {}, fails: [] },
  {
    name: "checks what JSON.stringify makes of the body",
    step: {
      trusts(request, body) {
        try {
          return request.headers["shoptet-webhook-signature"] === sign(JSON.stringify(JSON.parse(body)));
        } catch {
          return right.trusts(request, body);
        }
      },
    },
    fails: ["authenticity/raw-body", "payload/invalid-text", "payload/duplicate-member"],
  },
  {
    name: "compares as far as the received value goes",
    step: { trusts: (request, body) => sign(body).startsWith(request.headers["shoptet-webhook-signature"] ?? "") },
    fails: ["authenticity/missing-signature", "authenticity/empty-signature", "authenticity/truncated-signature"],
  },
  {
    name: "compares in constant time with a function that throws",
    step: { trusts: (request, body) => timingSafeEqual(Buffer.from(request.headers["shoptet-webhook-signature"] ?? ""), Buffer.from(sign(body))) },
    fails: ["authenticity/missing-signature", "authenticity/empty-signature", "authenticity/truncated-signature", "authenticity/two-signatures", "authenticity/before-parsing"],
  },
  { name: "tells events apart by numbers that were parsed", step: { key: (event) => JSON.stringify(event) }, fails: [], warns: ["state/near-numbers-done"] },
  { name: "tells events apart by the order alone", step: { key: (event) => `${event.event} ${event.eventInstance}` }, fails: ["state/same-record-done", "state/near-numbers-done"] },
  {
    name: "looks, works, and then writes",
    step: {
      async act(done, key, text) {
        if (done.has(key)) return;
        await sleep(20);
        done.set(`${key} ${done.size}`, text);
        done.set(key, undefined);
      },
    },
    fails: ["state/parallel-duplicates-once", "state/any-sequence"],
  },
];

// listen starts a receiver. GET /effects?event=…&eshopId=… tells how many effects events with these members had.
async function listen(step) {
  const { trusts, parse, key, act } = { ...right, ...step };
  const done = new Map();
  const take = async (request, body) => {
    if (!trusts(request, body)) return 401;
    let event;
    if (request.headers["content-encoding"] || !/^(application\/json(;\s*charset="?utf-8"?)?)?$/i.test(request.headers["content-type"] ?? "")) return 415;
    try {
      event = parse(body);
    } catch {
      return 400;
    }
    await act(done, key(event, body), body.toString());
    return 200;
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (request.method === "GET" && url.pathname === "/effects") {
      const shows = (text) => [...url.searchParams].every(([name, value]) => text.match(`"${name}"\\s*:\\s*"?([^",}]*)`)?.[1] === value);
      const count = [...done.values()].filter((text) => text !== undefined && shows(text)).length;
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ count }));
      return;
    }
    if (request.method !== "POST") {
      request.resume();
      response.writeHead(405, { Allow: "POST" }).end();
      return;
    }
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
      response.writeHead(await take(request, Buffer.concat(chunks))).end();
    } catch {
      if (!response.headersSent) response.writeHead(request.complete ? 500 : 400).end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) };
}

// verify runs the suite and returns the report.
async function verify(to, ...flags) {
  const command = spawn(hookrig, ["verify", "shoptet", "--to", to, "--secret-env", "KEY", "--seed", "7", "--event", "order:create,order:update,order:delete", "--format", "json", ...flags], {
    env: { ...process.env, KEY: secret },
  });
  let output = "";
  let trouble = "";
  command.stdout.on("data", (text) => (output += text));
  command.stderr.on("data", (text) => (trouble += text));
  const [code] = await once(command, "close");
  if (code !== 0 && code !== 1) throw new Error(`exit ${code}: ${trouble}`);
  return { code, ...JSON.parse(output.split("\n").filter(Boolean).at(-1)) };
}

const named = (report, verdict) => report.checks.filter((c) => c.verdict === verdict).map((c) => c.name);
const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
let failed = false;

async function judge({ name, step, fails, warns }) {
  const receiver = await listen(step);
  try {
    const report = await verify(`${receiver.url}/hooks`, "--oracle", `${receiver.url}/effects?eshopId={/eshopId}&event={/event}&eventInstance={/eventInstance}&eventCreated={/eventCreated}#/count`);
    const got = named(report, "fail");
    const good = same(got, fails) && (!warns || same(named(report, "warn"), warns)) && report.code === (fails.length > 0 ? 1 : 0);
    failed ||= !good;
    console.log(`Node, ${name}: ${report.verdict}, fails ${got.join(" ") || "nothing"}; warns ${named(report, "warn").join(" ") || "of nothing"}; open ${named(report, "inconclusive").length}`);
    if (!good) console.log(`  want ${fails.join(" ") || "nothing"}`, report.checks.filter((c) => c.verdict === "fail").map((c) => `${c.name}: ${c.because} (${c.received})`));
  } finally {
    receiver.close();
  }
}

// What is true of webhook 2.8 with one hook that checks the signature and runs a command: it answers a wrong signature with
// 500, runs the command also where the body is no JSON, and knows no duplicates.
const ofWebhook = [
  "authenticity/empty-signature",
  "authenticity/truncated-signature",
  "authenticity/garbled-signature",
  "authenticity/two-signatures",
  "authenticity/wrong-key",
  "authenticity/altered-body",
  "authenticity/reused-signature",
  "payload/malformed-json",
  "payload/empty-body",
  "payload/trailing-garbage",
  "payload/trailing-comma",
  "payload/not-a-number",
  "state/duplicate-once",
  "state/parallel-duplicates-once",
  "state/lost-answer",
  "state/any-sequence",
];

// install finds Debian's package or says why not.
function install() {
  const there = () => spawnSync("webhook", ["-version"], { encoding: "utf8" });
  if (there().error && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => spawnSync("apt-get", ["-q", "-y", ...args], { env, timeout: 120_000 }).status === 0;
    if (!apt("install", "--no-install-recommends", "webhook") && apt("update")) apt("install", "--no-install-recommends", "webhook");
  }
  const { error, stdout } = there();
  if (error) return "SKIPPED, the package is not installed: apt-get install webhook";
  return stdout.startsWith("webhook version 2.8.") ? "" : `SKIPPED, the findings are those of version 2.8, and here is ${stdout.trim()}`;
}

async function freePort() {
  const listener = createListener();
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const { port } = listener.address();
  await once(listener.close(), "close");
  return port;
}

async function judgeWebhook() {
  const missing = install();
  if (missing) return console.log(`webhook: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), "hookrig-webhook-"));
  const book = join(folder, "book");
  const command = join(folder, "take");
  writeFileSync(book, "");
  writeFileSync(command, `#!/bin/sh\nprintf '%s\\n' "$EVENT" >> '${book}'\n`);
  chmodSync(command, 0o755);
  const match = { type: "payload-hmac-sha1", secret, parameter: { source: "header", name: "Shoptet-Webhook-Signature" } };
  const hook = {
    id: "orders",
    "execute-command": command,
    "http-methods": ["POST"],
    "trigger-rule-mismatch-http-response-code": 401,
    "pass-environment-to-command": [{ source: "entire-payload", envname: "EVENT" }],
    "trigger-rule": { match },
  };
  writeFileSync(join(folder, "hooks.json"), JSON.stringify([hook]));
  const port = await freePort();
  const program = spawn("webhook", ["-hooks", join(folder, "hooks.json"), "-ip", "127.0.0.1", "-port", String(port)], { stdio: "ignore" });
  const oracle = createServer((request, response) => {
    const wanted = new URL(request.url, "http://localhost").searchParams;
    const lines = readFileSync(book, "utf8").split("\n").filter((line) => line && [...wanted].every(([name, value]) => line.match(`"${name}"\\s*:\\s*"?([^",}]*)`)?.[1] === value));
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ count: lines.length }));
  });
  await once(oracle.listen(0, "127.0.0.1"), "listening");
  try {
    const to = `http://127.0.0.1:${port}/hooks/orders`;
    for (let tries = 0; !(await fetch(to).catch(() => undefined)); tries++) {
      if (tries === 100) throw new Error("webhook does not listen");
      await sleep(100);
    }
    const asks = ["eshopId", "event", "eventInstance", "eventCreated"].map((m) => `${m}={/${m}}`).join("&");
    const report = await verify(to, "--oracle", `http://127.0.0.1:${oracle.address().port}/effects?${asks}#/count`, "--settle", "2s");
    const got = named(report, "fail");
    failed ||= !same(got, ofWebhook);
    console.log(`webhook: ${report.verdict}, fails ${got.join(" ")}; warns ${named(report, "warn").join(" ")}; open ${named(report, "inconclusive").length}`);
    for (const c of report.checks) {
      if (c.verdict === "fail" && !ofWebhook.includes(c.name)) console.log(`  not known of it: ${c.name}: ${c.because} (${c.received})`);
    }
    for (const name of ofWebhook) if (!got.includes(name)) console.log(`  missed: ${name}`);
  } finally {
    program.kill();
    oracle.close();
    rmSync(folder, { recursive: true });
  }
}

await Promise.all([...receivers.map(judge), judgeWebhook()]);
process.exit(failed ? 1 : 0);
