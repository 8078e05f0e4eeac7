import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { writingWords } from "../files/file-words.js";
import type { Lines } from "../server/run-server.js";

/** `beeline import`: configurations of other brokers as one of ours. */
export function importCommand(lines: Lines): Command {
  const command = new Command("import").description(
    "turn the configuration of another broker into one for this server",
  );
  command
    .command("mosquitto")
    .description("turn a mosquitto.conf into a beeline.yaml, and list what has no counterpart")
    .argument("<file>", "mosquitto.conf of Mosquitto 2.0; include_dir is followed")
    .option(
      "-o, --output <file>",
      "File to write. Default: standard output. Nothing is overwritten.",
    )
    .addHelpText(
      "after",
      "\nNames of files are meant from the working folder: run it where Mosquitto runs. Whatever has no\n" +
        "counterpart is listed on standard error, with file and line. A listener that would let others in\n" +
        "than before is left out.\n",
    )
    .action(async (file: string, { output }: { output?: string }) => {
      const { importMosquitto } = await import("../server/mosquitto/import-mosquitto.js");
      const { yaml, notes } = importMosquitto(file);
      if (output === undefined) lines.out(yaml.trimEnd());
      else await writeNew(output, yaml);
      for (const { place, text } of notes) lines.err(`${place}: ${text}`);
      if (output !== undefined) lines.out(`wrote ${output}: beeline check -c ${output}`);
    });
  return command;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (isThere) throw new Error(`${file} is there already: nothing was written`);
    throw new Error(`${file} cannot be written: ${writingWords(error, file)}`);
  }
}
