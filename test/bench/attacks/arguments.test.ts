import { expect, it } from "vitest";
import { choiceOf, HELP } from "../../../bench/attacks/arguments.js";
import { RUNS } from "../../../bench/attacks/runs.js";
import { WrongUsage } from "../../../bench/brokers/arguments.js";
import { ATTACKS } from "../../../packages/bench/src/attack/attacks.js";
import { FLOODS } from "../../../packages/bench/src/attack/floods.js";

const choice = (line: string) => choiceOf(line.split(" ").filter((word) => word !== ""));

it("attacks everybody with everything unless told otherwise", () => {
  expect(choice("")).toEqual({
    runs: RUNS.map(({ name }) => name),
    servers: ["ours", "mosquitto", "aedes", "nats"],
    ...{ seconds: "10", scale: "1", out: "bench/results", dist: "dist", nice: 0, tries: 1 },
  });
});

it("knows every attack in the size of its title", () => {
  const whole = RUNS.filter(
    ({ times, crowd, door }) => times === 1 && crowd === 0 && door === "tcp",
  );
  expect(whole.map(({ name }) => name)).toEqual([...ATTACKS, ...FLOODS].map(({ name }) => name));
});

it("floods through every door that a flood has", () => {
  const floods = RUNS.filter(({ isFlood }) => isFlood);
  expect([...new Set(floods.map(({ attack }) => attack))]).toEqual(FLOODS.map(({ name }) => name));
  expect(choice("--door tls").runs).toEqual([
    "I01-tls",
    "I02-tls",
    "I03-tls",
    "K11-tls",
    "M02-tls",
  ]);
  expect(choice("--door ws,wss --only I01,I01-ws,K11-wss").runs).toEqual(["I01-ws", "K11-wss"]);
});

it("takes a niceness below nothing", () => {
  expect(choice("--nice -19 --servers ours").nice).toBe(-19);
  expect(choice("--nice 5").nice).toBe(5);
});

it("writes nothing when it is quick", () => {
  expect(choice("--quick --servers ours")).toMatchObject({
    ...{ runs: ["T2"], servers: ["ours"], seconds: "1", scale: "0.1", out: undefined },
  });
});

it.each([
  ["--only T0", '--only: "T0" is none of T1'],
  ["--door quic", '--door: "quic" is none of tcp, tls, ws, wss'],
  ["--servers emqx", '--servers: "emqx" is none of ours'],
  ["--tries 0", "--tries takes a whole number from 1"],
  ["--nice 20", "--nice takes a whole number from -20 to 19"],
  ["--fast", "Unknown option '--fast'"],
])("refuses %s", (line, message) => {
  expect(() => choice(line)).toThrow(WrongUsage);
  expect(() => choice(line)).toThrow(message);
});

it("explains itself", () => {
  expect(HELP).toContain("--servers LIST");
});
