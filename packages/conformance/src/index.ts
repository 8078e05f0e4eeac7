export { type ConformanceCase, fullTitle, type Section } from "./case.js";
export { type Output, runCommandLine } from "./command-line.js";
export type { Knowledge } from "./lab.js";
export { asJson, type Report, reportOf } from "./report.js";
export { asMarkdown, asText } from "./report-text.js";
export { type CaseResult, runSections } from "./runner.js";
export { SECTIONS } from "./sections.js";
export type { Clock, Target, Wire, WireEvents } from "./target.js";
export { TcpTarget } from "./tcp-target.js";
