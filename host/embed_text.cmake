# cmake -DIN=<text file> -DOUT=<cpp file> -DHEADER=<header> -DNAMESPACE=<namespace> -DFUNCTION=<name>
#       -P embed_text.cmake
# Writes a source file in which `std::string_view NAMESPACE::FUNCTION()` is the text of the file. It is
# cut into pieces, because compilers bound the length of one literal.
file(READ ${IN} text)
string(LENGTH "${text}" length)
set(code "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n")
string(APPEND code "std::string_view ${FUNCTION}() {\n  static constexpr char kText[] =\n")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND code "R\"~embed~(${piece})~embed~\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
string(APPEND code "  ;\n  return {kText, sizeof kText - 1};\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUT} "${code}")
