/**
 * Signals that do not end the server, from now on. SIGHUP asks for a reload; it also comes when the
 * terminal is closed, after which nobody reads what is printed. SIGUSR1 would make Node open a port
 * for its debugger, through which whoever reaches it can run anything in this process.
 *
 * @param reload - Does it, and says what came of it.
 */
export function outliveSignals(reload: () => void): void {
  process.on("SIGUSR1", ignore);
  process.on("SIGHUP", reload);
  for (const output of [process.stdout, process.stderr]) output.on("error", ignore);
}

function ignore(): void {}
