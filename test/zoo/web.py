"""A WSGI application whose answers take some computing."""


def application(environ, start_response):
    number = 0
    for _ in range(20000):
        number = (number * 31 + 7) % 1000003
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
