"""Addresses of the badges app, each with who may come in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
