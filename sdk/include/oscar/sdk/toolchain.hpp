#pragma once

#include "oscar/sdk/plugin_abi.h"

#include <string_view>  // makes the standard library define the macros asked for below

/// OSCAR_SDK_TOOLCHAIN: what must be equal in oscard and a plugin, because virtual tables and
/// `std::string_view` of the interfaces cross between them: compiler and its major version, the
/// standard library's ABI, the SDK's ABI. Example: `gcc12-cxx11abi1-sdk1`.
#define OSCAR_SDK_STRINGIZE_(x) #x
#define OSCAR_SDK_STRINGIZE(x) OSCAR_SDK_STRINGIZE_(x)

#if defined(__clang__)
#define OSCAR_SDK_COMPILER "clang" OSCAR_SDK_STRINGIZE(__clang_major__)
#elif defined(__GNUC__)
#define OSCAR_SDK_COMPILER "gcc" OSCAR_SDK_STRINGIZE(__GNUC__)
#else
#error "The Oscar SDK knows GCC and Clang only"
#endif

#if defined(_GLIBCXX_USE_CXX11_ABI)
#define OSCAR_SDK_LIBRARY_ABI "cxx11abi" OSCAR_SDK_STRINGIZE(_GLIBCXX_USE_CXX11_ABI)
#elif defined(_LIBCPP_ABI_VERSION)
#define OSCAR_SDK_LIBRARY_ABI "libcxx" OSCAR_SDK_STRINGIZE(_LIBCPP_ABI_VERSION)
#else
#error "The Oscar SDK knows libstdc++ and libc++ only"
#endif

/// Equal to OSCAR_ABI_MAJOR, but without its suffix, so that it can be part of a word.
#define OSCAR_SDK_ABI_WORD "sdk1"
static_assert(OSCAR_ABI_MAJOR == 1u, "a new ABI major needs a new OSCAR_SDK_ABI_WORD");

#define OSCAR_SDK_TOOLCHAIN OSCAR_SDK_COMPILER "-" OSCAR_SDK_LIBRARY_ABI "-" OSCAR_SDK_ABI_WORD
