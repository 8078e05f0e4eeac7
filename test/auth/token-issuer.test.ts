import { describe, expect, it } from "vitest";
import { AccessKeys, signatureOf } from "../../src/auth/access-keys.js";
import type { TokenRequest } from "../../src/auth/token-answer.js";
import { type Token, tokenFrom } from "../../src/auth/token-form.js";
import { signedText, TokenIssuer } from "../../src/auth/token-issuer.js";
import { openTokenState } from "../../src/auth/token-state.js";
import { scratch } from "./attempt.js";

const folder = scratch();
const NOW = 1_699_999_000_000;
const VECTOR: TokenRequest = {
  serviceName: "mq",
  resources: "topicA/#,topicB",
  instanceId: "mqtt-xxxxx",
  expireTime: "1700000000000",
  actions: "R,W",
};

async function setUp(name: string) {
  const keys = await AccessKeys.open(folder.file("keys", "AK:exampleSecret\nBK:other\n"));
  const state = await openTokenState(folder.path(name), NOW);
  const revoked: string[] = [];
  const issuer = new TokenIssuer(keys, state, (id) => revoked.push(id));
  return { issuer, state, revoked };
}

function signed(request: TokenRequest, accessKey = "AK", secret = "exampleSecret"): TokenRequest {
  return {
    ...request,
    accessKey,
    proxyType: "MQTT",
    signature: signatureOf(secret, signedText(request)),
  };
}

describe("the issuer of tokens", () => {
  it("[P19] wants what the commercial service wants signed, in its order", () => {
    expect(signedText({ ...VECTOR, accessKey: "AK", signature: "x", proxyType: "MQTT" })).toBe(
      "actions=R,W&expireTime=1700000000000&instanceId=mqtt-xxxxx&resources=topicA/#,topicB&serviceName=mq",
    );
    expect(signatureOf("exampleSecret", signedText(VECTOR))).toBe("DJ64mvpNCgIxicLdFQyjkxy5uWA=");
  });

  it("hands out a token to an account, tells of it, and revokes it for good", async () => {
    const { issuer, state, revoked } = await setUp("life");
    const { status, body } = await issuer.apply(signed(VECTOR), NOW);
    expect([status, body]).toMatchObject([
      200,
      { success: true, code: 200, message: "operation success" },
    ]);
    const token = String(tokenDataIn(body));
    const said = tokenFrom(state.key, token) as Token;
    expect(said).toMatchObject({ accessKey: "AK", type: "RW", resources: ["topicA/#", "topicB"] });
    const query = signed({ token });
    expect((await issuer.query(query, NOW)).body).toMatchObject({
      tokenStatus: "valid",
      actions: "R,W",
      resources: "topicA/#,topicB",
      expireTime: 1_700_000_000_000,
    });
    expect((await issuer.query(query, 1_700_000_000_000)).body).toMatchObject({
      tokenStatus: "expired",
    });
    expect((await issuer.revoke(query, NOW)).status).toBe(200);
    expect(revoked).toEqual([said.id]);
    expect((await issuer.query(query, NOW)).body).toMatchObject({ tokenStatus: "revoked" });
    await state.revocations.close();
    const again = await setUp("life");
    expect((await again.issuer.query(query, NOW)).body).toMatchObject({ tokenStatus: "revoked" });
    await again.state.revocations.close();
  });

  it("[M01] answers alike to whoever signs wrongly, and does nothing for it", async () => {
    const { issuer, state, revoked } = await setUp("wrong");
    const token = String(tokenDataIn((await issuer.apply(signed(VECTOR), NOW)).body));
    const wrong: TokenRequest[] = [
      {},
      VECTOR,
      { ...signed(VECTOR), signature: "DJ64mvpNCgIxicLdFQyjkxy5uWB=" },
      { ...signed(VECTOR), actions: "R" },
      { ...signed(VECTOR), extra: "1" },
      signed(VECTOR, "CK"),
      signed(VECTOR, "BK"),
      Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}`, ""])),
    ];
    for (const request of wrong) {
      expect(await issuer.apply(request, NOW)).toEqual({
        status: 403,
        body: { success: false, code: 403, message: "the access key or the signature is wrong" },
      });
    }
    expect((await issuer.revoke({ token, accessKey: "AK", signature: "x" }, NOW)).status).toBe(403);
    expect((await issuer.query({ token }, NOW)).status).toBe(403);
    expect((await issuer.revoke(signed({ token }, "BK", "other"), NOW)).status).toBe(400);
    expect(revoked).toEqual([]);
    await state.revocations.close();
  });

  it.each([
    [{ actions: "X" }, "actions"],
    [{ actions: "__proto__" }, "actions"],
    [{ resources: "" }, "resources"],
    [{ resources: "a/#/b" }, "resources"],
    [{ resources: Array.from({ length: 101 }, (_, at) => at).join(",") }, "resources"],
    [{ instanceId: "" }, "instanceId"],
    [{ expireTime: "soon" }, "expireTime"],
    [{ expireTime: `${NOW}` }, "expireTime"],
    [{ expireTime: `${NOW + 31 * 24 * 3_600_000}` }, "expireTime"],
  ])("says what is expected instead of %j", async (change, name) => {
    const { issuer, state } = await setUp("bad");
    const { status, body } = await issuer.apply(signed({ ...VECTOR, ...change }), NOW);
    expect([status, body.success, body.message]).toEqual([
      400,
      false,
      expect.stringContaining(`expected: ${name}`),
    ]);
    await state.revocations.close();
  });

  it("is asked by path, and knows no other", async () => {
    const { issuer, state } = await setUp("paths");
    for (const path of ["/token/apply", "/token/query", "/token/revoke"]) {
      expect((await issuer.handle(path, {}))?.status).toBe(403);
    }
    expect(issuer.handle("/token/other", {})).toBeUndefined();
    await state.revocations.close();
  });
});

function tokenDataIn({ tokenData }: Readonly<Record<string, unknown>>): unknown {
  return tokenData;
}
