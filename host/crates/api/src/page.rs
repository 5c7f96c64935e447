//! `GET /`: a static page that says what runs here and how to call it. No script, no style, nothing loaded.

use axum::response::Html;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>sandshell</title></head>
<body>
<h1>sandshell</h1>
<p>Persistent sandboxed shell sessions over HTTP. Pick a session id of 16 to 64 hexadecimal digits and send scripts:</p>
<pre>
curl -sS URL/run -H 'X-Session-ID: 0123456789abcdef' -d '{"script":"echo hello &gt; note; ls -l"}'
curl -sS URL/run -H 'X-Session-ID: 0123456789abcdef' -d '{"script":"cat note | wc -c"}'
curl -sS URL/sessions
</pre>
<table>
<tr><td>POST /run</td><td>execute a script; without X-Session-ID in a session of its own</td></tr>
<tr><td>POST /complete</td><td>complete a word</td></tr>
<tr><td>GET /sessions</td><td>list sessions</td></tr>
<tr><td>DELETE /session/{id}</td><td>end a session</td></tr>
<tr><td>GET, POST /session/{id}/snapshot</td><td>take a session's files out, put files in</td></tr>
<tr><td>GET /health</td><td>is it alive</td></tr>
</table>
</body>
</html>
"#;

pub(crate) async fn show() -> Html<&'static str> {
    Html(PAGE)
}
