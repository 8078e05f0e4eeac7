import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
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

/** Ports nobody listens on at the moment. */
async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    PORTS.map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(PORTS.map((name, at) => [name, found[at]])) as Ports;
}

describe("each snippet of each page works, in the order of the page", () => {
  it.for(pages)("%s", { timeout: PAGE_MS }, async (page, { skip }) => {
    skip(missing.length > 0, `not installed: ${missing.join(", ")}`);
    const snippets = snippetsOf(readFileSync(join(root, "docs", page), "utf8"));
    const run = new PageRun(await freePorts());
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
    const run = new PageRun({ 1883: 1, 1884: 1, 8083: 1, 8883: 1, 9090: 1, 18083: 1 }, 5_000);
    const snippets = snippetsOf(page);
    expect(snippets).toHaveLength(1);
    for (const snippet of snippets) await expect(run.run(snippet)).rejects.toThrow();
    await run.end();
  });
});
