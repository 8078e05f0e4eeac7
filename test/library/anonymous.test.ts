import { expect, it, vi } from "vitest";
import { authenticateBy } from "../../src/library/anonymous.js";
import type { ConnectAttempt } from "../../src/ports/policy.js";

const attempt = (more: Partial<ConnectAttempt> = {}): ConnectAttempt => ({
  clientId: "c",
  username: undefined,
  password: undefined,
  remoteAddress: "",
  cleanSession: true,
  keepAliveSeconds: 0,
  protocolLevel: 4,
  request: undefined,
  certificate: undefined,
  isWanted: () => true,
  listener: "l",
  ...more,
});

it.each([
  ["accept", "accepted"],
  ["refuse", "refused"],
] as const)("%s decides for those without credentials, and for nobody else", (rule, kind) => {
  const authenticate = vi.fn();
  const answer = vi.fn();
  authenticateBy(rule, authenticate, attempt(), answer);
  expect(answer.mock.calls[0]?.[0]).toMatchObject({ kind });
  expect(authenticate).not.toHaveBeenCalled();
  const certificate = { subject: {}, fingerprint256: "" };
  for (const more of [{ username: "" }, { certificate }]) {
    authenticateBy(rule, authenticate, attempt(more), answer);
  }
  authenticateBy("ask", authenticate, attempt(), answer);
  expect(authenticate).toHaveBeenCalledTimes(3);
  expect(answer).toHaveBeenCalledTimes(1);
});
