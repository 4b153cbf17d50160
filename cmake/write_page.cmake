# cmake -DPAGE=report.html -DOUTPUT=page_template.cc -P write_page.cmake
file(READ "${PAGE}" bytes HEX)
# A compiler reads an array of numbers of any length; string literals have limits.
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(
  WRITE "${OUTPUT}"
  "#include \"reformer/report/page.h\"\n
namespace reformer {
namespace {
constexpr unsigned char kPage[] = {
${bytes}};
}  // namespace
std::string_view page_template() {
  return {reinterpret_cast<const char*>(kPage), sizeof(kPage)};
}
}  // namespace reformer\n")
