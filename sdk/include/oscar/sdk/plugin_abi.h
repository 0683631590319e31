/* The binary contract between oscard and a plugin library. C99-clean, frozen once released: structs
 * grow only at their end under struct_size, a change of meaning is a new major. */
#ifndef OSCAR_SDK_PLUGIN_ABI_H
#define OSCAR_SDK_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OSCAR_ABI_MAJOR 1u
#define OSCAR_ABI_MINOR 0u
/** What oscar_plugin_entry is called with: major << 16 | minor of the host. */
#define OSCAR_HOST_ABI ((OSCAR_ABI_MAJOR << 16) | OSCAR_ABI_MINOR)

/* NOLINTBEGIN(modernize-use-using): C has no `using`. */

/** Receives bytes during a call. The host owns it; valid until the call returns. */
typedef struct oscar_text_sink {
  void* context;
  void (*write)(void* context, const char* data, size_t size);
} oscar_text_sink;

/** What the host offers to a plugin instance. Callable from any thread, from `create` until
 * `destroy` returned. Strings are UTF-8, not zero-terminated, valid for the call only. */
typedef struct oscar_host_api {
  uint32_t struct_size;
  uint32_t abi;  /**< OSCAR_HOST_ABI of the host */
  void* context; /**< pass back as the first argument of each function */
  /** level: 1 debug, 2 info, 3 warning, 4 error. Never pass a secret. */
  void (*log)(void* context, int32_t level, const char* text, size_t size);
  /** Milliseconds since the Unix epoch, UTC. */
  int64_t (*now_ms)(void* context);
  /** The instance's configuration (JSON object, validated against its schema). */
  void (*configuration)(void* context, oscar_text_sink out);
  /** A secret of this plugin by name (from the host's secret store). 0 = found, 1 = no such one. */
  int32_t (*secret)(void* context, const char* name, size_t size, oscar_text_sink out);
  /** Publishes a plugin event (JSON object with "type"). 0 = accepted. */
  int32_t (*emit)(void* context, const char* json, size_t size);
  /** Performs a REST operation in process under the rights of `principal` (a user id).
   * Writes the response envelope. Returns the HTTP status, or 0 when the host is shutting down. */
  int32_t (*call)(void* context, const char* principal, size_t principal_size, const char* method,
                  size_t method_size, const char* path, size_t path_size, const char* json,
                  size_t json_size, oscar_text_sink out);
} oscar_host_api;

/** One thing that a plugin can do: an interface and the type name under which users choose it. */
typedef struct oscar_capability {
  uint32_t struct_size;
  const char* interface_id;  /**< "oscar.ExecutionBackend/1" */
  const char* type;          /**< "docker": unique per interface in one host */
  const char* config_schema; /**< JSON Schema of the configuration */
  /** Returns the instance (a pointer to the interface's C++ class) or NULL after writing the
   * reason, in English, to `error`. Must not throw. */
  void* (*create)(const oscar_host_api* host, const char* config_json, size_t config_size,
                  oscar_text_sink error);
  /** Ends the instance; joins its threads. Never called twice. Must not throw. */
  void (*destroy)(void* instance);
} oscar_capability;

typedef struct oscar_plugin_descriptor {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  const char* toolchain; /**< OSCAR_SDK_TOOLCHAIN of the build; must match, as C++ vtables cross */
  const char* manifest_json; /**< the text of plugin.json */
  const oscar_capability* capabilities;
  uint32_t capability_count;
} oscar_plugin_descriptor;

/** The only exported symbol, oscar_plugin_entry: takes OSCAR_HOST_ABI of the host.
 * Returns a static descriptor whatever the host's ABI is; must not throw. */
typedef const oscar_plugin_descriptor* (*oscar_plugin_entry_fn)(uint32_t host_abi);
/* NOLINTEND(modernize-use-using) */

#define OSCAR_PLUGIN_ENTRY_SYMBOL "oscar_plugin_entry"

#ifdef __cplusplus
}
#endif
#endif
