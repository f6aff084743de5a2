// Prints docs/permissions.md: npm run permissions.
import { permissionsDocument } from "./permissions-document.ts";

process.stdout.write(permissionsDocument());
