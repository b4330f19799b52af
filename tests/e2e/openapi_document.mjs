/** An OpenAPI description, and whether what was asked and answered is as it says. */
import assert from "node:assert/strict";

import { require } from "./npm.mjs";

const { Validator } = await import(require.resolve("@seriousme/openapi-schema-validator"));
const Ajv = require("ajv/dist/2020.js").default;
const addFormats = require("ajv-formats").default;

/** What a description has beside schemas. */
const words = ["openapi", "info", "paths", "components", "servers", "tags", "security"];
const id = "openapi.json";

/** A text as the part of a JSON pointer within a URI. */
function segment(text) {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Calls a function with each object in a value, and the keys that lead there. */
function walk(value, visit, keys = []) {
  if (typeof value !== "object" || value === null) return;
  visit(value, keys);
  for (const [key, each] of Object.entries(value)) walk(each, visit, [...keys, key]);
}

export class Description {
  /** The operations met with an answer of each status: `POST /apikey/ 200`. */
  met = new Set();
  /** What is odd about its schemas. */
  notes = [];

  constructor(document) {
    this.document = document;
    const note = (text) => this.notes.push(text);
    this.ajv = new Ajv({
      strict: true,
      strictTypes: "log",
      // To require one of some fields, without telling of them again, is usual and clear.
      strictRequired: false,
      allErrors: true,
      allowUnionTypes: true,
      logger: { log: note, warn: note, error: note },
    });
    addFormats(this.ajv);
    this.ajv.addVocabulary([...words, "example", "externalDocs", "discriminator", "xml"]);
    this.ajv.addSchema(document, id);
    this.patterns = Object.keys(document.paths).map((template) => {
      const path = template.replace(/\/$/, "").replace(/\{\w+\}/g, "[^/]+");
      return { template, pattern: new RegExp(`^${path}/?$`) };
    });
  }

  /** Checks the document itself: that it is OpenAPI, and that all of its schemas are schemas. */
  async assertValid() {
    const { valid, errors } = await new Validator().validate(structuredClone(this.document));
    assert.ok(valid, JSON.stringify(errors, null, 2));
    assert.equal(this.document.openapi, "3.1.0");
    const { components } = this.document;
    for (const name of Object.keys(components.schemas)) {
      assert.ok(this.ajv.getSchema(`${id}#/components/schemas/${segment(name)}`), name);
    }
    walk(this.document, (value, keys) => {
      const where = keys.join("/");
      if (typeof value.$ref === "string") this.resolve(value);
      if (value.schema) this.#schemaAt([...keys, "schema"]);
      for (const { value: example } of Object.values(value.schema ? (value.examples ?? {}) : {})) {
        this.#assertFits([...keys, "schema"], example, `the example at ${where}`);
      }
    });
    assert.deepEqual([...new Set(this.notes)], []);
    this.#assertAllIsUsed();
  }

  /** What a reference leads to, or the value itself. */
  resolve(value) {
    if (value.$ref === undefined) return value;
    let target = this.document;
    for (const key of value.$ref.replace(/^#\//, "").split("/")) {
      target = target[decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~")];
      assert.notEqual(target, undefined, `${value.$ref} leads nowhere`);
    }
    return target;
  }

  /** The schema of the JSON of a response or a request's body; undefined if it has none. */
  schemaOf(message) {
    return message && this.resolve(message).content?.["application/json"].schema;
  }

  /** Whether a value is as a schema within the document says. */
  fits(schema, value) {
    let place;
    walk(this.document, (each, keys) => {
      if (each === schema) place = keys;
    });
    return this.#schemaAt(place)(value);
  }

  /** All operations: `["GET /apikey/", {...}]`. */
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) => {
      return Object.entries(item)
        .filter(([method]) => /^(get|put|post|delete|options|head|patch)$/.test(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]);
    });
  }

  /** The template of a path, if the description has it. */
  templateOf(path) {
    const fitting = this.patterns.filter(({ pattern }) => pattern.test(path));
    // One without a parameter is meant before one with it.
    return fitting.sort((a, b) => a.template.split("{").length - b.template.split("{").length)[0]
      ?.template;
  }

  /**
   * Checks that an answer is described: its operation, status, headers, type and body; and of one
   * that succeeded what was asked. Bodies are texts.
   */
  assertDescribes({ method, path, body = "" }, { status, headers, text }) {
    const template = this.templateOf(path);
    const what = `${method} ${path}, ${status}: ${text.slice(0, 500)}`;
    const verb = (method === "HEAD" ? "GET" : method).toLowerCase();
    const operation = this.document.paths[template]?.[verb];
    assert.ok(operation, `there is no operation for ${what}`);
    const response = operation.responses[status];
    assert.ok(response, `the status is not described of ${what}`);
    this.met.add(`${verb.toUpperCase()} ${template} ${status}`);

    const described = this.resolve(response);
    const keys = response.$ref
      ? response.$ref.replace(/^#\//, "").split("/")
      : ["paths", template, verb, "responses", String(status)];
    const known = Object.keys(described.headers ?? {}).map((name) => name.toLowerCase());
    for (const name of Object.keys(headers).map((each) => each.toLowerCase())) {
      const isOfHttp = ["content-type", "content-length", "connection", "keep-alive", "date"];
      if (isOfHttp.includes(name) || known.includes(name)) continue;
      // What control calls send is for browsers alone.
      if (["x-content-type-options", "cross-origin-resource-policy"].includes(name)) continue;
      assert.fail(`the header ${name} is not described of ${what}`);
    }
    if (method === "HEAD") return;
    if (described.content === undefined) {
      assert.equal(text, "", `no body is described of ${what}`);
    } else {
      const [type] = (headers["content-type"] ?? headers["Content-Type"] ?? "none").split(";");
      assert.ok(described.content[type], `${type} is not described of ${what}`);
      this.#assertFits([...keys, "content", type, "schema"], JSON.parse(text), what);
    }
    if (status < 300)
      this.#assertAskedAsDescribed(operation, ["paths", template, verb], body, what);
  }

  #assertAskedAsDescribed(operation, keys, body, what) {
    const { requestBody } = operation;
    if (requestBody === undefined) return; // Nobody looks at one.
    if (body === "") return assert.notEqual(requestBody.required, true, `no body in ${what}`);
    const place = [...keys, "requestBody", "content", "application/json", "schema"];
    this.#assertFits(place, JSON.parse(body), `what was asked in ${what}: ${body}`);
  }

  #schemaAt(keys) {
    const pointer = keys.map(segment).join("/");
    return this.ajv.getSchema(`${id}#/${pointer}`) ?? assert.fail(`no schema at ${pointer}`);
  }

  #assertFits(keys, value, what) {
    const validate = this.#schemaAt(keys);
    assert.ok(validate(value), `${this.ajv.errorsText(validate.errors)}: ${what}`);
  }

  /** Nothing is in the components that nobody refers to, and every name is there. */
  #assertAllIsUsed() {
    const { components, paths } = this.document;
    const used = new Set();
    walk(this.document, ({ $ref }) => used.add($ref));
    for (const [kind, parts] of Object.entries(components)) {
      if (kind === "securitySchemes") continue;
      for (const name of Object.keys(parts)) {
        assert.ok(used.has(`#/components/${kind}/${segment(name)}`), `${kind}/${name} is not used`);
      }
    }
    const ids = this.operations().map(([, { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length, "two operations have one id");
    const needed = this.operations().flatMap(([, { security = [] }]) => security);
    const schemes = new Set(needed.flatMap((each) => Object.keys(each)));
    assert.deepEqual([...schemes].sort(), Object.keys(components.securitySchemes).sort());
    for (const [line, operation] of this.operations()) {
      const item = paths[line.split(" ")[1]];
      const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      const named = all.map((each) => this.resolve(each)).filter((each) => each.in === "path");
      const inPath = [...line.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(
        named.map(({ name }) => name),
        inPath,
        line,
      );
    }
  }
}
