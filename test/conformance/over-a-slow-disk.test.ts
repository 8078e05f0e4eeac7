import { SECTIONS } from "../../src/conformance/sections.js";
import { overLinks } from "../support/conformance/over-links.js";

// Every case once more with durable state: acknowledgements wait for a disk that takes its time.
for (const section of SECTIONS) overLinks(section, true);
