import { execFile, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

const guides = (readdirSync(join(root, "docs"), { recursive: true }) as string[])
  .filter((name) => name.endsWith(".md") && name !== "options.md") // that one is generated
  .map((name) => readFileSync(join(root, "docs", name), "utf8"));

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...readme.matchAll(fence)].map(([, code]) => code as string); // the group always matches
}

function blockWith(language: string, text: string): string {
  const found = blocks(language).filter((code) => code.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as string; // one, as the line above says
}

/** Runs a snippet as a program in a clone: the package is found by its name. */
async function output(code: string): Promise<string> {
  const args = ["--input-type=module", "--eval", code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stderr).toBe("");
  return stdout;
}

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

async function brokerPort(): Promise<number> {
  const broker = createBroker();
  brokers.push(broker);
  return (await broker.listen({ port: 0 })).port;
}

describe("the README's programs", () => {
  it("[S5] [S7] the tour with MQTT.js", async () => {
    const port = await brokerPort();
    const code = blockWith("js", 'from "mqtt"').replaceAll("1883", String(port));
    expect(await output(code)).toBe("demo/p2p/GID_demo@@@A: hello A\n");
  });
});

describe("the README", () => {
  it("has no other snippets than those that are tried, and fits on two screens", () => {
    const languages = [...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(languages).toEqual(["sh", "js"]);
    const starts = blocks("sh")[0]
      ?.split("\n")
      .map((line) => line.split(/ {2,}/)[0]);
    expect(starts).toEqual(["npm start", "npm test", ""]); // test/scripts tries both in a clone
    expect(readme.split("\n").length).toBeLessThan(100);
  });

  it("names only flags that exist", () => {
    const main = join(root, "dist/cli/main.js");
    const help = [
      ["start"],
      ["ctl"],
      ["ctl", "send"],
      ["cluster", "drain"],
      ["bench"],
      ["conformance"],
    ]
      .map((command) => spawnSync(process.execPath, [main, ...command, "--help"], ENCODED).stdout)
      .join("\n");
    const others = ["scripts/test.mjs", "bench/brokers/arguments.ts"].map((file) =>
      readFileSync(join(root, file), "utf8"),
    );
    const known = new Set([help, ...others, FOREIGN_FLAGS].join("\n").match(FLAG));
    const flags = new Set([readme, ...guides].flatMap((page) => page.match(FLAG) ?? []));
    expect(flags.size).toBeGreaterThan(5);
    expect([...flags].filter((flag) => !known.has(flag))).toEqual([]);
  });
});

/** Of Mosquitto's clients, curl, grep, certbot, Docker, npm, vitest, Prometheus and this project's programs. */
const FOREIGN_FLAGS = [
  ...["", "--cafile", "--retained-only", "--silent", "--fail", "--max-count", "--deploy-hook"],
  ...["--read-only", "--save-dev", "--reporter", "--now", "--config", "--web", "--storage"],
].join(" ");
const ENCODED = { encoding: "utf8" } as const;
const FLAG = /(?<=[` ])--[a-z0-9][a-z0-9-]*/g;

describe("figures", async () => {
  const { cellsOf, chart, chartFile, ROWS, LOSSES } = await import(
    String(new URL("../../scripts/readme-chart.mjs", import.meta.url))
  );
  const { countsOf } = await import(
    String(new URL("../../scripts/conformance-page.mjs", import.meta.url))
  );
  type Row = { workload: string };

  /** The rows of a page's tables that are about a workload, without emphasis. */
  function shown(page: string, rows: readonly Row[], at: number): string[][] {
    return page
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim().replaceAll(/[*`]/g, "")))
      .filter((cells) => rows.some(({ workload }) => workload === cells.at(-2)))
      .map((cells) => [cells.at(-2) as string, ...cells.slice(at, at + 4)]);
  }

  it.each([
    ["README.md", ROWS],
    ["docs/performance.md", LOSSES],
  ])("of %s are those that were recorded", (page: string, rows: readonly Row[]) => {
    const recorded = rows.map((row) => [row.workload, ...cellsOf(row)]);
    expect(shown(readFileSync(join(root, page), "utf8"), rows, 2)).toEqual(recorded);
  });

  it("are drawn in the chart", () => {
    expect(readFileSync(chartFile, "utf8")).toBe(chart());
  });

  it("of conformance are those of the tables", () => {
    const [ours, mosquitto, aedes] = ["beeline", "mosquitto", "aedes"].map(
      (name) => countsOf(name) as { pass: string; fail: string; hidden: string },
    );
    const [, obeyed, hidden] =
      /finds (\d+) obeyed and none broken; (\d+) cannot be\sobserved/.exec(readme) ?? [];
    const [, first, second] =
      /finds (\d+) broken by Mosquitto.*? and (\d+) by Aedes/.exec(readme) ?? [];
    expect({ obeyed, broken: "0", hidden }).toEqual({
      obeyed: ours?.pass,
      broken: ours?.fail,
      hidden: ours?.hidden,
    });
    expect([first, second]).toEqual([mosquitto?.fail, aedes?.fail]);
  });

  it("of sizing stand in Operations as they were measured", () => {
    const rowsOf = (file: string) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .filter((line) => /^\| an? .* \([\d,-]+\) \|$/.test(line));
    expect(rowsOf("docs/operations.md")).toEqual(rowsOf("bench/results/sizing.md"));
    expect(rowsOf("docs/operations.md").length).toBeGreaterThan(3);
  });
});
