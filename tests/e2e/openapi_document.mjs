/** Checks an OpenAPI description, and whether it describes requests and responses. */
import assert from "node:assert/strict";

import { require } from "./npm.mjs";

const { Validator } = await import(require.resolve("@seriousme/openapi-schema-validator"));
const Ajv = require("ajv/dist/2020.js").default;
const addFormats = require("ajv-formats").default;

/** Members of a description that are not schemas. */
const vocabulary = ["openapi", "info", "paths", "components", "servers", "tags", "security"];
const id = "openapi.json";

/** Escapes a key for a JSON pointer in a URI. */
function segment(key) {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Calls a function with each object in a value and its path of keys. */
function walk(value, visit, keys = []) {
  if (typeof value !== "object" || value === null) return;
  visit(value, keys);
  for (const [key, each] of Object.entries(value)) walk(each, visit, [...keys, key]);
}

export class Description {
  /** The operations and statuses of all responses so far: `POST /apikey/ 200`. */
  covered = new Set();
  /** Warnings about the schemas. */
  warnings = [];

  constructor(document) {
    this.document = document;
    const warn = (text) => this.warnings.push(text);
    this.ajv = new Ajv({
      strict: true,
      strictTypes: "log",
      // Allow `required` for properties that are declared elsewhere.
      strictRequired: false,
      allErrors: true,
      allowUnionTypes: true,
      logger: { log: warn, warn, error: warn },
    });
    addFormats(this.ajv);
    this.ajv.addVocabulary([...vocabulary, "example", "externalDocs", "discriminator", "xml"]);
    this.ajv.addSchema(document, id);
    this.patterns = Object.keys(document.paths).map((template) => {
      const path = template.replace(/\/$/, "").replace(/\{\w+\}/g, "[^/]+");
      return { template, pattern: new RegExp(`^${path}/?$`) };
    });
  }

  /** Checks that the document is valid OpenAPI, with valid schemas and examples. */
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
    assert.deepEqual([...new Set(this.warnings)], []);
    this.#assertConsistent();
  }

  /** The target of a reference, or the value itself. */
  resolve(value) {
    if (value.$ref === undefined) return value;
    let target = this.document;
    for (const key of value.$ref.replace(/^#\//, "").split("/")) {
      target = target[decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~")];
      assert.notEqual(target, undefined, `${value.$ref} has no target`);
    }
    return target;
  }

  /** The JSON schema of a response or request body; undefined if there is none. */
  schemaOf(message) {
    return message && this.resolve(message).content?.["application/json"].schema;
  }

  /** Whether a value matches a schema of the document. */
  fits(schema, value) {
    let location;
    walk(this.document, (each, keys) => {
      if (each === schema) location = keys;
    });
    return this.#schemaAt(location)(value);
  }

  /** All operations: `["GET /apikey/", {...}]`. */
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) => {
      return Object.entries(item)
        .filter(([method]) => /^(get|put|post|delete|options|head|patch)$/.test(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]);
    });
  }

  /** The path template that matches a path, if there is one. */
  templateOf(path) {
    const matching = this.patterns.filter(({ pattern }) => pattern.test(path));
    // One without parameters has precedence.
    return matching.sort((a, b) => a.template.split("{").length - b.template.split("{").length)[0]
      ?.template;
  }

  /**
   * Checks that a response is described: its operation, status, headers, type and body. If it is a
   * success, the request body is checked too.
   */
  assertDescribes({ method, path, body = "" }, { status, headers, text }) {
    const template = this.templateOf(path);
    const what = `${method} ${path}, ${status}: ${text.slice(0, 500)}`;
    const verb = (method === "HEAD" ? "GET" : method).toLowerCase();
    const operation = this.document.paths[template]?.[verb];
    assert.ok(operation, `no operation for ${what}`);
    const response = operation.responses[status];
    assert.ok(response, `undescribed status: ${what}`);
    this.covered.add(`${verb.toUpperCase()} ${template} ${status}`);

    const described = this.resolve(response);
    const keys = response.$ref
      ? response.$ref.replace(/^#\//, "").split("/")
      : ["paths", template, verb, "responses", String(status)];
    const known = Object.keys(described.headers ?? {}).map((name) => name.toLowerCase());
    for (const name of Object.keys(headers).map((each) => each.toLowerCase())) {
      const standard = ["content-type", "content-length", "connection", "keep-alive", "date"];
      if (standard.includes(name) || known.includes(name)) continue;
      // Sent by control calls, for browsers.
      if (["x-content-type-options", "cross-origin-resource-policy"].includes(name)) continue;
      assert.fail(`undescribed header ${name}: ${what}`);
    }
    if (method === "HEAD") return;
    if (described.content === undefined) {
      assert.equal(text, "", `undescribed body: ${what}`);
    } else {
      const [type] = (headers["content-type"] ?? headers["Content-Type"] ?? "none").split(";");
      assert.ok(described.content[type], `undescribed type ${type}: ${what}`);
      this.#assertFits([...keys, "content", type, "schema"], JSON.parse(text), what);
    }
    if (status < 300) this.#assertRequestBody(operation, ["paths", template, verb], body, what);
  }

  #assertRequestBody(operation, keys, body, what) {
    const { requestBody } = operation;
    if (requestBody === undefined) return; // It is ignored.
    if (body === "") return assert.notEqual(requestBody.required, true, `no body in ${what}`);
    const location = [...keys, "requestBody", "content", "application/json", "schema"];
    this.#assertFits(location, JSON.parse(body), `request body of ${what}: ${body}`);
  }

  #schemaAt(keys) {
    const pointer = keys.map(segment).join("/");
    return this.ajv.getSchema(`${id}#/${pointer}`) ?? assert.fail(`no schema at ${pointer}`);
  }

  #assertFits(keys, value, what) {
    const validate = this.#schemaAt(keys);
    assert.ok(validate(value), `${this.ajv.errorsText(validate.errors)}: ${what}`);
  }

  /** Checks that all components are used, and ids and path parameters are complete. */
  #assertConsistent() {
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
    assert.equal(new Set(ids).size, ids.length, "two operations have the same id");
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
