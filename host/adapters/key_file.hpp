#pragma once

#include "domain/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::adapters {

/// Keys of this host: which environment variable or file they come from. All functions throw
/// ServiceError kInternal whose message says what is wrong with which variable or file and what to
/// do, and never shows a key.

/// A secret in a file of its own, mode 0600, for one process owner. Refuses a file that is not a
/// regular file, belongs to somebody else (root excepted) or may be read or written by others.
/// nullopt when there is no such file.
std::optional<Secret> readKeyFile(const std::string& path);

/// As readKeyFile; when there is none, creates it with 32 random bytes in hexadecimal. The file
/// appears complete or not at all, and of two processes that start together one creates it and both
/// use it. The folder must exist.
Secret loadOrCreateKeyFile(const std::string& path);

/// 32 key bytes from 64 hexadecimal digits or 44 characters of base64; nullopt for anything else.
std::optional<Secret> parseKey32(const std::string& text);

/// The keys for AesGcmSecretBox: the first seals, all of them open.
///
/// `environment` is the value of OSCAR_MASTER_KEY (one or more keys, separated by commas). The file
/// `<data_dir>/master.key` (one key a line) follows, so that values sealed before a move to the
/// environment still open; it is created only when neither it nor the variable is there.
std::vector<Secret> loadMasterKeys(const std::string& data_dir,
                                   const std::optional<Secret>& environment);

/// The key that signs tokens: the value of OSCAR_JWT_SECRET (at least 32 bytes) when it is given,
/// else the file `<data_dir>/jwt.key`, which is created when it is not there.
Secret loadTokenKey(const std::string& data_dir, const std::optional<Secret>& environment);

}  // namespace oscar::adapters
