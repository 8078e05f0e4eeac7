import { expect, it } from "vitest";
import { AddressBook } from "../../src/net/address-book.js";

const SECOND = 1_000;

function enterMany(book: AddressBook, key: string, count: number, nowMs: number): number {
  let entered = 0;
  for (let at = 0; at < count; at += 1) {
    if (book.enter(key, nowMs) === undefined) entered += 1;
  }
  return entered;
}

it("[I01] lets an address have so many connections and not one more, until one is closed", () => {
  const book = new AddressBook({ connectionsPerAddressMax: 3, connectsPerSecondMax: 100 });
  expect(enterMany(book, "a", 3, 1)).toBe(3);
  expect(book.enter("a", 1)).toBe("address-full");
  expect(book.enter("b", 1)).toBeUndefined();
  book.leave("a");
  expect(book.enter("a", 1)).toBeUndefined();
  expect(book.enter("a", 1)).toBe("address-full");
});

it("[I03] lets ten seconds' worth of connects come at once, and then so many a second", () => {
  const book = new AddressBook({ connectionsPerAddressMax: 1e6, connectsPerSecondMax: 5 });
  expect(enterMany(book, "a", 60, 1)).toBe(50);
  expect(book.enter("a", 1)).toBe("address-too-fast");
  expect(book.enter("b", 1)).toBeUndefined();
  expect(enterMany(book, "a", 60, 1 + SECOND)).toBe(5);
  expect(enterMany(book, "a", 60, 1 + 100 * SECOND)).toBe(50); // never more than that
});

it("[I03] works for 1,000 devices behind one router that come back together, with the defaults", () => {
  const book = new AddressBook({ connectionsPerAddressMax: 4_000, connectsPerSecondMax: 200 });
  expect(enterMany(book, "a", 1_000, 1)).toBe(1_000);
  for (let at = 0; at < 1_000; at += 1) book.leave("a");
  expect(enterMany(book, "a", 1_000, 1 + SECOND)).toBe(1_000);
});

it("reads its bounds anew each time", () => {
  const bounds = { connectionsPerAddressMax: 1, connectsPerSecondMax: 100 };
  const book = new AddressBook(bounds);
  expect(enterMany(book, "a", 2, 1)).toBe(1);
  bounds.connectionsPerAddressMax = 2;
  expect(enterMany(book, "a", 2, 1)).toBe(1);
});

it("remembers a bounded number of addresses without connections, and all that have some", () => {
  const book = new AddressBook({ connectionsPerAddressMax: 1, connectsPerSecondMax: 1 });
  book.enter("kept", 1);
  for (let at = 0; at < 250_000; at += 1) {
    const key = `idle ${at}`;
    book.enter(key, 1);
    book.leave(key);
  }
  expect(book.size).toBeLessThanOrEqual(100_001);
  expect(book.enter("kept", 1)).toBe("address-full");
});
