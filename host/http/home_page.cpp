#include "http/home_page.hpp"

namespace oscar::http {
namespace {

void row(std::string& html, std::string_view label, std::string_view value_html) {
  html.append("<tr><th>")
      .append(label)
      .append("</th><td>")
      .append(value_html)
      .append("</td></tr>\n");
}

std::string backendList(const std::vector<BackendLine>& backends) {
  if (backends.empty()) return "没有执行后端 · no execution backend";
  std::string html;
  for (const BackendLine& backend : backends) {
    html += "<div><code>" + escapeHtml(backend.type) + "</code> ";
    html += backend.ready ? "<b class=\"ok\">就绪 · ready</b>"
                          : "<b class=\"bad\">不可用 · not ready</b>";
    if (!backend.ready && !backend.reason.empty()) {
      html += "<br>" + escapeHtml(backend.reason.zh);
      if (backend.reason.en != backend.reason.zh) html += "<br>" + escapeHtml(backend.reason.en);
    }
    html += "</div>";
  }
  return html;
}

}  // namespace

std::string escapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string renderHome(const HomePage& page) {
  std::string html =
      "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Oscar</title>\n<link rel=\"stylesheet\" "
      "href=\"/home.css\">\n</head>\n<body>\n<main>\n"
      "<h1>Oscar</h1>\n"
      "<p>在线表结构变更平台（pt-online-schema-change）。<br>"
      "Online schema changes for MySQL with pt-online-schema-change.</p>\n<table>\n";
  row(html, "版本 · Version", escapeHtml(page.version));
  row(html, "存储 · Store", escapeHtml(page.store));
  row(html, "执行后端 · Backends", backendList(page.backends));
  row(html, "执行中 · Running", std::to_string(page.running));
  row(html, "排队 · Queued", std::to_string(page.queued));
  row(html, "接口 · API",
      "<code>/api/v1</code>, <a href=\"/api/v1/openapi.yaml\">openapi.yaml</a>");
  row(html, "实时推送 · Live", "<code>/ws/execution/{id}</code>");
  row(html, "健康检查 · Health", "<a href=\"/healthz\">/healthz</a>");
  row(html, "命令行 · Command line",
      "<code>oscarctl login</code>, <code>oscarctl run --watch</code>");
  html += "</table>\n</main>\n</body>\n</html>\n";
  return html;
}

std::string_view homeStyleSheet() {
  return "body{margin:0;font:16px/1.6 system-ui,sans-serif;background:#f5f7fa;color:#303133}\n"
         "main{max-width:44rem;margin:3rem auto;padding:2rem;background:#fff;border-radius:8px;"
         "box-shadow:0 1px 6px rgba(0,0,0,.12)}\n"
         "h1{margin-top:0}table{border-collapse:collapse;width:100%}\n"
         "th,td{padding:.5rem .75rem;border-top:1px solid #ebeef5;text-align:left;"
         "vertical-align:top}\nth{font-weight:600;white-space:nowrap}\n"
         "code{background:#f0f2f5;padding:0 .3em;border-radius:3px}\n"
         ".ok{color:#2e7d32}.bad{color:#c62828}a{color:#1565c0}\n";
}

}  // namespace oscar::http
