#include "tests/support/postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tracegate::test {
namespace {

constexpr std::chrono::seconds kStartTimeout{60};

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using ResultSet = std::unique_ptr<PGresult, decltype(&PQclear)>;

// PostgreSQL refuses to run as root; then it runs as the user that its package made.
const passwd* server_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

std::string binary(std::string_view name) {
  std::string path("/usr/lib/postgresql/15/bin/");
  return path.append(name);
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  std::uint16_t port = 0;
  if (fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port = ntohs(address.sin_port);
  ::close(fd);
  return port;
}

bool exited_well(pid_t child) {
  int status = -1;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string text_of(const PGresult* result) {
  std::string out;
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      if (column > 0) out += '|';
      out += PQgetisnull(result, row, column) != 0 ? "-" : PQgetvalue(result, row, column);
    }
    out += '\n';
  }
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace

Result<std::unique_ptr<PostgresCluster>> PostgresCluster::create() {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster);
  TG_TRY(cluster->initialise());
  // Somebody may take the port between our looking for one and the server's binding it.
  for (int attempt = 1;; ++attempt) {
    cluster->port_ = free_port();
    const Status started = cluster->start();
    if (started.ok()) return cluster;
    if (attempt == 3) return Error(started.error());
  }
}

PostgresCluster::~PostgresCluster() {
  stop(Stop::kCrash);
  std::error_code ignored;
  if (!base_.empty()) std::filesystem::remove_all(base_, ignored);
}

Error PostgresCluster::failure(std::string_view what) const {
  std::ostringstream text;
  text << what << ":\n" << std::ifstream(base_ + "/log").rdbuf();
  return Error(text.str());
}

pid_t PostgresCluster::spawn(const std::vector<std::string>& arguments) const {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const passwd* const user = server_user();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  // SIGQUIT ends a postmaster and all its children at once.
  if (::prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || ::getppid() != parent) ::_exit(126);
  const int log = ::open((base_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log < 0 || ::dup2(log, 1) < 0 || ::dup2(log, 2) < 0 || ::chdir("/") != 0) ::_exit(126);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

Status PostgresCluster::initialise() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tracegate-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return Error("making a temporary directory failed");
  base_ = pattern;
  const std::string password_file = base_ + "/password";
  std::ofstream(password_file) << password() << '\n';
  if (::geteuid() == 0) {
    const passwd* const user = server_user();
    if (user == nullptr) return Error("there is no user postgres to run PostgreSQL as");
    if (::chown(base_.c_str(), user->pw_uid, user->pw_gid) != 0 ||
        ::chown(password_file.c_str(), user->pw_uid, user->pw_gid) != 0)
      return Error("giving the temporary directory to postgres failed");
  }
  const pid_t initdb = spawn({binary("initdb"), "-D", base_ + "/data", "-U", superuser(),
                              "--pwfile", password_file, "--auth", "scram-sha-256", "--no-sync",
                              "--no-instructions", "-E", "UTF8", "--locale", "C.UTF-8"});
  if (initdb < 0 || !exited_well(initdb)) return failure("initdb failed");
  const pid_t openssl = spawn({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                               "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                               "-keyout", base_ + "/server.key", "-out", certificate_file()});
  if (openssl < 0 || !exited_well(openssl)) return failure("making a certificate failed");
  return Ok{};
}

Status PostgresCluster::start() {
  // fsync off: what these tests crash is the server, not the machine.
  postmaster_ = spawn({binary("postgres"),
                       "-D",
                       base_ + "/data",
                       "-p",
                       std::to_string(port_),
                       "-k",
                       base_,
                       "-c",
                       "listen_addresses=127.0.0.1",
                       "-c",
                       "fsync=off",
                       "-c",
                       "max_connections=50",
                       "-c",
                       "shared_buffers=32MB",
                       "-c",
                       "ssl=on",
                       "-c",
                       "ssl_cert_file=" + certificate_file(),
                       "-c",
                       "ssl_key_file=" + base_ + "/server.key"});
  if (postmaster_ < 0) return Error("fork failed");
  const std::string where = "host=127.0.0.1 user=postgres dbname=postgres connect_timeout=5 port=" +
                            std::to_string(port_);
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (PQping(where.c_str()) != PQPING_OK) {
    if (::waitpid(postmaster_, nullptr, WNOHANG) == postmaster_) {
      postmaster_ = 0;
      return failure("PostgreSQL ended instead of starting");
    }
    if (std::chrono::steady_clock::now() > deadline) {
      stop(Stop::kCrash);
      return failure("PostgreSQL did not start in time");
    }
    ::poll(nullptr, 0, 10);
  }
  return Ok{};
}

void PostgresCluster::stop(Stop how) {
  if (postmaster_ == 0) return;
  ::kill(postmaster_, how == Stop::kFast ? SIGINT : SIGQUIT);
  ::waitpid(postmaster_, nullptr, 0);
  postmaster_ = 0;
}

Result<std::string> PostgresCluster::query(const std::string& database,
                                           const std::string& sql) const {
  const std::string port = std::to_string(port_);
  const std::string secret = password();
  const char* const keywords[] = {"host", "port", "user", "password", "dbname", "client_encoding",
                                  nullptr};
  const char* const values[] = {base_.c_str(),    port.c_str(), "postgres", secret.c_str(),
                                database.c_str(), "UTF8",       nullptr};
  const Connection connection(PQconnectdbParams(keywords, values, 0), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) return Error(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const ResultSet result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    return Error(PQresultErrorMessage(result.get()));
  return text_of(result.get());
}

Status PostgresCluster::create_database(const std::string& name, const std::string& options) const {
  const Result<std::string> created =
      query("postgres", "CREATE DATABASE \"" + name + "\" " + options);
  if (!created) return Error(created.error());
  return Ok{};
}

}  // namespace tracegate::test
