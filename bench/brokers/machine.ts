import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine in one line. */
export function machineLine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} x ${cpu?.model.trim() ?? "unknown CPU"}, ${gib} GiB, ${type()} ${release()}, Node ${process.version}`;
}

/** How busy it is with everything that runs on it: the load averages of 1, 5 and 15 minutes. */
export function loadLine(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(", ");
}
