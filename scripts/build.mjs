/** `npm run build`: builds `dist` anew, installing the compiler first when it is missing. */
import { rebuild } from "./prepare.mjs";

rebuild();
