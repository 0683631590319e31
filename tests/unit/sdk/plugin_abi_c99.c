/* Compiled as strict C99: plugin_abi.h must stay usable from C, and C and C++ must agree on it. */
#include "oscar/sdk/plugin_abi.h"

size_t c99SizeOfHostApi(void);
size_t c99SizeOfCapability(void);
size_t c99SizeOfDescriptor(void);
size_t c99OffsetOfCapabilities(void);
uint32_t c99HostAbi(void);

size_t c99SizeOfHostApi(void) {
  return sizeof(oscar_host_api);
}
size_t c99SizeOfCapability(void) {
  return sizeof(oscar_capability);
}
size_t c99SizeOfDescriptor(void) {
  return sizeof(oscar_plugin_descriptor);
}
size_t c99OffsetOfCapabilities(void) {
  return offsetof(oscar_plugin_descriptor, capabilities);
}
uint32_t c99HostAbi(void) {
  return OSCAR_HOST_ABI;
}
