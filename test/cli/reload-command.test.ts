import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publishPacket, RawClient } from "../net/raw-client.js";
import { Child } from "../server/child.js";
import { runCommand } from "../support/run-command.js";

let folder = "";
let file = "";
const children: Child[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-reload-"));
  file = join(folder, "own.yaml");
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal("SIGKILL");
    await child.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function write(packetBytesMax: string, more = ""): void {
  writeFileSync(
    file,
    `port: 0\nstore: { dataDir: data }\nlimits: { packetBytesMax: ${packetBytesMax} }\n${more}`,
  );
}

async function started(): Promise<{ child: Child; port: number }> {
  const child = new Child("start", "-c", file);
  children.push(child);
  const port = await child.listening();
  await child.until(() => existsSync(join(folder, "data", "beeline.sock")));
  return { child, port };
}

/** Whether a client that connects now may send a packet of more than 1,000 bytes. */
async function maySendMuch(port: number): Promise<boolean> {
  const client = await RawClient.accepted(port);
  client.send(publishPacket("t", Buffer.alloc(1_000), 1, 1));
  await client.until(() => client.packets.length > 1 || client.isEnded);
  return !client.isEnded;
}

describe("beeline reload", () => {
  it("changes live limits, names what takes a restart, and closes nobody", async () => {
    write("500");
    const { port } = await started();
    const client = await RawClient.accepted(port, { clientId: "stays" });
    expect(await maySendMuch(port)).toBe(false);
    write("1 MiB", "bridges: false\n");
    expect(await runCommand("reload", "-c", file)).toEqual({
      code: 0,
      out: "reloaded, files too; changed: limits.packetBytesMax; after a restart only: bridges\n",
      err: "",
    });
    expect(await maySendMuch(port)).toBe(true);
    expect(client.isEnded).toBe(false);
  });

  it("keeps everything as it was when the file is broken, and says why", async () => {
    write("500");
    const { port, child } = await started();
    write("1 MiB", "prot: 1\n");
    const sentence = `${file}:4:1: unknown key prot: did you mean port?`;
    // The command reads the same file, so another says where the server is.
    const reload = await runCommand("reload", "--data-dir", join(folder, "data"));
    expect(reload).toEqual({ code: 1, out: "", err: `error: ${sentence}\n` });
    expect(child.err).toContain("nothing was reloaded");
    expect(await maySendMuch(port)).toBe(false);
  });

  it("says that no server is there", async () => {
    write("500");
    const { code, err } = await runCommand("reload", "-c", file);
    expect(code).toBe(1);
    expect(err).toContain("no server runs on this data folder");
    expect(err).toContain("name the server's folder with --data-dir, or its file with -c");
    expect((await runCommand("reload", "--memory")).err).toContain("send it the signal HUP");
  });
});

describe("SIGHUP", () => {
  it("reloads, all or nothing, and the log says what came of it", async () => {
    write("500");
    const { child, port } = await started();
    write("x");
    child.signal("SIGHUP");
    await child.until(() => child.err.includes("nothing was reloaded"));
    expect(child.err).toContain("own.yaml:3:27: limits.packetBytesMax is");
    expect(await maySendMuch(port)).toBe(false);
    write("1 MiB");
    child.signal("SIGHUP");
    await child.until(() => child.err.includes("changed: limits.packetBytesMax"));
    expect(await maySendMuch(port)).toBe(true);
    child.signal("SIGTERM");
    expect(await child.ended).toBe(0);
    expect(existsSync(join(folder, "data", "beeline.sock"))).toBe(false);
  });
});
