package dev.tenon.benchmarks.cases;

import dev.tenon.formats.protobuf.WireReader;
import dev.tenon.formats.protobuf.WireWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Removes inputs from ONNX files and changes nothing else. */
final class GraphInputs {
    // Fields of ModelProto, GraphProto and ValueInfoProto.

    private static final int IR_VERSION = 1;
    private static final int MODEL_VERSION = 5;
    private static final int GRAPH = 7;
    private static final int INPUT = 11;
    private static final int NAME = 1;

    private static final long MOST_NAME_BYTES = 1 << 16;

    private GraphInputs() {}

    /**
     * Removes inputs. If an initializer has the name of such an input, it becomes a constant.
     *
     * @param names the names of the inputs
     * @param file an ONNX file
     * @return the bytes of the new file; all other fields of the model and of its graph are unchanged, byte for byte
     * @throws dev.tenon.formats.MalformedModelException if it is not an ONNX file
     */
    static byte[] without(Set<String> names, Path file) {
        try {
            MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(file));
            WireReader in = WireReader.of(bytes, file.toString(), "ModelProto");
            WireWriter out = new WireWriter();
            while (in.next()) {
                switch (in.field()) {
                    case IR_VERSION, MODEL_VERSION -> out.int64(in.field(), in.int64());
                    case GRAPH -> out.message(GRAPH, graph(names, in.message("GraphProto"), file));
                    default -> out.bytes(in.field(), in.bytes());
                }
            }
            ByteArrayOutputStream result = new ByteArrayOutputStream();
            out.writeTo(result);
            return result.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static WireWriter graph(Set<String> names, WireReader in, Path file) {
        WireWriter out = new WireWriter();
        while (in.next()) {
            int field = in.field();
            MemorySegment value = in.bytes();
            if (field != INPUT || !names.contains(name(value, file))) {
                out.bytes(field, value);
            }
        }
        return out;
    }

    private static String name(MemorySegment input, Path file) {
        WireReader in = WireReader.of(input, file.toString(), "ValueInfoProto");
        String name = "";
        while (in.next()) {
            if (in.field() == NAME) {
                name = in.string(MOST_NAME_BYTES);
            } else {
                in.skip();
            }
        }
        return name;
    }
}
