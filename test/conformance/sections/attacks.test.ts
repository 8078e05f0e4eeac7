import { ATTACKS } from "../../../packages/conformance/src/sections/attacks.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(ATTACKS);
