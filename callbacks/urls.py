"""Addresses of asking to be called, and of what a visitor sees and changes afterwards."""

from django.urls import include, path

from callbacks import complaints, self_service, views
from callbacks.self_service import Addition, AnotherTime, Cancelling, RightNumber

own_page = [
    path("", self_service.receipt, name="receipt"),
    path("time/", self_service.change, {"form_class": AnotherTime}, name="choose_time"),
    path("number/", self_service.change, {"form_class": RightNumber}, name="correct_number"),
    path("add/", self_service.change, {"form_class": Addition}, name="add_something"),
    path("cancel/", self_service.change, {"form_class": Cancelling}, name="cancel_request"),
    path("call.ics", self_service.calendar, name="calendar_entry"),
]

urlpatterns = [
    path("privacy/complaint/", complaints.complain_page, name="complain"),
    path("privacy/complaint/received/", complaints.received, name="complaint_received"),
    path("request-a-callback/", views.ask, name="ask"),
    path("callback/<str:token>/", include(own_page)),
]
