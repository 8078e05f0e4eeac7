import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** One test of a file written for `tape`. */
export interface TapeTest {
  readonly name: string;
  /** Resolves when the test has passed, rejects with what failed first. */
  run(): Promise<void>;
}

type TestBody = (t: TapeAssertions) => void;

/**
 * Collects the tests of a CommonJS file that is written for `tape`, as it stands, and runs each in
 * isolation: an exception fails one test, where `tape` would end the process.
 *
 * @param modules - What `require` gives the file for these names, in the place of the real thing.
 */
export function collectTapeTests(
  file: string,
  modules: Readonly<Record<string, unknown>>,
): TapeTest[] {
  const tests: TapeTest[] = [];
  const tape = (name: string, body: TestBody) => tests.push({ name, run: () => runBody(body) });
  const requireReal = createRequire(file);
  const requireAny = (name: string) => {
    if (name === "tape") return tape;
    return name in modules ? modules[name] : requireReal(name);
  };
  new Function("require", "module", "exports", readFileSync(file, "utf8"))(requireAny, {}, {});
  return tests;
}

const SETTLED_MS = 1000;

async function runBody(body: TestBody): Promise<void> {
  const t = new TapeAssertions();
  body(t);
  const timer = setTimeout(() => t.giveUp(), SETTLED_MS);
  try {
    await t.finished;
  } finally {
    clearTimeout(timer);
  }
}

/** The part of `tape`'s interface that such files use. */
class TapeAssertions {
  readonly finished: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #planned: number | undefined;
  #count = 0;

  constructor() {
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.finished.catch(() => undefined); // it may reject before anybody waits for it
  }

  plan(count: number): void {
    this.#planned = count;
  }

  end(): void {
    if (this.#planned === undefined || this.#planned === this.#count) this.#resolve();
    else this.giveUp();
  }

  giveUp(): void {
    this.#reject(new Error(`${this.#count} assertions instead of ${this.#planned ?? "an end"}`));
  }

  comment(): void {
    // words for the reader of a report that nobody writes
  }

  pass(): void {
    this.#check(() => undefined);
  }

  fail(reason: unknown): void {
    this.#check(() => assert.fail(String(reason)));
  }

  ok(value: unknown): void {
    this.#check(() => assert.ok(value));
  }

  true(value: unknown): void {
    this.ok(value);
  }

  false(value: unknown): void {
    this.#check(() => assert.ok(!value));
  }

  equal(found: unknown, expected: unknown): void {
    this.#check(() => assert.strictEqual(found, expected));
  }

  deepEqual(found: unknown, expected: unknown): void {
    this.#check(() => assert.deepStrictEqual(found, expected));
  }

  deepLooseEqual(found: unknown, expected: unknown): void {
    this.#check(() => assert.deepEqual(found, expected));
  }

  #check(assertion: () => void): void {
    try {
      assertion();
    } catch (error) {
      this.#reject(error);
      return;
    }
    this.#count++;
    if (this.#planned === undefined) return;
    if (this.#count === this.#planned) setImmediate(() => this.#resolve());
    else if (this.#count > this.#planned) this.giveUp();
  }
}
