import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setPassword } from "../../src/auth/password-file.js";
import { scratch } from "../auth/attempt.js";
import { canRun } from "../e2e/stock-server.js";
import { Child } from "../server/child.js";
import { TestCa } from "../support/test-ca.js";
import { cloneTo } from "./whole-clone.js";

const file = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const folder = scratch();
let ca: TestCa;
let child: Child;
let tlsPort = "";
let admin = "";
let token = "";

/** In a clone: its example with all that it has behind a `#`, and the files that it then names. */
beforeAll(async () => {
  ca = new TestCa();
  const { cert, key } = ca.issue();
  cloneTo(folder.path("clone"));
  const here = (name: string): string => folder.path(`clone/packaging/${name}`);
  cpSync(cert, here("server.pem"));
  cpSync(key, here("server.key"));
  await setPassword(here("passwords"), "anna", "secret");
  writeFileSync(
    here("rules.yaml"),
    `rules:
  - { allow: { user: anna }, do: [publish, subscribe, retain], topic: ["#", "$SYS/#"] }
  - { allow: { user: anna }, do: sendTo, parent: demo, to: "+" }
`,
  );
  const text = readFileSync(here("beeline.yaml"), "utf8")
    .replace(/^( *)# (?=( {2})*[a-zA-Z]+:( |$))(?!yaml-language)/gm, "$1")
    .replaceAll(/port: \d+/g, "port: 0")
    .replace(/parents: .*/, "parents: [devices, demo]");
  writeFileSync(here("beeline.yaml"), text);
  const command = ["npm", "start", "--"] as const;
  const flags = ["-c", "packaging/beeline.yaml", "--admin-port", "0"];
  child = new Child({ cwd: folder.path("clone"), command }, ...flags);
  const printed = /mqtts:\/\/\S+:(\d+)\n[\s\S]*console at (\S+)\/, with the token in (\S+)\n/;
  await child.printed(printed);
  [, tlsPort = "", admin = "", token = ""] = printed.exec(child.out) ?? [];
  token = readFileSync(token, "utf8").trim();
}, 60_000);
afterAll(async () => {
  child.signal("SIGTERM");
  expect(await child.ended).toBe(0);
  ca.remove();
});

const secured = (): string[] => [
  ...["-h", "localhost", "-p", tlsPort, "--cafile", ca.cert],
  ...["-u", "anna", "-P", "secret"],
];

function runs(program: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
  expect({ program, status, stderr }).toEqual({ program, status: 0, stderr: "" });
  return stdout;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: object;
}

describe.skipIf(!canRun("mosquitto_sub", "--help"))("a server with everything on", () => {
  it("lets nobody in without a password", () => {
    const [host] = [secured().slice(0, 6)];
    const { status } = spawnSync("mosquitto_pub", [...host, "-t", "a", "-m", "x"]);
    expect(status).not.toBe(0);
  });

  it("shows $SYS to whom the rules allow", () => {
    const out = runs("mosquitto_sub", [...secured(), "-t", "$SYS/#", "-C", "40", "-W", "20", "-v"]);
    expect(out).toMatch(/^\$SYS\/broker\/version beeline/m);
    expect(out).toMatch(/^\$SYS\/broker\/clients\/connected \d+$/m);
  });

  it("shows metrics in which promtool finds nothing to complain about", () => {
    const metrics = runs("curl", ["-sf", `${admin}/metrics`]);
    expect(metrics).toMatch(/^mqtt_presence_events_total\{type="connect"\} [1-9]/m);
    expect(runs("promtool", ["check", "metrics"], metrics)).toBe("");
  });

  it("answers every call of docs/openapi.json as it says there", () => {
    runs("mosquitto_sub", [...secured(), "-i", "lamp", "-c", "-q", "1", "-t", "home/#", "-E"]);
    runs("mosquitto_pub", [...secured(), "-t", "home/lamp", "-q", "1", "-r", "-m", "on"]);
    const { paths } = JSON.parse(readFileSync(file("docs/openapi.json"), "utf8")) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    );
    // What takes something away comes last.
    calls.sort((a, b) => Number(a.method === "delete") - Number(b.method === "delete"));
    const statuses = Object.fromEntries(
      calls.map(({ path, method, operationId, responses, requestBody }) => {
        const status = curl(method, path, requestBody && BODIES[operationId]);
        expect(Object.keys(responses), operationId).toContain(status);
        return [operationId, status];
      }),
    );
    const others = Object.entries(statuses).filter(([, status]) => !/^20[0-4]$/.test(status));
    // The lamp is gone: nobody to disconnect; and its session has ended before its queue is asked for.
    expect(Object.fromEntries(others)).toEqual(EXPECTED);
  });
});

/** Bodies of calls that need one. */
const BODIES: Readonly<Record<string, object>> = {
  login: { token: "to be filled in" },
  drainNode: {},
  queryClients: { clientIds: ["lamp", "nobody"] },
  sendToClient: { parent: "demo", payload: "hello" },
  publish: { topicName: "home/lamp", payload: "off", retain: true },
};
const EXPECTED = {
  disconnectClient: "404",
  clearQueue: "404",
  ...{ readCluster: "404", listClusterClients: "404", findClient: "404" }, // this server is alone
  ...{ drainNode: "404", readDrain: "404" },
};

/** @returns the status that a call answers. */
function curl(method: string, path: string, body: object | undefined): string {
  const filled = path.replace("{id}", "lamp").replace("{topic}", "home%2Flamp");
  const query = filled === "/trace" ? "?client=lamp" : "";
  const given = path === "/login" && body !== undefined ? { token } : body;
  return spawnSync(
    "curl",
    [
      ...[
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--max-time",
        "2",
        "-X",
        method.toUpperCase(),
      ],
      ...["-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: application/json"],
      ...(given === undefined ? [] : ["-d", JSON.stringify(given)]),
      `${admin}/api/v1${filled}${query}`,
    ],
    { encoding: "utf8" },
  ).stdout;
}
