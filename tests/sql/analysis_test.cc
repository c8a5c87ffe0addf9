// What analyze() promises beyond the facts of single statements.
#include <gtest/gtest.h>

#include <thread>

#include "src/sql/builtins.h"
#include "tests/sql/case_file.h"
#include "tests/sql/describe.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

class AnalysisTest : public testing::Test {
 protected:
  Analysis analyze_text(std::string_view text) { return analyze(text, *catalog_, public_path()); }
  std::shared_ptr<const catalog::Catalog> catalog_ = make_trace_catalog();
};

TEST_F(AnalysisTest, ParserHasTheTreesItWasBuiltFor) {
  const Status status = check_parser();
  EXPECT_TRUE(status.ok()) << status.error().message;
}

TEST_F(AnalysisTest, EmptyTextsHaveNoStatements) {
  for (const char* text : {"", " ", ";", " ; ;\n", "-- x", "/* x */;"}) {
    const Analysis analysis = analyze_text(text);
    EXPECT_TRUE(analysis.statements.empty()) << text;
    EXPECT_FALSE(analysis.syntax_error) << text;
  }
}

TEST_F(AnalysisTest, EachStatementSaysWhereItStands) {
  const std::string text = "  SELECT 1 ;\n /* x */ DELETE FROM traces ;; SELECT 'ä;' ";
  const Analysis analysis = analyze_text(text);
  ASSERT_EQ(analysis.statements.size(), 3U);
  const auto at = [&](std::size_t i) {
    return text.substr(analysis.statements[i].offset, analysis.statements[i].length);
  };
  EXPECT_EQ(at(0), "SELECT 1");
  EXPECT_EQ(at(1), "/* x */ DELETE FROM traces");
  EXPECT_EQ(at(2), "SELECT 'ä;'");
}

TEST_F(AnalysisTest, PositionOfASyntaxErrorCountsCharacters) {
  const Analysis analysis = analyze_text("SELECT 'äöü€😀' frm x y");
  ASSERT_TRUE(analysis.syntax_error);
  EXPECT_EQ(analysis.syntax_error->character, 20);
  EXPECT_EQ(analysis.syntax_error->message, "syntax error at or near \"x\"");
  EXPECT_TRUE(analysis.statements.empty());
}

TEST_F(AnalysisTest, ALongSyntaxErrorIsCutBetweenCharacters) {
  std::string text = "SELECT 'x";
  for (int i = 0; i < 5000; ++i) text += "ä";
  const Analysis analysis = analyze_text(text);
  ASSERT_TRUE(analysis.syntax_error);
  const std::string& message = analysis.syntax_error->message;
  EXPECT_TRUE(message.starts_with("unterminated quoted string at or near \"'xä"));
  EXPECT_TRUE(message.ends_with("ä..."));
  EXPECT_LT(message.size(), 1010U);
}

TEST_F(AnalysisTest, NeedsSayWhereTheirRelationIsNamed) {
  const std::string text = "SELECT e.kind FROM traces t, public.events e WHERE t.id = 'ä'";
  const Analysis analysis = analyze_text(text);
  ASSERT_EQ(analysis.statements.at(0).needs.size(), 2U);
  EXPECT_EQ(analysis.statements[0].needs[0].location, static_cast<int>(text.find("traces")));
  EXPECT_EQ(analysis.statements[0].needs[1].location, static_cast<int>(text.find("public.events")));
}

TEST_F(AnalysisTest, AnUnknownRelationIsNamedAsPostgresNamesIt) {
  const Analysis analysis = analyze_text("SELECT 1 FROM nowhere.traces");
  ASSERT_TRUE(analysis.statements.at(0).refusal);
  EXPECT_EQ(analysis.statements[0].refusal->sqlstate, "42P01");
  EXPECT_EQ(analysis.statements[0].refusal->construct,
            "relation \"nowhere.traces\" does not exist");
  EXPECT_EQ(analysis.statements[0].refusal->location, 14);
}

TEST_F(AnalysisTest, TheFirstRefusalIsKept) {
  const Analysis analysis = analyze_text("COPY nowhere TO '/tmp/x'");
  ASSERT_TRUE(analysis.statements.at(0).refusal);
  EXPECT_EQ(analysis.statements[0].refusal->sqlstate, "42501");
}

TEST_F(AnalysisTest, TheSearchPathDecidesWhichTableIsMeant) {
  const auto first_need = [&](const std::vector<std::string>& path) {
    const Analysis analysis = analyze("SELECT id FROM traces", *catalog_, path);
    const auto& needs = analysis.statements.at(0).needs;
    return needs.empty() ? std::string("none") : needs[0].schema;
  };
  EXPECT_EQ(first_need({"public", "archive"}), "public");
  EXPECT_EQ(first_need({"archive", "public"}), "archive");
  EXPECT_EQ(first_need({"elsewhere", "archive"}), "archive");
  EXPECT_EQ(first_need({}), "none");
}

TEST_F(AnalysisTest, TheSystemCatalogComesFirst) {
  const std::string text = "SELECT 1 FROM pg_class";
  EXPECT_EQ(describe(analyze(text, *catalog_, {})), "select; select pg_catalog.pg_class()");
}

TEST_F(AnalysisTest, ConstantsAndCommentsAreNoticed) {
  const auto has_constants = [&](std::string_view text) {
    return analyze_text(text).statements.at(0).has_constants;
  };
  EXPECT_FALSE(has_constants("INSERT INTO traces (id) VALUES ($1)"));
  EXPECT_FALSE(has_constants("INSERT INTO traces (id) VALUES (NULL)"));
  EXPECT_FALSE(has_constants("UPDATE traces SET prompt = lower(ns) - 1 - $1") &&
               !has_constants("UPDATE traces SET prompt = 1"));
  EXPECT_FALSE(has_constants("SELECT a - b / c -> $1 FROM traces"));
  EXPECT_FALSE(has_constants("PREPARE p AS INSERT INTO traces (id) VALUES ($1)"));
  for (const char* text : {"INSERT INTO traces (id) VALUES ('x')",
                           "INSERT INTO traces (id) VALUES (1)",
                           "INSERT INTO traces (id) VALUES (1.5)",
                           "INSERT INTO traces (id) VALUES (true)",
                           "INSERT INTO traces (id) VALUES (b'1')",
                           "INSERT INTO traces (id) VALUES ($1) -- x",
                           "INSERT INTO traces (id) /* x */ VALUES ($1)",
                           "DELETE FROM traces WHERE id = $$x$$",
                           "PREPARE p AS INSERT INTO traces (id) VALUES ('x')",
                           "EXECUTE p ('x')",
                           "SELECT 1 FROM traces TABLESAMPLE system (1)",
                           "CREATE ROLE r PASSWORD 'x'",
                           "NOTIFY c, 'x'",
                           "DO 'x'",
                           "CALL f('x')",
                           "SET a.b = 'x'",
                           "COMMENT ON TABLE traces IS 'x'",
                           "COPY traces FROM STDIN DELIMITER 'x'",
                           "PREPARE TRANSACTION 'x'",
                           "DECLARE c CURSOR FOR SELECT 'x'",
                           "EXPLAIN DELETE FROM traces WHERE id = 'x'"})
    EXPECT_TRUE(has_constants(text)) << text;
  for (const std::string_view text : {"/* a */; TRUNCATE traces", "TRUNCATE traces; -- a"})
    EXPECT_TRUE(has_constants(text)) << text << ": a comment between statements";
}

TEST_F(AnalysisTest, TheStatementInsideAnotherIsKept) {
  const Analysis analysis = analyze_text("PREPARE p AS DELETE FROM traces WHERE id = $1");
  const Statement& outer = analysis.statements.at(0);
  ASSERT_TRUE(outer.inner);
  EXPECT_EQ(describe(*outer.inner),
            "delete writes; delete public.traces(*); select public.traces(id)");
  EXPECT_EQ(outer.needs.size(), outer.inner->needs.size());
}

TEST_F(AnalysisTest, ThreadsAgree) {
  const auto all_facts = [this] {
    std::string facts;
    for (const std::string& file : case_files())
      for (const Case& item : load_cases(file))
        facts += describe(analyze_text(item.statement)) + replace_constants(item.statement) + "\n";
    return facts;
  };
  const std::string expected = all_facts();
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string& result : results)
    threads.emplace_back([&result, &all_facts] { result = all_facts(); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, expected);
}

TEST(OperationNames, AreReadAsTheyAreWritten) {
  for (int i = 0; i <= static_cast<int>(Operation::kTwoPhase); ++i) {
    const auto operation = static_cast<Operation>(i);
    EXPECT_EQ(operation_from_string(to_string(operation)), operation);
  }
  EXPECT_FALSE(operation_from_string("SELECT"));
  EXPECT_FALSE(operation_from_string(""));
  EXPECT_TRUE(is_on_relation(Operation::kLock));
  EXPECT_FALSE(is_on_relation(Operation::kDdl));
}

TEST(PureFunctions, AreKnownWithAndWithoutTheirSchema) {
  for (const char* name : {"lower", "pg_catalog.lower", "count", "now", "jsonb_path_query", "abs",
                           "xpath_exists", "int4", "pg_catalog.uuid", "current_database"})
    EXPECT_TRUE(is_pure_function(name)) << name;
}

TEST(PureFunctions, ExcludeWhateverReachesBeyondItsArguments) {
  for (const char* name : {"",
                           "pg_catalog.",
                           "Lower",
                           "public.lower",
                           "lower ",
                           "\"pg_catalog.lower\"",
                           "query_to_xml",
                           "table_to_xml",
                           "schema_to_xml",
                           "database_to_xml",
                           "cursor_to_xml",
                           "ts_stat",
                           "ts_rewrite",
                           "ts_lexize",
                           "ts_debug",
                           "lo_get",
                           "lo_import",
                           "lo_export",
                           "lo_unlink",
                           "loread",
                           "lowrite",
                           "pg_read_file",
                           "pg_read_binary_file",
                           "pg_stat_file",
                           "pg_ls_dir",
                           "pg_ls_logdir",
                           "current_setting",
                           "set_config",
                           "nextval",
                           "setval",
                           "currval",
                           "lastval",
                           "pg_sleep",
                           "pg_sleep_for",
                           "pg_sleep_until",
                           "pg_advisory_lock",
                           "pg_try_advisory_lock",
                           "pg_notify",
                           "txid_current",
                           "pg_current_xact_id",
                           "pg_relation_size",
                           "pg_table_size",
                           "pg_get_viewdef",
                           "pg_get_functiondef",
                           "pg_get_expr",
                           "pg_get_constraintdef",
                           "has_table_privilege",
                           "has_column_privilege",
                           "pg_has_role",
                           "dblink",
                           "pg_stat_get_activity",
                           "obj_description",
                           "col_description",
                           "inet_server_addr",
                           "inet_client_addr",
                           "pg_backend_pid",
                           "pg_terminate_backend",
                           "pg_cancel_backend",
                           "pg_reload_conf",
                           "pg_promote",
                           "to_regclass",
                           "regclass",
                           "regproc",
                           "regrole",
                           "aclitem",
                           "format_type",
                           "pg_timezone_names",
                           "setseed",
                           "pg_export_snapshot",
                           "pg_logical_emit_message",
                           "pg_create_restore_point",
                           "pg_switch_wal",
                           "currtid2",
                           "pg_cursor",
                           "pg_prepared_statement",
                           "pg_show_all_settings",
                           "pg_get_userbyid",
                           "row_security_active",
                           "pg_collation_actual_version",
                           "pg_lock_status"})
    EXPECT_FALSE(is_pure_function(name)) << name;
}

TEST(Operators, OfPostgresAreKnownAndOthersAreNot) {
  for (const char* name : {"=", "<>", "+", "->>", "@>", "||", "~~*", "pg_catalog.=", "?|"})
    EXPECT_TRUE(is_builtin_operator(name)) << name;
  for (const char* name : {"", "===", "<%>", "public.=", "<=>", "!="})
    EXPECT_FALSE(is_builtin_operator(name)) << name;
}

std::optional<proto::CopyFormat> copy_format(std::string_view sql) {
  return analyze(sql, *make_trace_catalog(), public_path()).statements.at(0).copy_format;
}

TEST(CopyFormat, OptionsSayHowRowsStand) {
  using Kind = proto::CopyFormat::Kind;
  using Format = proto::CopyFormat;
  EXPECT_EQ(copy_format("copy traces to stdout"), Format{});
  EXPECT_EQ(copy_format("copy traces to stdout with (format csv, header)"),
            (Format{Kind::kCsv, ',', "", true, '"', '"'}));
  EXPECT_EQ(copy_format("copy traces to stdout csv header quote '''' null 'x'"),
            (Format{Kind::kCsv, ',', "x", true, '\'', '\''}));
  EXPECT_EQ(copy_format("copy traces to stdout (format 'csv', escape '\\', delimiter ';', "
                        "header off, force_quote *)"),
            (Format{Kind::kCsv, ';', "", false, '"', '\\'}));
  EXPECT_EQ(copy_format("copy (select 1) to stdout (delimiter '|', null '', encoding 'utf-8')"),
            (Format{Kind::kText, '|', "", false, '"', '"'}));
  EXPECT_EQ(copy_format("copy traces to stdout (format binary)")->kind, Kind::kBinary);
  EXPECT_EQ(copy_format("copy binary traces to stdout")->kind, Kind::kBinary);
  EXPECT_FALSE(copy_format("copy traces to stdout (encoding 'latin1')"));
  EXPECT_FALSE(copy_format("copy traces to stdout (format parquet)"));
  EXPECT_FALSE(copy_format("copy traces to stdout (delimiter '||')"));
  EXPECT_FALSE(copy_format("copy traces to stdout (something on)"));
  EXPECT_FALSE(copy_format("copy traces from stdin"));
}

}  // namespace
}  // namespace tracegate::sql
