import { LIMITS } from "../../../src/conformance/sections/limits.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(LIMITS);
