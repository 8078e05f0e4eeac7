/** Server-sent events of an answer, one by one. */
export interface ServerSent {
  next(): Promise<unknown>;
  /** Reads no more. */
  cancel(): Promise<void>;
}

/** Reads the data of events; comments are passed over. */
export function eventsOf(answer: Response): ServerSent {
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error("the answer has no body");
  const decoder = new TextDecoder();
  let text = "";
  return {
    async next() {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (event.startsWith("data: ")) return JSON.parse(event.slice("data: ".length));
          continue;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error("the events have ended");
        text += decoder.decode(value, { stream: true });
      }
    },
    cancel: () => reader.cancel(),
  };
}
