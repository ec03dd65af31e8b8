package org.example.piimages.dbus;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The match rules that the bus has of a connection, each once however many want it: there may be 512, and each is tried on each signal. */
final class SharedRules {

    private static final class Rule {
        private final CompletableFuture<Object[]> answer;
        private int wanted;

        private Rule(CompletableFuture<Object[]> answer) {
            this.answer = answer;
        }
    }

    private final BusConnection bus;
    private final Map<String, Rule> rules = new HashMap<>();

    SharedRules(BusConnection bus) {
        this.bus = bus;
    }

    /** Completes when the bus has the rule. The result is the caller's own. */
    synchronized CompletableFuture<Object[]> add(String text) {
        Rule rule = rules.get(text);
        if (rule == null || rule.answer.isCompletedExceptionally()) {
            rule = new Rule(bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "AddMatch", (byte) 0, "s", text));
            rules.put(text, rule);
        }
        rule.wanted++;
        return rule.answer.copy();
    }

    /** One less wants the rule. */
    synchronized void remove(String text) {
        Rule rule = rules.get(text);
        if (rule != null && --rule.wanted == 0) {
            rules.remove(text);
            bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RemoveMatch", BusConnection.NO_REPLY_EXPECTED, "s",
                    text);
        }
    }
}
