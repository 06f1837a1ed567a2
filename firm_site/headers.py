"""What every answer carries, whoever gave it: a view, a middleware that answered early, or Django
refusing a request. The content security policy itself stands in the settings.

No page of another site may embed a file of ours (CORP). A shared link still has its picture: the services
that show one fetch it themselves, and that is not asked of them.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

type GetResponse = Callable[[HttpRequest], HttpResponse]

# What browsers could do for a page, and ours never ask for. Left as they are: to copy and to share a link.
SWITCHED_OFF = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
]

OURS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in SWITCHED_OFF),
}


def put_on_every_answer(get_response: GetResponse) -> GetResponse:
    """Middleware: Django's own headers of SecurityMiddleware, and ours. Django's stands further in, where
    it redirects to https; what it refuses (a forged Host) it lets go without a header."""
    djangos = SecurityMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = djangos.process_response(request, get_response(request))
        for name, value in OURS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
