package org.example.piimages.dbus;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.example.piimages.libc.FdSocket;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.config.TransportConfig;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.TransportConfigurationException;
import org.freedesktop.dbus.transport.jre.NativeTransportProvider;
import org.freedesktop.dbus.transport.jre.NativeUnixSocketTransport;

/**
 * A connection to a message bus that delivers messages unprocessed.
 *
 * <p>dbus-java establishes the connection. Its object layer is deliberately not used: it answers a call in the thread that received it,
 * ignores the interface when it dispatches, and cannot describe the objects that it exports. Here, calls can be answered at any later
 * time, and a handler has access to sender, interface, signature and flags.
 *
 * <p>All methods are thread-safe. Handlers run in the reader thread and must not block.
 */
public final class BusConnection implements Closeable {

    /** The name, path and interface of the bus itself. */
    public static final String BUS = "org.freedesktop.DBus";
    public static final String BUS_PATH = "/org/freedesktop/DBus";

    /** Message flags; "Message Format" of the specification. */
    public static final byte NO_REPLY_EXPECTED = 1;
    public static final byte ALLOW_INTERACTIVE_AUTHORIZATION = 4;

    private static final String LIMITS_EXCEEDED = "org.freedesktop.DBus.Error.LimitsExceeded";

    private final AbstractTransport transport;
    private final FdSocket fdSocket;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final AtomicInteger serials = new AtomicInteger();
    private final Map<Long, CompletableFuture<Object[]>> pending = new ConcurrentHashMap<>();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final SharedMatchRules rules = new SharedMatchRules(this);
    private final NameOwners owners = new NameOwners();
    private volatile Consumer<IncomingMessage> callHandler = BusConnection::closeDescriptors;
    private volatile Runnable disconnectHandler = () -> {};
    private volatile boolean closed;
    private boolean released;
    private String uniqueName;

    private record Subscription(MatchRule rule, Consumer<Object[]> listener) {
    }

    private BusConnection(AbstractTransport transport, SocketChannel channel, FdSocket fdSocket) {
        this.transport = transport;
        this.fdSocket = fdSocket;
        this.reader = new FrameReader(channel, fdSocket);
        this.writer = new FrameWriter(channel, fdSocket);
    }

    /**
     * Connects, authenticates as the user of this process and calls Hello.
     *
     * @param address a D-Bus address such as {@code unix:path=/run/dbus/system_bus_socket}
     * @param passFds whether file descriptors can be sent and received; requires loading native code
     * @throws IOException if the bus cannot be reached or rejects this user
     */
    public static BusConnection open(String address, boolean passFds) throws IOException {
        try {
            BusAddress bus = BusAddress.of(address);
            AbstractTransport transport = new NativeTransportProvider().createTransport(bus, new TransportConfig(bus));
            SocketChannel channel = ((NativeUnixSocketTransport) transport).connectImpl();
            Authentication.perform(channel, passFds);
            FdSocket fdSocket = passFds ? new FdSocket(ChannelFd.of(channel)) : null;
            BusConnection connection = new BusConnection(transport, channel, fdSocket);
            connection.startReader();
            connection.uniqueName = (String) connection.call(BUS, BUS_PATH, BUS, "Hello", "").get(0);
            return connection;
        } catch (TransportConfigurationException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Returns this connection's unique name, for example {@code :1.42}. */
    public String uniqueName() {
        return uniqueName;
    }

    /** Sets the handler of method calls, which closes their descriptors. Set it before requesting a name, so that no call is lost. */
    public void onMethodCall(Consumer<IncomingMessage> handler) {
        callHandler = handler;
    }

    /** Sets the action to run if the bus closes the connection; not run after {@link #close}. */
    public void onDisconnect(Runnable handler) {
        disconnectHandler = handler;
    }

    /** Calls a method and waits for the reply for at most 25 seconds. See {@link #callAsync}. */
    public Reply call(String destination, String path, String interfaceName, String member, String signature, Object... arguments) {
        return Reply.await(callAsync(destination, path, interfaceName, member, (byte) 0, signature, arguments), destination);
    }

    /**
     * Calls a method. The future completes in the reader thread: with the values of the reply, with {@link RemoteError}, or with
     * IOException if the connection is lost. It does not complete if {@link #NO_REPLY_EXPECTED} is set, unless the call cannot be sent.
     *
     * @param flags message flags, 0 for none
     * @param signature the types of the arguments, empty for none
     */
    public CompletableFuture<Object[]> callAsync(String destination, String path, String interfaceName, String member, byte flags,
            String signature, Object... arguments) {
        CompletableFuture<Object[]> answer = new CompletableFuture<>();
        try {
            OutgoingMessage call = OutgoingMessage.call(destination, path, interfaceName, member, flags).with(signature, arguments);
            int serial = nextSerial();
            Long key = Integer.toUnsignedLong(serial);
            if ((flags & NO_REPLY_EXPECTED) == 0) {
                pending.put(key, answer);
                answer.whenComplete((values, error) -> pending.remove(key));
            }
            write(call, serial);
        } catch (IllegalArgumentException | IOException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /** Replies to a call unless its sender expects no reply; returns the message's length in bytes, 0 if none was sent. */
    public int reply(IncomingMessage call, String signature, Object... values) throws IOException {
        return expectsReply(call) ? write(OutgoingMessage.reply(call.sender(), call.serial()).with(signature, values), nextSerial()) : 0;
    }

    private static boolean expectsReply(IncomingMessage call) {
        return (call.flags() & NO_REPLY_EXPECTED) == 0;
    }

    /** Replies with an error, like {@link #reply}. A NUL in the text, which no message can carry, is replaced by U+FFFD. */
    public int replyError(IncomingMessage call, String errorName, String text) throws IOException {
        return expectsReply(call) ? write(OutgoingMessage.error(call.sender(), call.serial(), errorName)
                .with("s", text.replace('\0', '\uFFFD')), nextSerial()) : 0;
    }

    /** Broadcasts a signal. Throws IllegalArgumentException if the values do not match the signature. */
    public void signal(String path, String interfaceName, String member, String signature, Object... values) throws IOException {
        write(OutgoingMessage.signal(path, interfaceName, member).with(signature, values), nextSerial());
    }

    /**
     * Subscribes to signals until the result is closed. On return the match rule is in effect: no signal sent from now on is missed.
     * Signals from other senders than the rule's are ignored, even if they are addressed to this connection.
     */
    public Closeable subscribe(MatchRule rule, Consumer<Object[]> listener) {
        watchOwner(rule.sender());
        Subscription subscription = new Subscription(rule, listener);
        subscriptions.add(subscription);
        Reply.await(rules.add(rule.text()), BUS);
        return () -> {
            if (subscriptions.remove(subscription)) {
                rules.remove(rule.text());
            }
        };
    }

    /** Tracks the owner of a well-known name from now on. */
    private void watchOwner(String name) {
        if (!owners.watch(name)) {
            return;
        }
        MatchRule changed = new MatchRule(BUS, BUS_PATH, BUS, "NameOwnerChanged", name);
        subscriptions.add(new Subscription(changed, change -> owners.changed((String) change[0], (String) change[2])));
        call(BUS, BUS_PATH, BUS, "AddMatch", "s", changed.text());
        try {
            owners.found(name, (String) call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", name).get(0));
        } catch (RemoteError e) {
            // The name has no owner: NameOwnerChanged will report the next one.
        }
    }

    /** Zero is not a valid serial. */
    private int nextSerial() {
        int serial = serials.incrementAndGet();
        return serial == 0 ? serials.incrementAndGet() : serial;
    }

    private int write(OutgoingMessage message, int serial) throws IOException {
        if (closed) {
            throw new IOException("the connection to the message bus is closed");
        }
        return writer.write(message, serial);
    }

    private void startReader() {
        Thread thread = new Thread(this::readAll, "dbus-reader");
        thread.setDaemon(true);
        thread.start();
    }

    /** Any error that ends the reader closes the connection: owning a name without reading its messages would be worse. */
    private void readAll() {
        try {
            while (!closed) {
                Optional<IncomingMessage> message = reader.read();
                message.ifPresent(this::deliver);
            }
        } catch (IOException | java.lang.Error e) {
            boolean expected = closed;
            closed = true;
            pending.values().forEach(answer -> answer.completeExceptionally(e));
            if (!expected) {
                disconnectHandler.run();
            }
        }
    }

    private void deliver(IncomingMessage message) {
        try {
            switch (message.type()) {
                case METHOD_CALL -> deliverCall(message);
                case SIGNAL -> deliverSignal(message);
                default -> deliverReply(message);
            }
        } catch (IOException | RuntimeException e) {
            // A bug in the handler of this message must not affect the next message.
            Thread reading = Thread.currentThread();
            reading.getUncaughtExceptionHandler().uncaughtException(reading, e);
        } finally {
            if (message.type() != MessageType.METHOD_CALL) {
                // No reply or signal that is used here carries descriptors, but any peer can send some.
                closeDescriptors(message);
            }
        }
    }

    private static void closeDescriptors(IncomingMessage message) {
        FdSocket.close(message.descriptors());
    }

    private void deliverCall(IncomingMessage call) throws IOException {
        if (call.isComplete()) {
            callHandler.accept(call);
        } else {
            replyError(call, LIMITS_EXCEEDED, "the message's header is longer than " + FrameReader.FIELDS_LIMIT + " bytes");
        }
    }

    private void deliverSignal(IncomingMessage signal) {
        for (Subscription subscription : subscriptions) {
            if (subscription.rule().matches(signal) && owners.isFrom(subscription.rule().sender(), signal.sender())) {
                valuesOf(signal).ifPresent(subscription.listener());
            }
        }
    }

    private static Optional<Object[]> valuesOf(IncomingMessage message) {
        try {
            return Optional.of(message.values());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void deliverReply(IncomingMessage reply) {
        CompletableFuture<Object[]> answer = pending.get(reply.replySerial());
        if (answer == null) {
            return;
        }
        Optional<Object[]> values = valuesOf(reply);
        if (reply.type() == MessageType.ERROR) {
            String text = values.filter(v -> v.length > 0).map(v -> String.valueOf(v[0])).orElse("");
            answer.completeExceptionally(new RemoteError(reply.errorName(), text));
        } else if (values.isPresent()) {
            answer.complete(values.get());
        } else {
            answer.completeExceptionally(new IOException("the reply from " + reply.sender() + " cannot be decoded"));
        }
    }

    /** Closes the connection. Closing it again has no effect: the socket's number may have been reused by then. */
    @Override
    public synchronized void close() throws IOException {
        if (released) {
            return;
        }
        released = true;
        closed = true;
        if (fdSocket != null) {
            fdSocket.shutDown();
        }
        transport.close();
    }
}
