import type { Random } from "../codec-fuzz/random.js";

const LEVELS = ["a", "b", "zz", "", "p2p", "é", "漢", "\u{1f600}", "$x", " ", "\u{10ffff}"];
/** What may not stand in any text, or only where it is allowed. */
const ODD = ["\u0001", "\u007f", "\u009f", "\ufffe", "\ufdd0", "+", "#", "a+", "a#", "#/a"];

/** A text of some length, mostly a short one. */
export function anyText(dice: Random): string {
  const most = dice.oneIn(12) ? 40_000 : dice.oneIn(6) ? 400 : 12;
  return dice.pick(["a", "b", "é", "漢", "\u{1f600}"]).repeat(dice.below(most));
}

/** A Topic Name that nobody subscribes to but with wildcards; not always a valid one. */
export function anyTopic(dice: Random): string {
  const levels = ["zz"];
  for (let left = 2 + dice.below(dice.oneIn(8) ? 200 : 4); left > 0; left -= 1) {
    levels.push(dice.pick(LEVELS));
  }
  if (dice.oneIn(5)) levels.push(anyText(dice));
  if (dice.oneIn(12)) levels.push(dice.pick(ODD));
  return levels.join("/");
}

/** A Topic Filter below that; not always a valid one. */
export function anyFilter(dice: Random): string {
  const levels = anyTopic(dice)
    .split("/")
    .map((level) => (dice.oneIn(4) ? "+" : level));
  if (dice.oneIn(3)) levels.push("#");
  const filter = levels.join("/");
  if (dice.oneIn(8)) return `$share/${dice.pick(["zz1", "zz2", "", "a+"])}/${filter}`;
  if (dice.oneIn(12)) return dice.pick(["#", "+", "+/#", "/#", "$x/#", "$share", "p/p2p/c0", ""]);
  return filter;
}
