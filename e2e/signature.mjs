// Receivers that are not ours check what hookrig signs: plain Node, from the providers' own descriptions.
// Each delivery must be accepted with the right secret and refused with a wrong one. Exit code 1 otherwise.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const hookrig = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "hookrig");
const secret = "e4nRJ04Ss2m3EkQxn19V";

const hmac = (algorithm, encoding, ...parts) => {
  const mac = createHmac(algorithm, secret);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
};

const receivers = [
  {
    provider: "xentral",
    event: "salesOrder.created",
    accepts: (headers, body) => headers["xentral-signature"] === hmac("sha256", "hex", body, headers["xentral-request-timestamp"]),
  },
  {
    provider: "shoptet",
    event: "order:create",
    accepts: (headers, body) => headers["shoptet-webhook-signature"] === hmac("sha1", "hex", body),
  },
  {
    provider: "ergonode",
    event: "product_created",
    accepts: (headers) => {
      const [head, claims, mac] = (headers["x-app-token"] ?? "").split(".");
      return JSON.parse(Buffer.from(head, "base64url")).alg === "HS256" && mac === hmac("sha256", "base64url", `${head}.${claims}`);
    },
  },
];

// deliver triggers one event at a receiver and says what the command made of its answer.
async function deliver({ provider, event, accepts }, key) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(accepts(request.headers, Buffer.concat(chunks)) ? 200 : 401).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const to = `http://127.0.0.1:${server.address().port}`;
  const command = spawn(hookrig, ["trigger", provider, event, "--to", to, "--secret-env", "KEY"], { env: { ...process.env, KEY: key } });
  let output = "";
  for (const stream of [command.stdout, command.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(command, "close");
  server.closeAllConnections();
  server.close();
  return { code, output };
}

let failed = false;
for (const receiver of receivers) {
  for (const { name, key, want } of [
    { name: "right secret", key: secret, want: 0 },
    { name: "wrong secret", key: secret.toLowerCase(), want: 1 },
  ]) {
    const { code, output } = await deliver(receiver, key);
    const good = code === want;
    failed ||= !good;
    console.log(`${receiver.provider} ${receiver.event}, ${name}: exit ${code}${good ? "" : `, want ${want}\n${output}`}`);
  }
}
process.exit(failed ? 1 : 0);
