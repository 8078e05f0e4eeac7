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
const REFUSED = { kind: "refused", returnCode: 4 };
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

describe("tokens as a password", () => {
  it("[P19] let in with one or several, in any order, and grant what they say", async () => {
    const { token, check } = await setUp();
    const r = await issue(token, "R");
    const w = await issue(token, "W", { resources: "b,c/#" });
    const rw = await issue(token, "R,W", { resources: "d" });
    expect(check(`R|${r}`)).toMatchObject({
      kind: "accepted",
      rules: [
        { allow: "any", do: ["subscribe", "receive"], topic: ["a/#"] },
        { deny: "any" },
        { deny: "any" },
      ],
    });
    expect(check(`W|${w}|RW|${rw}|R|${r}`)).toMatchObject({
      rules: [
        { do: ["publish", "retain"], topic: ["b", "c/#", "d"] },
        { do: ["subscribe", "receive"], topic: ["d", "a/#"] },
        { do: ["sendTo", "receipt"], parent: "c", to: "+" },
        { deny: "any" },
        { deny: "any" },
      ],
    });
  });

  it("refuse alike whatever is wrong, and pass on other user names", async () => {
    const { token, check } = await setUp();
    const r = await issue(token, "R");
    const of = (options: Parameters<typeof issue>[2]) => issue(token, "R", options);
    const wrong = [
      undefined,
      "",
      "R",
      "R|",
      `R|${r}|`,
      `R|${r}|R|${r}`,
      `W|${r}`,
      `RW|${r}`,
      `X|${r}`,
      `r|${r}`,
      `R|${r}x`,
      `R|${r}|W|forged`,
      `R|${await of({ instanceId: "mqtt-yyyyy" })}`,
      `R|${await of({ account: "BK" })}`,
    ];
    for (const password of wrong) expect(check(password)).toEqual(REFUSED);
    expect(check(`R|${r}`, "Token|AK")).toEqual(REFUSED);
    expect(check(`R|${r}`, "Token|CK|mqtt-xxxxx")).toEqual(REFUSED);
    for (const name of ["anna", "Signature|AK|mqtt-xxxxx"])
      expect(check(`R|${r}`, name)).toBeUndefined();
    vi.setSystemTime(NOW + HOUR);
    expect(check(`R|${r}`)).toEqual(REFUSED);
  });

  it("are for one instance where it is told so", async () => {
    const { token, check } = await setUp({ instanceId: "mqtt-yyyyy" });
    expect(check(`R|${await issue(token, "R")}`)).toEqual(REFUSED);
    const other = await issue(token, "R", { instanceId: "mqtt-yyyyy" });
    expect(check(`R|${other}`, "Token|AK|mqtt-yyyyy")?.kind).toBe("accepted");
  });

  it("nobody gets in with one before there is a broker to serve: it would never expire", async () => {
    const { keysFile, stateDir, token: issuer } = await setUp();
    const token = await openToken({ keysFile, stateDir });
    opened.push(token);
    const one = attempt({ username: USERNAME, password: `R|${await issue(issuer, "R")}` });
    expect(() => token.check(one)).toThrow("tokens need serve(broker)");
  });

  it("revoked ones let nobody in, after a restart neither", async () => {
    const { token, check, connect, broker, keysFile, stateDir } = await setUp();
    const r = await issue(token, "R");
    connect(`R|${r}`);
    const signature = signatureOf("exampleSecret", signedText({ token: r }));
    await token.issuer.revoke({ token: r, accessKey: "AK", signature });
    expect(broker.done).toEqual(['c $SYS/tokenInvalidNotice {"code":3,"type":"R"} closed']);
    expect(check(`R|${r}`)).toEqual(REFUSED);
    const again = await openToken({ keysFile, stateDir });
    opened.push(again);
    again.serve(new FakeTokenBroker());
    expect(again.check(attempt({ username: USERNAME, password: `R|${r}` }))).toEqual(REFUSED);
  });

  it("[H06] end for new Clients with their account", async () => {
    const { token, check } = await setUp();
    const r = await issue(token, "R");
    folder.file("keys", "BK:other\n");
    (await token.prepare())();
    expect(check(`R|${r}`)).toEqual(REFUSED);
  });
});

function tokenDataIn({ tokenData }: Readonly<Record<string, unknown>>): unknown {
  return tokenData;
}
