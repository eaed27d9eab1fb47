"""MHTML as Chromium writes it, made in code."""

from __future__ import annotations

import quopri
from base64 import encodebytes
from dataclasses import dataclass

SECRET = "canary7391-Ab34cd56ef78"
PIXEL = bytes.fromhex("47494638396101000100000000002c00000000010001000002003b")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a saved page."""

    media_type: str
    content: bytes
    location: str = ""
    content_id: str = ""


def mhtml(*parts: Part, boundary: str = "----MultipartBoundary--x----") -> bytes:
    """Return a saved page of these parts, the page itself first."""
    head = (
        "From: <Saved by Blink>\r\nSubject: A thread\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="{boundary}"\r\n'
        "\r\n\r\n"
    )
    written = [head.encode()]
    for part in parts:
        is_text = part.media_type.startswith("text/")
        fields = {
            "Content-Type": part.media_type,
            "Content-ID": f"<{part.content_id}>" if part.content_id else "",
            "Content-Transfer-Encoding": "quoted-printable" if is_text else "base64",
            "Content-Location": part.location,
        }
        lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value]
        body = quopri.encodestring(part.content) if is_text else encodebytes(part.content)
        written += [f"--{boundary}\r\n".encode(), "".join(lines).encode(), b"\r\n"]
        written += [body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), b"\r\n"]
    return b"".join((*written, f"--{boundary}--\r\n".encode()))


def secret_page() -> bytes:
    """Return a page with a style sheet, a frame and a picture, and a session's secret in every
    place where sites keep one."""
    html = f"""<!DOCTYPE html><html data-csrf="{SECRET}"><head>
<meta name="csrf-token" content="{SECRET}"><meta http-equiv="refresh" content="1;url=/?{SECRET}">
<link rel="stylesheet" href="cid:css-1@mhtml.blink"><link rel="preload" href="/x?{SECRET}">
<script>let session = "{SECRET}"; alert(1)</script>
<style>p {{ background: url("https://example.org/a.png?token={SECRET}") }}</style></head>
<body onload="send('{SECRET}')" data-state='{{"key":"{SECRET}"}}'><!-- {SECRET} -->
<p>Grüße &amp; more &lt;b&gt;</p><noscript>{SECRET}</noscript>
<form action="https://u:{SECRET}@example.org/send?sid={SECRET}" method="post">
<input type="hidden" name="authenticity_token" value="{SECRET}">
<input type="hidden" name="state" value="{SECRET}">
<input type="password" value="{SECRET}"><input name="otp" value="{SECRET}"></form>
<a href="https://example.org/t/8?page=1&amp;auth={SECRET}#{SECRET}">next</a>
<a href="javascript:go('{SECRET}')">go</a><a href="/plain/{SECRET}">in a path</a>
<img src="https://example.org/a.png?token={SECRET}" alt="">
<iframe src="cid:frame-2@mhtml.blink"></iframe>
<iframe srcdoc="&lt;input type=hidden name=token value={SECRET}&gt;&lt;b&gt;deep&lt;/b&gt;">
</iframe>
</body></html>"""
    inner = f'<html><body><p>Inner</p><script>"{SECRET}"</script></body></html>'
    css = f'h1 {{ background: url("https://example.org/b.png?access_token={SECRET}") }}'
    page = f"https://example.org/t/7?page=2&session_id={SECRET}"
    return mhtml(
        Part("text/html", html.encode(), page, "frame-1@mhtml.blink"),
        Part("text/css", css.encode(), "cid:css-1@mhtml.blink"),
        Part("text/html", inner.encode(), "https://example.org/inner", "frame-2@mhtml.blink"),
        Part("image/gif", PIXEL, f"https://example.org/a.png?token={SECRET}"),
        Part("application/json", f'{{"me":"{SECRET}"}}'.encode(), "https://example.org/api/me"),
        Part("application/javascript", b"alert(2)", "https://example.org/app.js"),
    )
