package org.example.piimages.build.download;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The servers that are accessed without a proxy, as in curl(1); in addition, an entry may have a port. Names are not resolved. */
final class NoProxy {

    private static final Pattern PORT = Pattern.compile("([^:\\[\\]]+|\\[[^\\]]*\\]):([0-9]{1,5})");
    private static final Pattern NETWORK = Pattern.compile("([0-9a-f:.]+)/([0-9]{1,3})");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f.]*:[0-9a-f:.]*");

    private final List<String> entries;

    /** Parses the value of the variable: names, addresses and networks, separated by commas or white space. */
    NoProxy(String value) {
        this.entries = List.of(value.toLowerCase(Locale.ROOT).strip().split("[,\\s]+"));
    }

    /**
     * Returns whether a server is excluded from the use of a proxy.
     *
     * @param host the host name or address; an IPv6 address may be in brackets
     */
    boolean contains(String host, int port) {
        String name = bare(host.toLowerCase(Locale.ROOT));
        byte[] address = address(name);
        return entries.stream().anyMatch(entry -> matches(entry, name, address, port));
    }

    private static boolean matches(String entry, String name, byte[] address, int port) {
        Matcher withPort = PORT.matcher(entry);
        if (withPort.matches()) {
            return Integer.parseInt(withPort.group(2)) == port && matches(withPort.group(1), name, address);
        }
        return matches(entry, name, address);
    }

    private static boolean matches(String entry, String name, byte[] address) {
        if (entry.equals("*")) {
            return true;
        }
        if (address == null) {
            String domain = bare(entry.startsWith(".") ? entry.substring(1) : entry);
            return !domain.isEmpty() && (name.equals(domain) || name.endsWith("." + domain));
        }
        Matcher network = NETWORK.matcher(entry);
        byte[] other = address(network.matches() ? network.group(1) : bare(entry));
        return other != null && other.length == address.length
                && share(address, other, network.matches() ? Integer.parseInt(network.group(2)) : address.length * Byte.SIZE);
    }

    /** Returns whether the first {@code bits} bits of two addresses are the same. */
    private static boolean share(byte[] one, byte[] other, int bits) {
        if (bits > one.length * Byte.SIZE) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 1 << (Byte.SIZE - 1 - i % Byte.SIZE);
            if (((one[i / Byte.SIZE] ^ other[i / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Removes the brackets of an address, and the trailing dot of a fully qualified name. */
    private static String bare(String host) {
        String open = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return open.endsWith(".") ? open.substring(0, open.length() - 1) : open;
    }

    /** Returns the bytes of an address; null for a name. */
    private static byte[] address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return null;
        }
        try {
            // A literal address causes no DNS query.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
