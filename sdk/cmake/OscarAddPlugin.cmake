# oscar_add_plugin(<name> SOURCES <file>... MANIFEST <plugin.json> [LIBS <lib>...]
#                  [OUTPUT_DIR <folder>])
#
# Builds <build>/plugins/<name>/lib<name>.so (or in OUTPUT_DIR) with one exported symbol and copies
# the manifest beside it as plugin.json. The same text is compiled in (oscar_manifest.inc), because
# the host refuses a library whose descriptor and file differ. See the SDK's README.md, "Building".
set(OSCAR_SDK_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

function(oscar_add_plugin name)
  cmake_parse_arguments(ARG "" "MANIFEST;OUTPUT_DIR" "SOURCES;LIBS" ${ARGN})
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  set(dir ${CMAKE_BINARY_DIR}/plugins/${name})
  if(ARG_OUTPUT_DIR)
    set(dir ${ARG_OUTPUT_DIR})
  endif()

  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oscar::sdk ${ARG_LIBS})
  if(TARGET oscar_compile_options)
    target_link_libraries(${name} PRIVATE oscar_compile_options)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX lib
    CXX_VISIBILITY_PRESET hidden
    C_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${dir})
  target_link_options(${name} PRIVATE -Wl,--version-script=${map})
  if(NOT OSCAR_SANITIZE)
    # A sanitized library finds its runtime in the host process, so its symbols stay open there.
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${map})

  file(READ ${ARG_MANIFEST} manifest)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_MANIFEST})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}.generated)
  file(CONFIGURE OUTPUT ${generated}/oscar_manifest.inc
       CONTENT "R\"oscar_json(${manifest})oscar_json\"\n" @ONLY)
  target_include_directories(${name} PRIVATE ${generated})
  configure_file(${ARG_MANIFEST} ${dir}/plugin.json COPYONLY)
endfunction()
