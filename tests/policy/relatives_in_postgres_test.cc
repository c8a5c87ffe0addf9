// Partitions, children and views under a scope, in a real PostgreSQL: whatever a role names, it
// gets no row that the scope keeps from it.
#include "src/policy/relatives.h"

#include "tests/policy/scoped_store.h"

namespace tracegate::policy {
namespace {

using sql::Operation;

Rule everything(std::vector<std::string> tables, std::vector<std::string> columns = {}) {
  return make_rule(1,
                   columns.empty() ? std::vector{Operation::kSelect, Operation::kInsert,
                                                 Operation::kUpdate, Operation::kDelete}
                                   : std::vector{Operation::kSelect},
                   std::move(tables), std::move(columns));
}

class Family : public ScopedStore {
 protected:
  // Of namespaces a and b, one row in each quarter of 2026.
  void make_partitions() {
    query(
        "CREATE TABLE traces (id int, namespace text, at timestamptz, prompt text) PARTITION BY "
        "RANGE "
        "(at);"
        "CREATE TABLE early PARTITION OF traces FOR VALUES FROM ('2026-01-01Z') TO ('2026-07-01Z') "
        "PARTITION BY RANGE (at);"
        "CREATE TABLE q1 PARTITION OF early FOR VALUES FROM ('2026-01-01Z') TO ('2026-04-01Z');"
        "CREATE TABLE q2 (prompt text, namespace text, extra int, at timestamptz, id int);"
        "ALTER TABLE q2 DROP COLUMN extra;"
        "ALTER TABLE early ATTACH PARTITION q2 FOR VALUES FROM ('2026-04-01Z') TO ('2026-07-01Z');"
        "CREATE TABLE late PARTITION OF traces DEFAULT;"
        "INSERT INTO traces SELECT 10 * q + n, CASE n WHEN 1 THEN 'a' ELSE 'b' END, '2026-02-01Z'::"
        "timestamptz + (q - 1) * interval '3 months', 'p' FROM generate_series(1, 4) q, "
        "generate_series(1, 2) n");
  }
  std::string ids(const std::string& from) {
    return run("SELECT string_agg(id::text, ' ' ORDER BY id) FROM " + from);
  }
};

TEST_F(Family, ThroughTheParentItsScopeHoldsForAllPartitions) {
  make_partitions();
  use(make_scoped({everything({"public.traces"})}, {in_namespaces("public.traces", {"a"})}));
  EXPECT_EQ(ids("traces"), "11 21 31 41");
  EXPECT_EQ(ids("ONLY traces"), "-");
  EXPECT_EQ(ids("traces WHERE length(prompt) = 1 AND at < '2026-04-01Z'"), "11");
  EXPECT_EQ(ids("q1"), "42P01 relation \"q1\" does not exist");
  query(
      "CREATE TABLE added (LIKE traces); INSERT INTO added VALUES (51, 'a', '2027-01-01Z', 'p'), "
      "(52, "
      "'b', '2027-01-01Z', 'p'); ALTER TABLE traces ATTACH PARTITION added FOR VALUES FROM "
      "('2027-01-01Z') TO ('2028-01-01Z')");
  EXPECT_EQ(ids("traces"), "11 21 31 41 51");
}

TEST_F(Family, APartitionHasTheScopeOfItsParents) {
  make_partitions();
  use(make_scoped({everything({"public.q1", "public.q2", "public.early"})},
                  {in_namespaces("public.traces", {"a"})}));
  EXPECT_EQ(ids("early"), "11 21");
  EXPECT_EQ(ids("q1"), "11");
  EXPECT_EQ(ids("q2"), "21");
  EXPECT_EQ(ids("ONLY q2 WHERE 1 / (id - 22) <> 5"), "21");
  EXPECT_EQ(ids("traces"), "42P01 relation \"traces\" does not exist");
  EXPECT_EQ(ids("late"), "42P01 relation \"late\" does not exist");
}

TEST_F(Family, WritesToAPartitionAreThoseOfItsParents) {
  make_partitions();
  use(make_scoped({everything({"public.traces", "public.q1", "public.q2"})},
                  {in_namespaces("public.traces", {"a"})}));
  EXPECT_EQ(run("INSERT INTO q2 (id, namespace, at) VALUES (99, 'b', '2026-05-01Z')"),
            "out of scope");
  EXPECT_EQ(run("INSERT INTO q2 VALUES ('p', 'b', '2026-05-01Z', 99)"), "out of scope");
  EXPECT_EQ(run("INSERT INTO q2 VALUES ('p', 'a', '2026-05-01Z', 23)"), "");
  EXPECT_EQ(run("UPDATE q1 SET namespace = 'b'"), "out of scope");
  EXPECT_EQ(run("UPDATE q1 SET prompt = 'new' WHERE prompt LIKE 'p'"), "");
  EXPECT_EQ(run("DELETE FROM q2 WHERE id < 23"), "");
  EXPECT_EQ(
      run("MERGE INTO traces t USING (VALUES (31), (32)) v (id) ON t.id = v.id WHEN MATCHED THEN "
          "DELETE"),
      "");
  EXPECT_EQ(query("SELECT string_agg(id || prompt, ' ' ORDER BY id) FROM traces"),
            "11new 12p 22p 23p 32p 41p 42p");
}

TEST_F(Family, EveryAncestorsScopeHolds) {
  query(
      "CREATE TABLE mine (id int, namespace text); CREATE TABLE timed (id int, at timestamptz);"
      "CREATE TABLE both_of (extra int) INHERITS (mine, timed); CREATE TABLE leaf () INHERITS "
      "(both_of);"
      "INSERT INTO leaf (id, namespace, at, extra) VALUES (1, 'a', '2026-01-15Z', 1), (2, 'a', "
      "'2025-01-15Z', 1), (3, 'b', '2026-01-15Z', 1), (4, 'a', '2026-01-15Z', 2)");
  const TimeWindow january{*parse_instant("2026-01-01"), *parse_instant("2026-02-01")};
  Scope own = in_namespaces("public.leaf", {"1"});
  own.in_namespace->column.value = "extra";
  use(make_scoped(
      {everything({"public.mine", "public.timed", "public.both_of", "public.leaf"})},
      {in_namespaces("public.mine", {"a"}), in_time("public.timed", {{}, {}, january, {}}), own}));
  EXPECT_EQ(ids("mine"), "1 2 4");
  EXPECT_EQ(ids("timed"), "1 3 4");
  EXPECT_EQ(ids("both_of"), "1 4");
  EXPECT_EQ(ids("leaf"), "1");
  EXPECT_EQ(run("INSERT INTO leaf VALUES (5, 'a', '2025-01-01Z', 1)"), "out of scope");
  EXPECT_EQ(run("INSERT INTO leaf VALUES (5, 'a', '2026-01-01Z', 2)"), "out of scope");
  EXPECT_EQ(run("INSERT INTO leaf VALUES (5, 'a', '2026-01-01Z', 1)"), "");
  EXPECT_EQ(ids("leaf"), "1 5");
}

TEST_F(Family, AParentDoesNotShowWhatItsChildHides) {
  query(
      "CREATE TABLE parent (id int); CREATE TABLE child (namespace text) INHERITS (parent);"
      "INSERT INTO child VALUES (1, 'a'), (2, 'b')");
  use(make_scoped({everything({"public.parent", "public.child"})},
                  {in_namespaces("public.child", {"a"})}));
  EXPECT_EQ(ids("child"), "1");
  EXPECT_EQ(ids("parent"), "42P01 relation \"parent\" does not exist");
}

TEST_F(Family, ColumnsThatTheParentHidesThePartitionHides) {
  make_partitions();
  use(make_scoped({everything({"public.traces"}, {"id", "namespace"}), everything({"public.q1"})},
                  {in_namespaces("public.traces", {"a"})}));
  EXPECT_EQ(run("SELECT * FROM q1"), "11|a");
  EXPECT_EQ(run("SELECT prompt FROM q1"), "ERROR:  column \"prompt\" does not exist");
  EXPECT_EQ(run("UPDATE q1 SET id = id RETURNING prompt"), "42501 permission denied for table q1");
  EXPECT_EQ(run("DELETE FROM q1 RETURNING *"), "42501 permission denied for table q1");
  EXPECT_EQ(run("UPDATE q1 SET id = id RETURNING id, namespace"), "11|a");
}

class Shown : public ScopedStore {
 protected:
  void SetUp() override {
    ScopedStore::SetUp();
    query(
        "CREATE TABLE traces (id int PRIMARY KEY, namespace text); INSERT INTO traces VALUES (1, "
        "'a'), "
        "(2, 'b');"
        "CREATE TABLE part () INHERITS (traces); CREATE TABLE free (id int); INSERT INTO free "
        "VALUES (9);"
        "CREATE VIEW simple AS SELECT id, namespace FROM traces;"
        "CREATE VIEW nested AS SELECT id AS number FROM simple;"
        "CREATE MATERIALIZED VIEW stored AS SELECT id, namespace FROM traces;"
        "CREATE VIEW hidden_deep AS SELECT (SELECT count(*) FROM traces WHERE false) AS id FROM "
        "free;"
        "CREATE VIEW of_part AS SELECT id FROM part; CREATE VIEW of_free AS SELECT id FROM free;"
        "CREATE VIEW of_catalog AS SELECT 1 AS id FROM pg_class LIMIT 1");
  }
  static Rule views() {
    return everything({"public.simple", "public.nested", "public.stored", "public.hidden_deep",
                       "public.of_part", "public.of_free", "public.of_catalog"});
  }
};

TEST_F(Shown, AViewOverAScopedTableNeedsAScopeOfItsOwn) {
  use(make_scoped({views()}, {in_namespaces("public.traces", {"a"})}));
  for (const std::string view : {"simple", "nested", "stored", "hidden_deep", "of_part"}) {
    const PlanRef judged = plan("SELECT * FROM " + view);
    ASSERT_TRUE(judged->denial) << view;
    EXPECT_EQ(judged->denial->message, "relation \"" + view + "\" does not exist");
    EXPECT_EQ(judged->denial->reason,
              "select on public." + view + ": it shows rows of public." +
                  (view == "of_part" ? "part" : "traces") +
                  ", which has a scope, and has none itself; to the client it does not exist")
        << view;
  }
  EXPECT_EQ(run("SELECT id FROM of_free"), "9");
  EXPECT_EQ(run("SELECT id FROM of_catalog"), "1");
}

TEST_F(Shown, WithOneItIsSeenByIt) {
  Scope nested = in_namespaces("public.nested", {"2"});
  nested.in_namespace->column.value = "number";
  use(make_scoped({views()},
                  {in_namespaces("public.traces", {"a"}), in_namespaces("public.simple", {"a"}),
                   in_namespaces("public.stored", {"b"}), nested}));
  EXPECT_EQ(run("SELECT * FROM simple"), "1|a");
  EXPECT_EQ(run("SELECT * FROM stored"), "2|b");
  EXPECT_EQ(run("SELECT * FROM nested"), "2");
  EXPECT_EQ(run("UPDATE simple SET namespace = 'b'"), "out of scope");
  EXPECT_EQ(run("INSERT INTO simple VALUES (3, 'b')"), "out of scope");
  EXPECT_EQ(run("INSERT INTO simple VALUES (3, 'a')"), "");
  EXPECT_EQ(run("DELETE FROM simple WHERE 1 / (id - 2) <> 7"), "");
  EXPECT_EQ(query("SELECT id FROM traces"), "2");
}

TEST_F(Shown, AViewThatComesToReadAScopedTableIsGone) {
  query("CREATE TABLE other (id int)");
  const auto use_free = [&] {
    use(make_scoped({views()}, {in_namespaces("public.traces", {"a"})}));
  };
  use_free();
  EXPECT_EQ(run("SELECT id FROM of_free"), "9");
  query("CREATE OR REPLACE VIEW of_free AS SELECT id FROM traces");
  use_free();
  EXPECT_EQ(run("SELECT id FROM of_free"), "42P01 relation \"of_free\" does not exist");
}

}  // namespace
}  // namespace tracegate::policy
