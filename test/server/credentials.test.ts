import { afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import {
  checkCredentialFiles,
  credentialsFor,
  credentialsPart,
} from "../../src/server/credentials.js";
import { type ServerConfig, startServer } from "../../src/server/start-server.js";
import { attempt, scratch } from "../auth/attempt.js";
import { RawClient } from "../net/raw-client.js";

const folder = scratch();
const HASH =
  "$6$f/S0yXefa4bu8SQB$f6idpJYv7W/rmFj/UXTPLcJ2Omz79ydvmjCTQUqHRVBQ27wDyAI+VCcIDge4U3V4nulNzGVCEMrN80KXtWQ8rA==";
const users = (name: string, ...names: string[]) =>
  ({
    kind: "passwords",
    file: folder.file(name, names.map((user) => `${user}:${HASH}\n`).join("")),
  }) as const;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe("credentials of the server", () => {
  const memory: ServerConfig = {
    listeners: [{ options: { type: "tcp", port: 0 }, chosenBy: "--port" }],
    store: undefined,
    broker: {},
  };

  it("let in who has one, and answer everybody else alike", async () => {
    const server = await startServer({ ...memory, credentials: [users("a", "anna")] }, {});
    closers.push(() => server.close());
    const port = Number(/:(\d+)$/.exec(server.urls[0] ?? "")?.[1]);
    const codeFor = async (username?: string, password?: string): Promise<number | undefined> => {
      const client = await RawClient.accepted(port, {
        username,
        password: password === undefined ? undefined : new TextEncoder().encode(password),
      });
      const [connack] = client.packets;
      client.socket.destroy();
      return connack?.type === PacketType.CONNACK ? connack.returnCode : undefined;
    };
    expect(await codeFor("anna", "pass:word")).toBe(0);
    expect(await codeFor("anna", "wrong")).toBe(4);
    expect(await codeFor("nobody", "pass:word")).toBe(4);
    expect(await codeFor("anna")).toBe(4);
    expect(await codeFor()).toBe(4);
  });

  it("[H05] a file that cannot be used: the server does not start", async () => {
    const file = folder.path("missing");
    const config = { ...memory, credentials: [{ kind: "passwords", file } as const] };
    await expect(startServer(config, {})).rejects.toThrow(`${file}: there is no such file`);
    await expect(checkCredentialFiles(config)).rejects.toThrow("there is no such file");
    expect(await checkCredentialFiles({ credentials: [users("fine", "anna")] })).toEqual([]);
    expect(await checkCredentialFiles({})).toEqual([]);
  });

  it("[H06] change with a reload, all or nothing; whether there are any takes a restart", async () => {
    const opened = await credentialsFor({ credentials: [users("b", "anna")] });
    const part = credentialsPart(opened);
    const may = async (username: string): Promise<boolean> =>
      (await opened?.authenticate(attempt({ username, password: "pass:word" })))?.kind ===
      "accepted";
    const next = { credentials: [users("b", "berta")] };
    expect([await may("anna"), await may("berta")]).toEqual([true, false]);
    (await part.prepare(next))();
    expect([await may("anna"), await may("berta")]).toEqual([false, true]);
    folder.file("b", "broken\n");
    await expect(part.prepare(next)).rejects.toThrow(/b:1: expected: user:hash/);
    expect(await may("berta")).toBe(true);
    await expect(part.prepare({})).rejects.toThrow("taking all away takes a restart");
    const none = credentialsPart(undefined);
    (await none.prepare({}))();
    await expect(none.prepare(next)).rejects.toThrow("the first of them takes a restart");
    opened?.close();
  });
});
