import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiClient } from "../../../src/cli/ctl/api-client.js";
import { type AdminWorld, adminWorld, TOKEN } from "../../support/admin.js";

let folder: string;
let world: AdminWorld;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "api-client-"));
  world = adminWorld();
  url = await world.listen();
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

function client(token = TOKEN, at = url): ApiClient {
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${token}\n`);
  return new ApiClient({ url: at, tokenFile });
}

it("reads, posts and deletes, wherever a slash ends the URL", async () => {
  const api = client(TOKEN, `${url}/`);
  expect(await api.read("/clients", { q: "a&b", state: undefined })).toEqual({ clients: [] });
  const message = { topicName: "a/b", payload: "x", retain: true };
  expect(await api.post("/messages", message)).toBeUndefined();
  expect(await api.delete("/retained/a%2Fb")).toBeUndefined();
  expect(await api.post("/reload")).toMatchObject({ needRestart: [] });
});

it("throws what the server says, in its words", async () => {
  await expect(client().read("/clients/x")).rejects.toThrow("no client with this identifier");
  await expect(client("wrong").read("/stats")).rejects.toThrow(
    /^this is not the token of this server; it was read from .*token: say with --token-file where the right one is$/,
  );
});

it("says what is wrong when nobody answers, and what to do", async () => {
  await world.close();
  await expect(client().read("/stats")).rejects.toThrow(
    /^no answer from http:.*\/api\/v1\/stats: .*; say with --url where the admin port is$/,
  );
  expect(() => new ApiClient({ url, tokenFile: join(folder, "none") })).toThrow(
    /^the token cannot be read from .*: there is no such file; ask from the folder of the server, or say with --token-file where it is$/,
  );
});

it("[M04] names a file that holds no token, and says nothing of what it holds", () => {
  for (const text of ["first-secret\nsecond-secret", "", "gehéim".repeat(4)]) {
    expect(() => client(text)).toThrow(
      /^\S*token holds no token: one is a line of ASCII characters; ask from [^\n]*where it is$/,
    );
  }
});

it("follows events until it has enough", async () => {
  const events = client().follow("/events", { client: "b" });
  const first = events.next();
  let isTold = false;
  void first.then(() => {
    isTold = true;
  });
  const told = async (): Promise<boolean> => {
    await world.broker.connectInProcess({ clientId: "b" }); // again, as long as nobody follows yet
    return isTold;
  };
  await expect.poll(told).toBe(true);
  expect((await first).value).toMatchObject({ clientId: "b" });
  await events.return(undefined);
});
