import { type ConformanceCase, isAttack, type Section } from "./case.js";
import { type Knowledge, Lab } from "./lab.js";
import { NotObservable, type Outcome, Unmet } from "./outcome.js";
import type { Target } from "./target.js";
import { TargetPair } from "./target-pair.js";

/** What became of one case. */
export interface CaseResult {
  readonly section: Section;
  readonly case: ConformanceCase;
  readonly outcome: Outcome;
  /** Empty on a pass; else what came instead, or why the case cannot tell. */
  readonly detail: string;
  readonly tookMs: number;
}

/** How to run the cases. */
export interface RunOptions {
  readonly knowledge?: Knowledge;
  /** Another address of the same broker: of each case every other connection goes there. */
  readonly second?: Target;
  /** How many cases run side by side; those that wait for time all do, after the others. */
  readonly concurrency?: number;
  /** Called as each case ends. */
  readonly ended?: (result: CaseResult) => void;
}

interface Job {
  readonly section: Section;
  readonly case: ConformanceCase;
  readonly token: string;
}

/** Runs every case of the sections against one broker; the results come in the cases' order. */
export async function runSections(
  target: Target,
  sections: readonly Section[],
  options: RunOptions = {},
): Promise<CaseResult[]> {
  const run = Math.floor(Math.random() * 36 ** 4);
  const jobs = sections
    .flatMap((section) => section.cases.map((one) => ({ section, case: one })))
    .map((job, index) => ({ ...job, token: tokenOf(run, index) }));
  const results = new Map<Job, CaseResult>();
  const runJob = async (job: Job) => {
    const { second, knowledge } = options;
    const place = second === undefined ? target : new TargetPair(target, second);
    const result = await runCase(place, job.section, job.case, job.token, knowledge);
    results.set(job, result);
    options.ended?.(result);
  };
  const quick = jobs.filter((job) => job.case.lastsSeconds === undefined);
  const slow = jobs.filter((job) => job.case.lastsSeconds !== undefined);
  const wide = quick.filter((job) => job.case.isWide);
  await inParallel(wide, 1, runJob);
  await inParallel(
    quick.filter((job) => !job.case.isWide),
    options.concurrency ?? 16,
    runJob,
  );
  await inParallel(slow, slow.length, runJob);
  return jobs.map((job) => results.get(job) as CaseResult); // every job was run
}

/**
 * Runs one case, with an innocent pair of Clients beside it if it is an attack, and cleans up.
 *
 * @param token - At most 12 alphanumeric characters that no other case of any run uses.
 */
export async function runCase(
  target: Target,
  section: Section,
  one: ConformanceCase,
  token: string,
  knowledge?: Knowledge,
): Promise<CaseResult> {
  const lab = new Lab(target, token, knowledge);
  const startMs = performance.now();
  let outcome: Outcome = "pass";
  let detail = "";
  try {
    for (const key of one.needs ?? []) lab.know(key);
    const canary = isAttack(one) ? await lab.canary() : undefined;
    await one.run(lab);
    await canary?.check();
  } catch (error) {
    outcome = error instanceof NotObservable ? "not observable" : "fail";
    detail = sentenceOf(error);
  }
  await lab.cleanUp();
  return { section, case: one, outcome, detail, tookMs: performance.now() - startMs };
}

/** A failed expectation or a refused connection is one line; a bug of a case keeps its stack. */
function sentenceOf(error: unknown): string {
  if (error instanceof Unmet || error instanceof NotObservable) return error.message;
  if (error instanceof Error && "code" in error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function tokenOf(run: number, index: number): string {
  return `c${run.toString(36).padStart(4, "0")}${index.toString(36).padStart(3, "0")}`;
}

async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  let at = 0;
  const lane = async () => {
    for (let item = items[at++]; item !== undefined; item = items[at++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
