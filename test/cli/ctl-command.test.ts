import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { type AdminWorld, adminWorld, TOKEN } from "../support/admin.js";

const folder = mkdtempSync(join(tmpdir(), "ctl-"));
let world: AdminWorld;
let where: string[];
beforeAll(async () => {
  world = adminWorld({ options: { pointToPoint: { parents: ["demo"] } } });
  writeFileSync(join(folder, "token"), TOKEN);
  where = ["--url", await world.listen(), "--token-file", join(folder, "token")];
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

async function ctl(...args: string[]) {
  const written = { out: "", err: "" };
  const code = await runProgram(["ctl", ...where, ...args], {
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
  } as never); // as much of a stream as the program uses
  return { code, ...written };
}

describe("beeline ctl", () => {
  it("shows who there is, and each of them", async () => {
    const client = await world.broker.connectInProcess({ clientId: "a b", cleanSession: false });
    await client.subscribe("t/#", 1);
    const list = await ctl("clients", "a", "--state", "connected");
    expect(list.out).toMatch(/^CLIENT +CONNECTED +USER .*\na b +yes +- /);
    expect((await ctl("--json", "clients")).out).toMatch(/^\{"clientId":"a b","connected":true,/);
    const one = await ctl("client", "a b");
    expect(one.out).toMatch(/^clientId +a b\nconnected +yes\n/);
    expect(one.out).toMatch(/TOPIC FILTER +QOS\nt\/# +1\n/);
    expect(one.out).toMatch(/Z +subscribed +t\/# at QoS 1/);
    const found = await ctl("subscriptions", "--topic", "t/x");
    expect(found.out).toBe("CLIENT  TOPIC FILTER  QOS\na b     t/#           1\n");
  });

  it("sends, and says what became of it by its exit code", async () => {
    await world.broker.connectInProcess({ clientId: "r" });
    const send = (id: string) => ctl("send", id, "hello", "--parent", "demo");
    expect(await send("r")).toEqual({ code: 0, out: "delivered\n", err: "" });
    const { code, err } = await send("nobody");
    expect(code).toBe(1);
    expect(err).toContain("offline or unknown");
    expect((await ctl("send", "r", "x")).code).toBe(2);
    const bytes = ["send", "r", "AP8=", "--base64", "--no-confirm", "--parent", "demo"];
    expect((await ctl(...bytes, "--topic", "shown")).out).toBe("sent\n");
  });

  it("shows and clears queues, ends sessions, disconnects", async () => {
    const client = await world.broker.connectInProcess({ clientId: "q", cleanSession: false });
    await client.subscribe("q", 1);
    expect((await ctl("kick", "q")).out).toBe("disconnected q\n");
    expect((await ctl("publish", "q", "x", "--qos", "1")).out).toBe("published\n");
    expect((await ctl("queue", "q")).out).toMatch(/^queuedMessages +1\n/);
    expect((await ctl("queue", "q", "--clear")).out).toBe("dropped 1\n");
    expect((await ctl("end-session", "q")).out).toBe("ended the session of q\n");
    expect((await ctl("queue", "q")).code).toBe(1);
  });

  it("shows and forgets what is retained", async () => {
    await ctl("publish", "kept/1", "x", "--retain", "--qos", "0");
    expect((await ctl("retained", "kept/#")).out).toBe("TOPIC   QOS  BYTES\nkept/1  0    1\n");
    expect((await ctl("forget", "kept/1")).code).toBe(0);
    expect((await ctl("forget", "kept/1")).err).toContain("no message is retained");
  });

  it("shows what the server itself retains only to whoever asks for it", async () => {
    const topic = "$SYS/broker/version";
    world.broker.publish({ topicName: topic, payload: "1", retain: true });
    await ctl("publish", "kept/2", "x", "--retain");
    expect((await ctl("retained")).out).toBe("TOPIC   QOS  BYTES\nkept/2  1    1\n");
    expect((await ctl("retained", "$SYS/#")).out).toContain(topic);
    expect((await ctl("forget", "kept/2")).code).toBe(0);
  });

  it("[M04] takes an address without its scheme, and refuses what is none", async () => {
    const [, url = ""] = where;
    expect((await ctl("--url", url.replace("http://", ""), "stats")).code).toBe(0);
    for (const wrong of ["ftp://127.0.0.1", "http://", "a b"]) {
      const { code, err } = await ctl("--url", wrong, "stats");
      expect(code).toBe(2);
      expect(err).toContain("Allowed: URLs like http://127.0.0.1:18083.");
    }
  });

  it("does not wait for events that never happen", async () => {
    const { code, err } = await ctl("tail", "--kind", "conected");
    expect(code).toBe(1);
    expect(err).toContain("query.kind: allowed: connected, disconnected, refused, ");
  });

  it("shows counters", async () => {
    expect((await ctl("stats")).out).toMatch(/^sessions +\d+$/m);
    expect(JSON.parse((await ctl("--json", "stats")).out)).toHaveProperty("sessions");
  });

  it("shows the configuration, and has it read again", async () => {
    const { out } = await ctl("config", "PORT");
    expect(out).toBe("OPTION      VALUE  FROM\nadmin.port  18083  default\n");
    expect((await ctl("config")).out).toContain("admin.tokenFile");
    const none = await ctl("config", "zzz");
    expect(none).toMatchObject({ code: 1, err: "error: no option has zzz in its name\n" });
    expect((await ctl("reload")).out).toBe(
      "reloaded, files too; changed: limits.queueMessagesMax\n",
    );
    expect(JSON.parse((await ctl("--json", "reload")).out)).toEqual({
      ...{ changed: ["limits.queueMessagesMax"], needRestart: [] },
    });
  });

  it("finds the server and its token by the server's configuration", async () => {
    const port = Number(new URL(where[1] ?? "").port);
    const file = join(folder, "server.yaml");
    writeFileSync(file, `admin: { port: ${port}, tokenFile: token }\n`);
    const first = where;
    where = ["-c", file];
    expect((await ctl("config", "admin.port")).code).toBe(0);
    writeFileSync(file, `admin: { port: ${port} }\nstore: { memory: true }\n`);
    expect((await ctl("stats")).err).toContain("has no token");
    where = first;
  });

  it("refuses what it does not know", async () => {
    expect((await ctl("clients", "--state", "gone")).code).toBe(2);
    expect((await ctl("clients", "--most", "0")).code).toBe(2);
    expect((await ctl("nothing")).code).toBe(2);
  });
});
