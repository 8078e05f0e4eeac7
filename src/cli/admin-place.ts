import { type Command, Option } from "commander";
import { type AdminPlace, adminPlace } from "../server/admin-place.js";
import { readEffective } from "../server/config/effective.js";

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
