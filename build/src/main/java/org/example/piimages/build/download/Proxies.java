package org.example.piimages.build.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that environment variables specify, with the semantics of curl(1): variables in lower case take precedence, an empty variable
 * is ignored, and HTTP_PROXY in upper case is not used, because a web server passes the header "Proxy" of a client to CGI programs in that
 * variable.
 */
final class Proxies {

    private static final String HTTP = "http";
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final List<String> FOR_ALL = List.of("all_proxy", "ALL_PROXY");

    private final Map<String, String> environment;
    private final NoProxy exceptions;

    Proxies(Map<String, String> environment) {
        this.environment = environment;
        this.exceptions = new NoProxy(variable(List.of("no_proxy", "NO_PROXY")).map(Map.Entry::getValue).orElse(""));
    }

    private Optional<Map.Entry<String, String>> variable(List<String> names) {
        return names.stream().map(name -> Map.entry(name, environment.getOrDefault(name, "").strip()))
                .filter(variable -> !variable.getValue().isEmpty()).findFirst();
    }

    /**
     * Returns the proxy for a URL; empty if the server is accessed directly.
     *
     * @throws IOException if the variable is malformed, or the type of the proxy is not supported
     */
    Optional<HttpProxy> of(URI address) throws IOException {
        boolean isOpen = address.getScheme().toLowerCase(Locale.ROOT).equals(HTTP);
        Optional<Map.Entry<String, String>> variable = variable(isOpen ? List.of("http_proxy") : List.of("https_proxy", "HTTPS_PROXY"))
                .or(() -> variable(FOR_ALL));
        int port = address.getPort() >= 0 ? address.getPort() : isOpen ? HTTP_PORT : HTTPS_PORT;
        if (variable.isEmpty() || exceptions.contains(address.getHost(), port)) {
            return Optional.empty();
        }
        return Optional.of(HttpProxy.of(variable.get().getKey(), variable.get().getValue()));
    }

    /** Returns a selector of the same proxies for Java's HTTP client. */
    ProxySelector selector() {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI address) {
                try {
                    return List.of(Proxies.this.of(address).map(HttpProxy::proxy).orElse(Proxy.NO_PROXY));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
                // Ignored: there is no alternative proxy.
            }
        };
    }
}
