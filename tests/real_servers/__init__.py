"""Index servers and proxies that people run, each started on loopback, and the same steps against every one of them.

`program.py` finds and starts a server, `publication.py` says what it serves, `steps.py` is what locktool, pip and uv do
with it. The tests have one file a kind of server. They run where LOCKTOOL_SERVERS names a virtual environment with the
servers that are written in Python; the others are found on the PATH. The scheduled job runs all of them:

    python3 -m venv servers && servers/bin/python -m pip install -r tests/real_servers/requirements.txt
    apt-get install nginx-light apache2 squid tinyproxy
    LOCKTOOL_SERVERS=servers python -m pytest tests/real_servers
"""
