import { OPTIONS, type ServerOption } from "../option-table.js";
import type { Effective, Source } from "./effective.js";

/** Where options came from; one that is not in there counts as given by its flag. */
export type Sources = Effective["sources"];

/** An option as it was given: `--host`, `BEELINE_HOST` or `beeline.yaml:3:5: host`. */
export function nameOf(path: string, sources: Sources): string {
  const source = sourceOf(path, sources);
  if (source?.kind === "file") return `${source.name}: ${path}`;
  return source?.name ?? optionAt(path)?.flag ?? path;
}

export function sourceOf(path: string, sources: Sources): Source | undefined {
  const option = optionAt(path);
  return option === undefined ? undefined : sources.get(option);
}

function optionAt(path: string): ServerOption | undefined {
  return OPTIONS.find((option) => option.path === path);
}
