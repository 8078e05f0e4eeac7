import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashFrom, hashOf } from "../../src/auth/password-hash.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Written by mosquitto_passwd 2.0.11, and by the argon2 of the reference implementation. */
const VECTORS = [
  [
    "$7$101$6DTou+YTDDUIizIu$h78Ev68Y36efDhJUCDaVqjKNtnAOnWIQNo0KpZAMOzlP0mUTDquJTZIhkmM17p+O78nLg47rlFv/25c9l77q3Q==",
    "correct horse",
  ],
  [
    "$7$5000$vS9uwLiTnf9ItSyc$+KRzMVprjsD7CThXxvfsHFmJlJMy1wUqofId0D/vRWrgTt220BUppyN54xhpoPfY7Fj6+QSPL9e2nDAPg0VAgQ==",
    "ünïcode",
  ],
  [
    "$6$f/S0yXefa4bu8SQB$f6idpJYv7W/rmFj/UXTPLcJ2Omz79ydvmjCTQUqHRVBQ27wDyAI+VCcIDge4U3V4nulNzGVCEMrN80KXtWQ8rA==",
    "pass:word",
  ],
  [
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "password",
  ],
  // RFC 7914, section 12: the second vector there, with ln=10.
  [
    `$scrypt$ln=10,r=8,p=16$${Buffer.from("NaCl").toString("base64").replace(/=/g, "")}$${Buffer.from(
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
      "hex",
    )
      .toString("base64")
      .replace(/=/g, "")}`,
    "password",
  ],
] as const;

describe("a hash of a password", () => {
  it.each(VECTORS)("%s is that of %j and of nothing else", async (text, password) => {
    const hash = hashFrom(text);
    expect(await hash?.(bytes(password))).toBe(true);
    for (const other of ["", `${password} `, password.slice(1), password.toUpperCase(), "\0"]) {
      expect(await hash?.(bytes(other))).toBe(false);
    }
  });

  it("[M01] of any length of password is computed, the longest that a CONNECT can have too", async () => {
    const text = await hashOf(bytes("x".repeat(65_535)));
    const hash = hashFrom(text);
    expect(await hash?.(bytes("x".repeat(65_535)))).toBe(true);
    for (const length of [0, 1, 31, 32, 64, 65_534]) {
      expect(await hash?.(bytes("x".repeat(length)))).toBe(false);
    }
  });

  it("of ours is scrypt with 16 MiB and a salt of its own", async () => {
    const [one, two] = [await hashOf(bytes("secret")), await hashOf(bytes("secret"))];
    expect(one).not.toBe(two);
    const [, ln, r, p, salt = "", hash = ""] =
      /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]{22})\$([^$]{43})$/.exec(one) ?? [];
    expect([ln, r, p]).toEqual(["14", "8", "1"]);
    const made = scryptSync("secret", Buffer.from(salt, "base64"), 32, { N: 16_384, r: 8, p: 1 });
    expect(made.toString("base64").replace(/=+$/, "")).toBe(hash);
    expect(one).not.toContain("secret");
  });

  const b64 = (count: number): string => Buffer.alloc(count, 7).toString("base64");
  it.each([
    "",
    "plain text",
    "$5$abc$def",
    "$2b$10$abcdefghijklmnopqrstuuQH8v9y3K1Q",
    "$7$101$salt",
    `$7$0$${b64(12)}$${b64(64)}`,
    `$7$99999999$${b64(12)}$${b64(64)}`,
    `$7$1e3$${b64(12)}$${b64(64)}`,
    `$7$101$${b64(12)}$${b64(64)}$`,
    `$7$101$sa lt$${b64(64)}`,
    `$7$101$${b64(12)}$${b64(8)}`,
    `$7$101$${b64(12)}$${b64(2_000)}`,
    `$6$${b64(12)}$${b64(63)}`,
    `$6$${b64(12)}$`,
    `$scrypt$ln=14,r=8,p=1$$${b64(32)}`,
    `$scrypt$ln=0,r=8,p=1$${b64(16)}$${b64(32)}`,
    `$scrypt$ln=14,r=0,p=1$${b64(16)}$${b64(32)}`,
    `$scrypt$ln=14,r=8,p=0$${b64(16)}$${b64(32)}`,
    `$scrypt$ln=14,r=8,p=99$${b64(16)}$${b64(32)}`,
    `$scrypt$ln=19,r=8,p=1$${b64(16)}$${b64(32)}`,
    `$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$${b64(32)}`,
    `$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$${b64(32)}`,
    `$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$${b64(32)}`,
    `$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$${b64(32)}`,
  ])("%j is none", (text) => {
    expect(hashFrom(text)).toBeUndefined();
  });
});
