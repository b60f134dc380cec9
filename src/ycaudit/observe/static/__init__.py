"""The look without a browser: markup, style sheets, images, and what scripts write."""
