#include <oscar/sdk/testing/backend_conformance.hpp>

#include <string_view>

namespace oscar::sdk {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// Says yes to everything and does nothing: what the suite must see through. (That it accepts a
/// backend which conforms is shown by the tests of backend_local.)
class Pretender final : public ExecutionBackend {
 public:
  Status probe(TextSink&, TextSink&) override { return Status::kOk; }
  Status start(std::string_view, TextSink& handle, TextSink&) override {
    handle.write("{}");
    return Status::kOk;
  }
  Status recover(std::string_view, TextSink&, TextSink&) override { return Status::kOk; }
  Status attach(std::string_view, std::uint64_t, OutputSink& output, const StopToken&,
                TextSink&) override {
    output.write(1, "out of place");
    return Status::kOk;
  }
  Status status(std::string_view, TextSink& report, TextSink&) override {
    report.write(R"({ "state" : "exited", "exit_code" : 0, "signal" : null })");
    return Status::kOk;
  }
  Status control(std::string_view, std::string_view, TextSink&) override { return Status::kOk; }
  Status stop(std::string_view, bool, TextSink&) override { return Status::kOk; }
  Status cleanup(std::string_view, TextSink&) override { return Status::kOk; }
};

TEST(BackendConformance, SeesThroughABackendThatOnlySaysYes) {
  Pretender backend;
  testing::BackendConformanceOptions options;
  options.patience = std::chrono::milliseconds{100};
  const auto failures = testing::checkExecutionBackend(backend, options);
  for (const char* promise :
       {"probe's report has no \"ready\"", "gaps or overlaps", "status after exit 3",
        "stop after its end is not kNotFound", "attach at an offset delivered",
        "did not arrive while it ran", "arrived as", "only the first {run_dir}",
        "recover of an unknown run", "cleanup of a live run is not kRefused",
        "accepted an unknown control", "the foreign handle '' has a status"}) {
    EXPECT_THAT(failures, Contains(HasSubstr(promise)));
  }
}

}  // namespace
}  // namespace oscar::sdk
