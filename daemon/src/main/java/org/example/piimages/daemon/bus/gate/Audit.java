package org.example.piimages.daemon.bus.gate;

import java.util.concurrent.TimeUnit;
import org.example.piimages.contract.Names;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the audit entries to the journal: which user did what to which file. There is one entry when a call is authorised or refused, and
 * one when it has ended. Both carry the fields that the message catalog and docs/security.md describe.
 */
public final class Audit {

    /** Message ids; the catalog in systemd-units/piimages.catalog has them too. */
    static final String DECIDED = "9b6b1c0d8a2f4c0e9f0f4f7c63a1d5e2";
    static final String ENDED = "4e5a7d0be1c94a6fb6a2c8f1d3970b84";

    public static final String DONE = "done";
    static final String ALLOWED = "allowed";

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    private Audit() {
    }

    /** Logs that polkit, or the caller being root, has decided about a call. {@code decision} is "allowed" or the name of the error. */
    static void decided(Call call, String decision) {
        entry(call, DECIDED).addKeyValue("PIIMAGES_DECISION", decision)
                .log("{} of {} by uid {}: {}", call.operation(), call.authorization().file(), uid(call), decision);
    }

    /** Logs that such a call has been answered. {@code result} is "done" or the name of the error. */
    static void ended(Call call, String result) {
        entry(call, ENDED).addKeyValue("PIIMAGES_RESULT", result)
                .addKeyValue("PIIMAGES_MICROSECONDS", TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - call.received()))
                .log("{} of {} by uid {} has ended: {}", call.operation(), call.authorization().file(), uid(call), result);
    }

    private static LoggingEventBuilder entry(Call call, String id) {
        return LOG.atInfo().addKeyValue("MESSAGE_ID", id)
                .addKeyValue("PIIMAGES_OPERATION", call.operation())
                .addKeyValue("PIIMAGES_IMAGE", call.authorization().file())
                .addKeyValue("PIIMAGES_ACTION", call.authorization().action().id())
                .addKeyValue("PIIMAGES_CALLER_UID", uid(call))
                .addKeyValue("PIIMAGES_CALLER_PID", call.caller().pid())
                .addKeyValue("PIIMAGES_CALLER", call.caller().sender());
    }

    private static String uid(Call call) {
        return Integer.toUnsignedString(call.caller().uid());
    }

    /** The name of an error without the prefix that all errors of this service have. */
    public static String shortName(String error) {
        return error.startsWith(Names.SERVICE + ".Error.") ? error.substring((Names.SERVICE + ".Error.").length()) : error;
    }
}
