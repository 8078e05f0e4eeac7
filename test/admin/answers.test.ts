import { describe, expectTypeOf, it } from "vitest";
import type {
  ClientAnswer,
  ClientDetailsAnswer,
  ClusterNodeAnswer,
  EventAnswer,
  OptionAnswer,
} from "../../src/admin/answers.js";
import type { RetainedMessage } from "../../src/console/api/model.js";

// The compiler holds these: `npm run code:types`.
describe("what the API answers, as types", () => {
  it("is as the schemas have it, for reading only", () => {
    expectTypeOf<ClientAnswer["clientId"]>().toEqualTypeOf<string>();
    expectTypeOf<ClientAnswer["username"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<ClientDetailsAnswer>().toExtend<ClientAnswer>();
    expectTypeOf<ClusterNodeAnswer["isThis"]>().toEqualTypeOf<boolean>();
    expectTypeOf<OptionAnswer["isDefault"]>().toEqualTypeOf<boolean>();
    expectTypeOf<EventAnswer["clientId"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<RetainedMessage["payloadBytes"]>().toEqualTypeOf<number>();
    type Filters = ClientDetailsAnswer["subscriptions"];
    expectTypeOf<Filters>().toEqualTypeOf<Readonly<Filters>>();
  });
});
