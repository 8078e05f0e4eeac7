import { type Command, InvalidArgumentError, Option } from "commander";
import { type AdminPlace, adminPlace } from "../server/admin-place.js";
import { readEffective } from "../server/config/effective.js";
import type { ApiAddress } from "./ctl/api-client.js";

/** Lets a command find the server by its configuration. */
export function addConfigFile(command: Command): void {
  command.addOption(
    new Option(
      "-c, --config <file>",
      "the server's configuration file, which says where it is (default: beeline.yaml in this folder, if it is there)",
    ),
  );
}

/** Where the server is, as its configuration file and variables say. @throws ConfigError */
export async function placeOf(command: Command): Promise<AdminPlace> {
  const { config: file } = command.opts<{ config?: string }>();
  const { given } = await readEffective({ file, flags: new Map(), variables: process.env });
  return adminPlace(given);
}

/** Lets a command ask a server: where it is, with which token, and in which form to answer. */
export function addApiFlags(command: Command, json: string): void {
  command
    .addOption(
      new Option(
        "--url <url>",
        "where its admin port is (default: as its configuration says, else http://127.0.0.1:18083)",
      ).argParser(address),
    )
    .option(
      "--token-file <file>",
      "file with its token (default: as its configuration says, else beeline-data/admin-token)",
    )
    .option("--json", json);
  addConfigFile(command);
}

/** What was said goes before what the configuration says; that is read only when it is needed. */
export async function addressOf(command: Command): Promise<ApiAddress> {
  const { url, tokenFile } = command.opts<Partial<ApiAddress>>();
  if (url !== undefined && tokenFile !== undefined) return { url, tokenFile };
  const place = await placeOf(command);
  const file = tokenFile ?? place.tokenFile;
  if (file !== undefined) return { url: url ?? place.url, tokenFile: file };
  throw new Error("a server without a data folder has no token, unless admin.tokenFile names one");
}

/** An address of HTTP; people leave the scheme out. @throws InvalidArgumentError */
function address(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) return url;
  throw new InvalidArgumentError("Allowed: URLs like http://127.0.0.1:18083.");
}
