/**
 * A mock of the service as a team would write it for speed: node:http without a framework.
 *
 *     node node_server.mjs PORT FIXTURE
 */
import { createServer } from "node:http";

import * as keys from "./key_service.mjs";

const [port, fixture] = process.argv.slice(2);
keys.load(fixture);

function send(response, [status, body]) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function receive(request, respond) {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => (text += chunk));
  request.on("end", () => {
    let body;
    try {
      body = JSON.parse(text);
    } catch {} // It stays undefined, which is rejected.
    respond(body);
  });
}

const server = createServer((request, response) => {
  const { method, url, headers } = request;
  const secret = keys.secretOf((name) => headers[name]);
  if (url === "/apikey/" && method === "GET") return send(response, keys.list(secret));
  if (url === "/apikey/" && method === "POST") {
    return receive(request, (body) => send(response, keys.create(secret, body)));
  }
  const [, id] = (method === "DELETE" && /^\/apikey\/([^/]+)\/$/.exec(url)) || [];
  send(response, id === undefined ? keys.notFound() : keys.remove(secret, id));
});

server.listen(Number(port), "127.0.0.1");
