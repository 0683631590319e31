#pragma once

#include "domain/result.hpp"
#include "ports/execution_backend.hpp"

#include <string>
#include <string_view>

/// The JSON documents of oscar.ExecutionBackend/1 (sdk/README.md, "Execution backend documents")
/// from and to the port's structs.
namespace oscar::plugin_runtime::documents {

/// Throws BackendError kRefused when some text is not UTF-8: JSON could not carry it unchanged.
std::string writeSpec(const ports::RunSpec& spec);
std::string writeSet(ports::Control control, const std::string& value);
std::string writeClear(ports::Control control);

/// The error is an English sentence about the document.
Result<ports::BackendReport, std::string> readProbeReport(std::string_view json);
Result<ports::RunEnd, std::string> readStatusReport(std::string_view json);

/// 3.2.1 → 30201; 0 when it does not begin with three numbers below 100.
int versionNumber(std::string_view version);

}  // namespace oscar::plugin_runtime::documents
