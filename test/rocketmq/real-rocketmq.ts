import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-ports.js";

const root = process.cwd();
const SERVER = join(root, "test/rocketmq/server");
const HEAP = "320m";
const START_MS = 120_000;

/** Why RocketMQ cannot be run here, in words. */
export function rocketMqLacks(): string | undefined {
  for (const [program, flag] of [
    ["javac", "-version"],
    ["mvn", "--version"],
  ] as const) {
    const { error, status } = spawnSync(program, [flag], { stdio: "ignore" });
    if (error !== undefined || status !== 0) return `${program} is not installed`;
  }
  return undefined;
}

/** Fetches what a `pom.xml` names, once for each of its versions. @returns the folder of the jars. */
export function jarsOf(pom: string): string {
  const text = readFileSync(pom, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const jars = join(root, ".cache", "jars", hash);
  if (existsSync(jars)) return jars;
  const fresh = `${jars}.${process.pid}`;
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  const settings = join(SERVER, "settings.xml");
  const args = ["-B", "-q", "-ntp", "-s", settings, "-f", pom, goal];
  run("mvn", [...args, "-DincludeScope=runtime", `-DoutputDirectory=${fresh}`]);
  if (!existsSync(jars)) renameSync(fresh, jars);
  return jars;
}

/** Compiles one file, once for each of its versions. @returns what a class path needs to run it. */
export function compiled(file: string, jars: string): string {
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
  const classes = join(root, ".cache", "classes", hash);
  if (!existsSync(classes)) {
    const fresh = `${classes}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    run("javac", ["-proc:none", "-cp", `${jars}/*`, "-d", fresh, file]);
    if (!existsSync(classes)) renameSync(fresh, classes);
  }
  return `${classes}:${jars}/*`;
}

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${stdout}${stderr}`);
}

/** Ports of one RocketMQ. The broker takes one more, two below its own. */
interface Ports {
  readonly nameServer: number;
  readonly broker: number;
  readonly grpc: number;
}

/**
 * A real Apache RocketMQ: name server, broker and gRPC proxy in one process, at 127.0.0.1 only, with its
 * data in a folder of its own.
 */
export class RealRocketMq {
  readonly #ports: Ports;
  readonly #topics: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), "beeline-rocketmq-"));
  readonly #flush: "ASYNC_FLUSH" | "SYNC_FLUSH";
  #process: ChildProcess | undefined;
  #said = "";

  /** Use {@link RealRocketMq.start}. */
  private constructor(
    ports: Ports,
    topics: readonly string[],
    flush: "ASYNC_FLUSH" | "SYNC_FLUSH",
  ) {
    this.#ports = ports;
    this.#topics = topics;
    this.#flush = flush;
  }

  /**
   * @param topics - `name`, `name:FIFO`, or `group:ORDERED` for a group that receives in order.
   * @param flush - `SYNC_FLUSH`: what it has said yes to outlives its `kill -9`, and a power cut.
   */
  static async start(
    topics: readonly string[],
    flush: "ASYNC_FLUSH" | "SYNC_FLUSH" = "ASYNC_FLUSH",
  ): Promise<RealRocketMq> {
    const [nameServer, broker, grpc] = [await freePort(), await freePort(), await freePort()];
    const rocketMq = new RealRocketMq({ nameServer, broker, grpc }, topics, flush);
    await rocketMq.again();
    return rocketMq;
  }

  get grpc(): string {
    return `127.0.0.1:${this.#ports.grpc}`;
  }

  get nameServer(): string {
    return `127.0.0.1:${this.#ports.nameServer}`;
  }

  /** Where its log is. */
  get folder(): string {
    return this.#folder;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** Starts it, with what an earlier run has left on disk. */
  async again(): Promise<void> {
    const { nameServer, broker, grpc } = this.#ports;
    const jars = jarsOf(join(SERVER, "pom.xml"));
    const folder = this.#folder;
    const conf = join(folder, "conf");
    mkdirSync(join(conf, "META-INF/service"), { recursive: true });
    const service = "META-INF/service/org.apache.rocketmq.store.ha.HAService";
    writeFileSync(join(conf, service), "RocketMq$NoReplication\n");
    writeFileSync(join(conf, "rmq.logback.xml"), LOGGING.replace("FOLDER", folder));
    const path = `${conf}:${compiled(join(SERVER, "RocketMq.java"), jars)}`;
    const ports = [nameServer, broker, grpc].map(String);
    const args = [...JAVA, `-Duser.home=${folder}`, `-Drocketmq.home.dir=${folder}`];
    args.push(`-Dflush=${this.#flush}`, "-cp", path, "RocketMq", folder, ...ports, ...this.#topics);
    const env = { ...process.env, ROCKETMQ_HOME: folder, RMQ_PROXY_HOME: folder };
    const child = spawn("java", args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#said = "";
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#failed("in time")), START_MS);
      child.once("exit", () => reject(this.#failed("to the end")));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          this.#said += text;
          if (!/^ready$/m.test(this.#said)) return;
          clearTimeout(timer);
          resolve();
        });
      }
    });
  }

  #failed(how: string): Error {
    return new Error(`RocketMQ did not start ${how}: ${this.#said}`);
  }

  /** `kill -9`. Its data stays. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends it, and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const JAVA = [
  ...[`-Xms${HEAP}`, `-Xmx${HEAP}`, "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC"],
  ...["-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1"],
  "--add-opens=java.base/java.nio=ALL-UNNAMED",
  "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
  "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
  // Without it the start makes test certificates, for seconds.
  "-Dtls.server.mode=disabled",
];

const LOGGING = `<configuration>
  <appender name="FILE" class="ch.qos.logback.core.FileAppender">
    <file>FOLDER/rocketmq.log</file>
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="FILE"/></root>
</configuration>
`;
