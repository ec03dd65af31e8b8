package org.example.piimages.daemon.bus.gate;

import java.util.List;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;

/**
 * A method call that the gate accepted: the types of its arguments are those of the contract.
 *
 * @param caller the sender
 * @param operation the last part of the interface's name and the method, such as "Image.Unmount"
 * @param arguments as returned by {@link org.example.piimages.dbus.IncomingMessage#arguments}
 * @param authorization the question that polkit was asked about it
 * @param received the time of its arrival, of {@link System#nanoTime}
 */
public record Call(Caller caller, String operation, Object[] arguments, AuthorizationRequest authorization, long received) {

    /** A call for which no authorisation has been requested yet. */
    Call(Caller caller, String operation, Object[] arguments, long received) {
        this(caller, operation, arguments, new AuthorizationRequest(), received);
    }

    public String string(int index) {
        return (String) arguments[index];
    }

    public List<String> strings(int index) {
        return ((List<?>) arguments[index]).stream().map(String.class::cast).toList();
    }

    /** The file descriptor at an index. It belongs to the message, and is closed when the method has returned. */
    public Fd fd(int index) {
        return new Fd(((FileDescriptor) arguments[index]).getIntFileDescriptor());
    }
}
