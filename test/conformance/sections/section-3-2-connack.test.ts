import { SECTION_3_2 } from "../../../packages/conformance/src/sections/section-3-2-connack.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_2);
