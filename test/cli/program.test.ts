import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.js";

// Needs a process of its own: a start listens to signals until its process ends.
async function run(...args: string[]) {
  let out = "";
  let err = "";
  const code = await runProgram(args, {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
  });
  return { code, out, err };
}

describe("beeline", () => {
  it("says its version", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string }; // ours
    for (const flag of ["--version", "-V"]) {
      expect(await run(flag)).toEqual({ code: 0, out: `${version}\n`, err: "" });
    }
  });

  it("explains itself and its commands", async () => {
    const all = await run("--help");
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toMatch(/start .*run the broker/);
    expect(all.out).toMatch(/bench .*measure/);
    const start = await run("start", "--help");
    expect(start).toMatchObject({ code: 0, err: "" });
    for (const flag of [
      "--host",
      "--port",
      "--allow-anonymous",
      "--ws-port",
      "--p2p-offline",
      "--stalled-ms",
    ]) {
      expect(start.out).toContain(flag);
    }
  });

  it.each([
    [["--bogus"], "unknown option '--bogus'"],
    [["start", "--prot", "1"], "unknown option '--prot'\n(Did you mean --port?)"],
    [["launch"], "unknown command 'launch'"],
    [["passwd"], "missing required argument 'file'\nUsage: beeline passwd [options] <file> <user>"],
    [["store", "check"], "'folder'\nUsage: beeline store check [options] <folder>"],
    [
      ["ctl", "send", "a", "b"],
      "'--parent <parent>' not specified\nUsage: beeline ctl send --parent <parent> [options] <id> <payload>",
    ],
    [["start", "extra"], "too many arguments for 'start'"],
    [
      ["--port", "65536"],
      "option '--port <number>' argument '65536' is invalid. Allowed: whole numbers from 0 to 65535.",
    ],
    [["--port", "12x"], "option '--port <number>' argument '12x' is invalid"],
    [["--port"], "option '--port <number>' argument missing"],
    [
      ["--inbound-in-flight-max", "0"],
      "option '--inbound-in-flight-max <count>' argument '0' is invalid",
    ],
    [["--p2p-offline", "all"], "Allowed: receiver, sender, both, never."],
    [
      ["--p2p-parents", "ok", "$SYS"],
      "option '--p2p-parents <names...>' argument '$SYS' is invalid",
    ],
    [
      ["--dollar-topics", "plain"],
      "argument 'plain' is invalid. Allowed: beginnings of topics that start with $",
    ],
    [["--host", "0.0.0.0"], "--host 0.0.0.0 is refused: everybody who"],
    [["--ws-port", "x"], "option '--ws-port <number>' argument 'x' is invalid"],
    [["--group-ms", "0"], "Allowed: whole numbers from 1 to 1000, in ms, or with a unit: s, min"],
    [["--ws-port", "0", "--ws-path", "mqtt"], "Allowed: paths that start with /."],
    [["--ws-port", "0", "--ws-origins", "*"], "Allowed: origins like https://example.com."],
    [["--memory", "--data-dir", "x"], "--memory and --data-dir contradict each other"],
    [["--ws-path", "/mqtt"], "--ws-path and --ws-origins need --ws-port <number>"],
    [["--ws-port", "0", "--host", "0.0.0.0"], "--host 0.0.0.0 is refused"],
  ])("[M04] ends with 2 and the exact flag: %j", async (args, message) => {
    const { code, out, err } = await run(...args);
    expect(err).toMatch(/^error: /);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("[H13] names the flag that lets everybody in", async () => {
    const { code, err } = await run("start", "--host", "::");
    expect(code).toBe(2);
    expect(err).toContain("--allow-anonymous allows it");
  });

  it("ends with 1 when the port is taken, and says what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number }; // listening on TCP
    const { code, err } = await run("start", "--memory", "--port", `${port}`);
    other.close();
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`error: port ${port} on 127.0.0.1 is in use already.*--port`));
  });
});
