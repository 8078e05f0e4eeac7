/** Some events, up to this one, are told and need not be told again when the sink has settled so many. */
interface Mark {
  readonly number: number;
  readonly given: number;
  /** Where they stand in the journal. */
  readonly sequence: number;
}

/** How far a journal is told. */
export class ToldMarks {
  #marks: Mark[] = [];
  #told = 0;

  get areOpen(): boolean {
    return this.#marks.length > 0;
  }

  add(mark: Mark): void {
    this.#marks.push(mark);
  }

  /** The number of the last event that need not be told again. @param settled - By the sink. */
  toldAt(settled: number): number {
    const open = this.#marks.findIndex(({ given }) => given > settled);
    const done = this.#marks.splice(0, open === -1 ? this.#marks.length : open);
    this.#told = done.at(-1)?.number ?? this.#told;
    return this.#told;
  }

  /** Where the first events stand that may have to be told again; `undefined`: there are none. */
  get firstOpen(): number | undefined {
    return this.#marks[0]?.sequence;
  }
}
