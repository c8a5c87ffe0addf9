#include "tests/session/random_conversation.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

class Speaker {
 public:
  Speaker(std::uint32_t seed, ConversationStyle style) : random_(seed), style_(style) {}

  std::vector<std::string> speak() {
    const std::size_t length = 5 + below(25);
    while (out_.size() < length) say_something();
    out_.push_back(say::sync());
    return std::move(out_);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename... Choices>
  std::string pick(Choices... choices) {
    const std::array<std::string, sizeof...(choices)> all = {choices...};
    return all[below(all.size())];
  }

  std::string statement_name() {
    static const std::string stem(63, 's');
    return one_in(2) ? std::string() : pick("a", "b", "z", stem + "1", stem + "2");
  }
  std::string sql_statement_name() { return pick("a", "b", std::string(63, 's')); }
  std::string portal_name() {
    static const std::string stem(63, 'p');
    return one_in(2) ? std::string() : pick("c", "d", stem + "1", stem + "2");
  }

  std::string read() {
    if (style_.denied_texts && one_in(5)) return pick("SELECT 9", "SELECT 99");
    return pick("SELECT 0", "SELECT 1", "SELECT 3", "SELECT 2 OF 300 BYTES", "FAIL",
                "FAIL AFTER 1");
  }
  std::string write() {
    if (style_.denied_texts && one_in(5)) return "INSERT 9";
    return pick("INSERT 1", "INSERT 2 RETURNING");
  }
  std::string plain() {
    switch (below(8)) {
      case 0:
        return write();
      case 1:
        return pick("BEGIN", "COMMIT", "ROLLBACK");
      case 2:
        return "NOTICE";
      case 3:
        return pick("SET TimeZone UTC", "COPY 2 TO STDOUT");
      case 4:
        return one_in(3) ? "NONSENSE" : "SELECT 2";
      default:
        return read();
    }
  }
  // Makes and removes names.
  std::string naming() {
    switch (below(8)) {
      case 0:
      case 1:
        return "PREPARE " + sql_statement_name() + " AS " + (one_in(3) ? write() : read());
      case 2:
        return "DEALLOCATE " + sql_statement_name();
      case 3:
        return pick("DEALLOCATE ALL", "DISCARD ALL", "CLOSE ALL");
      case 4:
      case 5:
        return "DECLARE " + pick("c", "d") + (one_in(3) ? " HOLD" : "") + " FOR " + read();
      default:
        return "CLOSE " + pick("c", "d");
    }
  }
  std::string using_names() {
    if (one_in(2)) return "EXECUTE " + sql_statement_name();
    return "FETCH " + pick("1", "2", "5") + " " + pick("c", "d");
  }
  std::string any_statement() {
    switch (below(4)) {
      case 0:
        return naming();
      case 1:
        return style_.names_in_texts ? using_names() : plain();
      default:
        return plain();
    }
  }

  void say_something() {
    switch (below(12)) {
      case 0:
      case 1:
        return say_query();
      case 2:
        return say_copy();
      case 3:
      case 4:
        return say_run();
      case 5:
        return say_with_names();
      case 6:
        return add(one_in(3) ? say::function_call() : say::flush());
      case 7:
        return add(say::sync());
      default:
        return say_one();
    }
  }

  void say_query() {
    if (one_in(10)) return add(say::query(""));
    if (one_in(5)) {
      // The unnamed portal outlives a text that is refused for its names, where PostgreSQL would
      // have begun to run it.
      if (!style_.names_in_texts) add(say::close_portal(""));
      return add(say::query(using_names()));
    }
    std::string text = any_statement();
    while (one_in(3)) text += "; " + any_statement();
    add(say::query(text));
  }

  // Data as a client sends it, of which some may be bad, and may end otherwise.
  void say_data() {
    for (std::size_t i = below(3); i > 0; --i) add(say::copy_data(one_in(8) ? "bad" : "line\n"));
    add(one_in(5) ? say::copy_fail("no more") : say::copy_done());
  }
  void say_copy() {
    const std::string copy = one_in(6) ? "COPY MISSING FROM STDIN" : "COPY FROM STDIN";
    if (one_in(2)) {
      const bool twice = one_in(3);
      add(say::query(twice ? copy + "; SELECT 1; COPY FROM STDIN" : copy));
      say_data();
      if (twice) say_data();
      return;
    }
    copies_ = true;
    add(say::parse("", copy));
    add(say::bind("", ""));
    add(say::execute(""));
    if (one_in(2)) add(say::sync());  // as libpq; a COPY ignores it
    say_data();
    add(say::sync());
  }
  // Whatever runs may be a COPY as soon as one has been parsed; then its data must follow.
  void say_execute(std::string_view portal, std::int32_t rows) {
    add(say::execute(portal, rows));
    if (copies_) say_data();
  }

  void say_run() {
    add(say::parse("", one_in(4) ? naming() : plain()));
    if (one_in(3)) add(say::describe_statement(""));
    add(one_in(10) ? say::bind("", "", {"bad"}) : say::bind("", "", {"good"}));
    if (one_in(3)) add(say::describe_portal(""));
    say_execute("", 0);
    if (!one_in(4)) add(say::sync());
  }
  // Through a portal that nothing else runs: PostgreSQL looks the name up once, a session each
  // time.
  void say_with_names() {
    add(say::parse("", using_names()));
    add(say::bind("once", ""));
    say_execute("once", 0);
    add(say::close_portal("once"));
    add(say::sync());
    add(say::parse("", "SELECT 1"));
  }

  void say_one() {
    switch (below(9)) {
      case 0:
      case 1:
        // Of a name that SQL does not use: EXECUTE of it is refused.
        if (one_in(5)) return add(say::parse("z", naming()));
        return add(say::parse(statement_name(), plain()));
      case 2:
      case 3:
        return add(say::bind(portal_name(), statement_name()));
      case 4:
      case 5:
        return say_execute(portal_name(), static_cast<std::int32_t>(below(3)));
      case 6:
        return add(one_in(2) ? say::close_statement(statement_name())
                             : say::close_portal(portal_name()));
      case 7:
        return add(one_in(2) ? say::describe_statement(statement_name())
                             : say::describe_portal(portal_name()));
      default:
        return add(one_in(4) ? say::copy_data("stray") : say::sync());
    }
  }

  void add(std::string message) { out_.push_back(std::move(message)); }

  std::mt19937 random_;
  ConversationStyle style_;
  std::vector<std::string> out_;
  bool copies_ = false;
};

}  // namespace

std::vector<std::string> random_conversation(std::uint32_t seed, ConversationStyle style) {
  return Speaker(seed, style).speak();
}

}  // namespace tracegate::session::testing
