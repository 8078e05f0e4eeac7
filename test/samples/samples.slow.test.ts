import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCredentials } from "../../src/auth/index.js";
import { createBroker, type MqttBroker } from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const RUN_MS = 300_000; // the first one on a machine fetches libraries and compiles them

interface Sample {
  readonly name: string;
  readonly title: string;
  /** What is missing here, in words. */
  missing(): string | undefined;
}
const { SAMPLES, recipeOf } = (await import(
  String(new URL("../../samples/samples.mjs", import.meta.url))
)) as {
  SAMPLES: readonly Sample[];
  recipeOf(sample: object): { readonly folder: string; readonly command: string };
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs samples by the commands of their READMEs, with these variables. */
function runSamples(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const all = [join(root, "samples/run.mjs"), ...args];
    execFile(process.execPath, all, { env, timeout: RUN_MS }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

/** A server for the samples, what connects to it, and who has subscribed to anything. */
function server(options: () => Promise<Parameters<typeof createBroker>[0]>): {
  readonly subscribed: string[];
  env(): NodeJS.ProcessEnv;
} {
  const subscribed: string[] = [];
  let broker: MqttBroker | undefined;
  let env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    broker = createBroker(await options());
    broker.on("subscribe", ({ client, topicFilter }) =>
      subscribed.push(`${client.clientId} ${topicFilter}`),
    );
    const { port } = await broker.listen({ port: 0 });
    const { port: wsPort } = await broker.listen({ webSocket: true, port: 0 });
    const address = { MQTT_PORT: `${port}`, MQTT_WS_URL: `ws://127.0.0.1:${wsPort}` };
    env = { ...process.env, ...address };
  });
  afterAll(() => broker?.close());
  return { subscribed, env: () => env };
}

const folder = mkdtempSync(join(tmpdir(), "beeline-samples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** .NET is not in Debian: where it is missing, the table below says so, and no test counts as skipped. */
const tried = SAMPLES.filter(({ name, missing }) => name !== "dotnet" || missing() === undefined);

describe.each(tried.map((sample) => [sample.name, sample] as const))(
  "the sample for %s",
  (name, { title, missing }) => {
    const lack = missing();
    const open = server(async () => ({}));
    const signed = server(async () => {
      const keysFile = join(folder, "keys");
      writeFileSync(keysFile, "AK:exampleSecret\n", { mode: 0o600 });
      const credentials = await openCredentials([{ kind: "signature", keysFile }]);
      return { authenticate: credentials.authenticate };
    });
    const ACCOUNT = { MQTT_ACCESS_KEY: "AK", MQTT_INSTANCE_ID: "mqtt-xxxxx" };
    const line = `demo/p2p/GID_demo@@@${name}: hello from ${title}`;

    it(
      "[S3] [S5] [S7] [S11] sends to itself and receives, without a subscription",
      async ({ skip }) => {
        skip(lack !== undefined, lack);
        const { code, out, err } = await runSamples(["--only", name], open.env());
        expect([out, err, code]).toEqual([expect.stringContaining(` ${line}\n`), "", 0]);
        expect(out).toMatch(new RegExp(`^${name} +ok `, "m"));
        expect(open.subscribed).toEqual([]);
      },
      RUN_MS,
    );

    it(
      "[P19] [S11] signs its client identifier, and says so when it is refused",
      async ({ skip }) => {
        skip(lack !== undefined, lack);
        const env = { ...signed.env(), ...ACCOUNT };
        const right = await runSamples(["--only", name], { ...env, MQTT_SECRET: "exampleSecret" });
        expect([right.out, right.code]).toEqual([expect.stringContaining(` ${line}\n`), 0]);
        const wrong = await runSamples(["--only", name], { ...env, MQTT_SECRET: "wrong" });
        expect(wrong.code).toBe(1);
        expect(wrong.out).toMatch(
          new RegExp(`^${name} +failed .*(user ?name or password|not authorized|\\b4\\b)`, "im"),
        );
        expect(signed.subscribed).toEqual([]);
      },
      RUN_MS,
    );
  },
);

describe("the sample for Node, asked for a receipt", () => {
  const { env } = server(async () => ({ pointToPoint: { receipts: true } }));

  it(
    "[P20] [S11] is told that its message was delivered",
    async () => {
      const { folder: cwd, command } = recipeOf({ name: "node" });
      const out = await new Promise<string>((resolve) => {
        const options = { cwd, env: { ...env(), MQTT_RECEIPTS: "on" }, timeout: RUN_MS };
        execFile("sh", ["-c", command], options, (_, stdout, stderr) => resolve(stdout + stderr));
      });
      expect(out.trim().split("\n").slice(-2)).toEqual([
        "demo/p2p-receipt/GID_demo@@@node/hello-1: delivered",
        "demo/p2p/GID_demo@@@node: hello from Node",
      ]);
    },
    RUN_MS,
  );
});

describe("the table of all samples", () => {
  it("says which are skipped, and why", async () => {
    const names = ["c", "java", "php", "go", "dotnet"];
    const env = { PATH: join(folder, "nothing-here") };
    const { code, out } = await runSamples(["--only", names.join(",")], env);
    const rows = out.trim().split("\n").slice(1);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual(
      names.map((name) => [name, "skipped", expect.stringMatching(/not installed/)]),
    );
    expect(code).toBe(0);
  });

  it("knows no others", async () => {
    const { code, err } = await runSamples(["--only", "c,cobol"], {});
    expect([code, err]).toEqual([2, expect.stringContaining("there is no sample cobol")]);
  });
});
