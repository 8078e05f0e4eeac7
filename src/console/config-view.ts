import type { OptionAnswer, ReloadedAnswer } from "../admin/answers.js";

/** Options under one heading. */
export interface ConfigGroup {
  readonly name: string;
  readonly values: readonly OptionAnswer[];
}

/** Options whose name, value or sentence holds a text, in groups by the first part of their names. */
export function configGroups(
  values: readonly OptionAnswer[],
  text: string,
  onlyGiven: boolean,
): readonly ConfigGroup[] {
  const wanted = text.toLowerCase();
  const groups = new Map<string, OptionAnswer[]>();
  for (const one of values) {
    const { path, value, about, isDefault } = one;
    if (onlyGiven && isDefault) continue;
    if (!`${path}\n${value}\n${about}`.toLowerCase().includes(wanted)) continue;
    const name = path.includes(".") ? path.slice(0, path.indexOf(".")) : "server";
    const group = groups.get(name) ?? [];
    group.push(one);
    groups.set(name, group);
  }
  return [...groups].map(([name, found]) => ({ name, values: found }));
}

/** What a reload has done, for people. */
export function reloadedWords({ changed, needRestart }: ReloadedAnswer): string {
  const done = changed.length === 0 ? "No option has changed" : `Changed: ${changed.join(", ")}`;
  const later = `. After a restart only: ${needRestart.join(", ")}`;
  return `The files were read again. ${done}${needRestart.length === 0 ? "" : later}.`;
}
