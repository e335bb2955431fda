"""The command line, `fer-keras`: one thin file a command."""
