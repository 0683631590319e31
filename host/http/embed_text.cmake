# cmake -DIN=<text file> -DOUT=<cpp file> -P embed_text.cmake: the file as openapiText().
# Cut into pieces, because compilers bound the length of one literal.
file(READ ${IN} text)
string(LENGTH "${text}" length)
set(code "#include \"http/openapi_text.hpp\"\n\nnamespace oscar::http {\n\n")
string(APPEND code "std::string_view openapiText() {\n  static constexpr char kText[] =\n")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND code "R\"~openapi~(${piece})~openapi~\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
string(APPEND code "  ;\n  return {kText, sizeof kText - 1};\n}\n\n}  // namespace oscar::http\n")
file(WRITE ${OUT} "${code}")
