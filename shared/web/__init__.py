"""The look that all pages share: base page, style, map, words in both languages, sign-in; knows no service's data."""

from shared.web.assets import assets
from shared.web.navigation import navigation
from shared.web.pages import add_pages
from shared.web.rendering import NavItem, templates

__all__ = ["NavItem", "add_pages", "assets", "navigation", "templates"]
