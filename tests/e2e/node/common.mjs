// What both drivers' programs share: the connection's parameters from the environment, and running one
// scenario by name. A scenario fails by throwing.
import { readFileSync } from "node:fs";

export const host = process.env.PGHOST;
export const port = Number(process.env.PGPORT);
export const user = process.env.PGUSER;
export const password = process.env.PGPASSWORD;
export const database = process.env.PGDATABASE;
export const ssl = { ca: readFileSync(process.env.PGSSLROOTCERT, "utf8"), servername: "localhost" };

export async function run(scenarios) {
  const name = process.argv[2];
  const deadline = setTimeout(() => {
    console.error(`${name}: no end within 60 s`);
    process.exit(2);
  }, 60_000);
  try {
    await scenarios[name]();
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  clearTimeout(deadline);
}
