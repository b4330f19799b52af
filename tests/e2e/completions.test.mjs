/** Completion in bash, zsh and fish: the commands, options and values of the program's help. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { mockCapgo, newFolder, program, repository, run } from "./server.mjs";

/** A folder with the file own.json, as home and working folder, and mock-capgo on PATH. */
function userFolder(t) {
  const cwd = newFolder(t);
  writeFileSync(path.join(cwd, "own.json"), "");
  const bin = path.join(newFolder(t), "bin");
  mkdirSync(bin);
  symlinkSync(program, path.join(bin, "mock-capgo"));
  const PATH = `${bin}:${process.env.PATH}`;
  return { cwd, env: { PATH, HOME: cwd, TERM: "dumb", FILES: path.join(repository, "completions") } };
}

/**
 * How each shell completes lines: prints `== LINE` before the completions of each line. The shells get
 * the lines in LINES_IN.
 */
const shells = {
  async bash({ cwd, env }) {
    // Splits words as bash does, and completes files where it would.
    const script = `
      source $FILES/mock-capgo.bash
      while IFS= read -r line; do
        echo "== $line"
        read -ra COMP_WORDS <<<"$(sed 's/[=:]/ & /g' <<<"$line")"
        if [[ $line == *" " ]]; then COMP_WORDS+=(""); fi
        COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMPREPLY=()
        word=\${COMP_WORDS[COMP_CWORD]}
        _mock_capgo mock-capgo "$word" "\${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
        if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
        printf '%s\\n' "\${COMPREPLY[@]}"
      done <<<"$LINES_IN"`;
    return (await run("bash", ["-c", script], { cwd, env })).stdout;
  },

  async zsh(user) {
    const { cwd, env } = user;
    const config = path.dirname(env.PATH.split(":")[0]);
    const results = path.join(config, "results");
    // Completion works only in an editor on a terminal. compadd adds completions, unless it has one
    // of these options.
    const script = `
      LISTMAX=1000
      fpath=($FILES $fpath)
      autoload -U compinit && compinit -u -D
      compadd() {
        local -a found
        if (( ! \${@[(I)-[OAD]*]} )); then
          builtin compadd -O found "$@"
          print -rl -- $found >>'${results}'
        fi
        builtin compadd "$@"
      }
      zle-line-init() {
        for BUFFER in \${(f)LINES_IN}; do
          print -r -- "== $BUFFER" >>'${results}'
          CURSOR=$#BUFFER
          zle list-choices
        done
        exit
      }
      zle -N zle-line-init`;
    writeFileSync(path.join(config, ".zshrc"), script);
    await run("script", ["-qec", "zsh -i", "/dev/null"], { cwd, env: { ...env, ZDOTDIR: config } });
    return readFileSync(results, "utf8");
  },

  async fish({ cwd, env }) {
    const script = `
      source $FILES/mock-capgo.fish
      for line in (string split \\n $LINES_IN)
        echo "== $line"
        complete -C $line | string replace -r '\\t.*' ''
      end`;
    return (await run("fish", ["--no-config", "-c", script], { cwd, env })).stdout;
  },
};

/** Maps each line to its completions, without what is already on the line. */
function parse(output) {
  const sections = output.split(/^== /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const [line, ...found] = section.trimEnd().split("\n");
      const rest = found.map((each) => each.replace(/^(--[a-z]+=|sqlite:(?=.))/, ""));
      return [line, [...new Set(rest)].filter((each) => !["", "--"].includes(each)).sort()];
    }),
  );
}

const firstWords = (text) => [...text.matchAll(/^[a-z0-9-]+/gm)].map(([word]) => word);

/** What must be completed, according to the program: lines and their completions. */
async function expectedCompletions() {
  const print = async (...args) => (await mockCapgo(args)).stdout;
  const [, list] = (await print("help")).split("Commands:\n");
  const commands = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  const contracts = firstWords(await print("contracts"));
  const scenarios = firstWords(await print("scenarios"));
  assert.ok(commands.length > 5 && contracts.length > 1 && scenarios.length > 5);
  const expected = {
    "mock-capgo ": commands,
    "mock-capgo he": ["health", "help"],
    "mock-capgo help ": commands,
    "mock-capgo contracts documented ": contracts,
    "mock-capgo scenarios ": scenarios,
    "mock-capgo check --contract ": contracts,
    "mock-capgo --scenario ": [...scenarios, "own.json"],
    "mock-capgo --fixtures ": ["own.json"],
    "mock-capgo --log=e": ["errors"],
    "mock-capgo --storage sqlite:o": ["own.json"],
    "mock-capgo exec --port 0 -- mock-cap": ["mock-capgo"],
  };
  for (const command of commands) {
    if (["version", "help"].includes(command)) continue; // They have no options.
    const help = await print(command, "--help");
    const options = [...help.matchAll(/^ +(?:-h,)?(--[a-z-]+)(?: ([^\s=]+))?/gm)];
    expected[`mock-capgo ${command} --`] = options.map(([, name]) => name);
    for (const [, name, type] of options) {
      const values = type?.includes("|") ? type.split("|") : [];
      // Not placeholders, such as N and the second half of sqlite:FILE.
      const literal = values.map((value) => value.replace(/[A-Z]+$/, "")).filter(Boolean);
      if (literal.length > 0) expected[`mock-capgo ${command} ${name} `] = literal;
    }
  }
  expected["mock-capgo --"] = [...expected["mock-capgo serve --"], "--version"];
  for (const found of Object.values(expected)) found.sort();
  return expected;
}

const expected = await expectedCompletions();

for (const [shell, complete] of Object.entries(shells)) {
  test(`${shell} completes commands, options and values`, async (t) => {
    const user = userFolder(t);
    user.env.LINES_IN = Object.keys(expected).join("\n");
    assert.deepEqual(parse(await complete(user)), expected);
  });
}
