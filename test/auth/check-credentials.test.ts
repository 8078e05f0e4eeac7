import { describe, expect, it } from "vitest";
import { checkCredentials } from "../../src/auth/check-credentials.js";
import { UsageError } from "../../src/protocol/errors.js";

describe("checkCredentials", () => {
  it("takes every kind with what it must be told, in any order", () => {
    checkCredentials([]);
    checkCredentials([
      { kind: "certificate" },
      { kind: "passwords", file: "users" },
      { kind: "passwords", file: "more-users" },
      { kind: "jwt", keyFile: "keys.json", algorithms: ["ES256"], audience: "mqtt", leewayMs: 5 },
      { kind: "http", url: "https://auth.example/", secret: "s3cret", cacheMs: 60_000 },
      { kind: "signature", keysFile: "keys", instanceId: "mqtt-xxxxx" },
      { kind: "token", keysFile: "keys", stateDir: "tokens" },
    ]);
  });

  it.each([
    ["x", /^credentials is "x"; allowed: a list$/],
    [{ kind: "passwords", file: "f" }, /^credentials is .*; allowed: a list$/],
    [["passwords"], /^credentials\[0\] is "passwords"; allowed: an object with a kind$/],
    [[null], /^credentials\[0\] is null; allowed: an object/],
    [[{}], /^credentials\[0\]\.kind is undefined; allowed: passwords, certificate, jwt, http/],
    [[{ kind: "password", file: "f" }], /kind is "password"; .*; did you mean passwords\?$/],
    [[{ kind: "__proto__" }], /^credentials\[0\]\.kind is "__proto__"; allowed: passwords/],
    [
      [{ kind: "certificate" }, { kind: "passwords" }],
      /^credentials\[1\]\.file is missing: File with/,
    ],
    [[{ kind: "passwords", file: "" }], /^credentials\[0\]\.file is ""; allowed: names of a file$/],
    [[{ kind: "passwords", file: "a\0b" }], /^credentials\[0\]\.file is "a\\u0000b"; allowed/],
    [
      [{ kind: "passwords", fil: "f" }],
      /^unknown key credentials\[0\]\.fil: did you mean credentials\[0\]\.file/,
    ],
    [
      [{ kind: "jwt", keyFile: "k", algorithms: ["none"] }],
      /algorithms\[0\] is "none"; allowed: HS256/,
    ],
    [[{ kind: "jwt", keyFile: "k", leewayMs: 1.5 }], /leewayMs is 1\.5; allowed: whole numbers/],
    [
      [{ kind: "http", url: "http://auth.example" }],
      /url is "http:\/\/auth\.example"; allowed: URLs that begin/,
    ],
    [
      [{ kind: "certificate", username: "CN" }],
      /username is "CN"; allowed: cn, dns, email, uri; did you mean cn/,
    ],
  ])("[M04] refuses %j and says where and what is allowed", (given, sentence) => {
    expect(() => checkCredentials(given)).toThrow(UsageError);
    expect(() => checkCredentials(given)).toThrow(sentence);
  });

  it("[M03] does not show a secret that is wrong", () => {
    const given = [{ kind: "http", url: "https://auth.example/", secret: "s3cret with blanks" }];
    expect(() => checkCredentials(given)).toThrow(
      "credentials[0].secret is wrong; allowed: texts of printable ASCII characters",
    );
  });
});
