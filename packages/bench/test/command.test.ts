import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runBench, statusLine } from "../src/command.js";
import type { Report } from "../src/report.js";
import { StubBroker, type StubOptions } from "./stub-broker.js";

let stub: StubBroker;
let stdout: string;
let stderr: string;

beforeEach(() => {
  stdout = "";
  stderr = "";
});

afterEach(() => stub?.stop());

async function run(args: string, options: StubOptions = {}, isTTY = false) {
  stub = await StubBroker.start(options);
  const words = args.replace("PORT", String(stub.port)).split(" ");
  return runBench(words, {
    command: "beeline bench",
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY },
  });
}

const SHORT = "pairs -c 2 -p PORT -w 0 -d 0.2";

describe("the command", () => {
  it("prints a report for people", async () => {
    expect(await run(SHORT)).toBe(0);
    expect(stdout).toMatch(/^pairs 2, QoS 0, 64 B, window 20 at 127\.0\.0\.1:\d+\n/);
    expect(stdout).toContain("lost 0, duplicated 0, out of order 0, misdelivered 0");
    expect(stderr).toBe("");
  });

  it("prints nothing but JSON with --json, without the password", async () => {
    expect(await run(`${SHORT} -u me -P secret --json`)).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report.options).toMatchObject({
      scenario: "pairs",
      username: "me",
      password: "(given)",
    });
    expect(report.accounting.lost).toBe(0);
    expect(stdout).not.toContain("secret");
  });

  it("shows a status line on a terminal, and takes it away at the end", async () => {
    await run("pairs -c 2 -p PORT -w 0 -d 0.6", {}, true);
    expect(stderr).toContain("\r\x1b[Kmeasured 0.");
    expect(stderr.endsWith("\r\x1b[K")).toBe(true);
  });

  it("ends with 1 when the broker broke a promise, and still prints the report", async () => {
    const fate = (message: number) => (message === 30 ? "duplicate" : "forward");
    expect(await run(SHORT, { fate })).toBe(1);
    expect(stdout).toContain("FAULT: 1 messages delivered twice at QoS 0");
  });

  it("ends with 1 and the reason when the run cannot be carried out", async () => {
    expect(await run(SHORT, { returnCode: 5 })).toBe(1);
    expect(stderr).toMatch(/^pairs at 127\.0\.0\.1:\d+ failed: .*CONNACK 5 \(not authorized\)\n$/);
  });

  it("says what to do when nobody listens there", async () => {
    expect(await run("pairs -c 1 -p 1 -w 0 -d 0.1")).toBe(1); // nobody may listen at port 1
    expect(stderr).toMatch(
      /ECONNREFUSED .*; start the broker, or say with --host and --port where/,
    );
  });

  it.each([
    ["pairs --qos 9", '--qos: "9" is not a whole number from 0 to 2'],
    ["pairs --colour", "unknown flag --colour"],
    ["--json", "which scenario?"],
  ])("ends with 2 and the reason on `%s`", async (args, reason) => {
    expect(await run(args)).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).toContain("beeline bench --help");
    expect(stdout).toBe("");
  });

  it("prints its help", async () => {
    expect(await run("--help")).toBe(0);
    expect(stdout).toContain("beeline bench SCENARIO [flags]");
  });
});

describe("the status line", () => {
  it("fits a terminal", () => {
    const line = statusLine({
      phase: "measured",
      elapsedSeconds: 123.45,
      messagesPerSecond: 1_234_567.8,
      delivered: 123_456_789,
      generatorCpuPercent: 99.9,
      openConnections: 15_000,
    });
    expect(line).toBe(
      "measured 123.5 s  1,234,568 messages/s  123,456,789 delivered  15000 connections  generator 100 %",
    );
  });
});
