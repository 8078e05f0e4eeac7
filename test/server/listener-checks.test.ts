import { chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkListenerFiles } from "../../src/server/listener-checks.js";
import { listenersFrom } from "../../src/server/listener-config.js";
import { TestCa } from "../support/test-ca.js";

let ca: TestCa;
beforeAll(() => {
  ca = new TestCa();
});
afterAll(() => ca.remove());

const check = (files: { cert: string; key: string }) =>
  checkListenerFiles({ listeners: listenersFrom({ port: 0, tls: { port: 0, ...files } }) });

it("[M04] finds files that TLS cannot be spoken with", () => {
  expect(() => check(ca.issue({ days: -1 }))).toThrow(/has expired/);
  expect(() => check({ ...ca.issue(), key: ca.issue().key })).toThrow(/is not that of/);
});

it("tells of a certificate that ends soon, and of a key that others can read", () => {
  const soon = ca.issue({ days: 13 });
  const later = ca.issue({ days: 15 });
  for (const { key } of [soon, later]) chmodSync(key, 0o600);
  expect(check(later)).toEqual([]);
  expect(check(soon)).toEqual([
    expect.stringMatching(`^the certificate in ${soon.cert} ends soon: it is valid until `),
  ]);
  chmodSync(later.key, 0o640);
  expect(check(later)).toEqual([
    `others than its owner can read the key in ${later.key}: chmod 600 makes it private`,
  ]);
});

it("[M04] finds every listener that cannot be, a socket file that is a folder too", () => {
  const expired = ca.issue({ days: -1 });
  const listeners = listenersFrom({
    listeners: [
      { type: "unix", path: tmpdir() },
      { type: "tls", port: 0, ...expired },
    ],
  });
  const lines = /^.* is a folder, not a socket file.*\n.* has expired.*$/;
  expect(() => checkListenerFiles({ listeners })).toThrow(lines);
});
