import { type ChildProcess, spawn } from "node:child_process";

/**
 * Runs programs as its children until it is told to end, so that one process stands for all of them:
 * what they use together is what this one and its children use.
 */
const commands = JSON.parse(process.argv[2] ?? "[]") as readonly (readonly string[])[];
const children: ChildProcess[] = [];
let isEnding = false;

function end(exitCode: number): void {
  if (isEnding) return;
  isEnding = true;
  process.exitCode = exitCode;
  for (const child of children) child.kill("SIGTERM");
  setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, 1_500).unref();
}

process.on("SIGTERM", () => end(0));
for (const [program = "", ...args] of commands) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  child.on("error", ({ message }) => {
    console.error(`${program}: ${message}`);
    end(1);
  });
  child.on("exit", (code) => {
    if (!isEnding) console.error(`${program} has ended with exit code ${code}`);
    end(1);
  });
  children.push(child);
}
