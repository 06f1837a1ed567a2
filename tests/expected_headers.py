"""The headers that every answer of the site must carry, as tests of views and of running processes ask."""

from collections.abc import Mapping

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
}
FOR_VISITORS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
IN_A_FRAME = FOR_VISITORS.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
OFF = {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()", "display-capture=()"}
BANNERS = ("Server", "X-Powered-By", "Via")


def shortcomings(headers: Mapping[str, str], policy: str = FOR_VISITORS) -> list[str]:
    """What is wrong with the headers of an answer over https, which is to have this content security
    policy: nothing, if all is well."""
    frames = "SAMEORIGIN" if "frame-ancestors 'self'" in policy else "DENY"
    expected = ALWAYS | {"Content-Security-Policy": policy, "X-Frame-Options": frames}
    found = [f"{name}: {headers.get(name)}" for name in expected if headers.get(name) != expected[name]]
    found += [f"{name}: {headers[name]}" for name in BANNERS if headers.get(name)]
    if missing := OFF - set(headers.get("Permissions-Policy", "").split(", ")):
        found.append(f"Permissions-Policy leaves on {sorted(missing)}")
    if "Access-Control-Allow-Origin" in headers:
        found.append("other sites may read it")
    return found
