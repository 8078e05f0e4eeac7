import { writeFileSync } from "node:fs";
import { asMarkdown, asText, reportOf } from "beeline-conformance";
import { runAedes, runBeeline } from "./javascript.js";
import { runMosquitto, runNats } from "./programs.js";
import type { Examined } from "./runs.js";

/**
 * `npm run conformance`: runs the conformance suite against this broker, Mosquitto, Aedes and
 * nats-server and writes spec-notes/conformance-*.md, dated and with versions. `-- aedes` runs one of
 * them. A server that this machine does not have keeps its table as it is.
 */
const BROKERS: Readonly<Record<string, () => Promise<Examined | undefined>>> = {
  beeline: runBeeline,
  mosquitto: runMosquitto,
  aedes: runAedes,
  nats: runNats,
};

const chosen = process.argv.slice(2);
const isAsked = chosen.includes("--help") || chosen.includes("-h");
const unknown = chosen.find((name) => !Object.hasOwn(BROKERS, name));
if (isAsked || unknown !== undefined) {
  if (!isAsked) console.error(`there is no broker ${unknown} here`);
  console[isAsked ? "log" : "error"](
    `usage: npm run conformance [-- ${Object.keys(BROKERS).join("|")} ...]`,
  );
  process.exit(isAsked ? 0 : 2);
}
for (const [name, run] of Object.entries(BROKERS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const startMs = performance.now();
  const examined = await run();
  if (examined === undefined) {
    console.log(`${name} is not installed: its table stays as it is`);
    continue;
  }
  const subject = {
    name: examined.version,
    how: examined.how,
    date: new Date().toISOString().slice(0, 10),
    seconds: (performance.now() - startMs) / 1_000,
  };
  // What we decided ourselves binds nobody else.
  const report = reportOf(examined.results, { isStrict: name === "beeline" });
  writeFileSync(`spec-notes/conformance-${name}.md`, asMarkdown(report, subject));
  console.log(asText(report, subject).split("\n").slice(-6).join("\n"));
}
