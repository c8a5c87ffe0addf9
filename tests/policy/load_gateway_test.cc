#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using ::testing::ElementsAre;

TEST(LoadGateway, ASmallFolderGetsTheDefaults) {
  const PolicyFolder folder;
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.diagnostics.empty());
  const Snapshot& policy = *loaded.snapshot;
  EXPECT_EQ(policy.version, PolicyVersion{7});
  EXPECT_EQ(policy.gateway.workers, 0U);
  EXPECT_EQ(policy.gateway.log_level, log::Level::kInfo);
  EXPECT_EQ(policy.limits.login_timeout, 10s);
  EXPECT_EQ(policy.limits.idle_timeout, 8h);
  EXPECT_EQ(policy.limits.max_sessions, 10'000U);
  EXPECT_EQ(policy.limits.max_statement, 16_MiB);
  EXPECT_EQ(policy.limits.max_pipeline, 4096U);
  EXPECT_EQ(policy.limits.max_prepared, 10'000U);
  EXPECT_EQ(policy.limits.plan_cache, 64_MiB);
  EXPECT_EQ(policy.journal.directory, folder.path() / "journal");
  EXPECT_EQ(policy.journal.segment_size, 64_MiB);
  EXPECT_EQ(policy.journal.max_size, ByteCount{std::uint64_t{16} << 30});
  EXPECT_FALSE(policy.audit);
  const Upstream& upstream = policy.upstreams.at(0);
  EXPECT_EQ(upstream.database, "traces");
  EXPECT_EQ(upstream.authentication, StoreAuthentication::kScram);
  EXPECT_THAT(upstream.search_path, ElementsAre("public"));
  EXPECT_EQ(upstream.connect_timeout, 5s);
  EXPECT_EQ(upstream.catalog_refresh, 30s);
  EXPECT_EQ(upstream.catalog_password.reveal(), "s3cret");
}

TEST(LoadGateway, EveryKeyIsRead) {
  const PolicyFolder folder;
  folder.write("ca.crt", "x");
  folder.write("server.crt", "x", 0644);
  folder.write("server.key", "x");
  folder.gateway(R"([gateway]
workers = 3
log_level = "debug"
[limits]
login_timeout = "5s"
idle_timeout = "0s"
max_sessions = 5
max_statement = "1MiB"
max_pipeline = 6
max_prepared = 7
plan_cache = "0B"
[journal]
directory = "/var/lib/j"
segment_size = "1MiB"
max_size = "2MiB"
[audit]
host = "db.example.org"
port = 5433
database = "audit"
user = "a"
password_file = "secret"
tls = "verify-ca"
ca_file = "ca.crt"
[[listener]]
address = "[::]:6432"
tls = "require"
certificate_file = "server.crt"
key_file = "server.key"
[upstream.traces]
hosts = ["db1.example.org:5432", "db2.example.org:5433"]
database = "store"
tls = "verify-full"
ca_file = "ca.crt"
authentication = "scram"
search_path = ["app", "\"My Schema\""]
catalog_user = "c"
catalog_password_file = "secret"
connect_timeout = "1s"
catalog_refresh = "2s"
)");
  const LoadedPolicy loaded = folder.load();
  EXPECT_THAT(folder.complaints(), ElementsAre());
  ASSERT_TRUE(loaded.ok());
  const Snapshot& policy = *loaded.snapshot;
  EXPECT_EQ(policy.gateway.workers, 3U);
  EXPECT_EQ(policy.gateway.log_level, log::Level::kDebug);
  EXPECT_EQ(policy.limits.login_timeout, 5s);
  EXPECT_EQ(policy.limits.idle_timeout, 0s);
  EXPECT_EQ(policy.limits.max_sessions, 5U);
  EXPECT_EQ(policy.limits.max_statement, 1_MiB);
  EXPECT_EQ(policy.limits.max_pipeline, 6U);
  EXPECT_EQ(policy.limits.max_prepared, 7U);
  EXPECT_EQ(policy.limits.plan_cache, ByteCount{0});
  EXPECT_EQ(policy.journal.directory, "/var/lib/j");
  EXPECT_EQ(policy.journal.segment_size, 1_MiB);
  EXPECT_EQ(policy.journal.max_size, 2_MiB);
  ASSERT_TRUE(policy.audit);
  EXPECT_EQ(policy.audit->address, (config::Endpoint{"db.example.org", 5433}));
  EXPECT_EQ(policy.audit->database, "audit");
  EXPECT_EQ(policy.audit->user, "a");
  EXPECT_EQ(policy.audit->password.reveal(), "s3cret");
  EXPECT_EQ(policy.audit->tls, StoreTls::kVerifyCa);
  EXPECT_EQ(policy.audit->ca_file, folder.path() / "ca.crt");
  const Listener& listener = policy.listeners.at(0);
  EXPECT_EQ(listener.address, (config::Endpoint{"::", 6432}));
  EXPECT_EQ(listener.tls, ListenerTls::kRequire);
  EXPECT_EQ(listener.certificate_file, folder.path() / "server.crt");
  EXPECT_EQ(listener.key_file, folder.path() / "server.key");
  const Upstream& upstream = policy.upstreams.at(0);
  EXPECT_THAT(upstream.hosts, ElementsAre(config::Endpoint{"db1.example.org", 5432},
                                          config::Endpoint{"db2.example.org", 5433}));
  EXPECT_EQ(upstream.database, "store");
  EXPECT_EQ(upstream.tls, StoreTls::kVerifyFull);
  EXPECT_EQ(upstream.ca_file, folder.path() / "ca.crt");
  EXPECT_THAT(upstream.search_path, ElementsAre("app", "My Schema"));
  EXPECT_EQ(upstream.catalog_user, "c");
  EXPECT_EQ(upstream.connect_timeout, 1s);
  EXPECT_EQ(upstream.catalog_refresh, 2s);
}

TEST(LoadGateway, WhatIsMissingIsReportedTogether) {
  const PolicyFolder folder;
  folder.gateway("[limits]\n");
  folder.roles("");
  EXPECT_THAT(folder.complaints(),
              ElementsAre("error: \"journal\" is missing", "error: \"listener\" is missing",
                          "error: \"role\" is missing", "error: \"upstream\" is missing"));
  EXPECT_FALSE(folder.load().ok());
}

struct Case {
  const char* what;
  std::string_view replaced;  // in kGateway
  std::string_view by;
  std::vector<std::string> complaints;
};

class GatewayDiagnostics : public ::testing::TestWithParam<Case> {};

TEST_P(GatewayDiagnostics, HaveAPlaceAndASuggestion) {
  const Case& param = GetParam();
  const PolicyFolder folder;
  folder.write("open", "x\n", 0644);
  folder.write("ca.crt", "x");
  std::string text(kGateway);
  const std::size_t at = text.find(param.replaced);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, param.replaced.size(), param.by);
  folder.gateway(text);
  EXPECT_EQ(folder.complaints(), param.complaints) << text;
}

const Case kCases[] = {
    {"UnknownTable",
     "[journal]",
     "[limit]\n[journal]",
     {"gateway.toml:1:2: error: unknown table \"limit\"; did you mean \"limits\"?"}},
    {"UnknownKey",
     "[journal]",
     "[limits]\nmax_session = 1\n[journal]",
     {"gateway.toml:2:1: error: unknown key \"max_session\" in [limits]; did you mean "
      "\"max_sessions\"?"}},
    {"JournalTooSmall",
     "\"journal\"",
     "\"journal\"\nmax_size = \"100MiB\"",
     {"gateway.toml:3:12: error: \"max_size\" in [journal] is 100MiB, which is less than "
      "two "
      "segments of 64MiB"}},
    {"JournalWithoutDirectory",
     "directory = \"journal\"",
     "",
     {"gateway.toml:1:1: error: \"directory\" is missing in [journal]"}},
    {"TlsWithoutCertificate",
     "tls = \"off\"\n[upstream",
     "tls = \"require\"\n[upstream",
     {"gateway.toml:5:7: error: tls = \"require\" needs \"certificate_file\"",
      "gateway.toml:5:7: error: tls = \"require\" needs \"key_file\""}},
    {"TlsByDefaultWithoutCertificate",
     "tls = \"off\"\n[upstream",
     "[upstream",
     {"gateway.toml:3:1: error: tls = \"require\" needs \"certificate_file\"",
      "gateway.toml:3:1: error: tls = \"require\" needs \"key_file\""}},
    {"CertificateWithoutTls",
     "tls = \"off\"\n[upstream",
     "tls = \"off\"\nkey_file = \"secret\"\n[upstream",
     {"gateway.toml:6:12: warning: \"key_file\" is not used with tls = \"off\""}},
    {"CertificateThatIsNotThere",
     "tls = \"off\"\n[upstream",
     "tls = \"allow\"\ncertificate_file = \"no.crt\"\nkey_file = \"secret\"\n[upstream",
     {"gateway.toml:6:20: error: cannot read FOLDER/no.crt: No such file or directory"}},
    {"KeyThatOthersMayRead",
     "tls = \"off\"\n[upstream",
     "tls = \"allow\"\ncertificate_file = \"open\"\nkey_file = \"open\"\n[upstream",
     {"gateway.toml:7:12: warning: FOLDER/open can be read or written by others than its "
      "owner; "
      "chmod 600 FOLDER/open"}},
    {"ListenerInClearForOthers",
     "127.0.0.1:6432",
     "0.0.0.0:6432",
     {"gateway.toml:5:7: warning: clients may connect from other machines in clear; write "
      "tls = "
      "\"require\""}},
    {"ListenerWithoutAddress",
     "address = \"127.0.0.1:6432\"\n",
     "",
     {"gateway.toml:3:1: error: \"address\" is missing in [listener]"}},
    {"DuplicateListener",
     "[[listener]]",
     "[[listener]]\naddress = \"127.0.0.1:6432\"\ntls = \"off\"\n[[listener]]",
     {"gateway.toml:7:11: error: two listeners have the address 127.0.0.1:6432"}},
    {"ListenersWithFreePortsAreNotDuplicates",
     "[[listener]]\naddress = \"127.0.0.1:6432\"",
     "[[listener]]\naddress = \"127.0.0.1:0\"\ntls = \"off\"\n[[listener]]\naddress = "
     "\"127.0.0.1:0\"",
     {}},
    {"UnknownTlsWord",
     "tls = \"off\"\ncatalog",
     "tls = \"prefer\"\nca_file = \"ca.crt\"\ncatalog",
     {"gateway.toml:8:7: error: \"tls\" in [upstream.traces] is \"prefer\"; it must be one "
      "of "
      "\"off\", \"require\", \"verify-ca\", \"verify-full\""}},
    {"VerifyWithoutAuthority",
     "tls = \"off\"\ncatalog",
     "tls = \"verify-ca\"\ncatalog",
     {"gateway.toml:8:7: error: tls = \"verify-ca\" needs \"ca_file\"; name the file with "
      "the "
      "certificate authority of the store"}},
    {"VerifyByDefault",
     "tls = \"off\"\ncatalog",
     "catalog",
     {"gateway.toml:6:1: error: tls = \"verify-full\" needs \"ca_file\"; name the file "
      "with the "
      "certificate authority of the store"}},
    {"AuthorityThatIsNotUsed",
     "tls = \"off\"\ncatalog",
     "tls = \"off\"\nca_file = \"ca.crt\"\ncatalog",
     {"gateway.toml:9:11: warning: \"ca_file\" is not used with tls = \"off\"; write tls = "
      "\"verify-full\""}},
    {"StoreInClear",
     "\"127.0.0.1:5432\"",
     "\"db.example.org:5432\"",
     {"gateway.toml:8:7: warning: statements and rows cross the network in clear; write "
      "tls = "
      "\"verify-full\""}},
    {"StoreUnverified",
     "\"127.0.0.1:5432\"]\ntls = \"off\"",
     "\"db.example.org:5432\"]\ntls = \"require\"",
     {"gateway.toml:8:7: warning: tls = \"require\" does not check who the store is; write "
      "tls = "
      "\"verify-full\""}},
    {"TrustElsewhere",
     "\"127.0.0.1:5432\"]\ntls = \"off\"\ncatalog_user = \"tracegate_catalog\"\n"
     "catalog_password_file = \"secret\"",
     "\"10.0.0.1:5432\"]\ntls = \"off\"\nauthentication = \"trust\"\ncatalog_user = \"c\"",
     {"gateway.toml:8:7: warning: statements and rows cross the network in clear; write "
      "tls = "
      "\"verify-full\"",
      "gateway.toml:9:18: error: authentication = \"trust\" to 10.0.0.1:5432, which is "
      "another "
      "machine; write authentication = \"scram\""}},
    {"TrustWithPassword",
     "catalog_user",
     "authentication = \"trust\"\ncatalog_user",
     {"gateway.toml:11:25: warning: \"catalog_password_file\" is not used with "
      "authentication = "
      "\"trust\""}},
    {"ScramWithoutPassword",
     "catalog_password_file = \"secret\"\n",
     "",
     {"gateway.toml:6:1: error: \"catalog_password_file\" is missing in [upstream.traces]"}},
    {"PasswordThatOthersMayRead",
     "file = \"secret\"",
     "file = \"open\"",
     {"gateway.toml:10:25: warning: FOLDER/open can be read or written by others than its "
      "owner; "
      "chmod 600 FOLDER/open"}},
    {"PasswordThatIsNotThere",
     "file = \"secret\"",
     "file = \"absent\"",
     {"gateway.toml:10:25: error: cannot read FOLDER/absent: No such file or directory"}},
    {"NoHosts",
     "hosts = [\"127.0.0.1:5432\"]",
     "hosts = []",
     {"gateway.toml:7:9: error: \"hosts\" in [upstream.traces] is empty"}},
    {"HostWithoutPort",
     "\"127.0.0.1:5432\"",
     "\"127.0.0.1\"",
     {"gateway.toml:7:10: error: \"hosts\" in [upstream.traces]: \"127.0.0.1\" is not a "
      "host and a "
      "port; write \"host:port\", \"127.0.0.1:5432\" or \"[::1]:5432\""}},
    {"HostWithPortZero",
     "\"127.0.0.1:5432\"",
     "\"127.0.0.1:0\"",
     {"gateway.toml:7:10: error: port 0 cannot be connected to"}},
    {"SearchPathThatDiffersBySession",
     "catalog_user",
     "search_path = [\"public\", '\"$user\"', \"pg_temp\", \"a b\"]\ncatalog_user",
     {"gateway.toml:9:26: error: $user means another schema in each session; name the "
      "schemas "
      "themselves",
      "gateway.toml:9:37: error: pg_temp means another schema in each session; name the "
      "schemas "
      "themselves",
      "gateway.toml:9:48: error: \"a b\" is not a name; write it as in SQL: trace_id, or "
      "'\"Trace Id\"' in double quotes; 63 bytes at most"}},
    {"UpstreamWithoutAName",
     "[upstream.traces]",
     "[upstream.traces]\nhosts = [\"127.0.0.1:1\"]\ntls = \"off\"\ncatalog_user = \"c\"\n"
     "catalog_password_file = \"secret\"\n[upstream.\"\"]",
     {"gateway.toml:11:1: error: \"\" cannot be a name; a name has 1 to 63 bytes and no "
      "control "
      "characters"}}};

INSTANTIATE_TEST_SUITE_P(All, GatewayDiagnostics, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.what; });

TEST(LoadGateway, AFileThatDoesNotParseIsTheOnlyComplaint) {
  const PolicyFolder folder;
  folder.gateway("[journal\n");
  const std::vector<std::string> complaints = folder.complaints();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_TRUE(complaints.front().starts_with("gateway.toml:1:9: error: ")) << complaints.front();
}

TEST(LoadGateway, AMissingFolderIsAnError) {
  const LoadedPolicy loaded = load("/nonexistent/policies", PolicyVersion{1});
  EXPECT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.diagnostics.size(), 1U);
}

}  // namespace
}  // namespace tracegate::policy
