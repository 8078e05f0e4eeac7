/** More names than these are no help to whoever has to read them all. */
const NAMES_MAX = 12;
const SHOWN_OF_MANY = 3;

/** Names for a complaint: all of them, or the first few and how many others there are. */
export function nameList(names: readonly string[]): string {
  if (names.length <= NAMES_MAX) return names.join(", ");
  const few = names.slice(0, SHOWN_OF_MANY).join(", ");
  return `${few} and ${names.length - SHOWN_OF_MANY} others`;
}
