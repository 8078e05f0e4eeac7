/**
 * `npm run bench -- cluster`: what a message and a CONNECT cost in a cluster, all its programs together,
 * beside one server, Mosquitto, and a cluster of nats-server's own MQTT.
 */
import { loadLine, machineLine } from "../brokers/machine.js";
import { commit, versionOf } from "../brokers/servers.js";
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { measured, type Round } from "./measure.js";
import { type Found, tablesOf, writeReport } from "./report.js";
import { type ClusterRow, clusterRows } from "./rows.js";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return 0;
  }
  try {
    await measure(choiceOf(args));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`bench cluster: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function measure(choice: Choice): Promise<void> {
  const versions = {
    nats: versionOf("nats-server", ["-v"], /v(\d\S+)/),
    mosquitto: versionOf("mosquitto", ["-h"], /mosquitto version (\S+)/),
  };
  if (versions.nats === undefined || versions.mosquitto === undefined) {
    throw new WrongUsage("nats-server or mosquitto is not installed");
  }
  const rows = clusterRows().filter(({ name }) => name.includes(choice.only));
  if (rows.length === 0) throw new WrongUsage(`--only: no row has "${choice.only}" in its name`);
  const loadBefore = loadLine();
  console.log(`${machineLine()}; load ${loadBefore}`);
  const found = await roundsOf(rows, choice);
  console.log(tablesOf(found).join("\n"));
  if (choice.out === undefined) return;
  writeReport(choice.out, found, {
    ...{ date: new Date().toISOString().slice(0, 10), commit: commit(), machine: machineLine() },
    ...{
      rounds: choice.rounds,
      seconds: choice.seconds,
      load: `${loadBefore}; then ${loadLine()}`,
    },
    versions: `nats-server ${versions.nats}, Mosquitto ${versions.mosquitto}`,
  });
}

/** Every other round the other way around, so that what drifts hits all. */
async function roundsOf(
  rows: readonly ClusterRow[],
  { rounds, seconds, nice }: Choice,
): Promise<readonly Found[]> {
  const place = { cpu: undefined, nice };
  const samples = new Map<string, Round[]>(rows.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const one = await measured(row, place, seconds);
      samples.get(row.name)?.push(one);
      const cpu = `${one.qos0.cpuUs.toFixed(2)} and ${one.qos1.cpuUs.toFixed(2)} us a message`;
      console.log(`${round + 1}/${rounds} ${row.name}: ${cpu} at QoS 0 and 1`);
    }
  }
  return rows.map(({ name }) => ({ name, rounds: samples.get(name) ?? [] }));
}
