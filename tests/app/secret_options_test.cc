#include <doctest/doctest.h>

#include "app/parsed_options.h"

// Options whose values are secrets: no error repeats them.

using app_tests::check_rejected;
using app_tests::early_exit_of;
using app_tests::options_of;

TEST_CASE("an admin token has 1 to 256 visible ASCII characters") {
  const std::string longest(256, '~');
  CHECK(options_of({"--admin-token", longest}).admin_token == longest);
  CHECK(options_of({"--admin-token", "!"}).admin_token == "!");
  for (const std::string& given :
       {std::string(""), std::string("hush hush"), std::string("hush\t"), std::string("hush\x7F"),
        std::string("hush\xC3\xBC"), std::string(257, 'h')}) {
    check_rejected({"--admin-token", given},
                   "--admin-token: must be 1 to 256 visible ASCII characters, without spaces");
  }
}

TEST_CASE("a secret for tokens is any text but an empty one") {
  CHECK(options_of({"--jwt-secret", " \xC3\xBC "}).jwt_secret == " \xC3\xBC ");
  check_rejected(
      {"--jwt-secret", ""},
      "--jwt-secret: must not be empty; leave it out for the secret of local Supabase stacks");
}

TEST_CASE("no error repeats a secret") {
  for (const std::string option : {"--admin-token", "--jwt-secret"}) {
    CAPTURE(option);
    check_rejected({option, "hush", "hush"},
                   "unexpected argument, not shown because it may be part of the " + option);
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{option + "=hush", option + "=hush"},
          {option + "s=hush"},
          {option, "hush", "--port", "x"},
          {"check", option, "hush"},
          {"exec", option, "hush", "hush", "--", "true"}}) {
      app::EarlyExit rejection = early_exit_of(args);
      CHECK(rejection.exit_code == 2);
      CHECK_MESSAGE(rejection.text.find("hush") == std::string::npos, rejection.text);
    }
  }
}
