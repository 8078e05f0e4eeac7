import { z } from "@hono/zod-openapi";

const count = z.int().min(0);
const counted = (description: string) => count.openapi({ description });

const Counts = z
  .object({
    isConnected: z.boolean().openapi({ description: "Whether the last thing asked of it worked." }),
    received: counted("Messages from RocketMQ, each delivery of them."),
    redelivered: counted("Of these: those that had come before."),
    acknowledged: counted("Handled, and RocketMQ knows it."),
    postponed: counted("Left with RocketMQ, as nothing could be decided here."),
    poison: counted("Can never be delivered: dropped."),
    tooOld: counted("Older than allowed: dropped."),
    own: counted("Came from this server: not delivered again."),
    sent: counted("Messages of clients that RocketMQ has."),
    failed: counted("Tries that failed; most are made again."),
    dropped: counted("Messages of clients at QoS 0 that were given up."),
    refused: counted("Messages at QoS 1 and 2 that were left to their senders to repeat."),
    unsendable: counted("Messages of clients that RocketMQ would never take."),
    pending: counted("Messages of clients that wait for RocketMQ."),
    pendingBytes: counted("Bytes of their payloads."),
  })
  .openapi("RocketMqCounts");

/** The bridge to RocketMQ, where there is one. */
export const RocketMqState = z
  .object({
    bridge: z
      .object({
        address: z.string().openapi({ example: "127.0.0.1:8081" }),
        protocol: z.string().openapi({ example: "grpc" }),
        group: z.string().openapi({ description: "The consumer group, and its name there." }),
        in: z.array(z.string()).openapi({ description: "Topics that come from RocketMQ." }),
        out: z.array(z.string()).openapi({ description: "Topics that go to RocketMQ." }),
        failure: z
          .string()
          .optional()
          .openapi({ description: "Why nothing comes or goes; left out: it does." }),
        counts: Counts,
      })
      .optional()
      .openapi({ description: "Left out: this server was started without `--rocketmq`." }),
  })
  .openapi("RocketMqState");
