// postgres.js: node postgres_js.mjs SCENARIO. It pipelines by default and prepares every statement.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import postgres from "postgres";

import { database, host, password, port, run, ssl, user } from "./common.mjs";

async function withSql(options, body) {
  const sql = postgres({ host, port, user, password, database, ssl, max: 1, onnotice: () => {}, ...options });
  try {
    await body(sql);
  } finally {
    await sql.end({ timeout: 10 });
  }
}

await run({
  parameters: () => withSql({}, async (sql) => {
    const [row] = await sql`insert into notes ${sql({ body: "naïve 😀", amount: "12.50" })} returning body, amount`;
    assert.deepEqual({ ...row }, { body: "naïve 😀", amount: "12.50" });
    const [found] = await sql`select count(*)::int as n from notes where body = ${"naïve 😀"}`;
    assert.equal(found.n, 1);
  }),

  pipelined: () => withSql({}, async (sql) => {
    const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => sql`select ${n}::int as n`));
    assert.deepEqual(answers.map(([row]) => row.n), Array.from({ length: 300 }, (_, n) => n));
  }),

  unprepared: () => withSql({ prepare: false }, async (sql) => {
    const [row] = await sql`select ${41}::int + 1 as n`;
    assert.equal(row.n, 42);
  }),

  transaction: () => withSql({}, async (sql) => {
    await assert.rejects(sql.begin(async (tx) => {
      await tx`insert into notes (body) values ('lost')`;
      await tx`select 1 / 0`;
    }), { code: "22012" });
    await sql.begin(async (tx) => {
      await tx`insert into notes (body) values ('kept')`;
      await assert.rejects(tx.savepoint((sp) => sp`select 1 / 0`), { code: "22012" });
    });
    assert.deepEqual((await sql`select body from notes`).map((row) => row.body), ["kept"]);
  }),

  cursor: () => withSql({}, async (sql) => {
    let seen = 0;
    for await (const rows of sql`select trace_id from traces`.cursor(500)) seen += rows.length;
    assert.equal(seen, 10_000);
  }),

  copy: () => withSql({}, async (sql) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`);
    await pipeline(Readable.from(lines), await sql`copy notes (body) from stdin`.writable());
    let out = "";
    for await (const chunk of await sql`copy (select body from notes order by id) to stdout`.readable()) out += chunk;
    assert.equal(out, lines.join(""));
  }),

  // Whoever runs this writes a line once the statement runs. Cancelled before that, while it still connects,
  // postgres.js gives the query up and never uses the connection again.
  cancel: () => withSql({}, async (sql) => {
    const query = sql`select pg_sleep(64)`;
    query.execute();
    process.stdin.once("data", () => query.cancel());
    await assert.rejects(query, { code: "57014" });
    const [row] = await sql`select 2 as two`;
    assert.equal(row.two, 2);
  }),

  pool: () => withSql({ max: 5 }, async (sql) => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => sql`select count(*)::int as n from traces`));
    assert.ok(answers.every(([row]) => row.n === 10_000));
  }),

  denied: () => withSql({}, async (sql) => {
    const denial = (error) => error.code === "42501" && Boolean(error.hint);
    // The denial is in the middle of what is pipelined; what stands before and behind is answered.
    const [before, denied, behind] = await Promise.allSettled(
      [sql`select 1 as n`, sql`delete from traces where false`, sql`select 3 as n`]);
    assert.equal(before.value[0].n, 1);
    assert.ok(denial(denied.reason));
    assert.equal(behind.value[0].n, 3);
  }),
});
