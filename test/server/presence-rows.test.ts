import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/options/check.js";
import { PRESENCE_ROWS } from "../../src/server/presence-rows.js";

describe("the options of presence", () => {
  it("tell nobody by default", () => {
    expect(defaultsOf(PRESENCE_ROWS)).toMatchObject({ topics: false });
    expect(PRESENCE_ROWS.webhookUrl.default).toBeUndefined();
  });

  it("send to https, or to a program on this machine", () => {
    const { isAllowed } = PRESENCE_ROWS.webhookUrl;
    expect(isAllowed("https://hooks.example/a")).toBe(true);
    expect(isAllowed("http://127.0.0.1:8000/a")).toBe(true);
    expect(isAllowed("http://hooks.example/a")).toBe(false);
    expect(isAllowed("https://user:word@hooks.example/a")).toBe(false);
  });

  it("have a name that is one topic level, and a secret that a header can carry", () => {
    const { node, webhookSecret } = PRESENCE_ROWS;
    expect(["n1", "a.example", "", "a/b", "+", "$x"].map(node.isAllowed)).toEqual([
      ...[true, true, false, false, false, false],
    ]);
    expect(["whsec_abc", "", "a b", "ü"].map(webhookSecret.isAllowed)).toEqual([
      ...[true, false, false, false],
    ]);
    expect(webhookSecret.secret).toBe(true);
  });
});
