#include <CLI/CLI.hpp>

#include "src/cli/commands.h"
#include "src/server/version.h"
#include "src/store/connection_config.h"

int main(int argc, char** argv) {
  using namespace tracegate;
  store::clear_libpq_environment();
  CLI::App app("A gateway for reasoning traces in PostgreSQL.", "tracegate");
  app.set_version_flag("--version", std::string(server::kVersion));
  app.require_subcommand(1);

  cli::ServeOptions serve;
  CLI::App* serve_command = app.add_subcommand("serve", "Run the gateway");
  serve_command->add_option("--policies", serve.policies, "Folder of *.toml files")->required();
  serve_command->add_option("--ready-fd", serve.ready_fd,
                            "Descriptor to write the bound addresses to when clients are taken");
  serve_command
      ->add_option("--grace", serve.grace_seconds,
                   "Seconds that sessions have to come to rest on SIGTERM")
      ->check(CLI::Range(0, 86400));

  std::filesystem::path check_folder;
  CLI::App* check_command =
      app.add_subcommand("check", "Check a policy folder and say what is wrong");
  check_command->add_option("--policies", check_folder, "Folder of *.toml files")->required();

  cli::ExplainOptions explain;
  CLI::App* explain_command =
      app.add_subcommand("explain", "Say what a role's verdict on a statement is, and why");
  explain_command->add_option("--policies", explain.policies, "Folder of *.toml files")->required();
  explain_command->add_option("--role", explain.role, "Name of the role")->required();
  explain_command->add_option("--upstream", explain.upstream, "The role's first one if left out");
  explain_command->add_option("--claims", explain.claims_file,
                              "TOML file with the claims of the session: name = [\"value\"]");
  explain_command->add_option("--claim", explain.claims,
                              "A claim of the session: name=value,value; may be repeated");
  explain_command->add_option("sql", explain.sql, "The statement")->required();

  CLI::App* scram_command =
      app.add_subcommand("scram", "Make the SCRAM verifier of a local user's password");

  CLI11_PARSE(app, argc, argv);
  if (serve_command->parsed()) return cli::serve(serve);
  if (check_command->parsed()) return cli::check(check_folder);
  if (explain_command->parsed()) return cli::explain(explain);
  if (scram_command->parsed()) return cli::scram();
  return 1;
}
