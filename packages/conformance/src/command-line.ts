import { parseArgs } from "node:util";
import { fullTitle, type Section } from "./case.js";
import type { Knowledge } from "./lab.js";
import { asJson, type Report, reportOf } from "./report.js";
import { asMarkdown, asText } from "./report-text.js";
import { type CaseResult, runSections } from "./runner.js";
import { SECTIONS } from "./sections.js";
import { TcpTarget } from "./tcp-target.js";

/** What `--help` prints. */
export const HELP = `Tests an MQTT 3.1.1 broker against the standard, over the network.

  conformance --host HOST --port PORT [options]

Prints a table by normative statement: pass, fail or not observable. The broker should be one
for tests: the suite creates sessions and retained messages, and removes them again.

  --host HOST            where the broker listens (127.0.0.1)
  --port PORT            its port (1883)
  --second HOST:PORT     another address of the same broker, such as a node of its cluster: every
                         other connection of a case goes there, but a client whose session is kept
                         comes back to the address it left; after a SUBACK cases wait a moment
  --name TEXT            what to call the broker in the report (HOST:PORT)

What you know about the broker. The more you tell, the more can be tested:
  --username USER        credentials it accepts, sent in every CONNECT
  --password TEXT        their password
  --refused-username USER   credentials it refuses
  --refused-password TEXT   their password
  --refused-client-id ID    a Client Identifier it refuses
  --forbidden-topic NAME    a topic that may be read and not published to
  --reader-username USER    who may read it, if not the user above
  --reader-password TEXT    that user's password
  --forbidden-filter FILTER a filter that may not be subscribed to
  --window COUNT            most QoS 1 and 2 messages it sends to one client without an acknowledgement

What to run, and how:
  --section TEXT         only sections whose name holds TEXT; may be repeated
  --case TEXT            only cases whose title holds TEXT; may be repeated
  --no-timing            leave out the cases that wait for time limits
  --strict               also test what Beeline decided where the standard leaves a choice
  --concurrency COUNT    cases side by side (16)
  --quiet-ms MS          how long nothing may arrive before it counts as silence (150)
  --patience-ms MS       how long to wait for something that must arrive (5000)
  --format FORMAT        text, markdown or json (text)
  --verbose              a line for each case as it ends, on standard error
  --list                 print the titles of the cases and run none
  --help                 print this

Exit code: 0 all pass, 1 some fail, 2 an invalid flag or value, or nobody answers at HOST:PORT.
`;

/** Where the command writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const OPTIONS = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "1883" },
  second: { type: "string" },
  name: { type: "string" },
  username: { type: "string" },
  password: { type: "string" },
  "refused-username": { type: "string" },
  "refused-password": { type: "string" },
  "refused-client-id": { type: "string" },
  "forbidden-topic": { type: "string" },
  "reader-username": { type: "string" },
  "reader-password": { type: "string" },
  "forbidden-filter": { type: "string" },
  window: { type: "string" },
  section: { type: "string", multiple: true },
  case: { type: "string", multiple: true },
  timing: { type: "boolean", default: true },
  strict: { type: "boolean", default: false },
  concurrency: { type: "string", default: "16" },
  "quiet-ms": { type: "string", default: "150" },
  "patience-ms": { type: "string", default: "5000" },
  format: { type: "string", default: "text" },
  verbose: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const options = { args: [...args], options: OPTIONS, allowNegative: true } as const;
  return parseArgs(options).values;
}

/** The command was called wrongly: exit code 2. */
class Misuse extends Error {}

/**
 * Runs the command.
 *
 * @param args - What stands behind the command's name.
 * @returns The exit code.
 */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  try {
    return await run(valuesOf(args), output);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    output.err(`${error.message}\nSee --help.\n`);
    return 2;
  }
}

function valuesOf(args: readonly string[]): Values {
  try {
    return parse(args);
  } catch (error) {
    throw new Misuse((error as Error).message); // parseArgs throws nothing but Errors
  }
}

async function run(values: Values, { out, err }: Output): Promise<number> {
  if (values.help) {
    out(HELP);
    return 0;
  }
  const format = formatOf(values.format);
  const sections = sectionsOf(values);
  if (values.list) {
    for (const section of sections) {
      for (const one of section.cases) out(`${section.name}: ${fullTitle(one)}\n`);
    }
    return 0;
  }
  const { host, second } = values;
  const port = wholeNumber("port", values.port, 1, 65_535);
  const address = `${host}:${port}`;
  const target = await targetOf(values, host, port);
  const other = second === undefined ? undefined : await secondOf(values, second);
  const startMs = performance.now();
  const results = await runSections(target, sections, {
    knowledge: knowledgeOf(values),
    concurrency: wholeNumber("concurrency", values.concurrency, 1, 1_000),
    ...(other === undefined ? {} : { second: other }),
    ...(values.verbose ? { ended: (result) => err(lineOf(result)) } : {}),
  });
  const seconds = (performance.now() - startMs) / 1_000;
  const isPartial = values.section !== undefined || values.case !== undefined;
  const report = reportOf(results, { isStrict: values.strict, isPartial });
  const date = new Date().toISOString().slice(0, 10);
  out(format(report, results, { name: values.name ?? address, date, seconds }));
  return report.failures.length > 0 ? 1 : 0;
}

type Format = (
  report: Report,
  results: readonly CaseResult[],
  subject: Parameters<typeof asText>[1],
) => string;

function formatOf(name: string): Format {
  if (name === "text") return (report, _results, subject) => asText(report, subject);
  if (name === "markdown") return (report, _results, subject) => asMarkdown(report, subject);
  if (name === "json") {
    return (report, results) => `${JSON.stringify(asJson(results, report), undefined, 2)}\n`;
  }
  throw new Misuse(`--format is ${name}; there are text, markdown and json`);
}

function sectionsOf(values: Values): Section[] {
  const isWanted = (text: string, wanted: readonly string[] | undefined) =>
    wanted === undefined || wanted.some((part) => text.includes(part));
  const sections = SECTIONS.filter(({ name }) => isWanted(name, values.section))
    .map((section) => ({
      ...section,
      cases: section.cases
        .filter((one) => isWanted(fullTitle(one), values.case))
        .filter(({ lastsSeconds }) => values.timing || lastsSeconds === undefined),
    }))
    .filter(({ cases }) => cases.length > 0);
  if (sections.length === 0) throw new Misuse("no case fits --section and --case; see --list");
  return sections;
}

/** @param text - As `--second` has it. */
function secondOf(values: Values, text: string): Promise<TcpTarget> {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === undefined || port === undefined) {
    throw new Misuse(`--second is ${text}; allowed is an address, such as 127.0.0.1:1884`);
  }
  // In brackets stands an IPv6 address.
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return targetOf(values, bare, wholeNumber("second", port, 1, 65_535));
}

async function targetOf(values: Values, host: string, port: number): Promise<TcpTarget> {
  const target = new TcpTarget({
    host,
    port,
    quietMs: wholeNumber("quiet-ms", values["quiet-ms"], 1, 60_000),
    patienceMs: wholeNumber("patience-ms", values["patience-ms"], 1, 600_000),
  });
  try {
    const wire = await target.dial({ received: () => {}, closed: () => {} });
    wire.destroy();
  } catch (error) {
    throw new Misuse(`nobody answers at ${host}:${port}: ${(error as Error).message}`);
  }
  return target;
}

function knowledgeOf(values: Values): Knowledge {
  const { window } = values;
  const known = {
    username: values.username,
    password: values.password,
    refusedUsername: values["refused-username"],
    refusedPassword: values["refused-password"],
    refusedClientId: values["refused-client-id"],
    forbiddenTopic: values["forbidden-topic"],
    readerUsername: values["reader-username"],
    readerPassword: values["reader-password"],
    forbiddenFilter: values["forbidden-filter"],
    window: window === undefined ? undefined : wholeNumber("window", window, 1, 65_535),
  };
  const given = Object.entries(known).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Knowledge; // the same object without its empty members
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Misuse(`--${name} is ${text}; allowed are whole numbers from ${least} to ${most}`);
}

function lineOf({ case: one, outcome, detail, tookMs }: CaseResult): string {
  const why = detail === "" ? "" : `: ${detail.split("\n")[0]}`;
  return `${outcome} ${Math.round(tookMs)} ms ${fullTitle(one)}${why}\n`;
}
