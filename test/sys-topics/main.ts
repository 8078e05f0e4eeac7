import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { ProgramFlags } from "../support/program-flags.js";
import { mosquittoSysTexts, ourSysTexts } from "./collect.js";
import { tableOf } from "./table.js";

/** `npm run sys-topics`: runs both servers and writes `spec-notes/sys-topics.md`. */
new ProgramFlags("npm run sys-topics", {}); // --help, and a slip, end it here
const [, version] = /version (\S+)/.exec(String(spawnSync("mosquitto", ["-h"]).stdout)) ?? [];
if (version === undefined) throw new Error("mosquitto is not installed: the table stays as it is");
const day = new Date().toISOString().slice(0, 10);
const text = tableOf(
  await ourSysTexts(),
  await mosquittoSysTexts(),
  `Mosquitto ${version}, ${day}.`,
);
writeFileSync("spec-notes/sys-topics.md", text);
console.log(text);
