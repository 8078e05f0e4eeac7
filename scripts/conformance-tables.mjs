/**
 * `node scripts/conformance-tables.mjs`: runs the conformance suite against this broker, Mosquitto and Aedes
 * and writes spec-notes/conformance-*.md, dated and with versions. `aedes` behind it runs one of them.
 *
 * Each is run twice: as it comes, and told a user, a refusal, a forbidden topic and the widest window,
 * for the cases that need those. Mosquitto is left out where the system has none.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare({ devDependencies: true });
const { asMarkdown, asText, reportOf, runSections, SECTIONS, TcpTarget } = await import(
  "beeline-conformance"
);

const USER = { username: "user", password: "right" };
const KNOWLEDGE = {
  ...USER,
  refusedUsername: "user",
  refusedPassword: "wrong",
  forbiddenTopic: "forbidden/by/policy",
  forbiddenFilter: "forbidden/filter/#",
};
/** An identifier the broker refuses, where it can be told one. */
const NOBODY = { refusedClientId: "nobody" };
const WIDE = 65_535;

const BROKERS = {
  beeline: { run: runBeeline, isStrict: true },
  mosquitto: { run: runMosquitto, isStrict: false },
  aedes: { run: runAedes, isStrict: false },
};

const chosen = process.argv.slice(2);
for (const [name, { run, isStrict }] of Object.entries(BROKERS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const startMs = performance.now();
  const outcome = await run();
  if (outcome === undefined) continue;
  const subject = {
    name: outcome.version,
    how: outcome.how,
    date: new Date().toISOString().slice(0, 10),
    seconds: (performance.now() - startMs) / 1_000,
  };
  const report = reportOf(outcome.results, { isStrict });
  writeFileSync(join(root, "spec-notes", `conformance-${name}.md`), asMarkdown(report, subject));
  console.log(asText(report, subject).split("\n").slice(-6).join("\n"));
}

async function runBeeline() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { createBroker } = await import("../dist/index.js");
  const folder = mkdtempSync(join(tmpdir(), "beeline-conformance-"));
  const start = (...flags) =>
    launch("node", (port) => [
      join(root, "dist", "cli", "main.js"),
      ...["start", "--host", "127.0.0.1", "--port", `${port}`, ...flags],
    ]);
  const plain = await start("--data-dir", folder);
  const results = await runPlain(plain.port);
  await plain.stop();
  rmSync(folder, { recursive: true });
  const memory = await start("--memory");
  const inMemory = await runPlain(memory.port);
  await memory.stop();
  const passed = inMemory.filter(({ outcome }) => outcome === "pass");
  results.push(...inMemory.filter((result) => !passed.includes(result)));
  const broker = createBroker({
    authenticate: ({ clientId, password }) => {
      if (clientId === NOBODY.refusedClientId) return { kind: "refused", returnCode: 2 };
      const isRight = password !== undefined && Buffer.from(password).toString() === USER.password;
      return isRight ? { kind: "accepted" } : { kind: "refused", returnCode: 4 };
    },
    mayPublish: (_from, topicName) => topicName !== KNOWLEDGE.forbiddenTopic,
    maySubscribe: (_from, topicFilter) => topicFilter !== KNOWLEDGE.forbiddenFilter,
    limits: { inFlightMax: WIDE, queueMessagesMax: WIDE },
  });
  const { port } = await broker.listen({ port: 0 });
  results.push(...(await runTold(port, { ...KNOWLEDGE, ...NOBODY, window: WIDE })));
  await broker.close();
  return {
    version: `Beeline ${version}`,
    how:
      `\`beeline start\` with its defaults, durable (with \`--memory\` ${passed.length} of ` +
      `${inMemory.length} cases pass, too); the cases that need ` +
      "a user, a refusal or a window of 65,535 against `createBroker` with a policy. Beeline's own " +
      "decisions count like the standard here.",
    results,
  };
}

async function runMosquitto() {
  const { stdout = "" } = spawnSync("mosquitto", ["-h"], { encoding: "utf8" });
  const [, version] = /^mosquitto version (\S+)/.exec(stdout ?? "") ?? [];
  if (version === undefined) {
    console.log("mosquitto is not installed: its table stays as it is");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "beeline-conformance-"));
  chmodSync(folder, 0o755); // Mosquitto gives up its rights before it reads its files
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o644 });
    return join(folder, name);
  };
  const passwords = join(folder, "passwords");
  writeFileSync(passwords, "user:right\nreader:right\n");
  spawnSync("mosquitto_passwd", ["-U", passwords]);
  chmodSync(passwords, 0o644);
  const rules = `user user
topic readwrite #
topic deny ${KNOWLEDGE.forbiddenTopic}
user reader
topic readwrite #
`;
  const start = (name, lines) =>
    launch("mosquitto", (port) => {
      const config = ["persistence false", "log_type error", `listener ${port} 127.0.0.1`];
      return ["-c", file(name, `${[...config, ...lines].join("\n")}\n`)];
    });
  const plain = await start("plain.conf", ["allow_anonymous true"]);
  const results = await runPlain(plain.port);
  await plain.stop();
  const told = await start("told.conf", [
    "allow_anonymous false",
    `password_file ${passwords}`,
    `acl_file ${file("rules", rules)}`,
    "max_inflight_messages 0",
    "max_queued_messages 0",
  ]);
  // Its ACL file restricts what is delivered, not what may be subscribed to.
  const { forbiddenFilter: _, ...knowledge } = KNOWLEDGE;
  const reader = { readerUsername: "reader", readerPassword: "right" };
  results.push(...(await runTold(told.port, { ...knowledge, ...reader, window: WIDE })));
  await told.stop();
  rmSync(folder, { recursive: true });
  return {
    version: `Mosquitto ${version}`,
    how:
      "Debian's package, without persistence; the cases that need a user, a refusal or a window with " +
      "a password file, an ACL file, `max_inflight_messages 0` and `max_queued_messages 0`.",
    results,
  };
}

async function runAedes() {
  const { version } = JSON.parse(
    readFileSync(join(root, "node_modules", "aedes", "package.json"), "utf8"),
  );
  const { Aedes } = await import("aedes");
  const serve = async (aedes, run) => {
    const server = createServer({ noDelay: true }, aedes.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const results = await run(server.address().port);
    server.close();
    await new Promise((resolve) => aedes.close(resolve));
    return results;
  };
  const stray = [];
  const note = (error) => stray.push(`${error}`);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  const results = await serve(await Aedes.createBroker({ concurrency: 100 }), runPlain);
  const policy = {
    authenticate: ({ id }, _username, password, done) => {
      if (id === NOBODY.refusedClientId) return done(refusal(2), false);
      if (`${password}` === USER.password) return done(null, true);
      return done(refusal(4), false);
    },
    authorizePublish: (_client, { topic }, done) =>
      done(topic === KNOWLEDGE.forbiddenTopic ? new Error("forbidden") : null),
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === KNOWLEDGE.forbiddenFilter ? null : subscription),
  };
  const told = await Aedes.createBroker({ concurrency: 100, ...policy });
  results.push(
    ...(await serve(told, (port) => runTold(port, { ...KNOWLEDGE, ...NOBODY, window: WIDE }))),
  );
  process.off("uncaughtException", note).off("unhandledRejection", note);
  const thrown = stray.length === 0 ? "" : ` It threw ${stray.length} errors nobody caught.`;
  return {
    version: `Aedes ${version}`,
    how:
      "The npm package behind `net.createServer`, concurrency 100; the cases that need a user or a " +
      `refusal with \`authenticate\`, \`authorizePublish\` and \`authorizeSubscribe\`.${thrown}`,
    results,
  };
}

function refusal(returnCode) {
  return Object.assign(new Error("refused"), { returnCode });
}

/** The cases that need to be told nothing. */
function runPlain(port) {
  return run(port, ({ needs = [] }) => needs.length === 0, {});
}

/** The cases that need to be told something. */
function runTold(port, knowledge) {
  return run(port, ({ needs = [] }) => needs.length > 0, knowledge);
}

function run(port, isWanted, knowledge) {
  const sections = SECTIONS.map((section) => ({
    ...section,
    cases: section.cases.filter(isWanted),
  }));
  return runSections(new TcpTarget({ host: "127.0.0.1", port }), sections, { knowledge });
}

/** Starts a server on a free port and waits until it accepts connections. */
async function launch(program, argsFor) {
  const idle = createServer().listen(0, "127.0.0.1");
  await once(idle, "listening");
  const { port } = idle.address();
  idle.close();
  await once(idle, "close");
  const command = program === "node" ? process.execPath : program;
  const server = spawn(command, argsFor(port), { stdio: "ignore" });
  const ended = once(server, "exit");
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (tries > 100 || server.exitCode !== null) throw new Error(`${program} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
  };
  return { port, stop };
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
