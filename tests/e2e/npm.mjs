/** Loads npm packages, which scripts/install_packages.sh installs into build/npm. */
import { createRequire } from "node:module";
import path from "node:path";

import { repository } from "./server.mjs";

/** Loads a package: `const { createClient } = require("@supabase/supabase-js")`. */
export const require = createRequire(path.join(repository, "build", "npm", "package.json"));
