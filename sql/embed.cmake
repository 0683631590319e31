# Writes OUTPUT: a C++ file with every migration of SQL_DIR/<dialect> as a raw string, in order.
set(code "#include \"store/migrator.hpp\"\n\nnamespace oscar::store {\nnamespace {\n")
foreach(dialect sqlite mysql)
  file(GLOB files ${SQL_DIR}/${dialect}/*.sql)
  list(SORT files)
  string(APPEND code "const std::vector<Migration> k_${dialect} = {\n")
  foreach(path IN LISTS files)
    get_filename_component(name ${path} NAME)
    if(NOT name MATCHES "^0*([1-9][0-9]*)_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${path}: a migration is named NNNN_words.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    file(READ ${path} text)
    # A compiler need not take literals over 64 KiB; adjacent ones join.
    string(LENGTH "${text}" length)
    set(literals "")
    set(at 0)
    while(at LESS length)
      string(SUBSTRING "${text}" ${at} 8000 piece)
      string(APPEND literals "R\"migration(${piece})migration\"\n")
      math(EXPR at "${at} + 8000")
    endwhile()
    string(APPEND code "    {${number}, \"${name}\", ${literals}},\n")
  endforeach()
  string(APPEND code "};\n")
endforeach()
string(APPEND code "}  // namespace\n
const std::vector<Migration>& embeddedMigrations(Dialect dialect) {
  return dialect == Dialect::kMysql ? k_mysql : k_sqlite;
}\n
}  // namespace oscar::store\n")
file(WRITE ${OUTPUT} "${code}")
