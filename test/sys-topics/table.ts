import type { SysTexts } from "./collect.js";

/** What a topic means where it is not the same to both, or only one has it. */
const REMARKS: Readonly<Record<string, string>> = {
  "clients/active": "another name of clients/connected, as in Mosquitto",
  "clients/inactive": "another name of clients/disconnected, as in Mosquitto",
  "clients/expired": "ours: also sessions ended because there were too many",
  "heap/current": "ours: live JavaScript objects; Mosquitto's: what it has allocated",
  "heap/maximum": "ours: the most that was seen, every round",
  "messages/inflight": "Mosquitto has told it up to 1.4",
  "messages/stored": "another name of store/messages/count, as in Mosquitto",
  "publish/messages/sent":
    "to receivers, for the first time; Mosquitto counts what it resends, too",
  "retained messages/count": "Mosquitto counts its own topics, too",
  "store/messages/bytes": "ours: topics and payloads; Mosquitto's: payloads",
  "store/messages/count": "ours: retained and waiting; Mosquitto's: each message once",
  "subscriptions/count": "ours: with those that are shared",
  version: "its own name and number",
};

/** A topic without what stands for the minutes of an average. */
export function nameOf(topic: string): string {
  return topic.replace(/^\$SYS\/broker\//, "").replace(/\/(1|5|15)min$/, "/{1,5,15}min");
}

export function namesOf(texts: SysTexts): Set<string> {
  return new Set([...texts.keys()].map(nameOf));
}

/** The table of `spec-notes/sys-topics.md`. */
export function tableOf(ours: SysTexts, theirs: SysTexts, versions: string): string {
  const [own, other] = [namesOf(ours), namesOf(theirs)];
  const rows = [...new Set([...own, ...other])].sort().map((name) => {
    const cell = (has: boolean): string => (has ? "yes" : "no");
    return `| \`${name}\` | ${cell(own.has(name))} | ${cell(other.has(name))} | ${REMARKS[name] ?? ""} |`;
  });
  return [
    "# `$SYS` topics",
    "",
    "What both servers tell under `$SYS/broker/`, found by running them. Written by `npm run sys-topics`: do",
    `not edit. ${versions}`,
    "",
    "| `$SYS/broker/` | Beeline | Mosquitto | where they differ |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
