"""A web site on this computer: serves pages that take files, and keeps what it is sent."""

from support.sites.server import Received, Site, Upload, running_site

__all__ = ["Received", "Site", "Upload", "running_site"]
