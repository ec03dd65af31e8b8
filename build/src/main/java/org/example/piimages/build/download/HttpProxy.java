package org.example.piimages.build.download;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A proxy that an environment variable specifies.
 *
 * @param variable the name of the variable
 * @param host the host name or address; an IPv6 address is in brackets
 * @param port the TCP port
 * @param authorization the value of the header Proxy-Authorization, which is a secret; null if the variable has no user name
 */
record HttpProxy(String variable, String host, int port, String authorization) {

    /** The HTTP status with which a proxy requires authentication. */
    static final int AUTHENTICATION_REQUIRED = 407;

    /** The default port of curl(1). */
    private static final int DEFAULT_PORT = 1080;
    private static final int LARGEST_PORT = 65535;
    private static final int SERVER_FAILS = 500;
    private static final int HEXADECIMAL = 16;
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
    private static final Pattern PLACE = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::([0-9]{0,5}))?/?");
    /** The message of Java's exception if a proxy refuses to connect; the status is available only there. */
    private static final Pattern REFUSED = Pattern.compile("Tunnel failed, got: ([0-9]{3})");

    /**
     * Parses the value of a variable.
     *
     * @throws IOException if the value is malformed, or the type of the proxy is not supported; the message never has the password
     */
    static HttpProxy of(String variable, String value) throws IOException {
        Matcher scheme = SCHEME.matcher(value);
        boolean hasScheme = scheme.matches();
        if (hasScheme && !scheme.group(1).equalsIgnoreCase("http")) {
            throw new IOException("the variable " + variable + " specifies a proxy of the type " + scheme.group(1).toLowerCase(Locale.ROOT)
                    + ", which is not supported; specify an HTTP proxy (http://HOST:PORT), or exclude the server with no_proxy");
        }
        String authority = hasScheme ? scheme.group(2) : value;
        int end = authority.lastIndexOf('@');
        Matcher place = PLACE.matcher(authority.substring(end + 1));
        String user = end < 0 ? null : authority.substring(0, end);
        if (!place.matches() || user != null && !user.matches("[^/?#]*")) {
            throw malformed(variable);
        }
        String digits = place.group(2);
        int port = digits == null || digits.isEmpty() ? DEFAULT_PORT : Integer.parseInt(digits);
        if (port == 0 || port > LARGEST_PORT) {
            throw malformed(variable);
        }
        return new HttpProxy(variable, place.group(1), port, user == null ? null : basic(user));
    }

    private static IOException malformed(String variable) {
        return new IOException(
                "the variable " + variable + " is not a valid proxy; specify http://[USER:PASSWORD@]HOST[:PORT], with special"
                        + " characters of the password as %XX");
    }

    private static String basic(String user) {
        String both = user.indexOf(':') < 0 ? user + ":" : user;
        return "Basic " + Base64.getEncoder().encodeToString(decoded(both));
    }

    /** Decodes %XX; any other % is kept, because users specify passwords with a % without encoding it. */
    private static byte[] decoded(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], HEXADECIMAL) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], HEXADECIMAL);
            result.write(low < 0 ? bytes[i] : high * HEXADECIMAL + low);
            i += low < 0 ? 0 : 2;
        }
        return result.toByteArray();
    }

    /** Returns the proxy in Java's representation. */
    Proxy proxy() {
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host.replaceAll("[\\[\\]]", ""), port));
    }

    /** Explains the failure of a request through the proxy. */
    String problem(URI address, IOException failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (failure instanceof ConnectException connecting) {
            return this + " cannot be reached: " + WebClient.reason(connecting) + "; check the variable";
        }
        if (failure instanceof HttpConnectTimeoutException) {
            return this + " cannot be reached: it does not answer; check the variable";
        }
        Matcher refused = REFUSED.matcher(message);
        if (!refused.find()) {
            return message + " (through " + this + ")";
        }
        boolean cannot = Integer.parseInt(refused.group(1)) >= SERVER_FAILS;
        return this + (cannot ? " cannot connect to " : " refuses to connect to ") + address.getHost() + " (status " + refused.group(1)
                + "); " + (cannot ? "check the URL" : "ask its administrator") + ", or exclude the server with no_proxy";
    }

    /**
     * Returns the error message for a response with status 407, including what the user can do.
     *
     * @param methods the values of the headers Proxy-Authenticate; may be empty
     */
    String refusal(Iterable<String> methods) {
        boolean isBasic = !methods.iterator().hasNext();
        for (String method : methods) {
            isBasic |= method.toLowerCase(Locale.ROOT).matches("(.*,)?\\s*basic\\b.*");
        }
        if (!isBasic) {
            return this + " requires an authentication other than Basic (status 407), which is not supported; download the file yourself";
        }
        return authorization == null ? this + " requires a user name and a password (status 407); specify them in the variable: http://"
                + "USER:PASSWORD@" + host + ":" + port
                : this + " does not accept the user name and the password in the variable (status 407); correct them";
    }

    /** Returns a description without the password. */
    @Override
    public String toString() {
        return "the proxy http://" + host + ":" + port + " (" + variable + ")";
    }
}
