import { SECTION_4_4 } from "../../../packages/conformance/src/sections/section-4-4-order.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_4_4);
