package dev.tenon.formats.tenon;

import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ExternalDataPolicy.When;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.formats.SegmentInputStream;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes a model that a session has prepared as a package. */
public final class TenonWriter implements ModelWriter {
    private static final String SOURCE = "the model that is written";

    /** The writer. */
    public TenonWriter() {}

    @Override
    public String format() {
        return "Tenon";
    }

    @Override
    public void write(ModelFile model, Path path, WriteOptions options) {
        AtomicFile.write(path, channel -> write(model, channel, options));
    }

    @Override
    public void write(ModelFile model, WritableByteChannel target, WriteOptions options) throws IOException {
        if (options.operatorSet().isPresent()) {
            throw refused(
                    model,
                    "operator set " + options.operatorSet().getAsInt(),
                    "no operator set: a package has the operators of the version that writes it");
        }
        if (options.externalData().when() == When.ALWAYS) {
            throw refused(model, "external data", "all data in one file, of any size");
        }
        if (options.standardOperatorsOnly()) {
            throw refused(model, "standard operators only", "fused operators, as a session runs them");
        }
        new PackageContent(model).write(target);
    }

    private static UnsupportedModelException refused(ModelFile model, String found, String allowed) {
        return new UnsupportedModelException(
                "model '" + model.graph().name() + "'",
                found + " for a package of Tenon",
                allowed,
                "leave the option out, or write ONNX");
    }

    /** A package that is written. */
    private static final class PackageContent {
        private final ModelFile model;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream manifest = new DataOutputStream(bytes);
        private final Map<Tensor, String> references = new IdentityHashMap<>();
        private final List<Tensor> constants = new ArrayList<>();
        private final List<MemorySegment> data = new ArrayList<>();
        private long dataBytes;

        private PackageContent(ModelFile model) {
            this.model = model;
        }

        private void write(WritableByteChannel target) throws IOException {
            manifest();
            byte[] written = bytes.toByteArray();
            long start = PackageFormat.aligned(PackageFormat.HEADER + (long) written.length);
            write(header(written, start + dataBytes), target);
            write(written, target);
            pad(target, PackageFormat.HEADER + (long) written.length);
            for (MemorySegment part : data) {
                SegmentInputStream.write(SOURCE, part, target);
                pad(target, part.byteSize());
            }
        }

        private static byte[] header(byte[] manifest, long fileBytes) {
            byte[] header = new byte[PackageFormat.HEADER];
            ByteBuffer.wrap(header)
                    .putLong(0, PackageFormat.MAGIC)
                    .putInt(PackageFormat.VERSION_AT, PackageFormat.VERSION)
                    .putLong(PackageFormat.FILE_BYTES_AT, fileBytes)
                    .putLong(PackageFormat.MANIFEST_BYTES_AT, manifest.length)
                    .putInt(PackageFormat.MANIFEST_CHECKSUM_AT, PackageFormat.checksum(manifest))
                    .putInt(PackageFormat.ORDER_AT, ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 0);
            ByteBuffer.wrap(header).putInt(PackageFormat.HEADER_CHECKSUM_AT, PackageFormat.headerChecksum(header));
            return header;
        }

        private void manifest() throws IOException {
            metadata(model.metadata());
            String text = GraphText.print(model.graph(), this::reference);
            manifest.writeInt(constants.size());
            for (Tensor t : constants) {
                Tensor stored = t.narrow() == null ? t : t.narrow();
                text(stored.type().toString());
                manifest.writeBoolean(t.narrow() != null);
                place(stored.segment());
                manifest.writeInt(checksum(stored.segment()));
            }
            text(text);
            Preparation preparation = model.preparation();
            manifest.writeBoolean(preparation != null);
            if (preparation != null) {
                preparation(preparation);
            }
        }

        private void metadata(ModelMetadata m) throws IOException {
            text(m.producer());
            text(m.producerVersion());
            text(m.domain());
            manifest.writeLong(m.version());
            text(m.description());
            manifest.writeInt(m.operatorSets().size());
            for (Map.Entry<String, Long> e : m.operatorSets().entrySet()) {
                text(e.getKey());
                manifest.writeLong(e.getValue());
            }
            manifest.writeInt(m.properties().size());
            for (Map.Entry<String, String> e : m.properties().entrySet()) {
                text(e.getKey());
                text(e.getValue());
            }
        }

        private void preparation(Preparation p) throws IOException {
            text(p.machine());
            text(p.numerics());
            manifest.writeInt(p.packed().size());
            for (PackedConstant c : p.packed()) {
                manifest.writeInt(c.node());
                manifest.writeInt(c.input());
                text(c.layout());
                place(c.bytes());
                manifest.writeInt(checksum(c.bytes()));
            }
            manifest.writeInt(p.shapes().size());
            for (List<TensorType> types : p.shapes()) {
                manifest.writeInt(types.size());
                for (TensorType t : types) {
                    text(t == null ? "" : t.toString());
                }
            }
        }

        private void place(MemorySegment part) throws IOException {
            manifest.writeLong(dataBytes);
            manifest.writeLong(part.byteSize());
            data.add(part);
            dataBytes += PackageFormat.aligned(part.byteSize());
        }

        /** The reference of a constant in the text of the graph, or null for strings, which are part of the text. */
        private String reference(Value v) {
            if (v.constant().dtype() == DType.STRING) {
                return null;
            }
            return references.computeIfAbsent(v.constant(), t -> {
                constants.add(t);
                return Integer.toString(constants.size() - 1);
            });
        }

        private void text(String s) throws IOException {
            byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
            manifest.writeInt(utf8.length);
            manifest.write(utf8);
        }

        private static int checksum(MemorySegment part) {
            return PackageFormat.checksum(SOURCE, part);
        }

        private static void write(byte[] part, WritableByteChannel target) throws IOException {
            SegmentInputStream.write(SOURCE, MemorySegment.ofArray(part), target);
        }

        private static void pad(WritableByteChannel target, long written) throws IOException {
            write(new byte[(int) (PackageFormat.aligned(written) - written)], target);
        }
    }
}
