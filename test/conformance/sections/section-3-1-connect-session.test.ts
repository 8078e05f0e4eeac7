import { SECTION_3_1_SESSION } from "../../../packages/conformance/src/sections/section-3-1-connect-session.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_1_SESSION);
