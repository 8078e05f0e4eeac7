import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { Aedes, type AedesOptions } from "aedes";
import type { CaseResult } from "beeline-conformance";
import { launch, type RunningServer } from "../../bench/brokers/servers.js";
import { createBroker } from "../../src/index.js";
import { PLACE } from "./programs.js";
import { type Examined, KNOWLEDGE, runPlain, runTold, WIDE } from "./runs.js";

/** Topics as long as the standard has them: by default longer ones than 4 KiB are refused. [T4] */
const LONG_TOPICS = ["--topic-bytes-max", `${WIDE}`];

/** An identifier the broker refuses, where it can be told one. */
const NOBODY = "nobody";

/** The built server, and the library for what needs hooks. */
export async function runBeeline(): Promise<Examined> {
  const durable = await beeline((folder) => ["--data-dir", `${folder}/data`, ...LONG_TOPICS]);
  const results = await runPlain(durable.port);
  await durable.stop();
  const memory = await beeline(() => ["--memory", ...LONG_TOPICS]);
  const inMemory = await runPlain(memory.port);
  await memory.stop();
  const notPassed = inMemory.filter(({ outcome }) => outcome !== "pass");
  results.push(...notPassed);
  const broker = createBroker({
    authenticate: ({ clientId, password }) => {
      if (clientId === NOBODY) return { kind: "refused", returnCode: 2 };
      const isRight =
        password !== undefined && Buffer.from(password).toString() === KNOWLEDGE.password;
      return isRight ? { kind: "accepted" } : { kind: "refused", returnCode: 4 };
    },
    mayPublish: (_from, topicName) => topicName !== KNOWLEDGE.forbiddenTopic,
    maySubscribe: (_from, topicFilter) => topicFilter !== KNOWLEDGE.forbiddenFilter,
    limits: { inFlightMax: WIDE, queueMessagesMax: WIDE },
  });
  const { port } = await broker.listen({ port: 0 });
  const knowledge = { ...KNOWLEDGE, refusedClientId: NOBODY, window: WIDE };
  results.push(...(await runTold(port, knowledge)));
  await broker.close();
  return {
    version: `Beeline ${versionIn("package.json")}`,
    how:
      `\`beeline start ${LONG_TOPICS.join(" ")}\`, durable (with \`--memory\` ` +
      `${inMemory.length - notPassed.length} of ${inMemory.length} cases pass, too); the cases that need ` +
      "a user, a refusal or a window of 65,535 against `createBroker` with a policy. Beeline's own " +
      "decisions count like the standard here.",
    results,
  };
}

function beeline(flags: (folder: string) => readonly string[]): Promise<RunningServer> {
  return launch(PLACE, (port, folder) => [
    ...[process.execPath, "dist/cli/main.js", "start", "--host", "127.0.0.1"],
    ...["--port", String(port), ...flags(folder)],
  ]);
}

/** The npm package `aedes` in this process. */
export async function runAedes(): Promise<Examined> {
  const stray: unknown[] = [];
  const note = (error: unknown): void => void stray.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  const results = await served({}, runPlain);
  const knowledge = { ...KNOWLEDGE, refusedClientId: NOBODY, window: WIDE };
  results.push(...(await served(AEDES_POLICY, (port) => runTold(port, knowledge))));
  process.off("uncaughtException", note).off("unhandledRejection", note);
  const thrown = stray.length === 0 ? "" : ` It threw ${stray.length} errors nobody caught.`;
  return {
    version: `Aedes ${versionIn("node_modules/aedes/package.json")}`,
    how:
      "The npm package behind `net.createServer`, concurrency 100; the cases that need a user or a " +
      `refusal with \`authenticate\`, \`authorizePublish\` and \`authorizeSubscribe\`.${thrown}`,
    results,
  };
}

const AEDES_POLICY: AedesOptions = {
  authenticate: ({ id }, _username, password, done) => {
    if (id === NOBODY) return done(refusal(2), false);
    if (`${password}` === KNOWLEDGE.password) return done(null, true);
    return done(refusal(4), false);
  },
  authorizePublish: (_client, { topic }, done) =>
    done(topic === KNOWLEDGE.forbiddenTopic ? new Error("forbidden") : null),
  authorizeSubscribe: (_client, subscription, done) =>
    done(null, subscription.topic === KNOWLEDGE.forbiddenFilter ? null : subscription),
};

function refusal(returnCode: number) {
  return Object.assign(new Error("refused"), { returnCode });
}

async function served(
  options: AedesOptions,
  run: (port: number) => Promise<CaseResult[]>,
): Promise<CaseResult[]> {
  const aedes = await Aedes.createBroker({ concurrency: 100, ...options });
  const server = createServer({ noDelay: true }, aedes.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const results = await run((server.address() as AddressInfo).port); // it listens on TCP
  server.close();
  await new Promise<void>((resolve) => aedes.close(resolve));
  return results;
}

function versionIn(file: string): string {
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
