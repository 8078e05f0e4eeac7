import type { Libc } from "./libc.js";

const NUMBER_BYTES = 4;
const value = new Int32Array(1);

/** Sets an option that is a number; a socket of a family without it is left as it is. */
export function setNumber(
  libc: Libc,
  fd: number,
  level: number,
  name: number,
  number: number,
): void {
  value[0] = number;
  libc.setOption(fd, level, name, value, NUMBER_BYTES);
}
