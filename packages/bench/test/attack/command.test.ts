import { expect, it } from "vitest";
import { runAttacks } from "../../src/attack/command.js";
import { LocalWatch } from "../../src/attack/watch.js";
import { StubBroker } from "../stub-broker.js";

/** Runs the command with a watch in this process. */
async function run(line: string) {
  const out = { stdout: "", stderr: "" };
  const code = await runAttacks(
    line.split(" "),
    {
      command: "attack",
      stdout: { write: (text) => (out.stdout += text) },
      stderr: { write: (text) => (out.stderr += text), isTTY: true },
    },
    () => new LocalWatch(),
  );
  return { code, ...out };
}

it("attacks, and prints what came of it and a table", async () => {
  const stub = await StubBroker.start();
  const { code, stdout } = await run(
    `--port ${stub.port} --only T4,T5 --scale 0.002 --seconds 0.1`,
  );
  await stub.stop();
  expect(stdout).toContain("times 0.002");
  expect(stdout).toMatch(/^T4 {2}6,000 filters of one length/m);
  expect(stdout).toMatch(/^T5 +[\d.]+ ms/m);
  expect([0, 1]).toContain(code); // a stub on a machine with other work holds, or not
});

it("prints JSON", async () => {
  const stub = await StubBroker.start();
  const { stdout } = await run(`--port ${stub.port} --only T4 --scale 0.002 --seconds 0.1 --json`);
  await stub.stop();
  expect(JSON.parse(stdout)).toMatchObject([{ name: "T4", notes: { "filters sent": 12 } }]);
});

it("says that a server is not there", async () => {
  const { code, stdout, stderr } = await run("--port 1 --only T1");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/T1 at 127\.0\.0\.1:1 could not begin: .*ECONNREFUSED/);
});

it("explains itself, and wrong usage", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--only") });
  expect(await run("--port x")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--port: "x".*\nFor all attacks and flags: attack --help\n/),
  });
});
