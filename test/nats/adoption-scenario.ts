import { join } from "node:path";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";

export const CLIENT_ID = "sleeper";
const OTHERS = ["kept-1", "kept-2"];
const PATIENCE_MS = 60_000;

/** What became of the sessions of a node that was killed and stayed away for long. */
export interface Adoption {
  /** What CONNACK said at another node, to whom waited and to those that came when the node was back. */
  readonly present: readonly boolean[];
  readonly missing: readonly string[];
  /** How often each message came at QoS 2. */
  readonly doubled: readonly string[];
  readonly wills: readonly string[];
  /** From the end of its node to the last of what was acknowledged. */
  readonly tookMs: number;
  readonly unexpectedEnds: number;
  /** What the node said that came back. */
  readonly backLines: string;
  readonly otherLines: string;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Three processes of the built command, as a cluster of their own: one is killed with `SIGKILL`. */
export class AdoptionScenario {
  readonly #nodes: readonly ClusterNodeProcess[];

  constructor(servers: readonly string[], root: string, ports: readonly number[]) {
    this.#nodes = ["x", "y", "z"].map((name, at) => {
      const extra = ["--data-dir", join(root, `adoption-${name}`), "--cluster-name", "adoption"];
      return new ClusterNodeProcess(
        name,
        ports[at] ?? 0,
        ClusterNodeProcess.main(),
        servers,
        extra,
      );
    });
  }

  async run(): Promise<Adoption> {
    const [home, other, third] = this.#nodes as [
      ClusterNodeProcess,
      ClusterNodeProcess,
      ClusterNodeProcess,
    ];
    for (const node of this.#nodes) node.start();
    const wills: string[] = [];
    const listener = await patientClient(third, "listener", true);
    listener.on("message", (_topicName, payload) => void wills.push(String(payload)));
    await listener.subscribeAsync("wills", { qos: 1 });
    await this.#fill(home);
    const will = { topic: "wills", payload: Buffer.from("gone"), qos: 1, retain: false } as const;
    await patientClient(home, "mourned", true, { will });
    const sender = await patientClient(other, "sender", true);
    const sent = await send(sender, 0, 40);
    const underWay = send(sender, 40, 20);
    await home.kill("SIGKILL");
    const killedMs = performance.now();
    const present: boolean[] = [];
    const copies = new Map<string, number>();
    const waiting = await patientClient(third, CLIENT_ID, false, {}, copies, present);
    sent.push(...(await underWay));
    const missing = (): string[] => sent.filter((text) => !copies.has(text));
    await until(() => missing().length === 0);
    const tookMs = performance.now() - killedMs;
    await waiting.endAsync();
    const otherLines = (): string => [...other.lines, ...third.lines].join("\n");
    await until(() => /sessions of node x are at other nodes/.test(otherLines()));
    home.start();
    await (await patientClient(home, "anybody", true)).endAsync();
    for (const id of OTHERS) {
      await (await patientClient(other, id, false, {}, undefined, present)).endAsync();
    }
    await Promise.all([sender.endAsync(), listener.endAsync()]);
    return {
      ...{ present, missing: missing(), wills, tookMs },
      doubled: [...copies].filter(([text, count]) => text.endsWith("q2") && count > 1).map(first),
      unexpectedEnds: this.#nodes.reduce((sum, node) => sum + node.unexpectedEnds, 0),
      backLines: home.lines.join("\n"),
      otherLines: otherLines(),
    };
  }

  async end(): Promise<void> {
    for (const node of this.#nodes) await node.kill();
  }

  /** Clients with sessions there that have gone. */
  async #fill(home: ClusterNodeProcess): Promise<void> {
    const sleeper = await patientClient(home, CLIENT_ID, false);
    await sleeper.subscribeAsync("t/1", { qos: 2 });
    await sleeper.endAsync();
    for (const id of OTHERS) await (await patientClient(home, id, false)).endAsync();
  }
}

/** Connected as soon as the node takes it; one that is refused or cut off tries again. */
export async function patientClient(
  { port, lines }: ClusterNodeProcess,
  clientId: string,
  clean: boolean,
  more: IClientOptions = {},
  copies = new Map<string, number>(),
  present: boolean[] = [],
): Promise<MqttClient> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const options = { clientId, clean, reconnectPeriod: 0, connectTimeout: 25_000, ...more };
    const client = connect(`mqtt://127.0.0.1:${port}`, options);
    client.on("error", () => undefined);
    client.on("message", (_topicName, payload, { dup }) => {
      const text = String(payload);
      if (!dup || !copies.has(text)) copies.set(text, (copies.get(text) ?? 0) + 1);
    });
    const isPresent = await new Promise<boolean | undefined>((resolve) => {
      client.once("connect", ({ sessionPresent }) => resolve(sessionPresent));
      client.once("close", () => resolve(undefined));
    });
    if (isPresent !== undefined) {
      present.push(isPresent);
      return client;
    }
    client.end(true);
    if (performance.now() > end) throw new Error(`${clientId}: ${lines.join("\n")}`);
    await wait(200);
  }
}

/** By address and by topic, at QoS 1 and 2. @returns what was acknowledged. */
export async function send(sender: MqttClient, from: number, count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      const qos = nth % 4 < 2 ? 1 : 2;
      const text = `${from + nth} q${qos}`;
      await sender.publishAsync(nth % 2 === 0 ? `d/p2p/${CLIENT_ID}` : "t/1", text, { qos });
      return text;
    }),
  );
}

/** What does not become so is found by whoever looks at what came of it. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo() && performance.now() < end) await wait(20);
}

const first = ([text]: readonly [string, number]): string => text;
