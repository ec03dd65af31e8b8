package org.example.piimages.build.download;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The servers that are asked without a proxy, as curl(1) reads them; besides, an entry may have a port. No name is looked up. */
final class NoProxy {

    private static final Pattern PORT = Pattern.compile("([^:\\[\\]]+|\\[[^\\]]*\\]):([0-9]{1,5})");
    private static final Pattern NETWORK = Pattern.compile("([0-9a-f:.]+)/([0-9]{1,3})");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f.]*:[0-9a-f:.]*");

    private final List<String> entries;

    /** Of the variable's value: names, addresses and networks between commas or blanks. */
    NoProxy(String value) {
        this.entries = List.of(value.toLowerCase(Locale.ROOT).strip().split("[,\\s]+"));
    }

    /**
     * Whether a server is among them.
     *
     * @param host its name, or its address, which of IPv6 is in brackets or not
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

    /** Whether two addresses have the same first bits. */
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

    /** Without brackets, and without the dot that ends a name that is complete. */
    private static String bare(String host) {
        String open = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return open.endsWith(".") ? open.substring(0, open.length() - 1) : open;
    }

    /** The bytes of an address; null of a name. */
    private static byte[] address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return null;
        }
        try {
            // Nobody is asked about what has this form.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
