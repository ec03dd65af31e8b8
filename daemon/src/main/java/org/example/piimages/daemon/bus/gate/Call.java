package org.example.piimages.daemon.bus.gate;

import java.util.List;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;

/**
 * A method call that passed the gate: its types are those of the contract.
 *
 * @param caller who sent it
 * @param operation what it asks for: the interface's last part and the method, as "Image.Unmount"
 * @param arguments as {@link org.example.piimages.dbus.IncomingMessage#arguments} gives them
 * @param authorization what polkit was asked about it
 * @param received when it came, of {@link System#nanoTime}
 */
public record Call(Caller caller, String operation, Object[] arguments, AuthorizationRequest authorization, long received) {

    /** A call that nothing is known of yet but what it says. */
    Call(Caller caller, String operation, Object[] arguments, long received) {
        this(caller, operation, arguments, new AuthorizationRequest(), received);
    }

    public String string(int index) {
        return (String) arguments[index];
    }

    public List<String> strings(int index) {
        return ((List<?>) arguments[index]).stream().map(String.class::cast).toList();
    }

    /** It stays the message's: closed when the method has returned. */
    public Fd fd(int index) {
        return new Fd(((FileDescriptor) arguments[index]).getIntFileDescriptor());
    }
}
