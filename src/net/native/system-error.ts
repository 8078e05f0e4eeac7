import { getSystemErrorMap } from "node:util";

/** Where somebody wanted to listen. */
interface Place {
  readonly address: string;
  readonly port?: number;
}

/** The error that Node itself would give: the same `code`, `errno`, `syscall` and words. */
export function systemError(call: string, errno: number, place?: Place): Error {
  const [code, words] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, "unknown error"];
  const where =
    place === undefined
      ? ""
      : ` ${place.address}${place.port === undefined ? "" : `:${place.port}`}`;
  return Object.assign(new Error(`${call} ${code}: ${words}${where}`), {
    errno: -errno,
    code,
    syscall: call,
    ...place,
  });
}
