# find_package(OscarSDK): the targets oscar::sdk and oscar::sdk_testing and the function
# oscar_add_plugin(). See the SDK's README.md.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/OscarSDKTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/OscarAddPlugin.cmake)
