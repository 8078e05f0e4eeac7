import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ConnectAttempt } from "../../src/engine.js";

/** A CONNECT as credentials see it: what a test does not say is ordinary. */
export function attempt(
  options: Partial<Omit<ConnectAttempt, "password">> & {
    readonly password?: string | Uint8Array;
  } = {},
): ConnectAttempt {
  const { password, ...rest } = options;
  return {
    clientId: "client",
    username: undefined,
    remoteAddress: "127.0.0.1:50412",
    listener: "mqtt://127.0.0.1:1883",
    cleanSession: true,
    keepAliveSeconds: 60,
    protocolLevel: 4,
    request: undefined,
    certificate: undefined,
    isWanted: () => true,
    password: typeof password === "string" ? new TextEncoder().encode(password) : password,
    ...rest,
  };
}

/** A folder for the files of one test file. */
export function scratch(): {
  path(name: string): string;
  file(name: string, text: string | Uint8Array): string;
} {
  const folder = mkdtempSync(join(tmpdir(), "beeline-auth-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    file: (name, text) => {
      writeFileSync(path(name), text, { mode: 0o600 });
      return path(name);
    },
  };
}
