import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true }>
>["values"];

/**
 * The flags of a program of this repository. `--help` prints how it is used, and what is no flag of its is
 * told before that.
 *
 * @param usage - As somebody types it: `npm run soak -- [--minutes N]`.
 */
export class ProgramFlags<T extends Options> {
  readonly values: Values<T>;
  readonly #usage: string;

  constructor(usage: string, options: T, args = process.argv.slice(2)) {
    this.#usage = usage;
    if (args.includes("--help") || args.includes("-h")) {
      console.log(`usage: ${usage}`);
      process.exit(0);
    }
    this.values = this.#parsed(options, args);
  }

  /** Ends the program: a flag has a value that cannot be. */
  wrong(why = "a flag has a value that it cannot have"): never {
    console.error(`${why}\nusage: ${this.#usage}`);
    process.exit(2);
  }

  #parsed(options: T, args: readonly string[]): Values<T> {
    try {
      return parseArgs({ args: [...args], options, strict: true }).values;
    } catch (error) {
      return this.wrong((error as Error).message);
    }
  }
}
