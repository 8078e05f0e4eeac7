import type fc from "fast-check";

/** A step of a model: what it is called in a failure, and what it does. */
export class Step<W> implements fc.Command<object, W> {
  readonly #text: string;
  readonly #run: (world: W) => void;

  constructor(text: string, run: (world: W) => void) {
    this.#text = text;
    this.#run = run;
  }

  check(): boolean {
    return true;
  }

  run(_: object, world: W): void {
    this.#run(world);
  }

  toString(): string {
    return this.#text;
  }
}
