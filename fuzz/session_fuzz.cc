// A session between any client and any store, and a journal that lags behind. What must hold is
// listed in session_surroundings.h.
//
// Input: a byte of options (kStoreOfInput and so on), a byte of limits, then steps. A step is a
// byte: the lower five bits say what is done (Step, with operands in the bytes that follow), the
// upper three how things move on behind it (Motion). With the model as store its steps do nothing
// but what a store may do at any time. At the end all becomes durable, everything is delivered, and
// a client that behaved must have its answer.
//
// The client's valid messages are built from tables, so that a few bytes make a conversation; what
// is hostile is in the input byte by byte.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/session_surroundings.h"
#include "src/base/result.h"
#include "tests/session/messages.h"

namespace {

using namespace tracegate;  // NOLINT
using namespace tracegate::session::testing;
using session::SessionOptions;

constexpr unsigned kStoreOfInput = 1;
constexpr unsigned kUnrestricted = 2;
constexpr unsigned kDeniesNines = 4;
constexpr unsigned kPinned = 8;
constexpr unsigned kJournalLags = 16;
constexpr unsigned kMasked = 32;  // unless kUnrestricted
constexpr unsigned kHoldsShortRows = 64;

enum class Step : std::uint8_t {
  kQuery,              // texts
  kParse,              // statement, texts
  kBind,               // portal, statement, value
  kDescribeStatement,  // statement
  kDescribePortal,     // portal
  kExecute,            // portal, rows
  kCloseStatement,     // statement
  kClosePortal,        // portal
  kSync,
  kFlush,
  kCopyData,  // value
  kCopyDone,
  kCopyFail,
  kFunctionCall,
  kTerminate,
  kRun,            // texts: Parse, Bind, Execute and Sync
  kParseTyped,     // statement, texts, two bytes of a type
  kLargeBind,      // portal, statement
  kClientFrame,    // type, length, body: a valid header, whatever behind it
  kClientBytes,    // length, bytes
  kStoreAnswer,    // one of answers()
  kStoreComplete,  // one of kTags
  kStoreFrame,     // as kClientFrame
  kStoreBytes,     // as kClientBytes
  kStoreAsync,     // what a store may say at any time
  kReload,         // one of policies()
  kChangeCatalog,
  kHoldRecords,  // odd: from now on durable only when a step says so
  kPassTime,     // milliseconds
  kFatal,        // the owner says goodbye
  kEnd,
  kBindFormat,  // portal, statement, value, format
};

enum class Motion : std::uint8_t {
  kNone,
  kWhole,        // until nothing moves
  kByteByByte,   // likewise
  kClientPiece,  // so many bytes of the client arrive, from the input
  kStorePiece,
  kOneDurable,
  kAllDurable,
  kAllDurableAndWhole,
};

constexpr std::array<std::string_view, 6> kTags = {"SELECT 1", "INSERT 0 1", "COMMIT",
                                                   "PREPARE",  "COPY 2",     "DECLARE CURSOR"};

const std::vector<std::string>& texts() {
  static const std::string stem(63, 's');
  static const std::vector<std::string> all = {
      "SELECT 1", "SELECT 0", "SELECT 3", "SELECT 2 OF 70 BYTES", "SELECT 9", "INSERT 1",
      "INSERT 2 RETURNING", "INSERT 9", "FAIL", "FAIL AFTER 1", "BEGIN", "COMMIT", "ROLLBACK",
      "NOTICE", "SET TimeZone UTC", "SET client_encoding SJIS", "COPY 2 TO STDOUT",
      "COPY FROM STDIN", "COPY MISSING FROM STDIN", "NONSENSE",
      // With names.
      "PREPARE a AS SELECT 1", "PREPARE a AS INSERT 2 RETURNING", "PREPARE b AS INSERT 9",
      "PREPARE b AS SELECT 9", "PREPARE " + stem + "1 AS FAIL AFTER 1", "EXECUTE a", "EXECUTE b",
      "EXECUTE " + stem + "2", "EXECUTE z", "CREATE AS EXECUTE a", "DEALLOCATE a",
      "DEALLOCATE " + stem, "DEALLOCATE ALL", "DISCARD ALL", "DECLARE c FOR SELECT 3",
      "DECLARE c HOLD FOR SELECT 9", "DECLARE d FOR FAIL AFTER 1", "FETCH 1 c", "FETCH 5 c",
      "FETCH 2 d", "CLOSE c", "CLOSE ALL", "",
      // Of masked_texts().
      "SELECT 4", "SELECT 4 OF 70 BYTES", "INSERT 4 RETURNING", "PREPARE a AS SELECT 4",
      "PREPARE b AS INSERT 4 RETURNING", "DECLARE c FOR SELECT 4", "DECLARE d HOLD FOR SELECT 4"};
  return all;
}

const std::vector<std::string>& answers() {
  static const std::vector<std::string> all = {answer::parse_complete(),
                                               answer::bind_complete(),
                                               answer::close_complete(),
                                               answer::parameters(),
                                               answer::columns(),
                                               answer::no_data(),
                                               answer::row("1"),
                                               answer::row(std::string(300, '.')),
                                               answer::complete("SELECT 1"),
                                               answer::empty_query(),
                                               answer::suspended(),
                                               answer::ready('I'),
                                               answer::ready('T'),
                                               answer::ready('E'),
                                               answer::copy_in(),
                                               answer::copy_out(),
                                               answer::copy_data("line\n"),
                                               answer::copy_done(),
                                               answer::function_result("7"),
                                               answer::error("22012", "division by zero"),
                                               answer::error("25P02", "aborted"),
                                               answer::refusal(),
                                               answer::fatal("57P01", "bye"),
                                               answer::row(kCanary),
                                               answer::copy_data("canary\n"),
                                               answer::copy_data("canary")};
  return all;
}

SessionOptions options_of(unsigned choices, unsigned limits) {
  constexpr std::array<std::size_t, 4> kPipelines = {4096, 1, 2, 5};
  SessionOptions options;
  options.max_pipeline = kPipelines[limits % kPipelines.size()];
  if ((limits & 4) != 0) options.max_pipeline_text = ByteCount{40};
  if ((limits & 8) != 0) options.max_names = 2;
  if ((limits & 16) != 0) options.max_names_text = ByteCount{60};
  if ((limits & 32) != 0) options.limits.hold_bind = 10;
  if ((limits & 64) != 0) options.limits.hold_call = 4;
  if ((limits & 128) != 0) options.limits.max_statement = 80;
  if ((choices & kHoldsShortRows) != 0) options.limits.hold_row = 40;
  if ((choices & kPinned) != 0) options.pinned_settings = {{"client_encoding", "UTF8"}};
  return options;
}

class Conversation {
 public:
  explicit Conversation(Input input)
      : input_(input),
        choices_(input_.byte()),
        around_(options_of(choices_, input_.byte()),
                (choices_ & kStoreOfInput) != 0 ? Surroundings::Store::kInput
                                                : Surroundings::Store::kModel,
                (choices_ & kUnrestricted) != 0) {
    if ((choices_ & kDeniesNines) != 0) around_.set_policy(1);
    if ((choices_ & kMasked) != 0 && (choices_ & kUnrestricted) == 0) around_.mask_rows();
    around_.hold_records((choices_ & kJournalLags) != 0);
  }

  void hold() {
    while (!input_.empty()) {
      const unsigned step = input_.byte();
      take(static_cast<Step>(step & 31));
      move(static_cast<Motion>(step >> 5));
    }
    if (behaves_) around_.from_client(say::copy_fail("the end") + say::sync());
    around_.hold_records(false);
    around_.make_durable(kAll);
    around_.run(kAll);
    around_.make_durable(kAll);
    around_.run(kAll);
    around_.check_at_rest(behaves_);
  }

 private:
  static constexpr std::size_t kAll = std::string::npos;

  std::string statement_name() {
    static const std::string stem(63, 's');
    static const std::vector<std::string> names = {"", "a", "b", "z", stem + "1", stem + "2"};
    return std::string(input_.one_of(names));
  }
  std::string portal_name() {
    static const std::string stem(63, 'p');
    static const std::vector<std::string> names = {"", "c", "d", stem + "1", stem + "2"};
    return std::string(input_.one_of(names));
  }
  std::string text() {
    std::string all;
    for (bool more = true; more;) {
      const std::uint8_t which = input_.byte();
      all += texts()[which % 128U % texts().size()];
      more = which >= 128;
      if (more) all += "; ";
    }
    return all;
  }
  std::string_view value() { return input_.byte() % 4 == 3 ? "bad" : "good\n"; }
  std::string frame() {
    const char type = static_cast<char>(input_.byte());
    const std::string_view body = input_.bytes(input_.byte());
    std::string out;
    proto::Writer writer(out);
    writer.begin_message(type);
    writer.bytes(as_bytes(body));
    writer.end_message();
    return out;
  }
  std::string typed_parse() {
    const std::string name = statement_name();
    const std::string query = text();
    const unsigned high = input_.byte();
    const proto::Oid type = high * 256 + input_.byte();
    return encoded(proto::Parse{name, query, {type}});
  }

  // What a client may say.
  void client(const std::string& message) { around_.from_client(message); }
  // What it may not, or perhaps may not.
  void hostile_client(std::string_view bytes) {
    behaves_ = false;
    around_.from_client(bytes);
  }
  void store(std::string_view bytes) {
    if (!around_.has_model()) around_.from_store(bytes);
  }

  void take(Step step);
  void move(Motion motion);

  Input input_;
  unsigned choices_;
  Surroundings around_;
  bool behaves_ = true;
};

void Conversation::take(Step step) {
  switch (step) {
    case Step::kQuery:
      return client(say::query(text()));
    case Step::kParse: {
      const std::string name = statement_name();
      return client(say::parse(name, text()));
    }
    case Step::kBind: {
      const std::string portal = portal_name();
      const std::string statement = statement_name();
      return client(say::bind(portal, statement, {value()}));
    }
    case Step::kBindFormat: {
      const std::string portal = portal_name();
      const std::string statement = statement_name();
      const std::string_view parameter = value();
      const proto::FormatCode format = input_.byte() % 2;
      return client(encoded(proto::Bind{portal, statement, {}, {as_bytes(parameter)}, {format}}));
    }
    case Step::kLargeBind: {
      const std::string portal = portal_name();
      return client(say::bind(portal, statement_name(), {std::string(100, 'v'), "good"}));
    }
    case Step::kDescribeStatement:
      return client(say::describe_statement(statement_name()));
    case Step::kDescribePortal:
      return client(say::describe_portal(portal_name()));
    case Step::kExecute: {
      const std::string portal = portal_name();
      return client(say::execute(portal, input_.byte() % 4));
    }
    case Step::kCloseStatement:
      return client(say::close_statement(statement_name()));
    case Step::kClosePortal:
      return client(say::close_portal(portal_name()));
    case Step::kSync:
      return client(say::sync());
    case Step::kFlush:
      return client(say::flush());
    case Step::kCopyData:
      return client(say::copy_data(value()));
    case Step::kCopyDone:
      return client(say::copy_done());
    case Step::kCopyFail:
      return client(say::copy_fail("no more"));
    case Step::kFunctionCall:
      return client(say::function_call());
    case Step::kTerminate:
      return client(say::terminate());
    case Step::kRun:
      return client(say::run(text()));
    case Step::kParseTyped:
      return client(typed_parse());
    case Step::kClientFrame:
      return hostile_client(frame());
    case Step::kClientBytes:
      return hostile_client(input_.bytes(input_.byte()));
    case Step::kStoreAnswer:
      return store(input_.one_of(answers()));
    case Step::kStoreComplete:
      return store(answer::complete(input_.one_of(kTags)));
    case Step::kStoreFrame:
      return store(frame());
    case Step::kStoreBytes:
      return store(input_.bytes(input_.byte()));
    case Step::kStoreAsync:
      return around_.from_store(answer::notification("news") + answer::notice("hello") +
                                answer::parameter_status("TimeZone", "UTC"));
    case Step::kReload:
      return around_.set_policy(input_.byte());
    case Step::kChangeCatalog:
      return around_.change_catalog();
    case Step::kHoldRecords:
      return around_.hold_records(input_.byte() % 2 == 1);
    case Step::kPassTime:
      return around_.pass_time(Milliseconds{input_.byte()});
    case Step::kFatal:
      around_.send_fatal();
      return around_.end();
    case Step::kEnd:
      return around_.end();
  }
}

void Conversation::move(Motion motion) {
  switch (motion) {
    case Motion::kNone:
      return;
    case Motion::kWhole:
      return around_.run(kAll);
    case Motion::kByteByByte:
      return around_.run(1);
    case Motion::kClientPiece:
      return around_.client_arrives(input_.byte());
    case Motion::kStorePiece:
      return around_.store_arrives(input_.byte());
    case Motion::kOneDurable:
      return around_.make_durable(1);
    case Motion::kAllDurable:
      return around_.make_durable(kAll);
    case Motion::kAllDurableAndWhole:
      around_.make_durable(kAll);
      return around_.run(kAll);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  Conversation(Input({reinterpret_cast<const char*>(data), size})).hold();
  return 0;
}
