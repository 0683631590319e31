#include "plugin_runtime/field_texts.hpp"

namespace oscar::plugin_runtime {

Text describe(const std::vector<FieldError>& fields) {
  Text text;
  for (const FieldError& field : fields) {
    text.zh += (text.zh.empty() ? "" : "；") + field.field + " " + field.reason.zh;
    text.en += (text.en.empty() ? "" : "; ") + field.field + " " + field.reason.en;
  }
  return text;
}

}  // namespace oscar::plugin_runtime
