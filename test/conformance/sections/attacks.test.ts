import { ATTACKS } from "../../../src/conformance/sections/attacks.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(ATTACKS);
