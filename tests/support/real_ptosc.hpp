#pragma once

#include "support/run_program.hpp"

#include <string>
#include <unistd.h>
#include <vector>

namespace oscar::test {

/// The stock tool as Debian's percona-toolkit installs it.
inline constexpr const char* kRealPtosc = "/usr/bin/pt-online-schema-change";

inline bool hasRealPtosc() {
  return access(kRealPtosc, X_OK) == 0;
}

/// Loads the real tool as a Perl library and runs `script` against its own packages. Each element
/// of `arguments` arrives in @ARGV.
inline ProgramResult runInsidePtosc(const std::string& script,
                                    const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{"perl", "-e",
                                "my @given = @ARGV; @ARGV = (); require '" +
                                    std::string{kRealPtosc} + "'; @ARGV = @given; " + script,
                                "--"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return runProgram(std::move(argv));
}

}  // namespace oscar::test
