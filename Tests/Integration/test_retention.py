"""Retention as it is lived: policies with `keep`, daemons that start again, logs of private daemons, and what is left."""
