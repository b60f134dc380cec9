"""The desk: the inspector's week in a browser window, with the extra `desk`.

It calls the same services as the commands, and has no store and no verdict of its own.
"""
