import { errors } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { connectionText, isPassing, messageOf } from "../../src/nats/words.js";

const SERVERS = ["nats://a:4222", "nats://b:4222"];
const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

describe("connectionText", () => {
  it.each([
    [
      new errors.ConnectionError("connection refused"),
      /^no NATS server answers at nats:\/\/a:4222, nats:\/\/b:4222 .*start nats-server/,
    ],
    [
      coded("getaddrinfo ENOTFOUND a", "ENOTFOUND"),
      /a host of .* is not known: correct cluster\.servers/,
    ],
    [new errors.TimeoutError(), /nothing answers in time at .*: is that a NATS server/],
    [
      new errors.AuthorizationError("Authorization Violation"),
      /refuses to let this node in \(Authorization Violation\): give the file .* cluster\.credentials/,
    ],
    [
      new errors.UserAuthenticationExpiredError("User Authentication Expired"),
      /have expired: put new ones into the file of cluster\.credentials/,
    ],
    [new Error("unexpected response from server"), /what answers at .* is no NATS server/],
    [
      coded("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
      /of an authority that this node does not know: name its file as cluster\.tlsCa/,
    ],
    [
      coded("Hostname/IP does not match certificate's altnames", "ERR_TLS_CERT_ALTNAME_INVALID"),
      /is for another host name/,
    ],
    [coded("certificate has expired", "CERT_HAS_EXPIRED"), /has expired: renew it/],
    [
      new errors.ConnectionError("server does not support 'tls'"),
      /does not speak TLS: take away tls:\/\//,
    ],
    [
      coded("tlsv13 alert certificate required", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
      /refuses the certificate of this node, or wants one: see cluster\.tlsCert/,
    ],
    [
      new errors.ConnectionError("/x/ca.pem doesn't exist"),
      /a file of cluster\.tlsCa, .* cannot be used: \/x\/ca\.pem doesn't exist/,
    ],
    [new Error("strange\nand long"), /NATS at .* cannot be used: strange$/],
    [new Error(""), /cannot be used: it closed the connection$/],
  ])("says what is wrong and what to do: %s", (error, text) => {
    expect(connectionText(error, SERVERS)).toMatch(text);
  });

  it("finds the cause that a library hides", () => {
    const cause = coded("certificate has expired", "CERT_HAS_EXPIRED");
    const error = new errors.ConnectionError("connect failed", { cause });
    expect(connectionText(error, SERVERS)).toMatch(/has expired: renew it/);
  });
});

describe("isPassing", () => {
  it("waits for servers that do not answer yet, not for those that refuse", () => {
    expect(isPassing(new errors.ConnectionError("connection refused"))).toBe(true);
    expect(isPassing(coded("connect", "EHOSTUNREACH"))).toBe(true);
    expect(isPassing(new errors.TimeoutError())).toBe(true);
    const closed = "error connecting - node provided an undefined error"; // it just closed
    expect(isPassing(new errors.ConnectionError(closed))).toBe(true);
    expect(connectionText(new errors.ConnectionError(closed), SERVERS)).toMatch(
      /cannot be used: it closed the connection$/,
    );
    expect(isPassing(new errors.AuthorizationError("Authorization Violation"))).toBe(false);
    expect(isPassing(coded("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"))).toBe(false);
  });
});

describe("messageOf", () => {
  it("is one line, of whatever was thrown", () => {
    expect(messageOf(new Error("a\nb"))).toBe("a");
    expect(messageOf("text")).toBe("text");
  });
});
