package org.example.piimages.dbus;

/**
 * Which signals to listen to; "Match Rules" of the D-Bus specification.
 *
 * @param sender the sender's bus name, never null
 * @param path the object path, or null for any
 * @param interfaceName the interface, never null
 * @param member the signal's name, never null
 * @param argument0 what the first argument must be, or null for any
 * @param shared whether the bus is asked for such signals of every object, and others are left out here: one rule for many objects
 */
public record MatchRule(String sender, String path, String interfaceName, String member, String argument0, boolean shared) {

    /** A rule for one object. */
    public MatchRule(String sender, String path, String interfaceName, String member, String argument0) {
        this(sender, path, interfaceName, member, argument0, false);
    }

    /** A rule without an argument. */
    public MatchRule(String sender, String path, String interfaceName, String member) {
        this(sender, path, interfaceName, member, null, false);
    }

    /** The rule as AddMatch and RemoveMatch take it. The values are names and paths: none contains a quote. */
    String text() {
        StringBuilder rule = new StringBuilder("type='signal',sender='").append(sender).append('\'');
        if (path != null && !shared) {
            rule.append(",path='").append(path).append('\'');
        }
        rule.append(",interface='").append(interfaceName).append("',member='").append(member).append('\'');
        if (argument0 != null) {
            rule.append(",arg0='").append(argument0).append('\'');
        }
        return rule.toString();
    }

    /** Whether a signal that arrived is one of these, the sender and the argument apart; see {@link NameOwners}. */
    boolean matches(IncomingMessage signal) {
        return interfaceName.equals(signal.interfaceName())
                && member.equals(signal.member())
                && (path == null || path.equals(signal.path()));
    }
}
