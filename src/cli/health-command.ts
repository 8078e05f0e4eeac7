import { Command } from "commander";
import { askHealth } from "../admin/ask-health.js";
import type { Lines } from "../server/run-server.js";
import { addConfigFile, placeOf } from "./admin-place.js";

/** `beeline health`: asks a running server how it is. It throws when the answer is not well. */
export function healthCommand(lines: Lines): Command {
  const command = new Command("health")
    .description("ask a running server how it is; exit code 1 when it is not well")
    .option(
      "--url <url>",
      "its /healthz or /readyz (default: /healthz where its configuration says, else http://127.0.0.1:18083/healthz)",
    );
  addConfigFile(command);
  return command.action(async ({ url }: { url?: string }) => {
    const { isHealthy, words } = await askHealth(wholeUrl(url ?? (await placeOf(command)).url));
    if (!isHealthy) throw new Error(words);
    lines.out(words);
  });
}

/** The address alone asks for what the default does. */
function wholeUrl(url: string): string {
  return URL.canParse(url) && new URL(url).pathname === "/" ? new URL("/healthz", url).href : url;
}
