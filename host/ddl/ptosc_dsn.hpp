#pragma once

#include "ddl/ptosc_request.hpp"
#include "domain/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// What is wrong with a database or table name for pt-osc; nullopt when it can be used.
///
/// Beside MySQL's own rules (1–64 characters, no control characters) some names that MySQL allows
/// cannot pass through pt-osc and its driver: its DSN goes through two parsers without a way to
/// quote, and its foreign key query puts the names between quotes as they are.
enum class PtoscName { kDatabase = 1, kTable };
std::optional<Text> ptoscNameProblem(std::string_view name, PtoscName kind);

/// What is wrong with a host name or address for the DSN.
std::optional<Text> ptoscHostProblem(std::string_view host);

/// True for the name of a character set as MySQL writes them.
bool isCharsetName(std::string_view word);

/// The character set of pt-osc's connections, whatever the user's own connections use: the ALTER
/// and the names in argv are UTF-8, and any other set changes comments or loses the order of string
/// keys. The tables' own sets do not matter, because the rows never leave the server.
inline constexpr std::string_view kPtoscCharset = "utf8mb4";

/// `F={run_dir}/my.cnf,h=...,P=...,A=utf8mb4,D=...,t=...`. Precondition: the checks above passed.
std::string ptoscDsn(const PtoscEndpoint& endpoint, std::string_view database,
                     std::string_view table);

/// The host as it goes into the DSN: `localhost` would make the driver use a Unix socket and ignore
/// the port, and a bare IPv6 address would be split at its colons.
std::string ptoscDsnHost(std::string_view host);

}  // namespace oscar::ddl
