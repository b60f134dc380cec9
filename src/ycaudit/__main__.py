"""`python -m ycaudit` is `ycaudit`."""

from ycaudit.cli.main import main

if __name__ == "__main__":
    main()
