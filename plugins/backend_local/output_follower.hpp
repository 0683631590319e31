#pragma once

#include "run_directory.hpp"
#include <oscar/sdk/execution_backend.hpp>

#include <cstdint>

namespace oscar::backend_local {

/// How a follow ended.
enum class FollowEnd {
  kRunEnded = 1,  ///< and everything was delivered
  kAsked,         ///< the stop token or the sink asked for it
  kGone,          ///< the output is not there, or shorter than what was read of it
};

/// Delivers a run's output from byte `offset` on, at the pace of the sink, until the run has ended
/// and everything was delivered. Sleeps in the kernel while nothing is written.
FollowEnd followOutput(const RunDirectory& run, std::uint64_t offset, sdk::OutputSink& sink,
                       const sdk::StopToken& stop);

}  // namespace oscar::backend_local
