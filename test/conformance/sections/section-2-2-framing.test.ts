import { SECTION_2_2_FRAMING } from "../../../packages/conformance/src/sections/section-2-2-framing.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_2_2_FRAMING);
