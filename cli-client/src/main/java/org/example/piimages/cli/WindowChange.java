package org.example.piimages.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** SIGWINCH: the terminal has another size. */
final class WindowChange {

    private WindowChange() {
    }

    /**
     * Runs the listener for each signal from now on, in a thread of its own. Where this Java has no such thing nothing happens: the
     * command just does not hear of the new size.
     *
     * <p>Java has no supported way to hear of a signal. {@code sun.misc.Signal} is what there is, and by reflection, because the compiler
     * warns of it and cannot be told not to.
     */
    static void listen(Runnable listener) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal = (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    listener.run();
                }
                return null;
            };
            Object proxy = Proxy.newProxyInstance(WindowChange.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
            signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), proxy);
        } catch (ReflectiveOperationException e) {
            // See above.
        }
    }
}
