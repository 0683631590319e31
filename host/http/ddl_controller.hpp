#pragma once

#include "http/route.hpp"

namespace oscar::http {

/// POST /tools/ddl/parse: what an ALTER text says, or where it is wrong. Looks at no server.
Response parseDdl(Call& call);

}  // namespace oscar::http
