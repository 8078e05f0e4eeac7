import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { PageRun, PORTS, type Ports, snippetsOf } from "./page-run.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The page of options is generated, and shows no commands to try. */
const pages = ["", "recipes/"].flatMap((folder) =>
  readdirSync(join(root, "docs", folder))
    .filter((name) => name.endsWith(".md") && name !== "options.md")
    .map((name) => folder + name),
);
const PROGRAMS = ["mosquitto", "mosquitto_pub", "bash", "openssl", "curl", "prometheus"];
const missing = PROGRAMS.filter((program) => !canRun(program, "--help"));
const PAGE_MS = 900_000;

async function portsOfPage(): Promise<Ports> {
  const found = await freePorts(PORTS.length);
  return Object.fromEntries(PORTS.map((name, at) => [name, found[at]])) as Ports;
}

describe("each snippet of each page works, in the order of the page", () => {
  // Some side by side, each with a folder and ports of its own: most of a page is starting and waiting.
  it.concurrent.for(pages)("%s", { timeout: PAGE_MS }, async (page, { skip }) => {
    skip(missing.length > 0, `not installed: ${missing.join(", ")}`);
    const snippets = snippetsOf(readFileSync(join(root, "docs", page), "utf8"));
    const run = new PageRun(await portsOfPage());
    try {
      for (const snippet of snippets) await run.run(snippet);
    } finally {
      await run.end();
    }
  });

  it("and there are pages", () => {
    expect(pages.length).toBeGreaterThan(20);
  });
});

describe("a snippet that does not do what its page says is found", () => {
  it.each([
    ["a program that throws", "```js\nthrow new Error();\n```\n"],
    ["a command that fails", "```bash\nfalse\n```\n"],
    ["a language that nobody runs", "```cobol\nSTOP RUN.\n```\n"],
    ["JSON that is none", "```json\n{,}\n```\n"],
    ["YAML that is none", "```yaml\na: [\n```\n"],
    ["a package that the clone does not have", "```bash\nnpm install cobol-mqtt\n```\n"],
    ["words that nobody has printed", "```text\nhello\n```\n"],
    ["a server to stop that was not started", "Press Ctrl-C in the server's terminal"],
  ])("%s", async (_, page) => {
    const run = new PageRun({ 1883: 1, 1884: 1, 8083: 1, 8883: 1, 9090: 1, 18083: 1 }, 1_000);
    const snippets = snippetsOf(page);
    expect(snippets).toHaveLength(1);
    for (const snippet of snippets) await expect(run.run(snippet)).rejects.toThrow();
    await run.end();
  });

  it("a program that prints more than its page says", async () => {
    const run = new PageRun({ 1883: 1, 1884: 1, 8083: 1, 8883: 1, 9090: 1, 18083: 1 }, 5_000);
    const page = "```js\nconsole.log('one\\ntwo');\n```\n```text\none\n```\n";
    const [program, shown] = snippetsOf(page);
    if (program === undefined || shown === undefined) throw new Error("the page has two snippets");
    await run.run(program);
    await expect(run.run(shown)).rejects.toThrow("not what it printed: one\ntwo");
    await run.end();
  });
});
