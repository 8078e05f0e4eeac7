import type { TelemetryStream } from "../../src/grpc/client-library.js";

/** What every client of the library has, without a network. */
export class FakeClient {
  rpcClientManager = {
    receiveMessage: async () => [],
    notifyClientTermination: async () => undefined,
    close: () => undefined,
  };

  createTelemetryStream(): TelemetryStream {
    throw new Error("nobody here opens one");
  }

  async updateRoutes(): Promise<void> {}

  async sleep(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
