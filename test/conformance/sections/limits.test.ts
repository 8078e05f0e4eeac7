import { LIMITS } from "../../../packages/conformance/src/sections/limits.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(LIMITS);
