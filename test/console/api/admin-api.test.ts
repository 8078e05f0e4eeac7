import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminApi, type EventStream } from "../../../src/console/api/admin-api.js";
import { type AdminWorld, adminWorld, TOKEN } from "../../support/admin.js";
import { MemoryLog } from "../../support/memory-fabric.js";

/** The page's calls against the API as it is: both are of one release. */
let world: AdminWorld;
let api: AdminApi;
let cookie = "";
let signedOut = 0;
const streams: (EventStream & { readonly url: string; isClosed: boolean })[] = [];
const { signal } = new AbortController();

beforeEach(() => {
  world = adminWorld({ options: { pointToPoint: { parents: ["demo"] } } });
  cookie = "";
  signedOut = 0;
  streams.length = 0;
  api = new AdminApi(
    async (url, init) => {
      const given = (init.headers ?? {}) as Record<string, string>;
      const answer = await world.askAs({ cookie, ...given }, url, init);
      cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
      return answer;
    },
    (url) => {
      const stream = {
        ...{ url, onopen: null, onerror: null, onmessage: null, isClosed: false },
        close() {
          this.isClosed = true;
        },
      };
      streams.push(stream);
      return stream;
    },
    () => {
      signedOut += 1;
    },
  );
});
afterEach(() => world.close());

describe("the page's API", () => {
  it("signs in and out", async () => {
    expect(await api.isSignedIn()).toBe(false);
    await expect(api.signIn("wrong")).rejects.toThrow("not the token");
    await api.signIn(TOKEN);
    expect(await api.isSignedIn()).toBe(true);
    signedOut = 0;
    await api.signOut();
    await expect(api.config(signal)).rejects.toThrow("Sign in");
    expect(signedOut).toBe(1);
  });

  it("knows without an error that the server is alone", async () => {
    await api.signIn(TOKEN);
    expect((await api.server(signal)).nodeName).toBeUndefined();
    expect(await api.cluster(signal)).toEqual({ isAlone: true });
    await expect(api.drain()).rejects.toThrow("This server is alone");
  });

  it("shows the nodes of a cluster, and who is where", async () => {
    await world.close();
    const cluster = { nodeName: "n1", fabric: new MemoryLog().fabric() };
    world = adminWorld({ options: { cluster } });
    await api.signIn(TOKEN);
    await world.broker.connectInProcess({ clientId: "a" });
    const { state } = await api.cluster(signal);
    expect(state).toMatchObject({ nodeName: "n1", nodes: [{ name: "n1", clients: 1 }] });
    const page = await api.clusterClients(undefined, 5, signal);
    expect(page).toEqual({ clients: [{ clientId: "a", nodeName: "n1" }] });
    await expect(api.drain()).rejects.toThrow("no other node");
  });

  it("shows clients, and knows without an error when one is gone", async () => {
    await api.signIn(TOKEN);
    await world.broker.connectInProcess({ clientId: "a/1" });
    const query = { q: "a", state: "connected", cursor: undefined, limit: 5 };
    const { clients, next } = await api.clients(query, signal);
    expect(clients).toMatchObject([{ clientId: "a/1", connected: true }]);
    expect(next).toBeUndefined();
    expect(await api.client("a/1", signal)).toMatchObject({ clientId: "a/1", subscriptions: [] });
    await api.kick("a/1");
    expect(await api.client("a/1", signal)).toBeUndefined();
  });

  it("sends, and names what became of it", async () => {
    await api.signIn(TOKEN);
    await world.broker.connectInProcess({ clientId: "a" });
    const message = {
      parent: "demo",
      payload: "x",
      qos: 1,
      confirm: true,
      timeoutMs: 1_000,
    } as const;
    expect(await api.send("a", message)).toBe("delivered");
    expect(await api.send("b", { ...message, qos: 0 })).toBe("offline");
    await expect(api.send("a", { ...message, parent: "" })).rejects.toThrow("parent");
  });

  it("shows what is retained and who subscribes, measurements, options, a reload", async () => {
    await api.signIn(TOKEN);
    await world.broker.publish({ topicName: "t/1", payload: "é", retain: true });
    await (await world.broker.connectInProcess({ clientId: "a" })).subscribe("t/+", 1);
    const { messages } = await api.retained("#", signal);
    expect(messages).toEqual([{ topicName: "t/1", qos: 0, payloadBytes: 2 }]);
    const { payload } = await api.retainedMessage("t/1", signal);
    expect(new TextDecoder().decode(payload)).toBe("é");
    expect(await api.subscribersOf("t/1", signal)).toEqual([
      { clientId: "a", topicFilter: "t/+", grantedQos: 1 },
    ]);
    await api.deleteRetained("t/1");
    expect((await api.retained("#", signal)).messages).toEqual([]);
    expect(await api.history(undefined, signal)).toMatchObject({ intervalSeconds: 2 });
    expect((await api.config(signal))[0]).toMatchObject({ path: "admin.port", value: "18083" });
    expect(await api.reload()).toMatchObject({ needRestart: [] });
  });

  it("follows the log", () => {
    const lines: unknown[] = [];
    const states: boolean[] = [];
    const stop = api.tailLog(
      (line) => lines.push(line),
      (isOpen) => states.push(isOpen),
    );
    const [stream] = streams;
    stream?.onopen?.();
    stream?.onmessage?.({ data: '{"text":"x"}' });
    stream?.onerror?.();
    stop();
    expect(stream).toMatchObject({ url: "/api/v1/log", isClosed: true });
    expect(lines).toEqual([{ text: "x" }]);
    expect(states).toEqual([true, false]);
  });
});
