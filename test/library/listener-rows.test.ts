import { expect, it } from "vitest";
import { LISTENERS_ROW } from "../../src/library/listener-rows.js";
import { checkFor, isAllowed } from "../../src/options/check.js";

const { variants } = LISTENERS_ROW.of;

it("has a plain sentence for each option of each type, and a default that it allows", () => {
  for (const { rows } of Object.values(variants)) {
    for (const row of Object.values(rows)) {
      expect(row.about).toMatch(/\.$/);
      if (row.default === undefined) expect(row.unset).toBeDefined();
      else expect(isAllowed(row, row.default)).toBe(true);
    }
  }
});

it("[M04] takes what each type needs, and no more", () => {
  const check = checkFor(LISTENERS_ROW);
  const files = { cert: "a.pem", key: "a.key" };
  const rules = { name: "n", anonymous: "refuse", proxyProtocol: ["unix"], connectionsMax: 5 };
  check(
    [
      { type: "tcp", host: "::", port: 1, ...rules },
      { type: "tls", ...files, certificates: [files], clientCertificate: "required", ca: "c" },
      { type: "ws", path: "/mqtt", origins: ["https://a.example"] },
      { type: "wss", ...files, crl: "d", path: "/" },
      { type: "unix", path: "/run/b.sock", mode: "600", owner: "alice:mqtt" },
    ],
    "listeners",
  );
  expect(() => check([{ type: "unix" }], "listeners")).toThrow("listeners[0].path");
  expect(() => check([{ type: "tcp" }, { type: "ws", ca: "x" }], "listeners")).toThrow(
    "unknown key listeners[1].ca",
  );
  expect(() => check([{ type: "unix", path: "p", owner: ":" }], "listeners")).toThrow(
    'listeners[0].owner is ":"; allowed: names or numbers of a user',
  );
});
