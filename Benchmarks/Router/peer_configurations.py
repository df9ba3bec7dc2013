"""The peers' configurations, as text with names in << >>, or as functions of those names where the peer reads JSON."""

HAPROXY = """
global
    nbthread 1
    maxconn 12000
    # The descriptors that it would like beyond ours are for more upstream connections than it ever makes here.
    no strict-limits
    stats socket <<folder>>/admin.sock mode 600 level admin
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout connect 1s
    timeout client 300s
    timeout server 60s
    timeout http-keep-alive 300s
    http-reuse always
    option forwardfor
frontend traffic
    bind 127.0.0.1:<<port>> backlog 4096
    bind 127.0.0.1:<<tls>> ssl crt <<both>> alpn h2,http/1.1 backlog 4096
    default_backend releases
backend releases
    balance roundrobin
    option httpchk GET /healthz
    default-server check inter 1s
    server one 127.0.0.1:<<one>> weight 90
    server two 127.0.0.1:<<two>> weight 10
"""

NGINX = """
worker_processes 1;
daemon off;
pid <<folder>>/pid;
error_log <<folder>>/log crit;
events { worker_connections 16000; }
http {
    access_log off;
    client_body_temp_path <<folder>>;
    proxy_temp_path <<folder>>;
    fastcgi_temp_path <<folder>>;
    uwsgi_temp_path <<folder>>;
    scgi_temp_path <<folder>>;
    keepalive_requests 1000000000;
    keepalive_timeout 300;
    client_header_buffer_size 4k;
    client_body_buffer_size 64k;
    client_max_body_size 0;
    tcp_nopush on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:bench:1m;
    upstream releases {
        server 127.0.0.1:<<one>> weight=9;
        server 127.0.0.1:<<two>> weight=1;
        keepalive 256;
        keepalive_requests 1000000000;
    }
    server {
        listen 127.0.0.1:<<port>> backlog=4096;
        listen 127.0.0.1:<<tls>> ssl http2 backlog=4096;
        ssl_certificate <<chain>>;
        ssl_certificate_key <<key>>;
        location / {
            proxy_pass http://releases;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffers 16 16k;
            proxy_max_temp_file_size 0;
        }
    }
}
"""

CADDY = """
{
    admin off
    auto_https off
    persist_config off
    default_sni <<host>>
    log {
        level ERROR
    }
}
(releases) {
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:<<one>> 127.0.0.1:<<two>> {
        lb_policy weighted_round_robin 9 1
        transport http {
            keepalive_idle_conns_per_host 256
        }
    }
}
http://:<<port>> {
    import releases
}
https://:<<tls>> {
    tls <<chain>> <<key>>
    import releases
}
"""


def traefik(values):
    return {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "ERROR"},
        "entryPoints": {"plain": {"address": f"127.0.0.1:{values['port']}"},
                        "secure": {"address": f"127.0.0.1:{values['tls']}", "http": {"tls": {}}}},
        "providers": {"file": {"filename": str(values["folder"] / "routes.json"), "watch": False}},
    }


def traefik_routes(values):
    release = {name: {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{values[name]}"}]}}
               for name in ("one", "two")}
    split = {"weighted": {"services": [{"name": "one", "weight": 9}, {"name": "two", "weight": 1}]}}
    route = {"rule": "PathPrefix(`/`)", "service": "split"}
    certificate = {"certFile": str(values["chain"]), "keyFile": str(values["key"])}
    return {
        "http": {"routers": {"plain": route | {"entryPoints": ["plain"]},
                             "secure": route | {"entryPoints": ["secure"], "tls": {}}},
                 "services": release | {"split": split}},
        "tls": {"certificates": [certificate], "stores": {"default": {"defaultCertificate": certificate}}},
    }


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def envoy_cluster(name, port):
    # The defaults of 1,024 refuse requests under these loads.
    enough = {"max_connections": 100_000, "max_pending_requests": 100_000, "max_requests": 100_000, "max_retries": 3}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s",
            "circuit_breakers": {"thresholds": [enough]},
            "load_assignment": {"cluster_name": name, "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]}}


def envoy_routes(weights):
    """A route configuration with the releases' weights by name."""
    clusters = [{"name": name, "weight": weight} for name, weight in weights.items()]
    route = {"match": {"prefix": "/"}, "route": {"weighted_clusters": {"clusters": clusters}, "timeout": "60s"}}
    return {"name": "releases", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}


def envoy_listener(port, routes, tls=None):
    router = {"name": "envoy.filters.http.router", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
    kind = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    manager = {
        "@type": f"type.googleapis.com/{kind}",
        "stat_prefix": "traffic", "codec_type": "AUTO", "use_remote_address": True, "http_filters": [router]} | routes
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    if tls:
        certificate = {"certificate_chain": {"filename": str(tls["chain"])},
                       "private_key": {"filename": str(tls["key"])}}
        chain["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [certificate]}}}
    return {"name": f"listener-{port}", "address": address(port), "tcp_backlog_size": 4096, "filter_chains": [chain]}


def envoy(values, routes=None):
    """`routes`: how the listeners find their routes; by default fixed, 9 to 1."""
    routes = routes or {"route_config": envoy_routes({"one": 9, "two": 1})}
    return {"node": {"id": "bench", "cluster": "bench"},
            "static_resources": {
                "listeners": [envoy_listener(values["port"], routes), envoy_listener(values["tls"], routes, values)],
                "clusters": [envoy_cluster("one", values["one"]), envoy_cluster("two", values["two"])]}}
