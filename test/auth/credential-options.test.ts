import { describe, expect, it } from "vitest";
import { isRequired } from "../../src/auth/check-credentials.js";
import { CREDENTIAL_KINDS, CREDENTIAL_ROWS } from "../../src/auth/credential-options.js";
import { isAllowed } from "../../src/options/check.js";

describe("the table of credentials", () => {
  it("has the six kinds, and says of each option what it does", () => {
    expect(CREDENTIAL_KINDS).toEqual([
      "passwords",
      "certificate",
      "jwt",
      "http",
      "signature",
      "token",
    ]);
    for (const rows of Object.values(CREDENTIAL_ROWS)) {
      for (const row of Object.values(rows)) {
        expect(row.about).toMatch(/^[A-Z].*\.$/);
        if (row.default !== undefined) expect(isAllowed(row, row.default)).toBe(true);
      }
    }
  });

  it("cannot be changed", () => {
    expect(Object.isFrozen(CREDENTIAL_ROWS)).toBe(true);
    for (const rows of Object.values(CREDENTIAL_ROWS)) expect(Object.isFrozen(rows)).toBe(true);
  });

  it("requires files, folders and the URL, and nothing else", () => {
    const required = Object.entries(CREDENTIAL_ROWS).flatMap(([kind, rows]) =>
      Object.entries(rows)
        .filter(([, row]) => isRequired(row))
        .map(([name]) => `${kind}.${name}`),
    );
    expect(required).toEqual([
      "passwords.file",
      "jwt.keyFile",
      "http.url",
      "signature.keysFile",
      "token.keysFile",
      "token.stateDir",
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
