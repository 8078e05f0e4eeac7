import { spawn } from "node:child_process";

/**
 * Tells systemd that the server is ready (`Type=notify`), by its own program: Node has no sockets
 * of that kind. Nothing happens where no systemd waits for it.
 *
 * @param fail - Told when it cannot be told.
 */
export function notifyReady(
  variables: { readonly NOTIFY_SOCKET?: string | undefined },
  fail: (why: string) => void,
): void {
  if (variables.NOTIFY_SOCKET === undefined) return;
  const child = spawn("systemd-notify", ["--ready", `--pid=${process.pid}`], { stdio: "ignore" });
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code) => {
    if (code !== 0) fail(`systemd-notify ended with ${code}`);
  });
  child.unref();
}
