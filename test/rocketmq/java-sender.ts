import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compiled, jarsOf } from "./real-rocketmq.js";

const CLIENTS = join(process.cwd(), "test/rocketmq/clients");
const SAMPLE = join(process.cwd(), "samples/java-rocketmq/src/main/java/RocketMqP2p.java");

/** Which SDK sends: RocketMQ 5's, that of 4.x and 5.x, the commercial service's, or an MQTT client. */
export type Sdk = "grpc" | "remoting" | "ons" | "mqtt";

function clientJars(): string {
  return jarsOf(join(CLIENTS, "pom.xml"));
}

/** Java programs that send, in one process: a start takes seconds. */
export class JavaSender {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #errors = "";

  /** @param mqtt - `host:port` of the server that its MQTT client publishes to. */
  constructor(grpc: string, nameServer: string, mqtt: string, folder: string) {
    const path = compiled(join(CLIENTS, "Sender.java"), clientJars());
    const args = ["-XX:TieredStopAtLevel=1", `-Duser.home=${folder}`, "-cp", path, "Sender"];
    const child = spawn("java", [...args, grpc, nameServer, mqtt], { cwd: folder });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#process = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when it is sent. */
  async send(
    sdk: Sdk,
    topic: string,
    body: string,
    properties: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const pairs = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    this.#process.stdin?.write(`${[sdk, topic, body, ...pairs].join("\t")}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error(`the sender has ended: ${this.#errors}`);
      if (value === "sent") return; // SDKs print lines of their own
    }
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGKILL");
    await gone;
  }
}

const SAMPLE_MS = 90_000;
/** Its SDK waits 3 s for the way to a topic, which a machine with other work may take. Nothing is sent by then. */
const TOO_SLOW = /RemotingTimeoutException|RemotingTooMuchRequestException/;

/** Runs the sample in Java. @returns what it prints. */
export async function runSample(...asked: Parameters<typeof sample>): Promise<string> {
  for (const endMs = Date.now() + SAMPLE_MS; ; ) {
    const { code, out } = await sample(...asked);
    if (code === 0) return out;
    if (Date.now() > endMs || !TOO_SLOW.test(out)) {
      throw new Error(`the sample has ended with ${code}: ${out}`);
    }
  }
}

async function sample(
  nameServer: string,
  clientId: string,
  folder: string,
): Promise<{ code: unknown; out: string }> {
  const args = [`-Duser.home=${folder}`, "-cp", compiled(SAMPLE, clientJars()), "RocketMqP2p"];
  const env = { ...process.env, ROCKETMQ_NAMESRV: nameServer, MQTT_CLIENT_ID: clientId };
  const child = spawn("java", args, { cwd: folder, env });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, out };
}
