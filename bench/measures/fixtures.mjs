/** The time and memory to load a large fixture. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { alternate } from "../load.mjs";
import { newFolder, output, residentMemory, start, stop } from "../processes.mjs";
import { number, table, verdict } from "../report.mjs";
import { program } from "../servers.mjs";

/** A key as a fixture has it: one in ten is hashed, others expire or are limited to an app. */
function typicalKey(i) {
  const hash = createHash("sha256").update(`secret ${i}`).digest("hex");
  return {
    id: i + 1,
    ...(i % 10 === 9 ? { key_hash: hash } : { key: `ak_${hash.slice(0, 32)}` }),
    mode: ["all", "read", "upload", "write"][i % 4],
    name: `Key ${i + 1}`,
    user_id: "user_123",
    created_at: "2024-01-31T12:00:00Z",
    updated_at: "2024-02-29T12:00:00Z",
    ...(i % 7 === 6 ? { expires_at: "2099-12-31T00:00:00Z" } : {}),
    ...(i % 3 === 2 ? { limited_to_apps: ["com.demo.app"] } : {}),
  };
}

/** The fields that every key needs. */
const shortKey = (i) => {
  const { key, key_hash, mode, name } = typicalKey(i);
  return { key, key_hash, mode, name };
};

/** Writes a fixture of this many keys. Returns the file, and the size of the strings of a key. */
function writeKeys(count, keyAt) {
  const keys = Array.from({ length: count }, (_, i) => keyAt(i));
  const file = path.join(newFolder(), "fixture.json");
  writeFileSync(file, JSON.stringify({ keys }));
  const strings = keys.flatMap(({ key, key_hash, name, user_id, limited_to_apps }) => [
    key ?? key_hash,
    name,
    user_id ?? "user_123",
    ...(limited_to_apps ?? []),
  ]);
  return { file, data: strings.join("").length / count };
}

/** Seconds until the ready line of a server with these fixtures, and its resident bytes then. */
async function measureStart(file) {
  const begin = performance.now();
  const child = start(program, ["--port", "0", "--fixtures", file], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    child.ended,
  ]);
  const seconds = (performance.now() - begin) / 1000;
  if (!String(line).includes('"ready"')) throw new Error(`mock-capgo with many keys: ${line}`);
  const memory = (await residentMemory(child)) * 1e6;
  await stop(child);
  return { seconds, memory };
}

async function measureCheck(file) {
  const begin = performance.now();
  await output(program, ["check", "--fixtures", file]);
  return { seconds: (performance.now() - begin) / 1000 };
}

/** Loading a large fixture. */
export const fixtures = {
  name: "fixtures",
  title: "mock-capgo: loading a large fixture",

  async run({ keyCounts, rounds }) {
    const keys = keyCounts.at(-1);
    const files = {
      one: writeKeys(1, shortKey),
      short: writeKeys(keys, shortKey),
      typical: writeKeys(keys, typicalKey),
    };
    const starts = await alternate(Object.keys(files), rounds, (each) =>
      measureStart(files[each].file),
    );
    const checks = await alternate(["short", "typical"], rounds, (each) =>
      measureCheck(files[each].file),
    );
    const figures = (each) => ({
      check: checks[each].seconds,
      ready: starts[each].seconds,
      data: files[each].data,
      memory: (starts[each].memory - starts.one.memory) / keys,
    });
    return { keys, short: figures("short"), typical: figures("typical") };
  },

  format: ({ keys, short, typical }) =>
    table(
      [
        `${number(keys)} keys with`,
        "seconds of mock-capgo check",
        "seconds to the ready line",
        "bytes of a key's strings",
        "resident bytes for each key",
      ],
      Object.entries({ "secret, mode and name": short, "typical fields": typical }).map(
        ([fields, { check, ready, data, memory }]) => [
          fields,
          ...[number(check, 2), number(ready, 2), number(data), number(memory)],
        ],
      ),
    ),

  check: ({ short, typical }) => {
    const overhead = Math.max(short.memory - short.data, typical.memory - typical.data);
    return [
      verdict(
        "100,000 short fixture keys to the ready line within 0.35 s",
        short.ready <= 0.35,
        `${number(short.ready, 2)} s`,
      ),
      verdict(
        "at most 200 bytes for each fixture key beyond its strings",
        overhead <= 200,
        `${number(overhead)} bytes`,
      ),
    ];
  },
};
