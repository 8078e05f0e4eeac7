import type { BenchOptions } from "./options.js";
import { PublishBlock } from "./packets.js";
import { Peer, type PeerEvents } from "./peer.js";
import { extraClientId, fillTopic } from "./plan.js";

/**
 * Fills what lies between the broker and readers that do not read: kernel buffers of both ends
 * take megabytes, and until they are full a frozen reader costs the broker nothing.
 *
 * Publishes large messages at QoS 1, one when the last is acknowledged, so that the broker is done
 * with all of them when the filling ends.
 */
export class Filler implements PeerEvents {
  readonly #options: BenchOptions;
  readonly #peer: Peer;
  readonly #block: PublishBlock;
  #left: number;
  #end: () => void = () => undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#peer = new Peer("sender", 0, extraClientId(options, "filler"), this);
    this.#left = Math.ceil((options.fillMib * MIB) / PAYLOAD_BYTES);
    this.#block = new PublishBlock({
      topicName: fillTopic(options),
      qos: 1,
      payloadBytes: PAYLOAD_BYTES,
      run: options.run,
      sender: options.publishers, // nobody's index, should it ever be read
      capacity: 1,
    });
    this.#block.identify(0, 1);
  }

  /**
   * Publishes it all.
   *
   * @param msMax - Then the filling ends, however far it came.
   * @returns Whether all of it was acknowledged.
   */
  async fill(msMax: number): Promise<boolean> {
    await this.#peer.connect(this.#options, undefined);
    await new Promise<void>((resolve) => {
      const timeIsUp = setTimeout(resolve, msMax);
      this.#end = () => {
        clearTimeout(timeIsUp);
        resolve();
      };
      this.#publish();
    });
    const complete = this.#left === 0;
    await this.#peer.close();
    return complete;
  }

  acknowledged(): void {
    this.#left -= 1;
    this.#publish();
  }

  lost(): void {
    this.#end();
  }

  repliesWait(peer: Peer): void {
    peer.flushReplies();
  }

  chunkBegins(): void {} // nothing here needs the time

  message(): void {} // it subscribes to nothing

  /** The packet may still be on its way when the next is due: equal bytes, so it does not matter. */
  #publish(): void {
    if (this.#left === 0) this.#end();
    else this.#peer.write(this.#block.bytes, () => undefined);
  }
}

const PAYLOAD_BYTES = 65_536;
const MIB = 1024 * 1024;
