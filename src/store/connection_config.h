// How to reach a PostgreSQL, for the parts that use libpq.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/base/secret.h"

namespace tracegate::store {

// libpq's sslmode; what it falls back to by itself ("prefer", "allow") does not exist here.
enum class Tls { kOff, kRequire, kVerifyCa, kVerifyFull };

struct ConnectionConfig {
  std::string host;  // name, address, or directory of a Unix-domain socket
  std::uint16_t port = 5432;
  std::string database;
  std::string user;
  Secret password;  // empty: none is sent
  Tls tls = Tls::kVerifyFull;
  std::string ca_file;  // required for kVerifyCa and kVerifyFull, otherwise unused
  Milliseconds connect_timeout{5000};

  [[nodiscard]] ConnectionConfig clone() const {
    return {host, port, database, user, password.clone(), tls, ca_file, connect_timeout};
  }
};

// Removes the environment variables that libpq reads (PGHOSTADDR, PGSERVICE, PGOPTIONS, ...), so
// that only the configuration says where a connection goes. Call once in main(), before there are
// threads.
void clear_libpq_environment();

}  // namespace tracegate::store
