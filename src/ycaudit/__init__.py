"""Audits whether every homepage on a list carries the links and QR codes that a policy asks for."""

__version__ = "0.1.0"
