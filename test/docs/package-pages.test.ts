import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { type Snippet, snippetsOf } from "./page-run.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packages = readdirSync(join(root, "packages"));

const page = (name: string): string =>
  readFileSync(join(root, "packages", name, "README.md"), "utf8");
const manifest = (name: string) =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));

let broker: MqttBroker;
let port = 0;
beforeAll(async () => {
  broker = createBroker();
  port = (await broker.listen({ port: 0 })).port;
});
afterAll(() => broker.close());

/** As `npx` runs the only command of a package, and with less to do than the page has it do. */
async function npx(line: string, less: readonly string[]): Promise<string> {
  const [words = ""] = line.split(/ +#/);
  const [, name = "", ...args] = words.trim().split(" ");
  const folder = join(root, "packages", name.replace(/^beeline-/, ""));
  const { bin } = manifest(name.replace(/^beeline-/, ""));
  expect(Object.keys(bin)).toEqual([name]);
  const here = args.map((arg) => arg.replace("1883", String(port)));
  const isShort = args.includes("--help") || args.includes("--list");
  const all = [join(folder, bin[name]), ...here, ...(isShort ? [] : less)];
  return (await promisify(execFile)(process.execPath, all)).stdout;
}

/** The lines of the shell snippets of a page. */
function linesOf(name: string): string[] {
  return snippetsOf(page(name)).flatMap(({ text }) => text.trimEnd().split("\n"));
}

describe("the page of the samples", () => {
  // Its command, and the pages of the samples, are tried by test/samples.
  it("says how the server is started that they need, and what asks them for a signature", async () => {
    const text = readFileSync(join(root, "samples/README.md"), "utf8");
    const [start, run, config, ...others] = snippetsOf(text);
    expect(others).toEqual([]);
    expect(run?.text).toBe("node samples/run.mjs\n");
    const [npm, word, dashes, ...flags] = start?.text.trim().split(" ") ?? [];
    expect([npm, word, dashes, config?.language]).toEqual(["npm", "start", "--", "yaml"]);
    const folder = mkdtempSync(join(tmpdir(), "beeline-samples-"));
    writeFileSync(join(folder, "beeline.yaml"), config?.text ?? "");
    writeFileSync(join(folder, "keys"), "AccessKey:secret\n", { mode: 0o600 });
    const args = [join(root, "dist/cli/main.js"), "check", ...flags];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toContain("would start");
    rmSync(folder, { recursive: true });
  });
});

describe("the page of the package", () => {
  it("beeline-bench: its commands measure a broker, and list what there is", async () => {
    const [pairs = "", help = ""] = linesOf("bench");
    const less = ["--duration", "0.2", "--warmup", "0", "--json"];
    const report = JSON.parse(await npx(pairs, less));
    expect(JSON.stringify(report)).toContain('"count":50');
    const text = await npx(help, []);
    for (const word of ["pairs", "retained", "--json", "--pid"]) expect(text).toContain(word);
  });

  it("beeline-conformance: its commands test a broker, and list what there is", async () => {
    const [all = "", list = "", help = ""] = linesOf("conformance");
    expect(await npx(all, ["--section", "section-3-12"])).toContain("pass");
    expect(await npx(list, [])).toContain("[MQTT-3.1.0-1]");
    expect(await npx(help, [])).toContain("--second");
  });

  it("beeline-mqtt-packet: what it says to put into package.json names it, at its version", () => {
    const [{ text = "" } = {} as Snippet] = snippetsOf(page("mqtt-packet"));
    const { name, version } = manifest("mqtt-packet");
    expect(JSON.parse(text)).toEqual({
      overrides: { "mqtt-packet": `npm:${name}@^${version}` }, // test/compat/swapped tries it
    });
  });

  it("beeline-rocketmq: its program joins a broker to RocketMQ, and ends as it says", async () => {
    const text = page("rocketmq");
    const [{ text: code = "" } = {} as Snippet] = snippetsOf(text);
    const ending = [...text.matchAll(/`(await \w+\.\w+\(\))`/g)].map(([, call]) => call);
    expect(ending).toHaveLength(3);
    const shown = [...text.matchAll(/`(bridge\.\w+)`/g)].map(([, name]) => name);
    const print = `console.log(JSON.stringify([${shown.join(", ")}]));`;
    const nobody = code.replace("127.0.0.1:8081", "127.0.0.1:1");
    const program = `${nobody}\n${print}\n${ending.join(";\n")};\n`;
    const args = ["--input-type=module", "--eval", program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect([JSON.parse(stdout), stderr]).toEqual([
      [expect.objectContaining({ received: 0, pending: 0 }), "not connected yet"],
      "",
    ]);
  });

  it("is there for each package, and has no snippet that is not tried here", () => {
    const languages = packages.map((name) => [
      name,
      ...snippetsOf(page(name)).map(({ language }) => language),
    ]);
    expect(languages).toEqual([
      ["bench", "sh"],
      ["conformance", "sh"],
      ["mqtt-packet", "json"],
      ["rocketmq", "ts"],
    ]);
  });
});
