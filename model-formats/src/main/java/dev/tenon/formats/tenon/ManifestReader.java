package dev.tenon.formats.tenon;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.formats.Preparation.UncheckedConstant;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the manifest of a package. Its checksum is right, but its content is checked nevertheless. */
final class ManifestReader {
    /** Constants of at most this size are compared with their checksums when a mapped file is read. */
    private static final long CHECKED_BYTES = 1 << 16;

    private final String name;
    private final ByteBuffer manifest;
    private final MemorySegment data;
    private final ModelSource source;
    private long partBytes;
    private final List<UncheckedConstant> unchecked = new ArrayList<>();

    ManifestReader(String name, byte[] manifest, MemorySegment data, ModelSource source) {
        this.name = name;
        this.manifest = ByteBuffer.wrap(manifest);
        this.data = data;
        this.source = source;
    }

    ModelFile model() {
        ModelMetadata metadata = metadata();
        List<Tensor> constants = new ArrayList<>();
        for (int i = count(); i > 0; i--) {
            constants.add(constant());
        }
        Graph graph = graph(text(), constants);
        Preparation preparation = flag() ? preparation(graph) : null;
        if (manifest.hasRemaining()) {
            throw malformed(manifest.remaining() + " bytes more", "the end of the manifest");
        }
        return new ModelFile(graph, metadata, OptionalInputs.NONE, preparation);
    }

    private Graph graph(String text, List<Tensor> constants) {
        Graph graph;
        try {
            graph = GraphText.parse(text, source.operators(), reference -> constant(reference, constants));
        } catch (InvalidGraphException e) {
            throw new MalformedModelException(name + ", graph, " + e.thing(), e.found(), e.allowed(), e.cure(), e);
        }
        if (graph.nodes().size() > source.limits().maxNodes()) {
            throw malformed(
                    graph.nodes().size() + " nodes",
                    "at most " + source.limits().maxNodes());
        }
        return graph;
    }

    private Tensor constant(String reference, List<Tensor> constants) {
        try {
            int index = Integer.parseInt(reference);
            return index >= 0 && index < constants.size() ? constants.get(index) : null;
        } catch (NumberFormatException e) {
            throw malformed("constant '" + reference + "'", "0 to " + (constants.size() - 1));
        }
    }

    private ModelMetadata metadata() {
        String producer = text();
        String producerVersion = text();
        String domain = text();
        long version = number();
        String description = text();
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        for (int i = count(); i > 0; i--) {
            operatorSets.put(text(), number());
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = count(); i > 0; i--) {
            properties.put(text(), text());
        }
        return new ModelMetadata(producer, producerVersion, domain, version, description, operatorSets, properties);
    }

    private Tensor constant() {
        TensorType type = type(text());
        if (type == null || type.dtype() == DType.STRING) {
            throw malformed("constant of " + type, "a tensor type of numbers");
        }
        boolean widened = flag();
        if (widened && type.dtype() != DType.FLOAT16 && type.dtype() != DType.BFLOAT16) {
            throw malformed("widened constant of " + type, "float16 or bfloat16");
        }
        MemorySegment bytes = part();
        long expected = bytes(type);
        if (bytes.byteSize() != expected) {
            throw malformed("constant " + type + " of " + bytes.byteSize() + " bytes", expected + " bytes");
        }
        int checksum = integer();
        Tensor stored = Tensor.of(type.dtype(), bytes, type.shape().toArray());
        Tensor constant = widened ? stored.widened() : stored;
        if (bytes.byteSize() > CHECKED_BYTES && bytes.isMapped()) {
            unchecked.add(new UncheckedConstant(constant, checksum));
        } else if (PackageFormat.checksum(name, bytes) != checksum) {
            throw malformed("constant " + type + " with another checksum", "the checksum in the manifest");
        }
        return constant;
    }

    private long bytes(TensorType type) {
        try {
            return type.dtype().byteSize(type.shape().knownElements());
        } catch (ArithmeticException e) {
            throw malformed("constant of " + type, "a size that can be counted");
        }
    }

    private Preparation preparation(Graph graph) {
        String machine = text();
        String numerics = text();
        List<PackedConstant> packed = new ArrayList<>();
        for (int i = count(); i > 0; i--) {
            packed.add(packed(graph));
        }
        List<List<TensorType>> shapes = new ArrayList<>();
        for (int i = count(); i > 0; i--) {
            List<TensorType> types = new ArrayList<>();
            for (int k = count(); k > 0; k--) {
                types.add(type(text()));
            }
            if (types.size() != graph.inputs().size()) {
                throw malformed(types.size() + " shapes", graph.inputs().size() + ", one for each input");
            }
            shapes.add(Collections.unmodifiableList(types));
        }
        return new Preparation(machine, numerics, packed, shapes, unchecked);
    }

    private PackedConstant packed(Graph graph) {
        int node = integer();
        int input = integer();
        String layout = text();
        MemorySegment bytes = part();
        int checksum = integer();
        boolean there = node >= 0
                && node < graph.nodes().size()
                && input >= 0
                && input < graph.nodes().get(node).inputs().size()
                && graph.nodes().get(node).input(input) != null
                && graph.nodes().get(node).input(input).isConstant();
        if (!there) {
            throw malformed("packed input " + input + " of node " + node, "a constant input of a node");
        }
        return new PackedConstant(node, input, layout, bytes, checksum);
    }

    /** A tensor type with known dimensions, or null for an empty text. */
    private TensorType type(String text) {
        if (text.isEmpty()) {
            return null;
        }
        ValueType type = ValueType.parse(text);
        if (!(type instanceof TensorType t)
                || !t.shape().hasRank()
                || !t.shape().isKnown()) {
            throw malformed("type " + text, "a tensor with known dimensions");
        }
        return t;
    }

    private MemorySegment part() {
        long offset = number();
        long bytes = number();
        if (offset < 0 || offset % PackageFormat.ALIGNMENT != 0 || bytes < 0 || bytes > data.byteSize() - offset) {
            throw malformed(
                    bytes + " bytes at " + offset + " of the data",
                    "parts within " + data.byteSize() + " bytes, at multiples of " + PackageFormat.ALIGNMENT);
        }
        // Parts that overlap would be read, and compared with their checksums, again and again.
        partBytes += bytes;
        if (partBytes > data.byteSize()) {
            throw malformed("parts of " + partBytes + " bytes", data.byteSize() + " bytes of data: no part overlaps");
        }
        return data.asSlice(offset, bytes);
    }

    private String text() {
        int length = integer();
        if (length < 0) {
            throw malformed("a text of " + length + " bytes", "0 or more");
        }
        need(length);
        String s = new String(manifest.array(), manifest.position(), length, StandardCharsets.UTF_8);
        manifest.position(manifest.position() + length);
        return s;
    }

    /** A number of entries. Each of them takes a byte or more. */
    private int count() {
        int count = integer();
        if (count < 0 || count > manifest.remaining()) {
            throw malformed(count + " entries", "0 to " + manifest.remaining() + ", the bytes that are left");
        }
        return count;
    }

    private boolean flag() {
        need(1);
        return manifest.get() != 0;
    }

    private int integer() {
        need(Integer.BYTES);
        return manifest.getInt();
    }

    private long number() {
        need(Long.BYTES);
        return manifest.getLong();
    }

    private void need(int bytes) {
        if (manifest.remaining() < bytes) {
            throw malformed("the end at byte " + manifest.position(), bytes + " bytes more");
        }
    }

    private MalformedModelException malformed(String found, String allowed) {
        return TenonReader.malformed(name + ", manifest, before byte " + manifest.position(), found, allowed);
    }
}
