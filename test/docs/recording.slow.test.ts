import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";

const script = (name: string) => import(String(new URL(`../../scripts/${name}`, import.meta.url)));

it("[S2] [S5] [S7] [P3] the README's recording shows what its commands print", async ({ skip }) => {
  skip(
    !canRun("mosquitto_pub", "--help"),
    "mosquitto_pub is not installed (Debian: mosquitto-clients)",
  );
  const { played, recordingFile } = await script("recording.mjs");
  const { recordingSvg } = await script("recording-svg.mjs");
  expect(recordingSvg(await played())).toBe(readFileSync(recordingFile, "utf8"));
});
