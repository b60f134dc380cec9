"""The observer without a browser: markup, style sheets, images, and what scripts write."""
