package org.example.piimages.cli.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** Handles the signals that concern a command on a terminal; see signal(7). */
final class Signals {

    private Signals() {
    }

    /**
     * Runs the listener for each signal of this name, in a separate thread. Has no effect if this Java runtime does not support it.
     *
     * <p>Java has no supported interface for signals. {@code sun.misc.Signal} is used by reflection, because the compiler's warning about
     * it cannot be suppressed.
     *
     * @param name the signal name without SIG, such as WINCH
     */
    static void listen(String name, Runnable listener) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal = (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    listener.run();
                }
                return null;
            };
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
            signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            // Not supported by this runtime; see above.
        }
    }
}
