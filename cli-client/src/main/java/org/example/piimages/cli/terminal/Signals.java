package org.example.piimages.cli.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** Signals that a command on a terminal has to act on; signal(7). */
final class Signals {

    private Signals() {
    }

    /**
     * Runs the listener for each such signal from now on, in a thread of its own. Where this Java has no such thing nothing happens.
     *
     * <p>Java has no supported way to hear of a signal. {@code sun.misc.Signal} is what there is, and by reflection, because the compiler
     * warns of it and cannot be told not to.
     *
     * @param name without SIG, such as WINCH
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
            // See above.
        }
    }
}
