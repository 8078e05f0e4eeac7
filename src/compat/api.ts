export { generate } from "./generate.js";
export type * from "./packet-types.js";
export { parser } from "./parser.js";
export { writeToStream } from "./write-to-stream.js";
