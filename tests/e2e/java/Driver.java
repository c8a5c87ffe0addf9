// pgjdbc: java Driver SCENARIO, the connection's parameters in the environment.
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;

public final class Driver {
  interface Scenario {
    void run(Connection connection) throws Exception;
  }

  static Connection connect(String... options) throws SQLException {
    Map<String, String> environment = System.getenv();
    Properties properties = new Properties();
    properties.setProperty("user", environment.get("PGUSER"));
    properties.setProperty("password", environment.get("PGPASSWORD"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", environment.get("PGSSLROOTCERT"));
    properties.setProperty("sslfactory", "org.postgresql.ssl.LibPQFactory");
    properties.setProperty("loginTimeout", "20");
    for (int n = 0; n < options.length; n += 2) properties.setProperty(options[n], options[n + 1]);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + environment.get("PGHOST") + ":" + environment.get("PGPORT") + "/"
            + environment.get("PGDATABASE"), properties);
  }

  static void check(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  static void equal(Object expected, Object got) {
    check(expected.equals(got), "expected " + expected + ", got " + got);
  }

  static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  static void denied(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
    } catch (PSQLException error) {
      equal("42501", error.getSQLState());
      check(error.getServerErrorMessage().getHint() != null, "no hint");
      return;
    }
    throw new AssertionError("permitted: " + sql);
  }

  static void simple(Connection unused) throws Exception {
    try (Connection connection = connect("preferQueryMode", "simple"); Statement statement = connection.createStatement()) {
      check(statement.execute("select 1; select 'two'"), "no rows");
      check(statement.getMoreResults(), "no second result");
      ResultSet rows = statement.getResultSet();
      rows.next();
      equal("two", rows.getString(1));
    }
  }

  // From the fifth execution the driver uses a named statement and omits Describe.
  static void prepareThreshold(Connection connection) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(
             "select namespace, ?::int + 1, ?::text, now() from traces where input_tokens > ? order by trace_id limit 3")) {
      for (int n = 0; n < 12; ++n) {
        statement.setInt(1, n);
        statement.setString(2, "naïve 😀 " + n);
        statement.setInt(3, 100 * n);
        try (ResultSet rows = statement.executeQuery()) {
          int seen = 0;
          for (; rows.next(); ++seen) {
            equal(n + 1, rows.getInt(2));
            equal("naïve 😀 " + n, rows.getString(3));
            check(rows.getTimestamp(4) != null, "no timestamp");
          }
          equal(3, seen);
        }
      }
    }
  }

  static void binaryTransfer(Connection unused) throws Exception {
    try (Connection connection = connect("prepareThreshold", "-1", "binaryTransfer", "true");
         PreparedStatement statement = connection.prepareStatement("select ?::int8, ?::float8, ?::bytea, ?::numeric, ?::uuid")) {
      statement.setLong(1, Long.MAX_VALUE);
      statement.setDouble(2, 2.5);
      statement.setBytes(3, new byte[] {0, 1, -1});
      statement.setBigDecimal(4, new BigDecimal("12345.6789"));
      statement.setObject(5, java.util.UUID.fromString("29924f1f-415a-24b8-0c0b-21dd168d6d9f"));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        equal(Long.MAX_VALUE, rows.getLong(1));
        equal(2.5, rows.getDouble(2));
        check(Arrays.equals(new byte[] {0, 1, -1}, rows.getBytes(3)), "bytea differs");
        equal(new BigDecimal("12345.6789"), rows.getBigDecimal(4));
        equal("29924f1f-415a-24b8-0c0b-21dd168d6d9f", rows.getObject(5).toString());
      }
    }
  }

  static void batch(Connection connection) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement("insert into notes (body, amount) values (?, ?)")) {
      for (int n = 0; n < 2000; ++n) {
        statement.setString(1, "note " + n);
        statement.setInt(2, n);
        statement.addBatch();
      }
      equal(2000, Arrays.stream(statement.executeBatch()).sum());
    }
    equal(2000L, count(connection, "select count(*) from notes"));
  }

  static void rewrittenBatch(Connection unused) throws Exception {
    try (Connection connection = connect("reWriteBatchedInserts", "true");
         PreparedStatement statement = connection.prepareStatement("insert into notes (body) values (?)")) {
      for (int n = 0; n < 1000; ++n) {
        statement.setString(1, "note " + n);
        statement.addBatch();
      }
      statement.executeBatch();
      equal(1000L, count(connection, "select count(*) from notes"));
    }
  }

  static void generatedKeys(Connection connection) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement("insert into notes (body) values ('x')", new String[] {"id"})) {
      statement.executeUpdate();
      ResultSet keys = statement.getGeneratedKeys();
      keys.next();
      equal(1L, keys.getLong(1));
    }
  }

  static void batchError(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("insert into notes (id, body) values (1, 'a')");
      statement.addBatch("insert into notes (id, body) values (1, 'b')");
      statement.executeBatch();
      throw new AssertionError("no error");
    } catch (BatchUpdateException error) {
      equal("23505", error.getSQLState());
    }
    connection.rollback();
    equal(0L, count(connection, "select count(*) from notes"));
  }

  // A portal read in parts: Execute with a row limit, Sync between.
  static void fetchSize(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(123);
      int seen = 0;
      try (ResultSet rows = statement.executeQuery("select trace_id, prompt from traces")) {
        for (; rows.next(); ++seen) check(rows.getString(2).length() > 20, "no prompt");
      }
      equal(10_000, seen);
    }
    connection.commit();
  }

  static void copy(Connection connection) throws Exception {
    CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < 20_000; ++n) text.append("line ").append(n).append('\n');
    equal(20_000L, copies.copyIn("copy notes (body) from stdin", new StringReader(text.toString())));
    StringWriter out = new StringWriter();
    copies.copyOut("copy (select body from notes order by id) to stdout", out);
    equal(text.toString(), out.toString());
  }

  static void savepoints(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into notes (body) values ('kept')");
      Savepoint savepoint = connection.setSavepoint("here");
      try {
        statement.execute("select 1/0");
        throw new AssertionError("no error");
      } catch (SQLException error) {
        equal("22012", error.getSQLState());
      }
      connection.rollback(savepoint);
      connection.commit();
    }
    equal(1L, count(connection, "select count(*) from notes"));
  }

  // Savepoints of the driver's own around every statement.
  static void autosave(Connection unused) throws Exception {
    try (Connection connection = connect("autosave", "always")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("insert into notes (body) values ('kept')");
        try {
          statement.execute("select 1/0");
          throw new AssertionError("no error");
        } catch (SQLException error) {
          equal("22012", error.getSQLState());
        }
        connection.commit();
      }
      equal(1L, count(connection, "select count(*) from notes"));
    }
  }

  static void cancel(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      CompletableFuture<Void> cancelled = CompletableFuture.runAsync(() -> {
        try (Connection watcher = connect()) {
          // The statement's own timeout would do as well; this is Statement.cancel() from a thread.
          for (int tries = 0; tries < 1000 && !statement.isClosed(); ++tries) {
            count(watcher, "select 1");
            if (tries >= 20) {
              statement.cancel();
              return;
            }
          }
        } catch (SQLException error) {
          throw new RuntimeException(error);
        }
      });
      try {
        statement.execute("select pg_sleep(65)");
        throw new AssertionError("not cancelled");
      } catch (SQLException error) {
        equal("57014", error.getSQLState());
      }
      cancelled.get();
      equal(7L, count(connection, "select 7"));
    }
  }

  static void queryTimeout(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      try {
        statement.execute("select pg_sleep(66)");
        throw new AssertionError("no timeout");
      } catch (SQLException error) {
        equal("57014", error.getSQLState());
      }
    }
    equal(7L, count(connection, "select 7"));
  }

  static void refusals(Connection connection) throws Exception {
    for (int n = 0; n < 8; ++n) {
      denied(connection, "delete from traces where false");
      denied(connection, "select * from feedback");
    }
    connection.setAutoCommit(false);
    denied(connection, "update traces set status = 'ok' where false");
    try {
      count(connection, "select 1");
      throw new AssertionError("the transaction has not failed");
    } catch (SQLException error) {
      equal("25P02", error.getSQLState());
    }
    connection.rollback();
    equal(10_000L, count(connection, "select count(*) from traces"));
  }

  // As a role with masks: text and, from the fifth execution on, binary; rows in portions as well.
  static void masked(Connection unused) throws Exception {
    for (String threshold : new String[] {"5", "1", "-1"}) {
      try (Connection connection = connect("prepareThreshold", threshold, "binaryTransfer", "true");
           PreparedStatement statement = connection.prepareStatement(
               "select user_email, prompt, trace_id from traces where input_tokens > ? limit 7")) {
        connection.setAutoCommit(false);
        statement.setFetchSize(3);
        for (int n = 0; n < 12; ++n) {
          statement.setInt(1, 10 * n);
          try (ResultSet rows = statement.executeQuery()) {
            int seen = 0;
            for (; rows.next(); ++seen) {
              check(rows.getString(1).matches("[0-9a-f]{32}"), rows.getString(1));
              check(rows.getString(2).contains("[reference]"), rows.getString(2));
            }
            equal(7, seen);
          }
        }
        connection.rollback();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, Scenario> scenarios = new TreeMap<>();
    scenarios.put("simple", Driver::simple);
    scenarios.put("prepareThreshold", Driver::prepareThreshold);
    scenarios.put("binaryTransfer", Driver::binaryTransfer);
    scenarios.put("batch", Driver::batch);
    scenarios.put("rewrittenBatch", Driver::rewrittenBatch);
    scenarios.put("generatedKeys", Driver::generatedKeys);
    scenarios.put("batchError", Driver::batchError);
    scenarios.put("fetchSize", Driver::fetchSize);
    scenarios.put("copy", Driver::copy);
    scenarios.put("savepoints", Driver::savepoints);
    scenarios.put("autosave", Driver::autosave);
    scenarios.put("cancel", Driver::cancel);
    scenarios.put("queryTimeout", Driver::queryTimeout);
    scenarios.put("refusals", Driver::refusals);
    scenarios.put("masked", Driver::masked);
    try (Connection connection = connect()) {
      scenarios.get(arguments[0]).run(connection);
    }
  }
}
