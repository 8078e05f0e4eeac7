import { FLAGS, type Flag, type GivenOptions, UsageError } from "./flags.js";
import type { BenchOptions, ScenarioName } from "./options.js";

/** One line of the list of what can be run. */
export interface ScenarioEntry {
  readonly name: string;
  /** The scenario it runs: its own name, or the one a preset stands on. */
  readonly scenario: ScenarioName;
  readonly help: string;
  /** What it sets; flags may change all of it. */
  readonly defaults: GivenOptions;
}

/** The scenarios, then the presets, in the order of a help text. */
export const SCENARIOS: readonly ScenarioEntry[] = [
  scenario("pairs", "N publishers to N receivers, each to its own", { count: 50, window: 20 }),
  scenario("fanout", "every receiver gets every message", { count: 1000, window: 4 }),
  scenario("fanin", "N publishers to one receiver", { count: 500, window: 10 }),
  scenario("connect", "connect N clients and hold them idle", { count: 1000 }),
  scenario("latency", "pairs at a fixed rate, timed from when each message was due", {
    count: 100,
    ratePerSecond: 5000,
  }),
  scenario("matching", "many subscriptions, random topics, each matching exactly one", {
    count: 100,
    publishers: 10,
    window: 100,
    subscriptions: 100_000,
  }),
  scenario("slow-reader", "a fan-out before and after some receivers stop reading", {
    count: 1000,
    frozen: 1,
    ratePerSecond: 20,
    fillMib: 8,
  }),
  scenario(
    "retained",
    "a new client subscribes to # and gets all retained messages, again and again",
    {
      count: 10_000,
    },
  ),
  scenario("reconnect", "all connections are gone at once and come back at once, again and again", {
    count: 10_000,
  }),
  preset("conn-tcp-5K", "connect", "open MQTT benchmark suite: 5,000 clients, 500 a second", {
    count: 5000,
    connectsPerSecond: 500,
  }),
  preset("fanout-1-1K", "fanout", "the suite: 1 to 1,000, 50 messages a second, QoS 1, 16 bytes", {
    count: 1000,
    ratePerSecond: 50,
    qos: 1,
    payloadBytes: 16,
    durationSeconds: 10,
  }),
  preset(
    "p2p-1K-1K",
    "pairs",
    "the suite: 1,000 pairs, one message a second each, QoS 1, 16 bytes",
    {
      ...suitePairs(),
      p2p: false,
    },
  ),
  preset("direct-1K-1K", "pairs", "the same traffic by address, without one subscription", {
    ...suitePairs(),
    p2p: true,
  }),
];

/**
 * All options of a run: the entry's defaults with `given` laid over them.
 *
 * @throws {@link UsageError} naming what does not fit together.
 */
export function benchOptions(entryName: string, given: GivenOptions): BenchOptions {
  const entry = scenarioEntry(entryName);
  refuse(
    given.window !== undefined && given.ratePerSecond !== undefined,
    "--window and --rate exclude each other: a rate does not wait for answers",
  );
  const options: BenchOptions = {
    ...COMMON_DEFAULTS,
    run: (Math.random() * 2 ** 32) >>> 0,
    ...entry.defaults,
    ...(given.window === undefined ? {} : { ratePerSecond: 0 }),
    ...given,
    scenario: entry.scenario,
  };
  refuse(
    options.scenario === "slow-reader" && options.frozen >= options.count,
    `--frozen ${options.frozen}: at least one of --count ${options.count} must go on reading`,
  );
  refuse(
    options.scenario === "matching" && options.subscriptions < options.count,
    `--subscriptions ${options.subscriptions}: fewer than the --count ${options.count} receivers`,
  );
  refuse(
    options.processes > smallestGroup(options),
    `--processes ${options.processes}: more than there are clients to deal out`,
  );
  refuse(
    options.processes > 1 && !scenariosOf("processes").includes(options.scenario),
    `--processes ${options.processes}: ${options.scenario} runs in one process`,
  );
  return options;
}

/**
 * Reads a command line: `SCENARIO [flag [value]]...`, `--flag=value` or `-f value`.
 *
 * @throws {@link UsageError} naming the exact argument and what is wrong with it.
 */
export function parseBenchArguments(args: readonly string[]): BenchOptions {
  const [entryName, ...rest] = args;
  if (entryName === undefined) throw new UsageError(`which scenario? One of: ${names()}`);
  const { scenario } = scenarioEntry(entryName);
  let given: GivenOptions = {};
  for (let at = 0; at < rest.length; at += 1) {
    const argument = rest[at] as string;
    const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
    const written = equals < 0 ? argument : argument.slice(0, equals);
    const flag = flagNamed(written);
    if (!flag.scenarios.includes(scenario)) {
      throw new UsageError(
        `${written} has no meaning for ${entryName}, only for ${flag.scenarios.join(", ")}`,
      );
    }
    let value = equals < 0 ? undefined : argument.slice(equals + 1);
    if (flag.value !== undefined && value === undefined) {
      at += 1;
      value = rest[at];
    }
    given = { ...given, ...givenBy(flag, written, value) };
  }
  return benchOptions(entryName, given);
}

/** The flags that mean something to an entry of {@link SCENARIOS}. */
export function flagsOf(entryName: string): readonly Flag[] {
  const { scenario } = scenarioEntry(entryName);
  return FLAGS.filter(({ scenarios }) => scenarios.includes(scenario));
}

/** The help text of the generator, of the scenarios and of all flags. */
export function benchHelp(command: string): string {
  const scenarios = SCENARIOS.map(({ name, help }) => `  ${name.padEnd(14)}${help}`);
  const flags = FLAGS.map(({ name, short, value, help, scenarios }) => {
    const shown = `${short === undefined ? "    " : `-${short}, `}--${name} ${value ?? ""}`;
    const only = scenarios.length < 5 ? ` [${scenarios.join(", ")}]` : "";
    return `  ${shown.padEnd(28)}${help}${only}`;
  });
  return [
    `${command} SCENARIO [flags]   measures the MQTT 3.1.1 broker at --host and --port`,
    "",
    "Scenarios:",
    ...scenarios,
    "",
    "Flags:",
    ...flags,
    `  ${"    --json".padEnd(28)}print the whole report as JSON`,
    "",
    "Exit code: 0 measured, 1 the run failed or the broker broke a promise, 2 an invalid flag or value.",
  ].join("\n");
}

const COMMON_DEFAULTS = {
  host: "127.0.0.1",
  port: 1883,
  receiversAt: [],
  tls: undefined,
  username: undefined,
  password: undefined,
  sourceAddresses: [],
  count: 1,
  publishers: 1,
  p2p: false,
  persistent: false,
  parent: "bench",
  qos: 0,
  payloadBytes: 64,
  window: 1,
  ratePerSecond: 0,
  connectsPerSecond: 0,
  subscriptions: 0,
  wildcardPercent: 0,
  frozen: 0,
  fillMib: 0,
  warmupSeconds: 1,
  durationSeconds: 5,
  processes: 1,
  serverPid: undefined,
  seed: 1,
} as const satisfies Omit<BenchOptions, "scenario" | "run">;

function scenario(name: ScenarioName, help: string, defaults: GivenOptions): ScenarioEntry {
  return { name, scenario: name, help, defaults };
}

function preset(
  name: string,
  base: ScenarioName,
  help: string,
  defaults: GivenOptions,
): ScenarioEntry {
  return { name, scenario: base, help, defaults };
}

function suitePairs(): GivenOptions {
  return { count: 1000, ratePerSecond: 1000, qos: 1, payloadBytes: 16, durationSeconds: 10 };
}

function scenarioEntry(name: string): ScenarioEntry {
  const entry = SCENARIOS.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new UsageError(`no scenario "${name}". One of: ${names()}`);
  return entry;
}

function flagNamed(written: string): Flag {
  const found = FLAGS.find(
    ({ name, short }) =>
      written === `--${name}` || (short !== undefined && written === `-${short}`),
  );
  if (found === undefined) throw new UsageError(`unknown flag ${written}`);
  return found;
}

function givenBy(flag: Flag, written: string, value: string | undefined): GivenOptions {
  if (flag.value === undefined && value !== undefined) {
    throw new UsageError(`${written} takes no value`);
  }
  if (flag.value !== undefined && value === undefined) {
    throw new UsageError(`${written} needs a value: ${flag.value}`);
  }
  try {
    return flag.read(value ?? "");
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${written}: ${error.message}`);
    throw error;
  }
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new UsageError(message);
}

function scenariosOf(flagName: string): readonly ScenarioName[] {
  return flagNamed(`--${flagName}`).scenarios;
}

/** The fewest clients of a role that are dealt out to processes. */
function smallestGroup({ scenario, count, publishers }: BenchOptions): number {
  return scenario === "matching" ? Math.min(count, publishers) : count;
}

function names(): string {
  return SCENARIOS.map(({ name }) => name).join(", ");
}
