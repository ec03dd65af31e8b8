package org.example.piimages.daemon.bus;

import org.example.piimages.contract.Names;

/** The service itself on the bus. */
final class ManagerObject {

    private static final String VERSION = "0.1.0";

    private ManagerObject() {
    }

    static BusObject of(Operations operations, MachineOperations machines, DiagnosisOperations diagnosis, Listings listings) {
        String interfaceName = Names.MANAGER;
        return new BusObject(Names.MANAGER_PATH)
                .method(interfaceName, "MountImage", operations::mountImage)
                .method(interfaceName, "MountImageFd", operations::mountImageFd)
                .method(interfaceName, "GetImage", operations::getImage)
                .method(interfaceName, "RunImage", machines::runImage)
                .method(interfaceName, "BootImage", machines::bootImage)
                .method(interfaceName, "ListImages", listings::images)
                .method(interfaceName, "ListMachines", listings::machines)
                .method(interfaceName, "ListInterpreters", listings::interpreters)
                .method(interfaceName, "DiagnoseHost", diagnosis::host)
                .method(interfaceName, "DiagnoseImage", diagnosis::image)
                .property(interfaceName, "Version", caller -> VERSION);
    }
}
