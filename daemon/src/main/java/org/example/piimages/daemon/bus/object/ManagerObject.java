package org.example.piimages.daemon.bus.object;

import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;

/** The bus object of the service itself. */
public final class ManagerObject {

    private static final String VERSION = "0.1.0";

    private ManagerObject() {
    }

    /** The manager's object; the operations that are not named here add their methods themselves. */
    public static BusObject of(ImageOperations imageOperations, MachineOperations machines, InterpreterOperations interpreters,
            JobOperations jobs,
            DeviceOperations devices, ManagerLists lists) {
        String interfaceName = Names.MANAGER;
        return new BusObject(Names.MANAGER_PATH)
                .method(interfaceName, "MountImage", imageOperations::mountImage)
                .method(interfaceName, "MountImageFd", imageOperations::mountImageFd)
                .method(interfaceName, "GetImage", imageOperations::getImage)
                .method(interfaceName, "RunImage", machines::runImage)
                .method(interfaceName, "BootImage", machines::bootImage)
                .method(interfaceName, "ListImages", lists::images)
                .method(interfaceName, "ListMachines", lists::machines)
                .method(interfaceName, "ListJobs", jobs::list)
                .method(interfaceName, "ListInterpreters", lists::interpreters)
                .method(interfaceName, "RegisterInterpreter", interpreters::register)
                .method(interfaceName, "UnregisterInterpreter", interpreters::unregister)
                .method(interfaceName, "GrowImage", jobs::grow)
                .method(interfaceName, "ShrinkImage", jobs::shrink)
                .method(interfaceName, "CheckImage", jobs::check)
                .method(interfaceName, "UnpackImage", jobs::unpack)
                .method(interfaceName, "PackImage", jobs::pack)
                .method(interfaceName, "CopyImage", jobs::copy)
                .method(interfaceName, "DescribeDevice", devices::describe)
                .method(interfaceName, "WriteImage", devices::write)
                .method(interfaceName, "ReadDevice", devices::read)
                .property(interfaceName, "Version", caller -> VERSION);
    }
}
