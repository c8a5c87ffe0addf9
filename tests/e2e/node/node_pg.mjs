// node-pg: node node_pg.mjs SCENARIO
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import Cursor from "pg-cursor";

import { database, host, password, port, run, ssl, user } from "./common.mjs";

const settings = { host, port, user, password, database, ssl };

async function withClient(body) {
  const client = new pg.Client(settings);
  await client.connect();
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

await run({
  simple: () => withClient(async (client) => {
    const results = await client.query("select 1 as a; select 'two' as b");
    assert.deepEqual(results.map((each) => each.rows), [[{ a: 1 }], [{ b: "two" }]]);
  }),

  parameters: () => withClient(async (client) => {
    const { rows, rowCount } = await client.query(
      "insert into notes (body, payload, tags) values ($1, $2, $3) returning body, payload, tags",
      ["naïve 😀", Buffer.from([0, 1, 255]), ["a", 'b"c', null]]);
    assert.equal(rowCount, 1);
    assert.deepEqual(rows[0], { body: "naïve 😀", payload: Buffer.from([0, 1, 255]), tags: ["a", 'b"c', null] });
  }),

  prepared: () => withClient(async (client) => {
    for (let n = 0; n < 20; ++n) {
      const { rows } = await client.query({ name: "next", text: "select $1::int + 1 as next", values: [n] });
      assert.equal(rows[0].next, n + 1);
    }
  }),

  cursor: () => withClient(async (client) => {
    const cursor = client.query(new Cursor("select trace_id from traces"));
    let seen = 0;
    for (let rows; (rows = await cursor.read(999)).length > 0;) seen += rows.length;
    await cursor.close();
    assert.equal(seen, 10_000);
  }),

  queued: () => withClient(async (client) => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => client.query("select $1::int as n", [n])));
    assert.deepEqual(answers.map((each) => each.rows[0].n), Array.from({ length: 100 }, (_, n) => n));
  }),

  copy: () => withClient(async (client) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`);
    await pipeline(Readable.from(lines), client.query(copyFrom("copy notes (body) from stdin")));
    let out = "";
    for await (const chunk of client.query(copyTo("copy (select body from notes order by id) to stdout"))) out += chunk;
    assert.equal(out, lines.join(""));
  }),

  errors: () => withClient(async (client) => {
    await assert.rejects(client.query("select * from nowhere"), { code: "42P01", position: "15" });
    await assert.rejects(client.query("select $1::int", ["x"]), { code: "22P02" });
    assert.equal((await client.query("select 1 as one")).rows[0].one, 1);
  }),

  pool: async () => {
    const pool = new pg.Pool({ ...settings, max: 5 });
    const answers = await Promise.all(Array.from({ length: 60 }, () => pool.query("select count(*)::int as n from traces")));
    assert.ok(answers.every((each) => each.rows[0].n === 10_000));
    await pool.end();
  },

  denied: () => withClient(async (client) => {
    const denial = (error) => error.code === "42501" && Boolean(error.hint);
    await assert.rejects(client.query("delete from traces where false"), denial);
    await assert.rejects(client.query("delete from traces where model = $1", ["none"]), denial);
    await client.query("begin");
    await assert.rejects(client.query("select * from feedback"), denial);
    await assert.rejects(client.query("select 1"), { code: "25P02" });
    await client.query("rollback");
    assert.equal((await client.query("select count(*)::int as n from traces")).rows[0].n, 10_000);
  }),
});
