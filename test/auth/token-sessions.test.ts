import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signatureOf } from "../../src/auth/access-keys.js";
import { openToken, type TokenCredential } from "../../src/auth/token.js";
import { signedText } from "../../src/auth/token-issuer.js";
import type { Identity } from "../../src/engine.js";
import { attempt, scratch } from "./attempt.js";
import { FakeTokenBroker } from "./fake-token-broker.js";

const folder = scratch();
const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;
const USERNAME = "Token|AK|mqtt-xxxxx";
let names = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
});
const opened: TokenCredential[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  vi.useRealTimers();
});

async function setUp(options: { instanceId?: string } = {}) {
  const keysFile = folder.file("keys", "AK:exampleSecret\nBK:other\n");
  const stateDir = folder.path(`state-${names++}`);
  const token = await openToken({ keysFile, stateDir, ...options });
  opened.push(token);
  const broker = new FakeTokenBroker();
  token.serve(broker);
  const check = (password?: string, username = USERNAME) =>
    token.check(attempt({ clientId: "c", username, ...(password !== undefined && { password }) }));
  const connect = (password: string): Identity => broker.accept("c", check(password));
  const upload = (client: Identity, payload: unknown): boolean => {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    const bytes = new TextEncoder().encode(text);
    return token.onServerMessage(
      { topicName: "$SYS/uploadToken", payload: bytes, qos: 1, retain: false },
      client,
    );
  };
  return { token, broker, check, connect, upload, stateDir, keysFile };
}

async function issue(
  token: TokenCredential,
  actions: string,
  { resources = "a/#", ms = HOUR, instanceId = "mqtt-xxxxx", account = "AK" } = {},
): Promise<string> {
  const request = {
    actions,
    resources,
    expireTime: `${Date.now() + ms}`,
    instanceId,
    serviceName: "mq",
  };
  const signature = signatureOf(account === "AK" ? "exampleSecret" : "other", signedText(request));
  const { body } = await token.issuer.apply({ ...request, accessKey: account, signature });
  return String(tokenDataIn(body));
}

describe("Clients that are connected with tokens", () => {
  it("are told once, five minutes ahead, and closed at the end", async () => {
    const { token, connect, broker } = await setUp();
    connect(`R|${await issue(token, "R")}|W|${await issue(token, "W", { ms: HOUR / 2 })}`);
    vi.advanceTimersByTime(HOUR / 2 - 300_001);
    expect(broker.done).toEqual([]);
    vi.advanceTimersByTime(1);
    const notice = `c $SYS/tokenExpireNotice {"expireTime":${NOW + HOUR / 2},"type":"W"}`;
    expect(broker.done).toEqual([notice]);
    vi.advanceTimersByTime(299_999);
    expect(broker.done).toEqual([notice]);
    vi.advanceTimersByTime(1);
    expect(broker.done).toEqual([notice, 'c $SYS/tokenInvalidNotice {"code":2,"type":"W"} closed']);
    vi.advanceTimersByTime(HOUR);
    expect(broker.done).toHaveLength(2);
  });

  it("are told at once where less remains, and a token of weeks is waited for", async () => {
    const { token, connect, broker } = await setUp();
    connect(`R|${await issue(token, "R", { ms: 60_000 })}`);
    expect(broker.done).toEqual([
      `c $SYS/tokenExpireNotice {"expireTime":${NOW + 60_000},"type":"R"}`,
    ]);
    const days = 29 * 24 * HOUR;
    const other = await setUp();
    other.connect(`R|${await issue(other.token, "R", { ms: days })}`);
    vi.advanceTimersByTime(days - 300_001);
    expect(other.broker.done).toEqual([]);
    vi.advanceTimersByTime(300_001);
    expect(other.broker.done).toHaveLength(2);
  });

  it("[J10] are not closed because somebody sets the clock", async () => {
    const { token, connect, broker } = await setUp();
    connect(`R|${await issue(token, "R")}`);
    vi.setSystemTime(NOW + 365 * 24 * HOUR);
    vi.advanceTimersByTime(HOUR - 300_001);
    expect(broker.done).toEqual([]);
  });

  it("go on with a new token, and its rights", async () => {
    const { token, connect, upload, broker } = await setUp();
    const client = connect(`R|${await issue(token, "R", { ms: 600_000 })}`);
    const next = await issue(token, "R", { resources: "b/#", ms: 2 * HOUR });
    expect(upload(client, { token: next, type: "R" })).toBe(true);
    expect(broker.rules[0]).toMatchObject({ allow: "any", topic: ["b/#"] });
    const more = await issue(token, "W", { resources: "c", ms: 2 * HOUR });
    expect(upload(client, { token: more, type: "W" })).toBe(true);
    expect(broker.rules.slice(0, 2)).toMatchObject([{ topic: ["c"] }, { topic: ["b/#"] }]);
    vi.advanceTimersByTime(HOUR);
    expect(broker.done).toEqual([]);
  });

  it.each([
    ["not JSON", 1, ""],
    ["null", 1, ""],
    ['{"type":"R"}', 1, "R"],
    ['{"token":"forged","type":"RW"}', 1, "RW"],
    ['{"token":7,"type":"R"}', 1, "R"],
    ['{"token":"x","type":"X"}', 1, ""],
  ])("are told and closed for what is no token: %s", async (payload, code, type) => {
    const { token, connect, upload, broker } = await setUp();
    const client = connect(`R|${await issue(token, "R")}`);
    expect(upload(client, payload)).toBe(true);
    expect(broker.done).toEqual([
      `c $SYS/tokenInvalidNotice {"code":${code},"type":"${type}"} closed`,
    ]);
    expect(upload(client, payload)).toBe(false);
  });

  it("are told why another token does not hold", async () => {
    const codeFor = async (
      make: (token: TokenCredential) => Promise<string>,
      type = "R",
    ): Promise<unknown> => {
      const { token, connect, upload, broker } = await setUp();
      const client = connect(`R|${await issue(token, "R")}`);
      const text = await make(token);
      upload(client, { token: text, type });
      return /"code":(-?\d+)/.exec(broker.done[0] ?? "")?.[1];
    };
    const foreign = await setUp();
    expect(await codeFor(() => issue(foreign.token, "R"))).toBe("8");
    expect(await codeFor((token) => issue(token, "R"), "W")).toBe("5");
    expect(await codeFor((token) => issue(token, "R", { account: "BK" }))).toBe("-1");
    const expired = async (token: TokenCredential): Promise<string> => {
      const text = await issue(token, "R", { ms: 1 });
      vi.setSystemTime(Date.now() + 2);
      return text;
    };
    expect(await codeFor(expired)).toBe("2");
    const revoked = async (token: TokenCredential): Promise<string> => {
      const text = await issue(token, "R");
      const signature = signatureOf("exampleSecret", signedText({ token: text }));
      await token.issuer.revoke({ token: text, accessKey: "AK", signature });
      return text;
    };
    expect(await codeFor(revoked)).toBe("3");
  });

  it("are closed for what their tokens do not grant: another topic is 4, another verb 5", async () => {
    const endFor = async (
      actions: string,
      tell: (broker: FakeTokenBroker, client: Identity) => void,
    ) => {
      const { token, connect, broker } = await setUp();
      tell(broker, connect(`${actions.replace(",", "")}|${await issue(token, actions)}`));
      return broker.done[0] ?? "";
    };
    const published = (broker: FakeTokenBroker, from: Identity): void =>
      broker.tell("drop", { reason: "denied", from });
    const subscribed = (broker: FakeTokenBroker, client: Identity): void =>
      broker.tell("denied", { reason: "not-allowed", client });
    expect(await endFor("R", published)).toContain('{"code":5,"type":"R"} closed');
    expect(await endFor("W", published)).toContain('{"code":4,"type":"W"} closed');
    expect(await endFor("W", subscribed)).toContain('{"code":5,"type":"W"} closed');
    expect(await endFor("R,W", subscribed)).toContain('{"code":4,"type":"RW"} closed');
    expect(
      await endFor("R", (broker, from) => broker.tell("drop", { reason: "queue-full", from })),
    ).toBe("");
    expect(
      await endFor("R", (broker, client) =>
        broker.tell("denied", { reason: "session-full", client }),
      ),
    ).toBe("");
    expect(
      await endFor("R", (broker) => broker.tell("drop", { reason: "denied", from: undefined })),
    ).toBe("");
  });

  it("[H09] others send no tokens, and tokens go to one topic only", async () => {
    const { token, connect, broker } = await setUp();
    const client = connect(`R|${await issue(token, "R")}`);
    const message = {
      topicName: "$SYS/other",
      payload: new Uint8Array(0),
      qos: 1,
      retain: false,
    } as const;
    expect(token.onServerMessage(message, client)).toBe(false);
    const stranger = broker.accept("d", { kind: "accepted" });
    expect(token.onServerMessage({ ...message, topicName: "$SYS/uploadToken" }, stranger)).toBe(
      false,
    );
    broker.tell("disconnect", { client });
    broker.tell("disconnect", { client: undefined });
    expect(token.onServerMessage({ ...message, topicName: "$SYS/uploadToken" }, client)).toBe(
      false,
    );
    vi.advanceTimersByTime(2 * HOUR);
    expect(broker.done).toEqual([]);
  });
});

function tokenDataIn({ tokenData }: Readonly<Record<string, unknown>>): unknown {
  return tokenData;
}
