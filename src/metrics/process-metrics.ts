import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const NS_PER_SECOND = 1e9;
/** How often the loop is looked at: a timer of the system that costs nothing to speak of. */
const LAG_RESOLUTION_MS = 20;
const GC_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

/** What goes on in the process: memory, processor, how late its event loop is, its collector. */
export interface ProcessMetrics {
  /** Takes the figures of now. */
  fill(): void;
  close(): void;
}

/** Adds them to a registry. */
export function addProcessMetrics(registry: Registry, version: string): ProcessMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const resident = gauge("mqtt_process_resident_memory_bytes", "Memory that the process holds.");
  const heap = gauge("mqtt_process_heap_used_bytes", "Memory of live JavaScript objects.");
  const started = gauge("mqtt_process_start_time_seconds", "When the process began, since 1970.");
  started.set(Date.now() / 1000 - process.uptime());
  new Gauge({
    ...{ name: "mqtt_build_info", help: "1, with the versions of server and Node.", registers },
    labelNames: ["version", "node"],
  }).set({ version, node: process.version }, 1);
  const cpu = new Counter({
    ...{ name: "mqtt_process_cpu_seconds_total", help: "Processor time that was used.", registers },
    labelNames: ["type"],
  });
  const lag = new Gauge({
    name: "mqtt_event_loop_lag_seconds",
    help: "How late the event loop was since the last answer: on average, at the 99th percentile, at most.",
    labelNames: ["type"],
    registers,
  });
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delays.enable();
  const collector = watchCollector(registry);
  return {
    fill: () => {
      const { rss, heapUsed } = process.memoryUsage();
      resident.set(rss);
      heap.set(heapUsed);
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc({ type: "user" }, user / 1e6);
      cpu.inc({ type: "system" }, system / 1e6);
      const isEmpty = delays.count === 0;
      lag.set({ type: "mean" }, isEmpty ? 0 : lateness(delays.mean));
      lag.set({ type: "p99" }, isEmpty ? 0 : lateness(delays.percentile(99)));
      lag.set({ type: "max" }, isEmpty ? 0 : lateness(delays.max));
      delays.reset();
    },
    close: () => {
      delays.disable();
      collector.disconnect();
    },
  };
}

/** Node tells the time between two looks: what is over the time planned is late. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NS_PER_SECOND - LAG_RESOLUTION_MS / 1000);
}

function watchCollector(registry: Registry): PerformanceObserver {
  const seconds = new Histogram({
    name: "mqtt_gc_seconds",
    help: "How long the garbage collector took, by the kind of collection.",
    labelNames: ["type"],
    buckets: GC_SECONDS,
    registers: [registry],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail; // of type gc
      seconds.observe({ type: KINDS[kind] ?? "other" }, entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return observer;
}

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weak callbacks",
};
