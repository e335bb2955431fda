"""The command line, `fer-keras`: one thin file a command, installed as `fer_keras_cli`.

It stands outside the `fer_keras` package once installed, because importing that
brings TensorFlow, and `--help` or a misspelt path should answer at once.
"""
