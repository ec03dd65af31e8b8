package org.example.piimages.build.download;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A local proxy for http, and for https with CONNECT. */
final class LocalProxy implements AutoCloseable {

    /** The first line of each request, followed by the value of its header Proxy-Authorization. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    /** The status and additional headers of all responses; null to forward requests. */
    volatile String refusal;
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    LocalProxy() throws IOException {
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    String place() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                start(() -> serve(client));
            }
        } catch (IOException e) {
            // The socket was closed.
        }
    }

    /** Handles a connection, which has only one request. */
    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            String password = head.lines().filter(line -> line.matches("(?i)proxy-authorization:.*")).findFirst().orElse("");
            String first = head.lines().findFirst().orElse("");
            requests.add(first + password.replaceFirst("^[^:]*:", ""));
            String[] words = first.split(" ");
            if (refusal != null) {
                send(client, "HTTP/1.1 " + refusal + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return;
            }
            boolean isTunnel = words[0].equals("CONNECT");
            URI target = URI.create(isTunnel ? "https://" + words[1] : words[1]);
            try (Socket server = new Socket(target.getHost(), target.getPort())) {
                send(isTunnel ? client : server, isTunnel ? "HTTP/1.1 200 Connected\r\n\r\n" : forwarded(head));
                start(() -> pass(client, server));
                pass(server, client);
            }
        } catch (IOException e) {
            // The client detects that the connection was closed.
        }
    }

    private static String forwarded(String head) {
        return head.replaceFirst("http://[^/]*", "").replaceAll("(?im)^(Proxy-|Connection|Upgrade|HTTP2)[^\r]*\r\n", "")
                .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
    }

    private static void send(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        to.getOutputStream().flush();
    }

    private static String head(InputStream stream) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            int next = stream.read();
            if (next < 0) {
                throw new IOException("nothing more came");
            }
            head.write(next);
            text = head.toString(StandardCharsets.ISO_8859_1);
        }
        return text;
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of the connections was closed.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
