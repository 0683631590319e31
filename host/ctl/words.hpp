#pragma once

#include "domain/text.hpp"

#include <string>

namespace oscar::ctl {

/// The API's words for people; a word that is not known stays as it is.
std::string stageName(const std::string& stage, Language language);
std::string statusName(const std::string& status, Language language);
/// In English the API's own words, which `--type` takes.
std::string ddlTypeName(const std::string& type, Language language);

}  // namespace oscar::ctl
