"""Reads QR codes in hostile images."""
