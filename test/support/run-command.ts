import { runProgram } from "../../src/cli/program.js";

/** Runs `beeline` in this process: its exit code and what it has printed. */
export async function runCommand(...args: string[]) {
  const written = { out: "", err: "" };
  const code = await runProgram(args, {
    stdout: {
      write: (text) => {
        written.out += text;
      },
    },
    stderr: {
      write: (text) => {
        written.err += text;
      },
    },
  });
  return { code, ...written };
}
