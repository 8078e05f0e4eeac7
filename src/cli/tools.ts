/** Where a program writes. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  /** A terminal here may get a live status line. */
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** A command that reads its own arguments. */
export interface Tool {
  readonly description: string;
  /** @returns the exit code. */
  run(args: readonly string[], streams: Streams): Promise<number>;
}

/** By name: packages of their own. Each is loaded only when it is called, so the server starts without them. */
export const TOOLS: Readonly<Record<string, Tool>> = {
  bench: {
    description: "measure any MQTT 3.1.1 broker",
    async run(args, streams) {
      const { runBench } = await import("beeline-bench");
      return runBench(args, { command: "beeline bench", ...streams });
    },
  },
  conformance: {
    description: "test any MQTT 3.1.1 broker against the standard",
    async run(args, { stdout, stderr }) {
      const { runCommandLine } = await import("beeline-conformance");
      return runCommandLine(args, {
        out: (text) => stdout.write(text),
        err: (text) => stderr.write(text),
      });
    },
  },
};
