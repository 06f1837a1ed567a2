"""Addresses of asking to be called, and of the receipt."""

from django.urls import path

from callbacks import views

urlpatterns = [
    path("request-a-callback/", views.ask, name="ask"),
    path("callback/<str:token>/", views.receipt, name="receipt"),
]
