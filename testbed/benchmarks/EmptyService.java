import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;

/** A minimal D-Bus service in Java: owns the daemon's name, and sends an empty reply to every call. */
public final class EmptyService {

    private static final UInt32 DO_NOT_QUEUE = new UInt32(4);

    private EmptyService() {
    }

    /** Runs until it is terminated; with an argument, until it owns the name. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BusConnection bus = BusConnection.open("unix:path=/run/dbus/system_bus_socket", true);
        bus.onMethodCall(call -> {
            try {
                bus.reply(call, "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", "org.example.PiImages", DO_NOT_QUEUE);
        if (arguments.length == 0) {
            new CountDownLatch(1).await();
        }
    }
}
