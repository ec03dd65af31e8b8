package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.FdSocket;
import org.example.piimages.libc.Libc;

/** A connection to the bus that sends any bytes whatever. */
final class RawClient implements Closeable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int LIMIT_SECONDS = 5;

    /** What came back: its type, whom it answers, and an error's name, else empty. */
    record Answer(int type, long replySerial, String errorName) {
    }

    private final Fd socket;
    private final FdSocket connection;

    private RawClient(Fd socket) {
        this.socket = socket;
        this.connection = new FdSocket(socket.number());
    }

    /** Only to connect is a matter of who does it; a user's thread might not even read the classes that the rest takes. */
    static RawClient connect(Path path, int uid) throws Exception {
        RawClient client = new RawClient(new Fd(Libc.call("socket", AF_UNIX, SOCK_STREAM, 0)));
        byte[] address = ByteBuffer.allocate(110).order(ByteOrder.nativeOrder()).putShort((short) AF_UNIX)
                .put(path.toString().getBytes(StandardCharsets.UTF_8)).array();
        UserThread.as(uid, () -> Libc.call("connect", client.socket.number(), address, address.length));
        client.begin(uid);
        return client;
    }

    private void begin(int uid) throws IOException {
        byte[] limit = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(LIMIT_SECONDS).array();
        Libc.call("setsockopt", socket.number(), SOL_SOCKET, SO_RCVTIMEO, limit, limit.length);
        String identity = HexFormat.of().formatHex(String.valueOf(uid).getBytes(StandardCharsets.US_ASCII));
        for (String line : new String[] {"\0AUTH EXTERNAL " + identity, "NEGOTIATE_UNIX_FD"}) {
            sendBytes((line + "\r\n").getBytes(StandardCharsets.US_ASCII), List.of());
            readLine();
        }
        sendBytes("BEGIN\r\n".getBytes(StandardCharsets.US_ASCII), List.of());
        send(RawMessage.call("/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello").without(RawMessage.DESTINATION)
                .text(RawMessage.DESTINATION, "s", "org.freedesktop.DBus").serial(1));
        awaitAnswer(1);
    }

    /** Sends the message with descriptors of /dev/null. */
    void send(RawMessage message) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        try {
            for (int i = 0; i < message.descriptors(); i++) {
                numbers.add(Libc.call("open", "/dev/null", 0));
            }
            sendBytes(message.bytes(), numbers);
        } finally {
            FdSocket.close(numbers);
        }
    }

    private void sendBytes(byte[] bytes, List<Integer> descriptors) throws IOException {
        connection.send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), descriptors);
    }

    /** Waits for the answer to a call. Throws EOFException when the bus has thrown this client out. */
    Answer awaitAnswer(long serial) throws IOException {
        while (true) {
            Answer answer = read();
            if (answer.replySerial() == serial) {
                return answer;
            }
        }
    }

    private Answer read() throws IOException {
        ByteBuffer fixed = ByteBuffer.wrap(readFully(16));
        fixed.order(fixed.get(0) == 'B' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int length = fixed.getInt(12);
        ByteBuffer fields = ByteBuffer.wrap(readFully((length + 7) / 8 * 8)).order(fixed.order());
        readFully(fixed.getInt(4));
        long replySerial = 0;
        String errorName = "";
        while (fields.position() < length) {
            fields.position((fields.position() + 7) / 8 * 8);
            int code = fields.get();
            fields.get();
            char type = (char) fields.get();
            fields.get();
            if (type == 'u') {
                long number = fields.getInt() & 0xffffffffL;
                replySerial = code == RawMessage.REPLY_SERIAL ? number : replySerial;
            } else {
                byte[] text = new byte[type == 'g' ? fields.get() : fields.getInt()];
                fields.get(text).get();
                errorName = code == RawMessage.ERROR_NAME ? new String(text, StandardCharsets.UTF_8) : errorName;
            }
        }
        return new Answer(fixed.get(1), replySerial, errorName);
    }

    private void readLine() throws IOException {
        byte read;
        do {
            read = readFully(1)[0];
        } while (read != '\n');
    }

    private byte[] readFully(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length);
        List<Integer> descriptors = new ArrayList<>();
        while (buffer.hasRemaining()) {
            if (!connection.receive(buffer, descriptors)) {
                throw new EOFException("the bus closed the connection");
            }
        }
        FdSocket.close(descriptors);
        byte[] bytes = new byte[length];
        buffer.flip().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        socket.close();
    }
}
