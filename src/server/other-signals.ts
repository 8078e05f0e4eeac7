/**
 * Signals that do not end the server, from now on. SIGHUP asks for a reload; it also comes when the
 * terminal is closed, after which nobody reads what is printed. SIGUSR1 would make Node open a port
 * for its debugger, through which whoever reaches it can run anything in this process.
 *
 * @param say - Takes a line for the people who run the server.
 */
export function outliveSignals(say: (line: string) => void): void {
  process.on("SIGUSR1", ignore);
  process.on("SIGHUP", () => {
    say(
      "SIGHUP: nothing is reloaded, because options cannot change while the server runs: restart it",
    );
  });
  for (const output of [process.stdout, process.stderr]) output.on("error", ignore);
}

function ignore(): void {}
