#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/net/tls.h"
#include "src/net/tls_files.h"
#include "tests/net/pki.h"

namespace tracegate::net {
namespace {

class TlsContextTest : public testing::Test {
 protected:
  // The error of loading these two, or empty.
  static std::string load_error(const std::string& certificate_file, const std::string& key_file) {
    const auto context = TlsServerContext::load(certificate_file, key_file);
    return context.ok() ? "" : context.error().message;
  }
  static std::string load_error(const TlsClientSettings& settings) {
    const auto context = TlsClientContext::load(settings);
    return context.ok() ? "" : context.error().message;
  }

  Pki pki;
  Identity server = pki.issue("db.test", "DNS:db.test");
};

TEST_F(TlsContextTest, ShowsTheCertificateThatClientsSee) {
  const auto context = TlsServerContext::load(server.certificate_file, server.key_file);
  ASSERT_TRUE(context.ok()) << context.error().message;
  const auto certificates = read_certificates(server.certificate_file);
  ASSERT_EQ(certificates->size(), 2U);
  EXPECT_EQ((*context)->server_certificate_der(), to_der(certificates->front().get()));
  EXPECT_FALSE((*context)->server_certificate_der().empty());
}

TEST_F(TlsContextTest, NamesAFileThatIsNotThere) {
  const std::string missing = pki.path("missing");
  EXPECT_EQ(load_error(missing, server.key_file), missing + ": No such file or directory");
  EXPECT_EQ(load_error(server.certificate_file, missing), missing + ": No such file or directory");
}

TEST_F(TlsContextTest, NamesAFileThatIsNotACertificate) {
  EXPECT_EQ(load_error(server.key_file, server.key_file),
            server.key_file + ": contains no PEM certificate");
  const std::string empty = pki.write("empty", "");
  EXPECT_EQ(load_error(empty, server.key_file), empty + ": contains no PEM certificate");
}

TEST_F(TlsContextTest, RefusesADamagedCertificateBehindAGoodOne) {
  const std::string good = Pki::read(server.certificate_file);
  const std::string cut = pki.write("cut.crt", good.substr(0, good.size() - 60));
  EXPECT_EQ(load_error(cut, server.key_file).substr(0, cut.size() + 25),
            cut + ": not a valid certificate");
}

TEST_F(TlsContextTest, RefusesAKeyThatDoesNotFit) {
  const Identity other = pki.issue("other.test", "DNS:other.test");
  EXPECT_EQ(load_error(server.certificate_file, other.key_file),
            other.key_file + ": does not belong to the certificate in " + server.certificate_file +
                ": key values mismatch");
}

TEST_F(TlsContextTest, RefusesAKeyThatOthersMayReadOrWrite) {
  for (const mode_t mode : {0604U, 0602U, 0620U, 0644U, 0666U}) {
    ::chmod(server.key_file.c_str(), mode);
    EXPECT_EQ(load_error(server.certificate_file, server.key_file),
              server.key_file + ": private key file has group or world access")
        << std::oct << mode;
  }
  ::chmod(server.key_file.c_str(), 0600);
  EXPECT_EQ(load_error(server.certificate_file, server.key_file), "");
}

TEST_F(TlsContextTest, KeyOfRootMayBeReadableByItsGroup) {
  ::chmod(server.key_file.c_str(), 0640);
  const bool root = ::geteuid() == 0;
  EXPECT_EQ(load_error(server.certificate_file, server.key_file).empty(), root);
}

TEST_F(TlsContextTest, RefusesAnEncryptedKeyWithoutAskingTheTerminal) {
  const std::string encrypted = pki.encrypted_key(server);
  EXPECT_EQ(load_error(server.certificate_file, encrypted).substr(0, encrypted.size() + 26),
            encrypted + ": not a usable private key");
}

TEST_F(TlsContextTest, RefusesADirectoryAsKey) {
  EXPECT_EQ(load_error(server.certificate_file, pki.path("")),
            pki.path("") + ": not a regular file");
}

TEST_F(TlsContextTest, ClientNeedsAnAuthorityToVerifyWith) {
  EXPECT_EQ(load_error({.verify = TlsVerify::kVerifyCa}), "TLS mode verify-ca needs a ca_file");
  EXPECT_EQ(load_error({.verify = TlsVerify::kVerifyFull}), "");
  EXPECT_EQ(load_error({.verify = TlsVerify::kRequire}), "");
  EXPECT_EQ(load_error({.verify = TlsVerify::kVerifyCa, .ca_file = pki.ca_file()}), "");
  const std::string missing = pki.path("missing");
  EXPECT_EQ(load_error({.ca_file = missing}), missing + ": No such file or directory");
  EXPECT_EQ(load_error({.ca_file = server.key_file}),
            server.key_file + ": contains no PEM certificate");
}

TEST_F(TlsContextTest, ClientIdentityIsBothFilesOrNone) {
  EXPECT_EQ(load_error({.certificate_file = server.certificate_file}),
            "certificate_file and key_file are only of use together");
  EXPECT_EQ(load_error({.key_file = server.key_file}),
            "certificate_file and key_file are only of use together");
  EXPECT_EQ(load_error({.certificate_file = server.certificate_file, .key_file = server.key_file}),
            "");
}

}  // namespace
}  // namespace tracegate::net
