#include "engine/waiting_text.hpp"

#include <string>

namespace oscar::engine {

Text waitingText(ports::WaitReason reason, std::int64_t number) {
  const std::string n = std::to_string(number);
  switch (reason) {
    case ports::WaitReason::kAllPlaces:
      return {"同时运行的执行已达上限（" + n + " 个），有执行结束后自动开始。",
              "As many executions run as may at once (" + n + "); this one starts when one ends."};
    case ports::WaitReason::kServer:
      return {"该服务器上运行的执行已达上限（" + n + " 个），有执行结束后自动开始。",
              "As many executions run on this server as may at once (" + n +
                  "); this one starts when one of them ends."};
    case ports::WaitReason::kTable:
      return {"同一张表上的执行 #" + n + " 正在运行，结束后自动开始。",
              "Execution #" + n + " is running on the same table; this one starts when it ends."};
  }
  return {};
}

}  // namespace oscar::engine
