package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.IncomingMessage;
import org.freedesktop.dbus.types.UInt32;

/** An authority in polkit's place, of one mind about everything until told otherwise. */
final class MockPolkit implements Closeable {

    /** What it answers. */
    enum Verdict {
        ALLOW, DENY, DISMISSED,
        /** A dialog could tell. */
        CHALLENGE,
        /** An error instead of an answer. */
        FAIL,
        /** No answer until {@link MockPolkit#decide}. */
        ASK
    }

    private static final String NAME = "org.freedesktop.PolicyKit1";

    private final BusConnection connection;
    private final EventLog requests = new EventLog();
    private final Queue<IncomingMessage> asked = new ConcurrentLinkedQueue<>();
    private volatile Verdict verdict = Verdict.ALLOW;

    MockPolkit(String address) throws IOException {
        connection = BusConnection.open(address, false);
        connection.onMethodCall(this::answer);
        connection.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", NAME, new UInt32(4));
    }

    void setVerdict(Verdict next) {
        verdict = next;
    }

    /** Each request as sender, action, details, flags. */
    EventLog requests() {
        return requests;
    }

    /** Answers everything that was only asked so far. */
    void decide(Verdict decision) {
        for (IncomingMessage call = asked.poll(); call != null; call = asked.poll()) {
            answer(call, decision);
        }
    }

    private void answer(IncomingMessage call) {
        if (!call.member().equals("CheckAuthorization")) {
            return;
        }
        Object[] arguments = call.values();
        Map<?, ?> subject = (Map<?, ?>) ((java.util.List<?>) Values.plain(arguments[0])).get(1);
        Verdict now = verdict;
        if (now == Verdict.ASK) {
            asked.add(call);
        }
        requests.add(new Object[] {subject.get("name"), arguments[1], Values.plain(arguments[2]), Values.plain(arguments[3])});
        if (now != Verdict.ASK) {
            answer(call, now);
        }
    }

    private void answer(IncomingMessage call, Verdict decision) {
        Map<String, String> details = decision == Verdict.DISMISSED ? Map.of("polkit.dismissed", "true") : Map.of();
        try {
            if (decision == Verdict.FAIL) {
                connection.replyError(call, "org.freedesktop.PolicyKit1.Error.Failed", "the authority is unwell");
            } else {
                connection.reply(call, "(bba{ss})",
                        (Object) new Object[] {decision == Verdict.ALLOW, decision == Verdict.CHALLENGE, details});
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
