import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { attackChoice, attackHelp } from "../../src/attack/arguments.js";

const choice = (line: string) => attackChoice(line.split(" ").filter((word) => word !== ""));

it("has defaults for all but the port", () => {
  const { attacks, ...rest } = choice("--port 1884");
  expect(attacks).toHaveLength(13); // all but the one that needs TLS
  expect(rest).toEqual({
    address: { host: "127.0.0.1", port: 1884 },
    ...{ pid: undefined, seconds: 10, scale: 1, sigterm: false, settleSeconds: 3, json: false },
  });
});

it("takes some attacks, in the order given", () => {
  const { attacks } = choice("--port 1 --only T3,t1 --seconds 0.5 --scale 0.01 --json");
  expect(attacks.map(({ name }) => name)).toEqual(["T3", "T1"]);
});

it("takes a port for TLS, and as whom clients are let in", () => {
  const { attacks, address } = choice("--port 1 --tls-port 2 --username anna --password secret");
  expect(attacks.map(({ name }) => name)).toContain("K11");
  expect(address).toEqual({
    ...{ host: "127.0.0.1", port: 1, tlsPort: 2, username: "anna", password: "secret" },
  });
  expect(choice("--port 1 --tls-port 2 --only k11").attacks).toHaveLength(1);
});

it("takes the door, and has a port for TLS where that door speaks it", () => {
  expect(choice("--port 1 --door ws").address).toEqual({ host: "127.0.0.1", port: 1, door: "ws" });
  for (const door of ["tls", "wss"]) {
    const { address, attacks } = choice(`--port 1 --door ${door}`);
    expect(address).toEqual({ host: "127.0.0.1", port: 1, door, tlsPort: 1 });
    expect(attacks.map(({ name }) => name)).toContain("K11");
  }
  expect(choice("--port 1 --door tls --tls-port 2").address.tlsPort).toBe(2);
});

describe("goes to this machine only", () => {
  it.each(["localhost", "127.0.0.1", "127.9.9.9", "::1"])("%s is", (host) => {
    expect(choice(`--port 1 --host ${host}`).address.host).toBe(host);
  });

  it.each([
    "10.0.0.1",
    "example.org",
    "0.0.0.0",
    "127.0.0.1.example.org",
    "::",
    "localhost.x",
    "128.0.0.1",
  ])("%s is refused", (host) => {
    expect(() => choice(`--port 1 --host ${host}`)).toThrow(`"${host}" is not this machine`);
  });
});

it.each([
  ["", "--port is missing"],
  ["--port 0", '--port: "0" is not a whole number from 1 to 65535'],
  ["--port 1 --seconds x", '--seconds: "x" is not a number from 0.1 to 600'],
  ["--port 1 --scale 21", '--scale: "21" is not a number from 0.001 to 20'],
  [
    "--port 1 --only T10",
    '--only: "T10" is none of T1, T2, T3, T4, T5, T6, T7, T8, T9, I01, I02, I03, K11, M02',
  ],
  ["--port 1 --only K11", "K11 needs --tls-port"],
  ["--port 1 --door ws --only K11", "K11 needs --tls-port"],
  ["--port 1 --door quic", '--door: "quic" is none of tcp, tls, ws, wss'],
  ["--port 1 --tls-port x", '--tls-port: "x" is not a whole number from 1 to 65535'],
  ["--port 1 --colour red", "Unknown option '--colour'"],
  ["--port 1 --sigterm", "--sigterm needs --pid, and one attack"],
  [`--port 1 --pid ${process.pid}`, `--pid: process ${process.pid} does not listen on port 1`],
])("refuses %j", (line, message) => {
  expect(() => choice(line)).toThrow(message);
});

it("takes a process that listens on the port, and ends it for one attack only", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
  const line = `--port ${port} --pid ${process.pid} --sigterm`;
  expect(choice(`${line} --only T2`)).toMatchObject({ pid: process.pid, sigterm: true });
  expect(() => choice(line)).toThrow("--sigterm needs --pid, and one attack");
  await new Promise((resolve) => server.close(resolve));
});

it("explains every flag and attack", () => {
  const help = attackHelp("attack");
  for (const word of ["--host", "--door", "--pid", "--sigterm", "T1  ", "T9  ", "K11  "])
    expect(help).toContain(word);
});
