import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HELP, runCommandLine } from "../src/command-line.js";
import { SECTIONS } from "../src/sections.js";

/** Answers any CONNECT and any ping, and closes for nothing. */
let server: Server;
let port = "";

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      if (chunk[0] === 0x10) socket.write(Buffer.from("20020000", "hex"));
      for (let at = 0; at < chunk.length; at += 2) {
        if (chunk[at] === 0xc0) socket.write(Buffer.from("d000", "hex"));
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = `${(server.address() as AddressInfo).port}`; // a TCP server has one
});

afterAll(() => server.close());

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join(""), err: err.join("") };
}

const quick = ["--quiet-ms", "20", "--patience-ms", "200"];

describe("the command", () => {
  it("ends with 0 when all pass", async () => {
    const { code, out } = await run("--port", port, "--case", "answers every PINGREQ", ...quick);
    expect(code).toBe(0);
    expect(out).toMatch(/^MQTT-3\.12\.4-1 +pass +1\/1/m);
    expect(out).toContain(`127.0.0.1:${port}`);
  });

  it("ends with 1 when some fail, and can say each as it ends", async () => {
    const wanted = ["--section", "3-12", "--name", "Half a Broker", "--verbose"];
    const { code, out, err } = await run("--port", port, ...wanted, ...quick);
    expect(code).toBe(1);
    expect(out).toContain("Half a Broker");
    expect(out).toContain("Failed: 1 cases");
    expect(err).toMatch(/^pass \d+ ms \[MQTT-3\.12\.4-1\] answers every PINGREQ/m);
    expect(err).toMatch(/^fail .*: expected a SUBACK/m);
  });

  it("lets Beeline's own choices count only when asked to", async () => {
    const wanted = ["--port", port, "--case", "padded to up to four bytes", ...quick];
    const lenient = await run(...wanted);
    expect([lenient.code, lenient.out.includes("Another choice than Beeline's")]).toEqual([
      0,
      true,
    ]);
    expect((await run(...wanted, "--strict")).code).toBe(1);
  });

  it("writes JSON and Markdown", async () => {
    const wanted = ["--port", port, "--case", "answers every PINGREQ", ...quick];
    const json = JSON.parse((await run(...wanted, "--format", "json")).out);
    expect(json.cases).toHaveLength(1);
    const page = (await run(...wanted, "--format", "markdown")).out;
    expect(page).toContain("| MQTT-3.12.4-1 | pass | 1/1 |");
  });

  it("takes what is known about the broker", async () => {
    const given = ["--username", "u", "--password", "p", "--window", "32"];
    const { code } = await run("--port", port, "--case", "every PINGREQ", ...given, ...quick);
    expect(code).toBe(0);
  });

  it("sends every other connection of a case to a second address", async () => {
    let connections = 0;
    const other = createServer((socket) => {
      connections += 1;
      socket.on("error", () => {});
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    const second = `127.0.0.1:${(other.address() as AddressInfo).port}`; // a TCP server has one
    const wanted = ["--port", port, "--section", "retain", ...quick];
    expect((await run(...wanted, "--second", second)).code).toBe(1);
    expect(connections).toBeGreaterThan(1); // the first only asks whether somebody is there
    other.close();
  });

  it("helps, naming every option", async () => {
    const { code, out } = await run("--help");
    expect([code, out]).toEqual([0, HELP]);
    for (const name of ["host", "port", "strict", "no-timing", "window", "list", "format"]) {
      expect(HELP).toContain(`--${name}`);
    }
  });

  it("lists titles and runs none, with or without those that wait", async () => {
    const count = SECTIONS.flatMap(({ cases }) => cases).length;
    const all = (await run("--list")).out.trim().split("\n");
    expect(all).toHaveLength(count);
    expect(all[0]).toMatch(/^section-1-5-data: \[MQTT-1\.5\.3-1\]/);
    const quickOnes = (await run("--list", "--no-timing")).out.trim().split("\n");
    expect(quickOnes.length).toBeLessThan(count);
  });

  it.each([
    ["an unknown option", ["--prot", "1"], "--prot"],
    ["a surplus argument", ["1883"], "1883"],
    ["a port out of range", ["--port", "65536"], "--port is 65536"],
    ["a port that is no number", ["--port", "x1"], "--port is x1"],
    ["a concurrency of nothing", ["--concurrency", "0"], "--concurrency is 0"],
    [
      "a second address without a port",
      ["--second", "127.0.0.1"],
      "--second is 127.0.0.1; allowed",
    ],
    ["a second port out of range", ["--second", "[::1]:70000"], "--second is 70000; allowed"],
    ["a window that is too wide", ["--window", "70000"], "--window is 70000"],
    ["an unknown format", ["--format", "xml"], "text, markdown and json"],
    ["a section nobody has", ["--section", "9-9"], "no case fits"],
  ])("ends with 2 on %s", async (_what, args, sentence) => {
    const { code, out, err } = await run("--port", port, ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(sentence);
    expect(err).toContain("--help");
  });

  it("ends with 2 when nobody answers", async () => {
    const idle = createServer().listen(0, "127.0.0.1");
    await once(idle, "listening");
    const { port: free } = idle.address() as AddressInfo; // a TCP server has one
    idle.close();
    await once(idle, "close");
    const { code, err } = await run("--port", `${free}`);
    expect([code, err.includes("nobody answers")]).toEqual([2, true]);
  });
});
