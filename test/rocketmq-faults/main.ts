import { rocketMqLacks } from "../rocketmq/real-rocketmq.js";
import { ProgramFlags } from "../support/program-flags.js";
import { runFaults } from "./run-faults.js";

/** `npm run rocketmq:faults`: the command line around `runFaults`, for one protocol after the other. */
const flags = new ProgramFlags(
  "npm run rocketmq:faults -- [--kills N] [--messages N] [--seed S] [--protocol grpc|remoting]",
  {
    kills: { type: "string", default: "20" },
    messages: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    protocol: { type: "string", multiple: true, default: ["grpc", "remoting"] },
  },
);
const { values } = flags;
const [kills, messages, seed] = [values.kills, values.messages, values.seed].map(Number) as [
  ...[number, number, number], // as many in as out
];
const protocols = values.protocol.filter((name) => name === "grpc" || name === "remoting");
if (
  !kills ||
  !messages ||
  !Number.isSafeInteger(seed) ||
  protocols.length !== values.protocol.length
) {
  flags.wrong("--kills and --messages are 1 or more, --seed a number, --protocol grpc or remoting");
}
const lacks = rocketMqLacks();
if (lacks !== undefined) {
  console.error(lacks);
  process.exit(1);
}
let problemsInAll = 0;
for (const protocol of protocols) {
  const startedMs = Date.now();
  const say = (line: string): void => console.error(`${protocol}: ${line}`);
  const result = await runFaults({ protocol, kills, messages, seed, say });
  const { published, acknowledged, received, settled, doubled, problems } = result;
  problemsInAll += problems.length;
  console.log(
    `${protocol}: near, far and RocketMQ killed ${kills} times each in ` +
      `${Math.round((Date.now() - startedMs) / 1_000)} s, seed ${seed}: ${published} published, ` +
      `${acknowledged} acknowledged, ${received} received, ${doubled} of them once more; ` +
      `${settled} were acknowledged by everybody before a fault`,
  );
  for (const problem of problems.slice(0, 20)) console.log(problem);
  console.log(`${problems.length} problems`);
}
process.exit(problemsInAll === 0 ? 0 : 1);
