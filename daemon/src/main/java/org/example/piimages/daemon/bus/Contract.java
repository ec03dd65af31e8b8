package org.example.piimages.daemon.bus;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The documented introspection XML, read once: what the daemon says of its interfaces, and what it takes and gives, come from one file.
 */
public final class Contract {

    /** The types that a method takes and returns. */
    record Method(String in, String out) {
    }

    /**
     * One interface.
     *
     * @param xml its element, without comments
     * @param properties their types by name
     */
    record Interface(String name, String xml, Map<String, Method> methods, Map<String, String> properties) {
    }

    private static final String RESOURCE = "/org.example.PiImages.xml";
    private static final String STANDARD = "/standard-interfaces.xml";

    private final Map<String, Interface> interfaces = new LinkedHashMap<>();

    private Contract() {
    }

    /** Reads the interfaces of the service and the standard ones that every object has. */
    public static Contract load() throws IOException {
        Contract contract = new Contract();
        contract.read(RESOURCE);
        contract.read(STANDARD);
        return contract;
    }

    /** An interface by its name; null when there is none. */
    Interface get(String name) {
        return interfaces.get(name);
    }

    private void read(String resource) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream stream = Contract.class.getResourceAsStream(resource)) {
            XMLStreamReader reader = factory.createXMLStreamReader(stream, "UTF-8");
            while (reader.hasNext()) {
                if (reader.next() == XMLStreamReader.START_ELEMENT && reader.getLocalName().equals("interface")) {
                    Interface read = readInterface(reader);
                    interfaces.put(read.name(), read);
                }
            }
        } catch (XMLStreamException e) {
            throw new IOException(resource + " is not well-formed: " + e.getMessage(), e);
        }
    }

    private static Interface readInterface(XMLStreamReader reader) throws XMLStreamException {
        String name = reader.getAttributeValue(null, "name");
        Map<String, Method> methods = new LinkedHashMap<>();
        Map<String, String> properties = new LinkedHashMap<>();
        StringBuilder xml = new StringBuilder();
        String method = null;
        for (int depth = 1; depth > 0;) {
            if (reader.isStartElement()) {
                open(xml, reader);
                String element = reader.getLocalName();
                if (element.equals("method")) {
                    method = reader.getAttributeValue(null, "name");
                    methods.put(method, new Method("", ""));
                } else if (element.equals("signal")) {
                    method = null;
                } else if (element.equals("property")) {
                    properties.put(reader.getAttributeValue(null, "name"), reader.getAttributeValue(null, "type"));
                } else if (element.equals("arg") && method != null) {
                    methods.merge(method, argument(reader), (known, more) -> new Method(known.in() + more.in(), known.out() + more.out()));
                }
            } else if (reader.isEndElement()) {
                xml.append("</").append(reader.getLocalName()).append(">\n");
            }
            int event = reader.next();
            depth += event == XMLStreamReader.START_ELEMENT ? 1 : event == XMLStreamReader.END_ELEMENT ? -1 : 0;
        }
        xml.append("</interface>\n");
        return new Interface(name, xml.toString(), methods, properties);
    }

    private static Method argument(XMLStreamReader reader) {
        String type = reader.getAttributeValue(null, "type");
        return "out".equals(reader.getAttributeValue(null, "direction")) ? new Method("", type) : new Method(type, "");
    }

    /** Names and types have no character that XML would want escaped. */
    private static void open(StringBuilder xml, XMLStreamReader reader) {
        xml.append('<').append(reader.getLocalName());
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            xml.append(' ').append(reader.getAttributeLocalName(i)).append("=\"").append(reader.getAttributeValue(i)).append('"');
        }
        xml.append('>');
    }
}
