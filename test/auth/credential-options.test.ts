import { describe, expect, it } from "vitest";
import { CREDENTIAL_ROWS, checkCredentials } from "../../src/auth/credential-options.js";
import { isAllowed } from "../../src/options/check.js";
import type { Row, Rows } from "../../src/options/row.js";
import { UsageError } from "../../src/protocol/errors.js";

const KINDS: readonly (readonly [string, Rows])[] = Object.entries(CREDENTIAL_ROWS);

describe("the table of credentials", () => {
  it("says of each option what it does, and has defaults that it allows", () => {
    for (const [, rows] of KINDS) {
      for (const row of Object.values<Row>(rows)) {
        expect(row.about).toMatch(/^[A-Z].*\.$/);
        if (row.default !== undefined) expect(isAllowed(row, row.default)).toBe(true);
      }
    }
  });

  it("cannot be changed", () => {
    for (const [, rows] of KINDS) expect(Object.isFrozen(rows)).toBe(true);
  });

  it("requires files, folders, the URL and where anyone may come, and nothing else", () => {
    const needed = KINDS.flatMap(([kind, rows]) =>
      Object.entries<Row>(rows)
        .filter(([, row]) => row.required === true)
        .map(([name]) => `${kind}.${name}`),
    );
    expect(needed).toEqual([
      "passwords.file",
      "jwt.keyFile",
      "http.url",
      "signature.keysFile",
      "token.keysFile",
      "token.stateDir",
      "anyone.listeners",
    ]);
  });

  it.each([
    ["https://auth.example/check", true],
    ["http://127.0.0.1:8080/check", true],
    ["http://[::1]/", true],
    ["http://localhost:1/x", true],
    ["http://127.1/", true],
    ["http://auth.example/", false],
    ["http://127.0.0.1.example/", false],
    ["http://10.0.0.1/", false],
    ["http://localhost.example/", false],
    ["https://user:secret@auth.example/", false],
    ["ftp://127.0.0.1/", false],
    ["file:///etc/passwd", false],
    ["127.0.0.1", false],
    ["", false],
  ])("asks %j over HTTP: %s, as passwords go only over TLS or nowhere", (url, may) => {
    expect(isAllowed(CREDENTIAL_ROWS.http.url, url)).toBe(may);
  });
});

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
    [["passwords"], /^credentials\[0\] is "passwords"; allowed: an object$/],
    [[null], /^credentials\[0\] is null; allowed: an object/],
    [[{}], /^credentials\[0\]\.kind is undefined; allowed: passwords, certificate, jwt, http/],
    [
      [{ kind: "password", file: "f" }],
      /^credentials\[0\]\.kind is "password"; allowed: passwords, /,
    ],
    [[{ kind: "__proto__" }], /^credentials\[0\]\.kind is "__proto__"; allowed: passwords/],
    [
      [{ kind: "certificate" }, { kind: "passwords" }],
      /^credentials\[1\]\.file is undefined; allowed: names of a file/,
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
      "credentials[0].secret cannot be that; allowed: texts of printable ASCII characters",
    );
  });
});
