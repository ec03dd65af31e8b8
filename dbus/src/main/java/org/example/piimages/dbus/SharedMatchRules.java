package org.example.piimages.dbus;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The match rules of a connection on the bus, each added only once however many subscriptions use it: the bus allows 512 by default, and
 * compares every signal with each of them.
 */
final class SharedMatchRules {

    private static final class Rule {
        private final CompletableFuture<Object[]> answer;
        private int users;

        private Rule(CompletableFuture<Object[]> answer) {
            this.answer = answer;
        }
    }

    private final BusConnection bus;
    private final Map<String, Rule> rules = new HashMap<>();

    SharedMatchRules(BusConnection bus) {
        this.bus = bus;
    }

    /** Adds a rule, or one more use of it. Returns a future, the caller's own, that completes when the rule is in effect. */
    synchronized CompletableFuture<Object[]> add(String text) {
        Rule rule = rules.get(text);
        if (rule == null || rule.answer.isCompletedExceptionally()) {
            rule = new Rule(bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "AddMatch", (byte) 0, "s", text));
            rules.put(text, rule);
        }
        rule.users++;
        return rule.answer.copy();
    }

    /** Ends one use of a rule; the last one removes it from the bus. */
    synchronized void remove(String text) {
        Rule rule = rules.get(text);
        if (rule != null && --rule.users == 0) {
            rules.remove(text);
            bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RemoveMatch", BusConnection.NO_REPLY_EXPECTED, "s",
                    text);
        }
    }
}
