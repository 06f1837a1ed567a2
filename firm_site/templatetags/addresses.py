"""Whole addresses in templates."""

from django import template

from firm_site import addresses

register = template.Library()

register.simple_tag(addresses.picture, name="picture_of_the_site")
