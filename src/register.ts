/**
 * `import "pulsec/register"` lets a program on Node 20 import TypeScript: tests of passes and ops, scripts. Types are taken away,
 * nothing is checked; syntax that is more than types (`enum`, `namespace`, parameter properties) is refused.
 * @packageDocumentation
 */
// Before the hooks stand: through their thread modules take twice as long.
import "./index.js";
import { registerTypeScript } from "./extension/register.js";

await registerTypeScript();
