package org.example.piimages.dbus;

/**
 * Selects signals; "Match Rules" of the D-Bus specification.
 *
 * @param sender the sender's bus name, never null
 * @param path the object path, or null for any
 * @param interfaceName the interface, never null
 * @param member the signal's name, never null
 * @param argument0 the value of the first argument, or null for any
 * @param shared whether the rule on the bus omits the path, and signals of other objects are filtered out here: one rule for many objects
 */
public record MatchRule(String sender, String path, String interfaceName, String member, String argument0, boolean shared) {

    /** Creates a rule that is not shared. */
    public MatchRule(String sender, String path, String interfaceName, String member, String argument0) {
        this(sender, path, interfaceName, member, argument0, false);
    }

    /** Creates a rule without a condition on the arguments. */
    public MatchRule(String sender, String path, String interfaceName, String member) {
        this(sender, path, interfaceName, member, null, false);
    }

    /** Returns the rule in the syntax of AddMatch and RemoveMatch. The values are names and paths, so none contains a quote. */
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

    /** Returns whether a signal matches, apart from its sender and its argument; for the sender see {@link NameOwners}. */
    boolean matches(IncomingMessage signal) {
        return interfaceName.equals(signal.interfaceName())
                && member.equals(signal.member())
                && (path == null || path.equals(signal.path()));
    }
}
