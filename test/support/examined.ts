import type { Backend } from "../../src/store/backend.js";
import { Examination } from "../../src/store/examination.js";
import type { Findings } from "../../src/store/findings.js";

/** What a look at everything on a medium finds: the books must agree with the records. */
export function examined(backend: Backend): Findings {
  const examination = new Examination();
  for (const { key, value } of backend.entries(Uint8Array.of(1), Uint8Array.of(255))) {
    examination.take(Buffer.from(key), Buffer.from(value));
  }
  return examination.finish([]);
}
